"""NengoDL with the lab's neuron, against ``nengo.Simulator``."""

import nengo
import numpy as np
import pytest
from nengo.dists import Choice

from snnlab import compat, conversion
from snnlab.conversion import nengo_dl_converter, rate_scaling
from snnlab.settings import Settings
from snnlab.simulation import nengo_dl, nengo_reference
from snnlab.simulation.neurons import IntegrateAndFire
from tests import small_models

SETTINGS = {
    "plain": Settings(),
    "filtered": Settings(synapse_ms=5),
    "reset to zero": Settings(reset="zero", initial=0, synapse_ms=2, lower_hz=300, upper_hz=400),
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_spikes_are_nengos(settings):
    """Single against double precision: a neuron at its threshold may go either way."""
    model = small_models.model(6, (3, 4))
    network = rate_scaling.convert(model, small_models.image(32), settings)
    expected, found = nengo_reference.run(network, 37), nengo_dl.run(network, 37)
    assert (found.timesteps, found.simulator, found.dt) == (37, "nengo-dl", expected.dt)
    for trains in expected.populations:
        ours = found[trains.name]
        assert ours.shape == trains.shape and ours.words.shape == trains.words.shape
        everyone = np.arange(trains.neurons)
        differ = ours.raster(everyone) != trains.raster(everyone)
        assert trains.total() > 50, trains.name
        assert differ.mean() < 2e-3, trains.name
        near = np.abs(ours.counts().astype(int) - trains.counts().astype(int))
        assert near.max() <= 2 and (near == 0).mean() > 0.98, trains.name


@pytest.mark.parametrize("method", ["bistable", "multi-threshold", "data-normalisation"])
def test_so_they_are_of_neurons_that_it_has_no_kernel_for(method):
    """Graded spikes and relays, and gates and chance of a net that pools: run in Python."""
    pools = method == "data-normalisation"
    model = small_models.pooled_model(6) if pools else small_models.model(6, (3, 4))
    settings = Settings(method=method, timesteps=37, input="poisson")
    network = conversion.method(method).convert(model, small_models.image(32), settings)
    expected, found = nengo_reference.run(network, 37), nengo_dl.run(network, 37)
    for trains in expected.populations:
        everyone = np.arange(trains.neurons)
        ours = found[trains.name].values(everyone)
        assert (ours != trains.values(everyone)).mean() < 2e-3, trains.name
        rates = trains.rates_hz()
        assert rates.mean() > 5
        assert np.abs(found[trains.name].rates_hz() - rates).mean() < 0.01 * rates.mean()


@pytest.mark.parametrize("steps", [1, 7, 8, 9, 16])
def test_steps_beyond_the_end_of_a_chunk_are_dropped(steps):
    network = rate_scaling.convert(
        small_models.model(6, (3, 4)), small_models.image(32), Settings(initial=0.9)
    )
    recording = nengo_dl.run(network, steps)
    for trains in recording.populations:
        assert trains.timesteps == steps
        assert int(trains.words.max()) < 2**steps
        every = trains.raster(np.arange(trains.neurons))
        np.testing.assert_array_equal(trains.counts(), every.sum(0).reshape(trains.shape))


def test_a_network_of_the_converter_runs_too():
    model, image = small_models.model(6, (3, 4)), small_models.image(32)
    network = nengo_dl_converter.convert(model, image, Settings())
    expected, found = nengo_reference.run(network, 20), nengo_dl.run(network, 20)
    for trains in expected.populations:
        off = found[trains.name].counts().astype(int) - trains.counts()
        assert (off == 0).mean() > 0.99


def test_the_neuron_is_built_into_the_graph_step_for_step():
    """Both resets and floors in one network, so that NengoDL has to group them."""
    random = np.random.default_rng(0)
    kinds = [
        IntegrateAndFire(reset, amplitude, lower, {"voltage": Choice([start])})
        for reset, amplitude, lower, start in [
            ("subtraction", 1.0, -np.inf, 0.5), ("zero", 0.25, 0.0, 0.0),
            ("subtraction", 0.5, -1.5, 0.75), ("zero", 2.0, -np.inf, 0.25),
        ]
    ]  # fmt: skip
    nengo_dl._register_neuron()
    with nengo.Network() as network:
        # currents that change sign, so that floors are reached
        signal = random.normal(150, 600, (60, 25))
        node = nengo.Node(lambda t: signal[min(int(round(t / 0.001)) - 1, 59)])
        probes = []
        for kind in kinds:
            ensemble = nengo.Ensemble(
                25, 1, neuron_type=kind, gain=Choice([1.0]), bias=np.zeros(25)
            )
            nengo.Connection(node, ensemble.neurons, synapse=None)
            probes.append(nengo.Probe(ensemble.neurons))
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(60)
        expected = [simulator.data[probe] for probe in probes]
    with compat.nengo_dl().Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(60, progress_bar=False)
        for probe, wanted in zip(probes, expected, strict=True):
            found = simulator.data[probe]
            assert wanted.any()
            np.testing.assert_allclose(found.max(), wanted.max(), rtol=1e-6)
            assert ((found > 0) != (wanted > 0)).mean() < 2e-3

"""Leaky neurons in the event-driven simulator: the spikes are those of Nengo's own simulator."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.dists import Choice, Uniform

from snnlab.simulation.event import Simulator, run
from snnlab.simulation.leaky import LeakyIntegrateAndFire
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from tests.simulation.event.networks import DT, hourglasses, networks

WEAKER = 1 / 64  # a leaky neuron takes currents about 1, the others those of some hundreds


@st.composite
def leaky_types(draw):
    """LIF neurons of all kinds."""
    tau_rc, tau_ref = draw(st.floats(5e-4, 0.1)), draw(st.sampled_from([0, 0.002, 0.00317, DT]))
    lower = draw(st.sampled_from([0, -0.5, -np.inf]))
    amplitude = draw(st.sampled_from([1, 0.5]))
    kind = draw(st.sampled_from(["nengo", "nengo", "zero", "subtraction"]))
    if kind == "nengo":
        return nengo.LIF(tau_rc, tau_ref, lower, amplitude)
    tau_syn = draw(st.one_of(st.just(0.0), st.just(tau_rc), st.floats(5e-4, 0.1)))
    start = {"voltage": Uniform(-1, 1), "current": Uniform(-1, 1)}
    start["refractory_time"] = draw(st.sampled_from([Choice([0.0]), Uniform(0, 0.01)]))
    start = draw(st.sampled_from([None, start]))
    return LeakyIntegrateAndFire(tau_rc, tau_ref, tau_syn, kind, lower, amplitude, start)


@st.composite
def leaky_networks(draw):
    """A network of which some populations, one at least, are leaky."""
    network, ensembles = draw(st.one_of(networks(spiking=True), hourglasses()))
    some = draw(st.sets(st.integers(0, max(len(ensembles) - 1, 0)), min_size=1))
    for number, ensemble in enumerate(ensembles):
        if number in some:
            ensemble.neuron_type = draw(leaky_types())
            ensemble.gain, ensemble.bias = Choice([WEAKER]), ensemble.bias * WEAKER
    return network, ensembles


def probed(network, ensembles):
    with network:
        found = [nengo.Probe(ensemble.neurons) for ensemble in ensembles]
        for ensemble in ensembles:
            if isinstance(ensemble.neuron_type, nengo.LIF):
                for what in ("voltage", "refractory_time", "input"):
                    found.append(nengo.Probe(ensemble.neurons, what))
    return found


@settings(deadline=None, max_examples=60)
@given(leaky_networks(), st.sampled_from([1, 7, 64, 65, 130]), st.integers(1, 2),
       st.sampled_from(["float64", "float32"]))  # fmt: skip
def test_spikes_are_nengos(made, steps, threads, dtype):
    network, ensembles = made
    probes = probed(network, ensembles)
    with nengo.Simulator(network, dt=DT, progress_bar=False) as reference:
        reference.run_steps(steps)
    with Simulator(network, dt=DT, dtype="float64", threads=threads) as simulator:
        simulator.run_steps(steps)
    for probe in probes:
        np.testing.assert_allclose(
            simulator.data[probe], reference.data[probe], rtol=1e-9, atol=1e-9, err_msg=str(probe)
        )
    if dtype == "float32":
        # potentials of the others are rounded; spikes are the same
        with Simulator(network, dt=DT, threads=threads) as single:
            single.run_steps(steps)
        for one, other in zip(single.recording.populations, simulator.recording.populations,
                              strict=True):  # fmt: skip
            np.testing.assert_array_equal(one.words, other.words)


@settings(deadline=None, max_examples=20)
@given(leaky_networks(), st.lists(st.integers(1, 80), min_size=2, max_size=4))
def test_a_run_in_pieces_is_the_run_in_one(made, pieces):
    network, ensembles = made
    probes = probed(network, ensembles)
    options = {"dt": DT, "dtype": "float64", "threads": 2}
    with Simulator(network, **options) as whole, Simulator(network, **options) as parts:
        whole.run_steps(sum(pieces))
        for steps in pieces:
            parts.run_steps(steps)
    for probe in probes:
        np.testing.assert_array_equal(whole.data[probe], parts.data[probe])


@pytest.mark.parametrize("wide", [False, True])
def test_a_large_layer_in_tiles_and_bands_is_nengos(monkeypatch, wide):
    """Convolved by rows, many tiles, words of rows dropped as it goes."""
    from snnlab.simulation.event import bands

    monkeypatch.setattr(bands, "BAND_BYTES", 20_000)
    shape = (12, 40, 3) if wide else (40, 12, 3)
    random = np.random.RandomState(3)
    with nengo.Network(seed=2) as network:
        image = nengo.Node(random.uniform(0, 3, np.prod(shape)))
        layers, source = [], image
        for number in range(3):
            kernel = random.uniform(-0.5, 1, (3, 3, 3, 3)) / (4 if number == 0 else 400)
            layer = nengo.Ensemble(
                image.size_out, 1, neuron_type=nengo.LIF(), gain=Choice([1.0]), bias=Choice([0.3])
            )
            transform = nengo.Convolution(3, shape, padding="same", init=kernel)
            nengo.Connection(source, layer.neurons, transform=transform, synapse=None)
            layers.append(layer)
            source = layer.neurons
        probes = [nengo.Probe(layer.neurons) for layer in layers]
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(70)
    populations = tuple(
        Population(f"{number}", layer, shape, 1000.0, True) for number, layer in enumerate(layers)
    )
    made = SpikingNetwork(network, image, populations, Readout(np.ones(3), 0.0), None, "zero")
    found = run(made, 70, keep=["2"])
    wanted = reference.data[probes[2]] > 0
    assert 0 < wanted.mean() < 1
    np.testing.assert_array_equal(found["2"].raster(np.arange(image.size_out)), wanted)


@pytest.mark.parametrize("kind", [nengo.LIFRate, nengo.Sigmoid, nengo.Tanh])
def test_rate_neurons_put_out_nengos_values(kind):
    random = np.random.RandomState(1)
    with nengo.Network(seed=4) as network:
        time = nengo.Node(lambda t: np.sin(200 * t))
        constant = nengo.Ensemble(6, 1, neuron_type=kind(), gain=Choice([1.0]),
                                  bias=np.linspace(-2, 3, 6))  # fmt: skip
        rates = nengo.Ensemble(9, 1, neuron_type=kind(), gain=random.rand(9), bias=random.rand(9))
        spikes = nengo.Ensemble(7, 1, neuron_type=nengo.LIF(), gain=np.ones(7), bias=np.zeros(7))
        nengo.Connection(time, rates.neurons, transform=3 * np.ones((9, 1)), synapse=None)
        nengo.Connection(rates.neurons, spikes.neurons, transform=random.rand(7, 9) / 20)
        nengo.Connection(constant.neurons, spikes.neurons, transform=random.rand(7, 6) / 20)
        probes = [nengo.Probe(ensemble.neurons) for ensemble in (constant, rates, spikes)]
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(100)
    with Simulator(network, dtype="float64") as simulator:
        simulator.run_steps(100)
    assert reference.data[probes[2]].any()
    for probe in probes:
        np.testing.assert_allclose(simulator.data[probe], reference.data[probe], rtol=1e-12)


def test_gains_that_make_other_settings_moot_are_told_of():
    with nengo.Network() as network:
        nengo.Ensemble(1, 1, gain=[1], bias=[1], intercepts=[0.5])
    with pytest.warns(nengo.exceptions.NengoWarning, match="no effect"):
        Simulator(network).close()

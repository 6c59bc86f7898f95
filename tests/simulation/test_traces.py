"""Currents and potentials that are worked out of spikes, against Nengo's probes of them."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab import conversion
from snnlab.conversion import rate_scaling
from snnlab.errors import LabError
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from snnlab.simulation.traces import traces
from tests import small_models

SETTINGS = {
    "plain": Settings(),
    "filtered": Settings(synapse_ms=5),
    "hardly filtered": Settings(synapse_ms=0.02),
    "reset to zero": Settings(reset="zero", initial=0.3, synapse_ms=2),
}
STEPS = 40


def probed(network, steps):
    """Voltage and input of every population, by Nengo."""
    with network.network:
        probes = {
            p.name: [nengo.Probe(p.ensemble.neurons, what) for what in ("voltage", "input")]
            for p in network.populations
        }
    with nengo.Simulator(network.network, progress_bar=False) as simulator:
        simulator.run_steps(steps)
        return {name: [simulator.data[x] for x in pair] for name, pair in probes.items()}


@pytest.mark.parametrize("chosen", SETTINGS.values(), ids=SETTINGS)
def test_traces_are_what_nengo_probes(chosen):
    """Every neuron of every layer: borders, strides, skips, both kinds of convolution."""
    model = small_models.model(6, (3, 4))
    image = small_models.image(32)[:8, :12]
    network = rate_scaling.convert(model, image, chosen)
    recording = nengo_reference.run(network, STEPS)
    judged = probed(network, STEPS)
    for population in network.populations:
        everyone = np.arange(population.ensemble.n_neurons)
        found = traces(network, recording, population.name, everyone)
        voltage, current = judged[population.name]
        np.testing.assert_allclose(found.current, current * 0.001, atol=1e-9)
        np.testing.assert_allclose(found.potential, voltage, atol=1e-7)
        np.testing.assert_array_equal(found.spikes, recording[population.name].raster(everyone))
        assert found.spikes.any()
        # a spike is where the threshold was reached, and only there
        np.testing.assert_array_equal(found.reached >= 1, found.spikes > 0)
        silent = found.spikes == 0
        np.testing.assert_array_equal(found.reached[silent], found.potential[silent])
        assert (found.initial == chosen.initial).all()


@pytest.mark.parametrize("method", ["bistable", "multi-threshold"])
def test_so_they_are_of_graded_neurons_and_relays(method):
    model = small_models.model(6, (3, 4))
    image = small_models.image(32)[:8, :12]
    network = conversion.method(method).convert(model, image, Settings(timesteps=STEPS))
    recording = nengo_reference.run(network, STEPS)
    judged = probed(network, STEPS)
    for population in network.populations:
        everyone = np.arange(population.ensemble.n_neurons)
        found = traces(network, recording, population.name, everyone)
        voltage, current = judged[population.name]
        np.testing.assert_allclose(found.current, current * 0.001, atol=1e-9)
        np.testing.assert_allclose(found.potential, voltage, atol=1e-7)
        assert found.spikes.any()
        trains = recording[population.name]
        sizes = trains.values(everyone)
        np.testing.assert_array_equal(found.sent, sizes)
        assert found.sizes == trains.sizes and set(np.unique(sizes)) <= {0, *trains.sizes}
        np.testing.assert_allclose(found.reached - found.potential, sizes, atol=1e-9)


def test_gates_have_a_current_and_no_potential():
    """What feeds a layer through gates is followed; the gates themselves are refused."""
    model, image = small_models.pooled_model(6), small_models.image(32)
    network = conversion.method("data-normalisation").convert(model, image, Settings())
    recording = nengo_reference.run(network, STEPS)
    with network.network:
        probe = nengo.Probe(network.populations[3].ensemble.neurons, "input")
    with nengo.Simulator(network.network, progress_bar=False) as simulator:
        simulator.run_steps(STEPS)
    neurons = np.arange(0, network.populations[3].ensemble.n_neurons, 7)
    found = traces(network, recording, "down1", neurons)
    np.testing.assert_allclose(found.current, simulator.data[probe][:, neurons] * 0.001, atol=1e-9)
    with pytest.raises(LabError, match="pool-down1 have no membrane potential"):
        traces(network, recording, "pool-down1", neurons[:3])


def crossings(found, start, reset):
    """When a potential that is followed by hand from the currents goes over 1."""
    potential, times = start, []
    for now in found.current[:, 0]:
        potential += now
        if reset == "zero":
            potential = max(potential, 0.0)
        times.append(potential >= 1)
        if potential >= 1:
            potential = 0.0 if reset == "zero" else potential - 1
    return times


@settings(max_examples=15)
@given(st.data(), st.sampled_from(["subtraction", "zero"]))
def test_currents_reproduce_the_spikes(data, reset):
    """Any neuron: its current, summed up by hand, spikes when it was recorded to."""
    chosen = Settings(reset=reset)
    network = rate_scaling.convert(small_models.model(6), small_models.image(32), chosen)
    recording = nengo_reference.run(network, 24)
    population = data.draw(st.sampled_from(network.populations))
    neuron = data.draw(st.integers(0, population.ensemble.n_neurons - 1))
    found = traces(network, recording, population.name, [neuron])
    np.testing.assert_array_equal(crossings(found, 0.5, reset), found.spikes[:, 0] > 0)


def test_neurons_may_be_in_any_order_and_twice():
    network = rate_scaling.convert(
        small_models.model(6, (3, 4)), small_models.image(32), Settings(synapse_ms=3)
    )
    recording = nengo_reference.run(network, 20)
    once = traces(network, recording, "up0", np.arange(40))
    found = traces(network, recording, "up0", [31, 2, 31])
    for part in ("current", "potential", "spikes"):
        np.testing.assert_array_equal(getattr(found, part), getattr(once, part)[:, [31, 2, 31]])
    assert traces(network, recording, "up0", []).current.shape == (20, 0)


def test_unknown_layers_and_neurons_are_refused():
    network = rate_scaling.convert(
        small_models.model(6, (3, 4)), small_models.image(32), Settings()
    )
    recording = nengo_reference.run(network, 2)
    with pytest.raises(LabError, match="no layer 'up9'; choose one of encoder, down0,"):
        traces(network, recording, "up9", [0])
    for neuron in (-1, 32 * 32 * 3):
        with pytest.raises(LabError, match="up0 has 3072 neurons, counted from 0"):
            traces(network, recording, "up0", [neuron])

"""Nengo's interface of the event-driven simulator: runs in pieces, probes, closing."""

import warnings

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.exceptions import ReadonlyError, SimulatorClosed, ValidationError

from snnlab.errors import Cancelled
from snnlab.simulation.event import Simulator, Unsupported
from tests.simulation.event.networks import DT, networks


@settings(max_examples=20)
@given(networks(spiking=True), st.lists(st.integers(1, 80), min_size=2, max_size=4))
def test_a_run_in_pieces_is_the_run_in_one(made, pieces):
    network, ensembles = made
    with network:
        probes = [nengo.Probe(ensemble.neurons) for ensemble in ensembles]
    options = {"dt": DT, "dtype": "float64", "threads": 2}
    with Simulator(network, **options) as whole, Simulator(network, **options) as parts:
        whole.run_steps(sum(pieces))
        for steps in pieces:
            parts.run_steps(steps)
    for probe in probes:
        np.testing.assert_array_equal(whole.data[probe], parts.data[probe])
    for one, other in zip(whole.recording.populations, parts.recording.populations, strict=True):
        np.testing.assert_array_equal(one.words, other.words)
        np.testing.assert_array_equal(one.extra, other.extra)


@pytest.fixture
def small():
    """Time, a population and its probes."""
    with nengo.Network(seed=1, label="small") as network:
        node = nengo.Node(lambda t: 300 * t, label="time")
        ensemble = nengo.Ensemble(
            5,
            1,
            neuron_type=nengo.SpikingRectifiedLinear(),
            gain=np.ones(5),
            bias=np.arange(5) * 100.0,
            label="population",
        )
        nengo.Connection(node, ensemble.neurons, transform=np.ones((5, 1)), synapse=None)
        probes = [
            nengo.Probe(node),
            nengo.Probe(ensemble.neurons, synapse=0.01),
            nengo.Probe(ensemble.neurons, sample_every=0.003),
        ]
    return network, probes


def both(network, act):
    """The same calls on Nengo's simulator and on ours."""
    found = []
    for kind in (
        lambda: nengo.Simulator(network, progress_bar=False),
        lambda: Simulator(network, dtype="float64"),
    ):
        with kind() as simulator:
            found.append(act(simulator))
    return found


def test_time_and_samples_are_nengos(small):
    network, probes = small

    def act(simulator):
        simulator.run(0.0204)
        simulator.step()
        simulator.run_steps(3)
        return (
            simulator.n_steps,
            simulator.time,
            simulator.dt,
            simulator.trange(),
            simulator.trange(sample_every=0.003),
            *(simulator.data[probe] for probe in probes),
        )

    for wanted, found in zip(*both(network, act), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_reset_and_clear_are_nengos(small):
    network, probes = small

    def act(simulator):
        simulator.run_steps(20)
        simulator.reset()
        seen = [simulator.n_steps, *(simulator.data[probe].size for probe in probes)]
        simulator.run_steps(10)
        simulator.clear_probes()
        simulator.run_steps(11)
        return [*seen, simulator.n_steps, *(simulator.data[probe] for probe in probes)]

    for wanted, found in zip(*both(network, act), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_data_stay_after_closing_and_cannot_be_written(small):
    network, probes = small
    simulator = Simulator(network)
    simulator.run_steps(5)
    simulator.close()
    assert simulator.closed
    assert simulator.data[probes[0]].shape == (5, 1)
    with pytest.raises(ValueError, match="read-only"):
        simulator.data[probes[0]][0] = 1
    for act in (simulator.step, simulator.reset, simulator.__enter__, lambda: simulator.run(1)):
        with pytest.raises(SimulatorClosed):
            act()


def test_mistakes_in_calls(small):
    network, _ = small
    with Simulator(network) as simulator:
        with pytest.raises(ReadonlyError):
            simulator.dt = 1
        with pytest.raises(ValidationError):
            simulator.run(-1)
        with pytest.warns(UserWarning, match="0 timesteps"):
            simulator.run(0.0001)
        with pytest.warns(DeprecationWarning), pytest.raises(ValidationError):
            simulator.trange(dt=0.1)
            simulator.trange(dt=0.1, sample_every=0.1)
    with pytest.raises(Unsupported, match="built model"):
        Simulator(None, model=nengo.builder.Model())


def test_an_open_simulator_is_not_forgotten_silently(small):
    with pytest.warns(ResourceWarning, match="close"):
        del (held := {"simulator": Simulator(small[0])})["simulator"]
    assert not held
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Unsupported):
            Simulator(None)


def test_a_cancelled_run_has_not_happened(small):
    network, probes = small
    stop = []
    with Simulator(network, cancel=lambda: bool(stop)) as simulator:
        simulator.run_steps(30)
        stop.append(1)
        with pytest.raises(Cancelled):
            simulator.run_steps(1000)
        assert simulator.n_steps == 30
        stop.clear()
        simulator.run_steps(30)
        parts = simulator.data[probes[2]]
    with Simulator(network) as simulator:
        simulator.run_steps(60)
        np.testing.assert_array_equal(simulator.data[probes[2]], parts)


def test_the_recording_names_populations_by_label(small):
    network, probes = small
    with Simulator(network) as simulator:
        assert simulator.recording.timesteps == 0
        simulator.run_steps(100)
        recording = simulator.recording
    counts = recording["population"].counts()
    assert counts.sum() == recording.spikes() > 0
    assert recording.timesteps == 100
    assert recording.simulator == "event"


def test_a_network_of_constants_runs():
    with nengo.Network() as network:
        node = nengo.Node([1.5, 2])
        probe = nengo.Probe(node)
    with Simulator(network) as simulator:
        simulator.run_steps(3)
    np.testing.assert_array_equal(simulator.data[probe], [[1.5, 2]] * 3)

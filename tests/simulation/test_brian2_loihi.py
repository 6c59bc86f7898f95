"""Reset to zero against Brian2Loihi, an emulator of Loihi 1 by others.

What it said is kept in brian2_loihi.json; benchmarks/brian2_loihi/keep.sh makes it. Half of its
neurons have no inhibition, so that no floor under the potential is met, the others have.
"""

import json
from pathlib import Path

import nengo
import numpy as np
import pytest
from nengo.dists import Choice

from snnlab.simulation.event.simulator import Simulator
from snnlab.simulation.neurons import IntegrateAndFire

DT = 0.001


@pytest.fixture(scope="module")
def kept():
    found = json.loads(Path(__file__).with_name("brian2_loihi.json").read_text())
    weights = np.array(found["weights"])

    def spikes(name, count):
        out = np.zeros((len(found[name]), count))
        for step, who in enumerate(found[name]):
            out[step, who] = 1
        return out

    # potentials are whole, so above the threshold is one more
    return (
        weights / (found["threshold"] + 1),
        spikes("sent", len(weights)),
        spikes("spiked", weights.shape[1])[: len(found["sent"])],
    )


def test_the_input_has_what_it_should(kept):
    weights, sent, spiked = kept
    half = weights.shape[1] // 2
    assert weights[:, :half].min() >= 0 > weights[:, half:].min()
    assert 0.1 < spiked.mean() < 0.9


def test_the_neuron_spikes_in_the_same_steps(kept):
    weights, sent, spiked = kept
    voltage, out = np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    neuron, train = IntegrateAndFire("zero"), []
    for now in sent:
        neuron.step(DT, now @ weights / DT, out, voltage)
        train.append(out * DT)
    assert np.array_equal(train, spiked)


def test_with_a_floor_it_does_so_where_nothing_inhibits(kept):
    weights, sent, spiked = kept
    voltage, out = np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    neuron, train = IntegrateAndFire("zero", lower=0), []
    for now in sent:
        neuron.step(DT, now @ weights / DT, out, voltage)
        train.append(out * DT)
    half = weights.shape[1] // 2
    assert np.array_equal(np.array(train)[:, :half], spiked[:, :half])
    assert not np.array_equal(train, spiked)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_so_does_the_event_engine(kept, dtype):
    weights, sent, spiked = kept
    with nengo.Network() as network:
        # a node is asked for the first time at the end of the first step
        node = nengo.Node(lambda t: sent[round(t / DT) - 1], size_out=sent.shape[1])
        ensemble = nengo.Ensemble(
            weights.shape[1], 1, gain=Choice([1.0]), bias=Choice([0.0]), encoders=Choice([[1.0]]),
            neuron_type=IntegrateAndFire("zero", initial_state={"voltage": Choice([0.0])}),
        )  # fmt: skip
        nengo.Connection(node, ensemble.neurons, transform=weights.T / DT, synapse=None)
        probe = nengo.Probe(ensemble.neurons)
    with Simulator(network, dtype=dtype, progress_bar=False) as simulator:
        simulator.run_steps(len(sent))
        assert np.array_equal(simulator.data[probe] * DT, spiked)

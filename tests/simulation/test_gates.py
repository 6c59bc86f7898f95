"""Spiking max-pooling, against loops over the inputs' spikes."""

import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nengo.dists import Choice
from nengo.exceptions import ValidationError

from snnlab.simulation.gates import MaxPoolGate, gate_weights
from snnlab.simulation.neurons import IntegrateAndFire


def passed(trains, amplitude=0.5):
    """What a gate makes of its inputs' trains, bool ``(steps, inputs)``."""
    inputs = trains.shape[1]
    neuron = MaxPoolGate(inputs, amplitude)
    state, out = neuron.make_state(1), np.zeros(1)
    got = []
    for spikes in trains:
        current = spikes @ gate_weights(inputs, amplitude) * (amplitude / 0.001)
        neuron.step(0.001, np.array([current]), out, **state)
        got.append(out[0] * 0.001 / amplitude)
    return np.array(got)


@given(st.integers(2, 4), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_gate_has_sent_as_many_as_the_input_with_most_spikes(inputs, steps, seed):
    trains = np.random.default_rng(seed).random((steps, inputs)) < 0.4
    counts = np.cumsum(trains, axis=0)
    np.testing.assert_array_equal(np.cumsum(passed(trains)), counts.max(axis=1))


def test_snntoolboxs_gate_overshoots_and_this_one_does_not():
    """Four equal regular inputs, 0.3 spikes a step over 64 steps, out of phase with each other.

    SNNtoolbox (``SpikePool`` of its Theano backend, ``fir_max``) passes the spikes of the input
    with the largest count so far, the first of those that are equal: while the lead goes round,
    so do its spikes.
    """
    random, times = np.random.default_rng(0), np.arange(1, 65)[:, None]
    theirs, ours, most = [], [], []
    for _ in range(300):
        phase = random.random(4)
        counts = np.floor(0.3 * times + phase)
        trains = np.diff(counts, axis=0, prepend=0)
        lead = counts.argmax(axis=1)
        theirs.append(trains[np.arange(64), lead].sum())
        ours.append(passed(trains).sum())
        most.append(counts[-1].max())
    np.testing.assert_array_equal(ours, most)
    assert np.mean(most) == pytest.approx(19.6, abs=0.1)
    assert np.mean(theirs) == pytest.approx(32, abs=0.7)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_the_gate_comes_to_the_argmax_of_the_rates(rates):
    """Steady inputs: the gate's rate is the largest, within the spikes that it takes to know."""
    steps = 400
    times = np.arange(1, steps + 1)[:, None]
    counts = np.floor(times * np.array(rates) + 0.5)
    trains = np.diff(counts, axis=0, prepend=0)
    got = passed(trains)
    assert abs(got.sum() / steps - max(rates)) <= 1 / steps
    ordered = np.sort(rates)
    if ordered[3] - ordered[2] > 0.05:
        # by then it has made up its mind
        np.testing.assert_array_equal(got[100:], trains[100:, int(np.argmax(rates))])


def test_in_a_network_it_pools():
    """Neurons of steady rates behind it: its rates are the maxima of 2 x 2 windows."""
    random = np.random.default_rng(0)
    rates = random.uniform(0, 900, (6, 8, 3))
    with nengo.Network() as network:
        source = nengo.Ensemble(
            rates.size, 1, neuron_type=IntegrateAndFire(amplitude=1 / 300), gain=Choice([1.0]),
            bias=rates.ravel(),
        )  # fmt: skip
        gate = nengo.Ensemble(
            36, 1, neuron_type=MaxPoolGate(), gain=Choice([1.0]), bias=Choice([0.0])
        )
        kernel = np.tile(gate_weights(4, 1 / 300).reshape(2, 2, 1, 1), 3)
        pool = nengo.Convolution(3, (6, 8, 3), (2, 2), (2, 2), "valid", init=kernel, groups=3)
        nengo.Connection(source.neurons, gate.neurons, transform=pool, synapse=None)
        probe = nengo.Probe(gate.neurons)
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(500)
    found = simulator.data[probe].mean(axis=0).reshape(3, 4, 3)
    expected = rates.reshape(3, 2, 4, 2, 3).max(axis=(1, 3))
    np.testing.assert_allclose(found, expected, atol=1000 / 500)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValidationError):
        MaxPoolGate(5)
    with pytest.raises(NotImplementedError):
        MaxPoolGate().rates(np.ones(1), np.ones(1), np.zeros(1))

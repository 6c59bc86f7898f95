"""Seeded chance: its numbers, Poisson input and spiking softmax."""

import nengo
import numpy as np
import pytest
from nengo.dists import Choice
from scipy import stats
from scipy.special import softmax

from snnlab.simulation.chance import Poisson, uniform
from snnlab.simulation.softmax import SpikingSoftmax


def test_numbers_are_uniform_and_unrelated():
    drawn = np.stack([uniform(7, np.arange(500), step) for step in range(200)])
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.01
    for one, other in (
        (drawn[:-1], drawn[1:]),
        (drawn[:, :-1], drawn[:, 1:]),
        (drawn[0], uniform(8, np.arange(500), 0)),
    ):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)


def test_the_same_seed_gives_the_same_numbers_whoever_asks():
    """By Python's integers: the published mixing function, of a sum of odd multiples."""
    word = 5 * 0xD1B54A32D192ED03 + 9 * 0x8CB92BA72F3D8DD7 + 4 * 0x9E3779B97F4A7C15
    word %= 2**64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
    word ^= word >> 31
    assert uniform(9, np.array([5]), 3)[0] == (word >> 11) / 2**53


def simulated(neuron, current, steps):
    """Output spikes ``(steps, neurons)`` for constant currents, through Nengo."""
    with nengo.Network() as network:
        ensemble = nengo.Ensemble(
            current.size, 1, neuron_type=neuron, gain=Choice([1.0]), bias=current
        )
        probe = nengo.Probe(ensemble.neurons)
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(steps)
    return simulator.data[probe] * simulator.dt / neuron.amplitude


def test_poisson_input_has_the_rate_of_its_current():
    wanted = np.linspace(0, 1, 21)
    spikes = simulated(Poisson(3, 0.25), 1000 * np.repeat(wanted, 40), 250)
    assert set(np.unique(spikes)) == {0, 1}
    found = spikes.reshape(250, 21, 40).mean(axis=(0, 2))
    np.testing.assert_allclose(found, wanted, atol=4 * 0.5 / np.sqrt(10_000))
    # no memory: a spike says nothing about the next step
    half = spikes[:, 400:440]
    assert abs(np.corrcoef(half[:-1].ravel(), half[1:].ravel())[0, 1]) < 0.05
    again = simulated(Poisson(3, 0.25), 1000 * np.repeat(wanted, 40), 250)
    np.testing.assert_array_equal(spikes, again)
    assert (simulated(Poisson(4), 1000 * np.repeat(wanted, 40), 250) != spikes).any()


@pytest.mark.parametrize("rate", [1.0, 0.6])
def test_shares_of_the_spikes_are_the_softmax(rate):
    logits = np.random.default_rng(0).normal(0, 1.5, (50, 3))
    neuron = SpikingSoftmax(3, rate, seed=2)
    spikes = simulated(neuron, 1000 * logits.ravel(), 3000).reshape(3000, 50, 3)
    assert spikes.sum(axis=2).max() == 1
    assert abs(spikes.sum(axis=2).mean() - rate) < 0.01
    shares = spikes.sum(axis=0) / spikes.sum(axis=(0, 2))[:, None]
    np.testing.assert_allclose(shares, softmax(logits, axis=1), atol=4 * 0.5 / np.sqrt(3000 * rate))


def test_a_softmax_of_one_class_is_refused():
    with pytest.raises(nengo.exceptions.ValidationError):
        SpikingSoftmax(1)

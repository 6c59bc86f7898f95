"""Neurons that leave something to chance, seeded, as Nengo neuron types.

The random number of a neuron and a step is a function of the seed, the
neuron's index and the step alone, so that every simulator draws the same,
whatever the order in which it computes.

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682.
Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators":
the mixing function.
"""

import nengo
import numpy as np
from nengo.dists import Choice
from nengo.params import IntParam, NumberParam

from snnlab.simulation.neurons import Rateless

STREAM = 0x9E3779B97F4A7C15  # a step
NEURON = 0xD1B54A32D192ED03
SEED = 0x8CB92BA72F3D8DD7
MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def uniform(seed: int, neurons: np.ndarray, step: int) -> np.ndarray:
    """Numbers in 0..1, one a neuron, the same for the same arguments.

    Parameters
    ----------
    seed, step : int
    neurons : numpy.ndarray
        Indices, ``(n,)``.

    Returns
    -------
    numpy.ndarray
        float64 ``(n,)``, 53 bits.
    """
    with np.errstate(over="ignore"):
        word = np.asarray(neurons, np.uint64) * np.uint64(NEURON)
        word += np.uint64(seed) * np.uint64(SEED) + np.uint64(step + 1) * np.uint64(STREAM)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(MIX[0])
        word = (word ^ (word >> np.uint64(27))) * np.uint64(MIX[1])
        word ^= word >> np.uint64(31)
    return (word >> np.uint64(11)).astype(float) * 2.0**-53


class Poisson(nengo.neurons.RectifiedLinear):
    """Spikes at random, with the probability ``J dt`` in each step.

    One spike a step at most (a Bernoulli process, which for small ``J dt`` is
    a Poisson process): so the toolbox's "Poisson input" is drawn.

    Parameters
    ----------
    seed : int
    amplitude : float
    """

    spiking = True
    negative = False
    state = {"elapsed": Choice([0.0])}

    seed = IntParam("seed", low=0, high=2**32 - 1, readonly=True)

    def __init__(self, seed=0, amplitude=1, initial_state=None):
        super().__init__(amplitude=amplitude, initial_state=initial_state)
        self.seed = seed

    def step(self, dt, J, output, elapsed):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        now = int(elapsed[0]) if elapsed.size else 0
        elapsed += 1
        drawn = uniform(self.seed, np.arange(J.size), now)
        output[:] = (drawn < J * dt) * (self.amplitude / dt)


class SpikingSoftmax(Rateless):
    """Output neurons that share the spikes of a generator by their potentials.

    The neurons of a pixel, one a class, add up their input and do not fire by
    themselves. In each step a generator gives a spike with probability
    ``rate``, and it goes to one of them, drawn with the softmax of their mean
    input so far. So a class's share of the spikes approaches its probability.

    Parameters
    ----------
    classes : int
        Consecutive neurons that compete.
    rate : float
        0..1, spikes a step and pixel.
    seed : int
    amplitude : float

    Notes
    -----
    The paper takes the softmax of the potentials themselves, which grow with
    time, so that it ends as a maximum; here they are divided by the time, so
    that it ends as the softmax of the net. It also names the alternative that
    `snnlab.simulation.network.Readout` is: to read the potentials and draw nothing.
    """

    state = {"voltage": Choice([0.0]), "elapsed": Choice([0.0])}

    classes = IntParam("classes", low=2, readonly=True)
    rate = NumberParam("rate", low=0, high=1, readonly=True)
    seed = IntParam("seed", low=0, high=2**32 - 1, readonly=True)
    amplitude = NumberParam("amplitude", low=0, low_open=True, readonly=True)

    def __init__(self, classes=2, rate=1.0, seed=0, amplitude=1, initial_state=None):
        super().__init__(initial_state)
        self.classes = classes
        self.rate = rate
        self.seed = seed
        self.amplitude = amplitude

    def step(self, dt, J, output, voltage, elapsed):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        now = int(elapsed[0]) if elapsed.size else 0
        elapsed += 1
        voltage += J * dt
        mean = voltage.reshape(-1, self.classes) / (now + 1)
        share = np.exp(mean - mean.max(axis=1, keepdims=True))
        reached = np.cumsum(share, axis=1)
        pixels = np.arange(len(mean)) * self.classes
        given = uniform(self.seed, pixels, now) < self.rate
        drawn = uniform(self.seed, pixels + 1, now) * reached[:, -1]
        winner = np.minimum((drawn[:, None] >= reached).sum(axis=1), self.classes - 1)
        output[:] = 0
        output[(pixels + winner)[given]] = self.amplitude / dt

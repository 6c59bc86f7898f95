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
from nengo.params import IntParam

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

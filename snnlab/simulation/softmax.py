"""Output neurons that compete for the spikes of a generator, as a Nengo neuron type.

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682.
"""

import numpy as np
from nengo.dists import Choice
from nengo.params import IntParam, NumberParam

from snnlab.simulation.chance import uniform
from snnlab.simulation.neurons import Rateless


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

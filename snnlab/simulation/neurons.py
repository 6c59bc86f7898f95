"""The integrate-and-fire neuron of the conversion methods, as a Nengo neuron type.

Nengo's own ``SpikingRectifiedLinear`` ignores negative current
(``v += max(J, 0) dt``). Fed by spikes, whose excitation and inhibition come in
different steps, that rectifies every step anew and biases the rate upwards;
the neuron of the conversion literature integrates both signs.

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682, equations 3 and 4.
"""

import nengo
import numpy as np
from nengo.dists import Choice, Distribution
from nengo.params import EnumParam, NdarrayParam, NumberParam


class Rateless(nengo.neurons.NeuronType):
    """A neuron whose rate does not follow from its own current: gain 1, bias 0, no rate curve."""

    spiking = True
    negative = False

    def gain_bias(self, max_rates, intercepts):
        """Gain 1, bias 0."""
        return np.ones_like(max_rates), np.zeros_like(max_rates)

    def max_rates_intercepts(self, gain, bias):
        """As `gain_bias` has it."""
        return np.ones_like(gain), np.zeros_like(gain)

    def rates(self, x, gain, bias):
        """No rate follows from the current.

        Raises
        ------
        NotImplementedError
        """
        raise NotImplementedError(f"{type(self).__name__} has no rate curve of its own")


class IntegrateAndFire(nengo.neurons.RectifiedLinear):
    """Non-leaky integrate-and-fire neuron, threshold 1, one spike a step at most.

    In each step ``v <- max(v + J dt, lower)``; where ``v >= 1`` it spikes, and
    ``v <- v - 1`` (reset by subtraction) or ``v <- 0`` (reset to zero).

    Parameters
    ----------
    reset : {"subtraction", "zero"}
        Subtraction keeps the excess, so that ``n`` steps of constant current
        give a rate within ``1/n`` of it. Loihi 1 can only reset to zero.
    amplitude : float
        A spike is an impulse of area ``amplitude``.
    lower : float
        Lowest potential, 0 or below; minus infinity for no bound.
    initial_state : dict
        ``{"voltage": Distribution or array}``; 0.5 if not given, so that the
        spike count rounds to the nearest and not down.
    """

    state = {"voltage": Choice([0.5])}
    spiking = True
    negative = False

    reset = EnumParam("reset", default="subtraction", values=("subtraction", "zero"), readonly=True)
    lower = NumberParam("lower", high=0, readonly=True)

    def __init__(self, reset="subtraction", amplitude=1, lower=-np.inf, initial_state=None):
        super().__init__(amplitude=amplitude, initial_state=initial_state)
        self.reset = reset
        self.lower = lower

    def rates(self, x, gain, bias):
        """Steady rates (Hz): the current, rectified; Nengo's scale is 1 Hz a unit."""
        current = self.current(x, gain, bias)
        out = np.zeros_like(current)
        nengo.neurons.RectifiedLinear.step(self, dt=1.0, J=current, output=out)
        return out

    def step(self, dt, J, output, voltage):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        voltage += J * dt
        np.maximum(voltage, self.lower, out=voltage)
        spiked = voltage >= 1
        output[:] = spiked * (self.amplitude / dt)
        if self.reset == "zero":
            voltage[spiked] = 0
        else:
            voltage[spiked] -= 1


class Tiled(Distribution):
    """The same few values over and over, such as one bias a channel.

    Not random: neuron ``n`` has ``values[n % len(values)]``. It stands for an
    array of as many values as there are neurons, without being one.

    Parameters
    ----------
    values : array_like
        ``(channels,)``.
    """

    values = NdarrayParam("values", shape=("*",))

    def __init__(self, values):
        super().__init__()
        self.values = np.asarray(values, float)

    def sample(self, n, d=None, rng=np.random):
        """``(n,)``, or ``(n, d)`` with the same value along each row."""
        row = np.resize(self.values, n)
        return row if d is None else np.repeat(row[:, None], d, axis=1)

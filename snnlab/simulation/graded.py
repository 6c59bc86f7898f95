"""Neurons whose spikes have sizes, as Nengo neuron types.

A spike of size ``g`` is an impulse of area ``g * amplitude``. A neuron sends
one spike of each size a step at most, so a train is a word a size (`recording`).
"""

import nengo
import numpy as np
from nengo.dists import Choice
from nengo.exceptions import ValidationError
from nengo.params import BoolParam, IntParam, TupleParam


class _Graded(nengo.neurons.RectifiedLinear):
    """What both have in common: sizes, and rates that are the current."""

    spiking = True
    negative = False

    sizes = TupleParam("sizes", readonly=True)

    def __init__(self, sizes, amplitude, initial_state):
        super().__init__(amplitude=amplitude, initial_state=initial_state)
        self.sizes = tuple(float(size) for size in sizes)
        if not self.sizes or min(self.sizes) <= 0:
            raise ValidationError("must be numbers above 0", attr="sizes", obj=self)

    def rates(self, x, gain, bias):
        """Steady rates (Hz, spikes counted by their sizes): the current, rectified."""
        current = self.current(x, gain, bias)
        out = np.zeros_like(current)
        nengo.neurons.RectifiedLinear.step(self, dt=1.0, J=current, output=out)
        return out


class MultiThreshold(_Graded):
    """Integrate-and-fire neuron with several thresholds.

    In each step ``v <- v + J dt``; the largest size ``g`` with ``v >= g`` is
    sent, if there is one, and ``v <- v - g``. So a potential that ran ahead is
    paid out sooner, and what is too small for a spike of 1 is sent in parts.

    ``together`` is the rule of the authors' public code (``Multi_Threshold_Neuron``
    of Spiking-UNet): from the largest down, each size ``g`` with ``v > g`` is
    sent, and ``v <- v - g``. So one step may send all of them, 3.75 in sum.

    Parameters
    ----------
    sizes : tuple of float
        Thresholds, and sizes of the spikes, from the largest down.
    amplitude : float
    initial_state : dict
        Half of the smallest size if not given, so that sums round to the nearest.
    together : bool
        Whether several may be sent in one step; each size must then be more than
        all smaller ones in sum, so that a sum says which were sent.

    References
    ----------
    Li et al. (2024), "Deep multi-threshold spiking-UNet for image processing",
    arXiv:2307.10974; github.com/SNNresearch/Spiking-UNet, ``snn/spiking_neuron.py``.
    """

    state = {"voltage": Choice([0.125])}

    together = BoolParam("together", readonly=True)

    def __init__(self, sizes=(2, 1, 0.5, 0.25), amplitude=1, initial_state=None, together=False):
        super().__init__(sizes, amplitude, initial_state)
        if list(self.sizes) != sorted(set(self.sizes), reverse=True):
            raise ValidationError("must go down", attr="sizes", obj=self)
        if together and any(g <= sum(self.sizes[i + 1 :]) for i, g in enumerate(self.sizes)):
            raise ValidationError("must each be above the sum of the rest", attr="sizes", obj=self)
        self.together = together

    def step(self, dt, J, output, voltage):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        voltage += J * dt
        sent = np.zeros_like(voltage)
        if self.together:
            for size in self.sizes:
                part = np.where(voltage > size, size, 0)
                voltage -= part
                sent += part
            output[:] = sent * (self.amplitude / dt)
            return
        for size in reversed(self.sizes):
            sent[voltage >= size] = size
        voltage -= sent
        output[:] = sent * (self.amplitude / dt)


class Bistable(_Graded):
    """Neuron that listens for a cycle before it says what it heard.

    It has two states in turn, and both at once once it runs: in every cycle of
    ``K`` steps it gathers its input, and in the next cycle it sends the sum, in
    step ``k`` of the cycle as a spike of size ``sizes[k]`` or none:

        ``u <- u + J dt``;  at the end of a cycle ``v <- v + u, u <- 0``;
        a spike if ``v >= sizes[k]``, then ``v <- v - sizes[k]``.

    Until step ``start`` it takes no notice of anything: what arrives before
    all of its sources speak would be half the truth.

    Parameters
    ----------
    sizes : tuple of float
        One a step of the cycle; halves (1/2, 1/4, ...) write the sum in binary.
    start : int
        First step of its first cycle.
    amplitude : float
    initial_state : dict
        Voltage half of the smallest size if not given.
    """

    state = {"voltage": Choice([0.0]), "gathered": Choice([0.0]), "elapsed": Choice([0.0])}

    start = IntParam("start", low=0, readonly=True)

    def __init__(self, sizes=(0.5, 0.25, 0.125, 0.0625), start=0, amplitude=1, initial_state=None):
        half = {"voltage": Choice([min(sizes) / 2])}
        super().__init__(sizes, amplitude, half | (initial_state or {}))
        self.start = start

    @property
    def cycle(self) -> int:
        """Steps a cycle."""
        return len(self.sizes)

    @property
    def speaks(self) -> int:
        """First step in which it may spike."""
        return self.start + self.cycle

    def step(self, dt, J, output, voltage, gathered, elapsed):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        output[:] = 0
        time = int(elapsed[0]) - self.start if elapsed.size else -1
        elapsed += 1
        if time < 0:
            return
        if time and time % self.cycle == 0:
            voltage += gathered
            gathered[:] = 0
        gathered += J * dt
        if time >= self.cycle:
            size = self.sizes[time % self.cycle]
            fired = voltage >= size
            voltage[fired] -= size
            output[fired] = size * self.amplitude / dt

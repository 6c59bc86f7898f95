"""A population's shape in NIR, and what a convolution becomes between two such shapes.

NIR has neither a transposed convolution nor upsampling, and no node that puts pixels between
others. But a transposed convolution of stride ``s`` is ``s x s`` plain ones, each of which gives
every ``s``-th pixel of every ``s``-th row (Shi et al. 2016, "Is the deconvolution layer the same as
a convolutional layer?", arXiv:1609.07009). So a population behind one is laid out by *phases*: the
neuron at row ``y``, column ``x`` and channel ``c`` of ``C`` is at row ``y // f``, column ``x // f``
and channel ``((y % f) f + x % f) C + c``. Between populations laid out so every convolution,
transposed or not, is one ``Conv2d``: no neuron, no step and no rounding is added, only zeros.
"""

from dataclasses import dataclass
from math import gcd, lcm

import numpy as np

from snnlab.simulation.event.operators import Convolve

Shape = tuple[int, int, int]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """Where neurons are.

    Attributes
    ----------
    shape : tuple of int
        ``(height, width, channels)``, as the lab has it.
    phases : tuple of int or None
        Along rows and columns; None for a row of all neurons, in the lab's order.
    """

    shape: Shape
    phases: Pair | None = (1, 1)

    @property
    def grid(self) -> Pair:
        """Rows and columns in NIR; what lies beyond the map are places without a neuron."""
        return tuple(-(-size // f) for size, f in zip(self.shape, self.phases, strict=False))

    @property
    def nir_shape(self) -> tuple[int, ...]:
        """Channels first, or the number of neurons."""
        if self.phases is None:
            return (int(np.prod(self.shape)),)
        return (self.phases[0] * self.phases[1] * self.shape[2], *self.grid)

    def to_nir(self, values: np.ndarray, beyond=0) -> np.ndarray:
        """``(..., neurons)`` in the lab's order to ``(..., *nir_shape)``."""
        ahead = values.shape[:-1]
        values = values.reshape(*ahead, *self.shape)
        if self.phases is None:
            return values.reshape(*ahead, -1)
        (rows, columns), (f, g) = self.grid, self.phases
        more = [(0, 0)] * len(ahead)
        more += [(0, rows * f - self.shape[0]), (0, columns * g - self.shape[1]), (0, 0)]
        values = np.pad(values, more, constant_values=beyond)
        values = values.reshape(*ahead, rows, f, columns, g, self.shape[2])
        n = len(ahead)
        order = (*range(n), n + 1, n + 3, n + 4, n, n + 2)
        return values.transpose(order).reshape(*ahead, *self.nir_shape)

    def from_nir(self, values: np.ndarray) -> np.ndarray:
        """``(..., *nir_shape)`` to ``(..., neurons)``."""
        if self.phases is None:
            return values
        ahead = values.shape[:-3]
        (rows, columns), (f, g) = self.grid, self.phases
        values = values.reshape(*ahead, f, g, self.shape[2], rows, columns)
        n = len(ahead)
        values = values.transpose(*range(n), n + 3, n, n + 4, n + 1, n + 2)
        values = values.reshape(*ahead, rows * f, columns * g, self.shape[2])
        return values[..., : self.shape[0], : self.shape[1], :].reshape(*ahead, -1)


def phases_for(operator: Convolve, source: Pair) -> Pair:
    """The fewest phases that a target needs; a multiple of them will do as well."""
    return tuple(
        f * stride if operator.transposed else f // gcd(f, stride)
        for f, stride in zip(source, operator.strides, strict=True)
    )


def phases_of_all(needed: list[Pair]) -> Pair:
    """What suits all ways in."""
    return lcm(*(one[0] for one in needed)), lcm(*(one[1] for one in needed))


@dataclass(frozen=True)
class Plain:
    """A convolution as NIR has it.

    Attributes
    ----------
    weight : numpy.ndarray
        ``(out, in, rows, columns)``, as many rows as columns.
    stride, padding : tuple of int
        The same padding before and behind.
    """

    weight: np.ndarray
    stride: Pair
    padding: Pair


def plain(operator: Convolve, source: Layout, target: Layout) -> Plain:
    """The convolution between two layouts.

    Raises
    ------
    ValueError
        If it takes a kernel that is not square, of which nir finds a wrong shape.
    """
    axes = square(operator, source, target)
    depth, many = operator.kernel.shape[2:]
    (f_in, g_in), (f_out, g_out), taps = source.phases, target.phases, axes[0].taps
    weight = np.zeros((f_out, g_out, many, f_in, g_in, depth, taps, taps))
    for row, from_y, to_y, at_y in axes[0].meetings:
        for column, from_x, to_x, at_x in axes[1].meetings:
            there = weight[to_y, to_x, :, from_y, from_x, :, at_y, at_x]
            there += operator.kernel[row, column].T
    return Plain(
        weight.reshape(f_out * g_out * many, f_in * g_in * depth, taps, taps),
        (axes[0].stride, axes[1].stride),
        (axes[0].padding, axes[1].padding),
    )


def square(operator: Convolve, source: Layout, target: Layout) -> "list[_Axis]":
    """Both axes, with as many taps.

    Raises
    ------
    ValueError
        As `plain`.
    """
    axes = [_Axis(operator, axis, source, target) for axis in range(2)]
    side = max(axis.taps for axis in axes)
    for axis in axes:
        axis.widen(side)
    if axes[0].taps != axes[1].taps:
        axes[0].widen(side + 1)
        axes[1].widen(side + 1)
    if axes[0].taps != axes[1].taps:
        raise ValueError(f"takes a kernel of {axes[0].taps} x {axes[1].taps}, which is not square")
    return axes


class _Axis:
    """Taps, stride and padding along one axis of the grid."""

    def __init__(self, operator: Convolve, axis: int, source: Layout, target: Layout):
        f_in, f_out = source.phases[axis], target.phases[axis]
        stride, pad = operator.strides[axis], operator.pads[axis]
        many = operator.kernel.shape[axis]
        found = []  # tap, phase that it comes from and goes to, grid position relative to the first
        if operator.transposed:
            self.stride = f_out // (stride * f_in)
            for tap in range(many):
                for phase in range(f_in):
                    reach = stride * phase + tap - pad
                    first = -(reach // (stride * f_in))
                    found += [
                        (tap, phase, stride * f_in * at + reach, at)
                        for at in range(first, first + self.stride)
                    ]
        else:
            self.stride = stride * f_out // f_in
            for tap in range(many):
                for phase in range(f_out):
                    at, come = divmod(stride * phase + tap - pad, f_in)
                    found.append((tap, come, phase, at))
        self.padding = max(0, -min(at for *_, at in found))
        self.taps = max(at for *_, at in found) + self.padding + 1
        # positions that are left over behind the last window
        into, out = source.grid[axis], target.grid[axis]
        self.over = into + 2 * self.padding - self.taps - (out - 1) * self.stride
        if self.over < 0:  # Keras pads less before than behind: zeros lead the kernel
            self.padding, self.taps, self.over = (
                self.padding - self.over, self.taps - self.over, 0,
            )  # fmt: skip
        elif self.over >= self.stride:
            self.taps += self.over - self.stride + 1
            self.over = self.stride - 1
        self.found = found

    def widen(self, taps: int) -> None:
        """More zeros around the kernel, as far as the output stays what it is."""
        while self.taps + 2 <= taps:
            self.padding, self.taps = self.padding + 1, self.taps + 2
        if self.taps < taps and self.over > 0:
            self.taps, self.over = self.taps + 1, self.over - 1
        elif self.taps < taps and self.over + 1 < self.stride:
            self.padding, self.taps, self.over = self.padding + 1, self.taps + 1, self.over + 1

    @property
    def meetings(self):
        """Tap, phase that it comes from and goes to, and where it is in the kernel."""
        return [(tap, come, go, at + self.padding) for tap, come, go, at in self.found]

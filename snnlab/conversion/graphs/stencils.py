"""Linear maps between populations, as data. Every shape is ``(height, width, channels)``."""

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from scipy import sparse

Shape = tuple[int, int, int]
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Stencil:
    """The same weights around every position.

    Output ``o`` sees position ``o stride + tap - before``; if it is transposed, position ``p``
    reaches output ``p stride + tap - before``. What lies outside is zero.

    Attributes
    ----------
    kernel : numpy.ndarray
        float64 ``(rows, columns, in / groups, out)``.
    shape_in, shape_out : tuple of int
    strides, before : tuple of int
    transposed : bool
    groups : int
        One if it is transposed.
    """

    kernel: np.ndarray
    shape_in: Shape
    shape_out: Shape
    strides: Pair = (1, 1)
    before: Pair = (0, 0)
    transposed: bool = False
    groups: int = 1

    @property
    def pointwise(self) -> bool:
        """Whether it mixes channels alone."""
        return (
            self.kernel.shape[:2] == (1, 1)
            and self.strides == (1, 1)
            and self.before == (0, 0)
            and self.shape_in[:2] == self.shape_out[:2]
        )

    @property
    def shifts(self) -> bool:
        """Whether it puts borders around the map, or takes them off, and does nothing else."""
        return (
            self.kernel.shape[:3] == (1, 1, 1)
            and self.groups == self.shape_in[2] == self.shape_out[2]
            and self.strides == (1, 1)
            and not self.transposed
            and bool((self.kernel == 1).all())
        )

    @cached_property
    def full(self) -> np.ndarray:
        """The kernel with zeros between groups, ``(rows, columns, in, out)``."""
        if self.groups == 1:
            return self.kernel
        rows, columns, depth, many = self.kernel.shape
        full = np.zeros((rows, columns, depth * self.groups, many))
        share = many // self.groups
        for group in range(self.groups):
            into = slice(group * share, (group + 1) * share)
            full[:, :, group * depth : (group + 1) * depth, into] = self.kernel[..., into]
        return full


@dataclass(frozen=True, eq=False)
class Scale:
    """A factor for each channel."""

    factors: np.ndarray
    shape_in: Shape

    @property
    def shape_out(self) -> Shape:
        """As given."""
        return self.shape_in


@dataclass(frozen=True)
class Place:
    """Channels become the channels from ``first`` on of more, whose rest stays zero."""

    first: int
    shape_in: Shape
    shape_out: Shape


@dataclass(frozen=True)
class View:
    """The same values, row by row, in another shape."""

    shape_in: Shape
    shape_out: Shape


@dataclass(frozen=True, eq=False)
class Matrix:
    """Anything else: sparse ``(out, in)``."""

    values: sparse.csr_array
    shape_in: Shape
    shape_out: Shape


Map = Stencil | Scale | Place | View | Matrix


def shape_of(shape: tuple[int, ...]) -> Shape:
    """A shape of one to three axes as rows, columns and channels.

    Raises
    ------
    ValueError
    """
    if not 1 <= len(shape) <= 3:
        raise ValueError(f"has {len(shape)} axes, where a population has at most three")
    height, width, channels = (1,) * (3 - len(shape)) + shape
    return height, width, channels


def dilated(kernel: np.ndarray, dilation: Pair) -> np.ndarray:
    """A kernel with zeros between its taps, float64."""
    rows, columns = ((taps - 1) * by + 1 for taps, by in zip(kernel.shape, dilation, strict=False))
    wide = np.zeros((rows, columns, *kernel.shape[2:]))
    wide[:: dilation[0], :: dilation[1]] = kernel
    return wide


def depthwise(kernel: np.ndarray, channels: int) -> np.ndarray:
    """One kernel ``(rows, columns)`` for each channel by itself."""
    return np.repeat(np.asarray(kernel, float)[:, :, None, None], channels, axis=3)


def rows_of(shape: Shape) -> int:
    """Values of that shape."""
    return prod(shape)

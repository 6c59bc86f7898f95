"""Layers without weights that move values about: pooling, upsampling, borders, sums, joins."""

import math
from dataclasses import dataclass

from snnlab.nets.graph.windows import PADDINGS, Axis, window

Shape = tuple[int, ...]
Pair = tuple[int, int]


class _Weightless:
    weights = 0


def _map(given: Shape) -> None:
    if len(given) != 3:
        raise ValueError("rows, columns and channels")


@dataclass(frozen=True)
class Pooling(_Weightless):
    """The maximum or the mean of each window; what lies outside of the map does not count.

    Attributes
    ----------
    kind : {"max", "average"}
    size, strides : tuple of int, optional
        Along rows and columns; None for one window over all that there is.
    padding : {"same", "valid"}
    """

    kind: str
    size: Pair | None
    strides: Pair | None
    padding: str = "valid"

    def __post_init__(self):
        if self.kind not in ("max", "average") or self.padding not in PADDINGS:
            raise ValueError("max or average, same or valid")
        if (self.size is None) != (self.strides is None) or min(*(self.size or (1,)), 1) < 1:
            raise ValueError("a window and a stride of 1 or more")

    def windows(self, given: Shape) -> tuple[Pair, Pair]:
        """Size and strides."""
        return (self.size, self.strides) if self.size else (given[:2], given[:2])

    def axes(self, given: Shape) -> tuple[Axis, Axis]:
        """Windows along rows and columns."""
        size, strides = self.windows(given)
        rows, columns = (
            window(many, taps, stride, 1, self.padding)
            for many, taps, stride in zip(given[:2], size, strides, strict=True)
        )
        return rows, columns

    def shape(self, given: Shape) -> Shape:
        """Of the output; a window over all leaves one row and one column."""
        _map(given)
        return (*(axis.out for axis in self.axes(given)), given[2])


@dataclass(frozen=True)
class Upsampling(_Weightless):
    """Each pixel becomes ``factors`` pixels.

    Attributes
    ----------
    factors : tuple of int
    smooth : bool
        Bilinear with pixels' centres at a half, as TensorFlow resizes; beyond the outermost
        centres the value stays. Otherwise pixels are repeated.
    """

    factors: Pair
    smooth: bool = False

    def __post_init__(self):
        if min(self.factors) < 1:
            raise ValueError("factors of 1 or more")

    def shape(self, given: Shape) -> Shape:
        """Of the output."""
        _map(given)
        return given[0] * self.factors[0], given[1] * self.factors[1], given[2]


@dataclass(frozen=True)
class Borders(_Weightless):
    """Rows and columns of zeros around the map, or, below zero, that many taken off.

    Attributes
    ----------
    rows, columns : tuple of int
        Before and behind.
    """

    rows: Pair
    columns: Pair

    def shape(self, given: Shape) -> Shape:
        """Of the output."""
        _map(given)
        out = given[0] + sum(self.rows), given[1] + sum(self.columns), given[2]
        if min(out) < 1 or any(
            min(pair) < 0 and -sum(min(side, 0) for side in pair) >= size
            for pair, size in zip((self.rows, self.columns), given[:2], strict=True)
        ):
            raise ValueError("a map that is larger than what is taken off")
        return out


@dataclass(frozen=True)
class Add(_Weightless):
    """The sum of several inputs of one shape."""

    def shape(self, *given: Shape) -> Shape:
        """As given."""
        if len(set(given)) != 1:
            raise ValueError("inputs of one shape")
        return given[0]


@dataclass(frozen=True)
class Concatenate(_Weightless):
    """Inputs side by side along the channels."""

    def shape(self, *given: Shape) -> Shape:
        """Of the output."""
        if len({(len(one), *one[:-1]) for one in given}) != 1:
            raise ValueError("inputs that differ in their channels only")
        return (*given[0][:-1], sum(one[-1] for one in given))


@dataclass(frozen=True)
class Reshape(_Weightless):
    """The same values, row by row and channels last, in another shape.

    Attributes
    ----------
    to : tuple of int, optional
        None for a row of all.
    """

    to: Shape | None = None

    def shape(self, given: Shape) -> Shape:
        """Of the output."""
        to = (math.prod(given),) if self.to is None else self.to
        if math.prod(to) != math.prod(given):
            raise ValueError(f"{math.prod(to)} values")
        return to

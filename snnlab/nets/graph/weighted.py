"""Layers with weights: convolutions, and dense ones. Shapes are channels-last, without the batch.

A layer does not know the size of what it is given: ``shape(given)`` says what comes out of it, or
raises ValueError. Weights are float32 and not to be written to.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.nets.graph.windows import PADDINGS, Axis, transposed_window, window

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Kernel:
    """What both kinds of convolution have.

    Attributes
    ----------
    kernel : numpy.ndarray
        float32 ``(rows, columns, in / groups, out)``.
    bias : numpy.ndarray
        float32 ``(out,)``.
    strides, dilation : tuple of int
        Along rows and columns.
    padding : {"same", "valid"}
    """

    kernel: np.ndarray
    bias: np.ndarray
    strides: tuple[int, int] = (1, 1)
    padding: str = "valid"
    dilation: tuple[int, int] = (1, 1)

    def __post_init__(self):
        if self.kernel.ndim != 4 or self.bias.shape != self.kernel.shape[3:]:
            raise ValueError("a kernel has four axes, and a bias for each output channel")
        if self.padding not in PADDINGS or min(*self.strides, *self.dilation) < 1:
            raise ValueError("strides and dilation are 1 or more, padding is same or valid")

    @property
    def weights(self) -> int:
        """Their number, biases not counted."""
        return self.kernel.size


@dataclass(frozen=True, eq=False)
class Convolution(_Kernel):
    """A convolution; a depthwise one has as many groups as channels come in."""

    groups: int = 1

    def __post_init__(self):
        super().__post_init__()
        if self.groups < 1 or self.kernel.shape[3] % self.groups:
            raise ValueError("the output channels do not divide into the groups")

    def axes(self, given: Shape) -> tuple[Axis, Axis]:
        """Windows along rows and columns."""
        rows, columns = (
            window(*one, self.padding)
            for one in zip(
                given[:2], self.kernel.shape[:2], self.strides, self.dilation, strict=True
            )
        )
        return rows, columns

    def shape(self, given: Shape) -> Shape:
        """Of the output.

        Raises
        ------
        ValueError
        """
        if len(given) != 3 or given[2] != self.kernel.shape[2] * self.groups:
            raise ValueError(f"weights for {self.kernel.shape[2] * self.groups} channels")
        return (*(axis.out for axis in self.axes(given)), self.kernel.shape[3])


@dataclass(frozen=True, eq=False)
class TransposedConvolution(_Kernel):
    """A transposed convolution; the kernel is ``(rows, columns, in, out)``, other than Keras's.

    Attributes
    ----------
    more : tuple of int, optional
        Keras's ``output_padding``.
    """

    more: tuple[int, int] | None = None

    def axes(self, given: Shape) -> tuple[Axis, Axis]:
        """Windows along rows and columns."""
        more = self.more or (None, None)
        rows, columns = (
            transposed_window(size, taps, stride, dilation, self.padding, one)
            for size, taps, stride, dilation, one in zip(
                given[:2], self.kernel.shape[:2], self.strides, self.dilation, more, strict=True
            )
        )
        return rows, columns

    def shape(self, given: Shape) -> Shape:
        """Of the output.

        Raises
        ------
        ValueError
        """
        if len(given) != 3 or given[2] != self.kernel.shape[2]:
            raise ValueError(f"weights for {self.kernel.shape[2]} channels")
        return (*(axis.out for axis in self.axes(given)), self.kernel.shape[3])


@dataclass(frozen=True, eq=False)
class Dense:
    """Every output channel is a weighted sum of the channels; of each pixel, if there are pixels.

    Attributes
    ----------
    kernel : numpy.ndarray
        float32 ``(in, out)``.
    bias : numpy.ndarray
        float32 ``(out,)``.
    """

    kernel: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        if self.kernel.ndim != 2 or self.bias.shape != self.kernel.shape[1:]:
            raise ValueError("a dense kernel has two axes, and a bias for each output")

    @property
    def weights(self) -> int:
        """Their number, biases not counted."""
        return self.kernel.size

    def shape(self, given: Shape) -> Shape:
        """Of the output.

        Raises
        ------
        ValueError
        """
        if given[-1] != self.kernel.shape[0]:
            raise ValueError(f"weights for {self.kernel.shape[0]} inputs")
        return (*given[:-1], self.kernel.shape[1])


@dataclass(frozen=True, eq=False)
class Affine:
    """A factor and a shift for each channel: batch normalisation, and what rescales the input.

    Attributes
    ----------
    scale, shift : numpy.ndarray
        float32 ``(channels,)``.
    """

    scale: np.ndarray
    shift: np.ndarray

    def __post_init__(self):
        if self.scale.ndim != 1 or self.scale.shape != self.shift.shape:
            raise ValueError("a factor and a shift for each channel")

    @property
    def weights(self) -> int:
        """It is folded into others."""
        return 0

    def shape(self, given: Shape) -> Shape:
        """As given.

        Raises
        ------
        ValueError
        """
        if given[-1] != self.scale.size:
            raise ValueError(f"factors for {self.scale.size} channels")
        return given

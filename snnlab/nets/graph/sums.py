"""Sums of a convolution's taps: a matrix product for each, no copy of the input for any."""

import numpy as np

from snnlab.nets.graph.windows import Axis

Pair = tuple[int, int]


def convolved(
    x: np.ndarray, kernel: np.ndarray, strides: Pair, dilation: Pair, axes, groups: int = 1
) -> np.ndarray:
    """A convolution.

    Parameters
    ----------
    x : numpy.ndarray
        ``(n, height, width, channels)``.
    kernel : numpy.ndarray
        ``(rows, columns, channels / groups, out)``.
    axes : tuple of Axis

    Returns
    -------
    numpy.ndarray
        ``(n, height, width, out)``, of ``x``'s type.
    """
    kernel = kernel.astype(x.dtype)
    _, _, depth, many = kernel.shape
    out = np.zeros((len(x), axes[0].out, axes[1].out, many), x.dtype)
    for row, column in np.ndindex(kernel.shape[:2]):
        into, come = zip(
            _meet(axes[0], x.shape[1], strides[0], row * dilation[0]),
            _meet(axes[1], x.shape[2], strides[1], column * dilation[1]),
            strict=True,
        )
        part, taps = x[:, come[0], come[1]], kernel[row, column]
        if groups == 1:
            out[:, into[0], into[1]] += part @ taps
        else:
            parts = part.reshape(*part.shape[:3], groups, depth)
            taps = taps.reshape(depth, groups, many // groups)
            sums = np.einsum("nhwgd,dgo->nhwgo", parts, taps, optimize=depth > 1)
            out[:, into[0], into[1]] += sums.reshape(*part.shape[:3], many)
    return out


def transposed(
    x: np.ndarray, kernel: np.ndarray, strides: Pair, dilation: Pair, axes
) -> np.ndarray:
    """A transposed convolution; see `convolved`."""
    kernel = kernel.astype(x.dtype)
    out = np.zeros((len(x), axes[0].out, axes[1].out, kernel.shape[3]), x.dtype)
    for row, column in np.ndindex(kernel.shape[:2]):
        # turned round: the output takes the input's place
        come, into = zip(
            _meet(Axis(x.shape[1], axes[0].before), axes[0].out, strides[0], row * dilation[0]),
            _meet(Axis(x.shape[2], axes[1].before), axes[1].out, strides[1], column * dilation[1]),
            strict=True,
        )
        out[:, into[0], into[1]] += x[:, come[0], come[1]] @ kernel[row, column]
    return out


def _meet(axis: Axis, size: int, stride: int, tap: int) -> tuple[slice, slice]:
    """Windows of which a tap lies inside of the map, and where there."""
    first = max(-(-(axis.before - tap) // stride), 0)
    last = min((size - 1 + axis.before - tap) // stride, axis.out - 1)
    count = max(last - first + 1, 0)
    begin = first * stride + tap - axis.before
    if not count:
        return slice(0, 0), slice(0, 0)
    return slice(first, first + count), slice(begin, begin + (count - 1) * stride + 1, stride)

"""Biases of a map: one for each channel, which NIR's convolution has, and what differs from that.

A bias differs within a channel where something constant was added in front of zeros that were
padded: grey values that were rescaled, a batch normalisation, a convolution without neurons behind
it. There its sum lacks the taps that lie outside. So it is the same convolution of a map of ones,
with weights that are found here.
"""

import numpy as np

from snnlab.export.exchange.layouts import Layout, Plain

CLOSE = 1e-12  # of the largest bias


def parted(bias: np.ndarray | None, layout: Layout) -> tuple[np.ndarray | None, np.ndarray | None]:
    """A bias for each channel, or one for each place, of which the other is None.

    Parameters
    ----------
    bias : numpy.ndarray or None
        ``(channels, rows, columns)`` of the layout in NIR.
    """
    if bias is None:
        return None, None
    there = layout.to_nir(np.ones(int(np.prod(layout.shape))), 0) > 0
    flat, there = bias.reshape(len(bias), -1), there.reshape(len(bias), -1)
    first = flat[np.arange(len(flat)), there.argmax(1)]
    if (np.isclose(flat, first[:, None], rtol=1e-12, atol=0) | ~there).all():
        return first, None
    return None, bias


def by_border(bias: np.ndarray, like: Plain, grid: tuple[int, int]) -> np.ndarray | None:
    """Weights ``(channels, 1, taps, taps)`` that make a bias of a map of ones; None if none do.

    Parameters
    ----------
    bias : numpy.ndarray
        ``(channels, rows, columns)``.
    like : Plain
        Stride, padding and number of taps.
    grid : tuple of int
        Rows and columns of the map of ones.
    """
    sides = []
    for axis in range(2):
        taps, out = like.weight.shape[2 + axis], bias.shape[1 + axis]
        at = np.arange(out)[:, None] * like.stride[axis] - like.padding[axis] + np.arange(taps)
        sides.append(((at >= 0) & (at < grid[axis])).astype(float))
    rows, columns = (np.linalg.pinv(side) for side in sides)
    weight = rows @ bias @ columns.T
    off = np.abs(sides[0] @ weight @ sides[1].T - bias).max()
    return weight[:, None] if off <= CLOSE * np.abs(bias).max() else None

"""Which neurons of a tile are worth running: those that what is kept of it depends on.

Of an overlapping tile only the middle is kept. The last layers need not be run
around it: nothing that is kept hears of them.
"""

import numpy as np

from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.reading import BuiltLayer

Box = tuple[int, int, int, int]  # first and behind the last row, the same of columns


def of_layer(box: Box, tile: tuple[int, int], shape: tuple[int, ...]) -> Box:
    """The neurons of a population whose first pixel lies in a part of a tile.

    Parameters
    ----------
    box : Box
        In pixels of the tile.
    tile : tuple of int
        ``(height, width)`` in pixels.
    shape : tuple of int
        Of the population, ``(height, width, ...)``; a neuron stands for a whole
        number of pixels.
    """
    down, along = tile[0] // shape[0], tile[1] // shape[1]
    top, bottom, left, right = box
    return -(-top // down), -(-bottom // down), -(-left // along), -(-right // along)


def needed(layers: tuple[BuiltLayer, ...], kept: dict[str, Box]) -> dict[str, Box]:
    """The smallest boxes of neurons that give the spikes of some.

    Parameters
    ----------
    layers : tuple of BuiltLayer
        Each after those that feed it.
    kept : dict of str to Box
        Of every population, the neurons whose spikes are wanted.

    Returns
    -------
    dict of str to Box
    """
    found = dict(kept)
    for layer in reversed(layers):
        box = found[layer.name]
        for link in layer.links:
            rows, columns = (_heard(link.geometry, axis, *box[2 * axis :][:2]) for axis in range(2))
            if rows and columns:
                found[link.source] = _around(found[link.source], (*rows, *columns))
    return found


def _heard(operator: Convolve, axis: int, first: int, last: int) -> tuple[int, int] | None:
    """First and behind the last source position that some outputs along an axis hear of."""
    come = [
        source[(into >= first) & (into < last)]
        for into, source in (operator.meet(axis, tap) for tap in range(operator.kernel.shape[axis]))
    ]
    come = np.concatenate(come)
    return (int(come.min()), int(come.max()) + 1) if come.size else None


def _around(box: Box, other: Box) -> Box:
    if box[0] >= box[1] or box[2] >= box[3]:
        return other
    return (
        min(box[0], other[0]),
        max(box[1], other[1]),
        min(box[2], other[2]),
        max(box[3], other[3]),
    )

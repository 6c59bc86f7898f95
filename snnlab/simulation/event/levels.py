"""Kernels as whole numbers times one scale, and the rows of them that events add."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.layout import Inputs
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.tables import Layout, gather, lay_out

MOST_LEVELS = 127  # on either side of zero
PAIR = 8  # channels of two neighbouring pixels that are one event
SAME = 1e-12  # relative difference of numbers that are the same but for rounding
TABLE_BYTES = 3 << 20  # of the rows of one source that are worked out beforehand


def levels_of(weights: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Whole numbers and the scale that weights are the product of; None if there are none.

    Parameters
    ----------
    weights : numpy.ndarray
        float64.

    Returns
    -------
    levels : numpy.ndarray
        int16, within `MOST_LEVELS`.
    scale : float
    """
    largest = float(np.abs(weights).max(initial=0.0))
    if largest == 0 or not np.isfinite(largest):
        return None
    scales = largest / np.arange(1, MOST_LEVELS + 1)
    few = weights.ravel()[:: max(1, weights.size // 64)]
    for scale in scales[_whole(few / scales[:, None])].tolist():
        if _whole(weights.ravel() / scale):
            return np.rint(weights / scale).astype(np.int16), scale
    return None


def _whole(levels: np.ndarray) -> np.ndarray:
    """Whether all numbers of each row are whole, but for rounding."""
    return np.abs(levels - np.rint(levels)).max(axis=-1, initial=0) <= SAME * MOST_LEVELS


def laid_out(operators, found, planes) -> tuple[Inputs, int]:
    """All convolutions of levels that feed a population; ``found`` is of `levels_of`.

    Returns
    -------
    inputs : Inputs
    halo : int
        Columns that an event may reach beyond a tile.
    """
    layouts, together, sources = [], [], []
    for operator, (levels, _) in zip(operators, found, strict=True):
        geometry = (operator.shape_in, operator.shape_out, operator.strides, operator.padding)
        pairs = in_pairs(operator)
        shape = (levels.shape[0], levels.shape[1] + 1, PAIR, levels.shape[3])
        together.append(channels_together(shape if pairs else levels.shape))
        layouts.append(
            _layout(
                levels.tobytes(),
                levels.shape,
                together[-1],
                pairs,
                (*geometry, operator.transposed, operator.groups),
            )
        )
        height, width, depth = operator.shape_in
        shape = (height, width // 2, PAIR) if pairs else (height, width, depth)
        sources.append(replace(operator, shape_in=shape))
    inputs = gather(layouts, sources, planes, np.dtype(np.int16))
    inputs.table[:, at.TOGETHER] = together
    return inputs, max((layout.taps - 1 for layout in layouts), default=0)


def in_pairs(operator: Convolve) -> bool:
    """Whether two neighbouring pixels of a source are taken as one with twice the channels.

    With four channels each, they are one event: it reaches one column more, and there are up to
    half as many.
    """
    plain = operator.strides == (1, 1) and not operator.transposed and operator.groups == 1
    rows, columns, _, out = operator.kernel.shape
    fits = channels_together((rows, columns + 1, PAIR, out)) == PAIR
    return plain and fits and 2 * operator.shape_in[2] == PAIR and operator.shape_in[1] % 2 == 0


def paired(levels: np.ndarray) -> np.ndarray:
    """What each of two neighbouring pixels sends to the columns that either reaches, from left.

    ``(rows, columns, channels, out)`` to ``(rows, columns + 1, 2 * channels, out)``.
    """
    rows, columns, depth, out = levels.shape
    both = np.zeros((rows, columns + 1, 2 * depth, out), levels.dtype)
    # a pixel meets the kernel's last column where it reaches furthest to the left
    both[:, :columns, :depth] = both[:, 1:, depth:] = levels[:, ::-1]
    return both


def channels_together(shape) -> int:
    """How many channels of a source are one event: 8 or 4 if the table is not too large."""
    for many in (8, 4):
        groups = shape[2] // many
        bytes_taken = 2 * shape[0] * shape[1] * groups * (1 << many) * shape[3]
        if shape[2] % many == 0 and bytes_taken <= TABLE_BYTES:
            return many
    return 1


@lru_cache(maxsize=32)  # those of two nets: they are the same whatever the rates
def _layout(content: bytes, shape, together: int, pairs: bool, geometry) -> Layout:
    """A convolution of levels, with what each set of channels sends in the place of one channel."""
    levels = np.frombuffer(content, np.int16).reshape(shape)
    operator, columns = Convolve(levels, *geometry), None
    if pairs:
        first = 2 * np.arange(operator.shape_in[1] // 2) + operator.pads[1] - shape[1] + 1
        columns = first.astype(np.int32), np.zeros(len(first), np.int32), [range(shape[1] + 1)]
        levels = paired(levels)
    groups = levels.reshape(*levels.shape[:2], -1, together, shape[3])
    sums = np.zeros((*groups.shape[:3], 1 << together, shape[3]), np.int16)
    for channel in range(together):
        known = 1 << channel
        sums[..., known : 2 * known, :] = sums[..., :known, :] + groups[..., channel, None, :]
    rows = levels if together == 1 else sums.reshape(*levels.shape[:2], -1, shape[3])
    return lay_out(operator, rows, np.dtype(np.int16), columns)

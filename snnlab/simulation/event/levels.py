"""Kernels as whole numbers times one scale, and the rows of them that events add."""

from functools import lru_cache

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.layout import Inputs
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.tables import Layout, gather, lay_out

MOST_LEVELS = 127  # on either side of zero
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


def laid_out(operators, found, planes) -> Inputs:
    """All convolutions of levels that feed a population; ``found`` is of `levels_of`."""
    layouts, together = [], []
    for operator, (levels, _) in zip(operators, found, strict=True):
        geometry = (operator.shape_in, operator.shape_out, operator.strides, operator.padding)
        together.append(channels_together(levels.shape))
        layouts.append(
            _layout(
                levels.tobytes(),
                levels.shape,
                together[-1],
                (*geometry, operator.transposed, operator.groups),
            )
        )
    inputs = gather(layouts, operators, planes, np.dtype(np.int16))
    inputs.table[:, at.TOGETHER] = together
    return inputs


def channels_together(shape) -> int:
    """How many channels of a source are one event: 8 or 4 if the table is not too large."""
    for many in (8, 4):
        groups = shape[2] // many
        bytes_taken = 2 * shape[0] * shape[1] * groups * (1 << many) * shape[3]
        if shape[2] % many == 0 and bytes_taken <= TABLE_BYTES:
            return many
    return 1


@lru_cache(maxsize=32)  # those of two nets: they are the same whatever the rates
def _layout(content: bytes, shape, together: int, geometry) -> Layout:
    """A convolution of levels, with what each set of channels sends in the place of one channel."""
    levels = np.frombuffer(content, np.int16).reshape(shape)
    groups = levels.reshape(*shape[:2], -1, together, shape[3])
    sums = np.zeros((*groups.shape[:3], 1 << together, shape[3]), np.int16)
    for channel in range(together):
        known = 1 << channel
        sums[..., known : 2 * known, :] = sums[..., :known, :] + groups[..., channel, None, :]
    rows = levels if together == 1 else sums.reshape(*shape[:2], -1, shape[3])
    return lay_out(Convolve(levels, *geometry), rows, np.dtype(np.int16))

"""Membranes thinned to one pixel: segments grown into the background, all at the same pace.

A front moves outward from every segment, a ring of 4-neighbours at a time. It is kept as a
list, and each pixel enters it once, so time is in proportion to the pixels.
"""

from collections.abc import Callable

import numpy as np

from snnlab.results.segments.compiled import inner, kernel
from snnlab.results.segments.pieces import PIECE, heed, pieces

# what a pixel of the background can be besides 0
_MET = -1  # two segments reached it
_WAITS = -2  # it is in the front


@kernel
def _line_up(flat, width, top, bottom, even, evens, odd, odds):
    """Let the background beside segments wait, rows ``top <= y < bottom``."""
    for y in range(top, bottom):
        for at in range(y * width + 1, y * width + width - 1):
            if flat[at] == 0 and (
                flat[at - 1] > 0 or flat[at + 1] > 0 or flat[at - width] > 0 or flat[at + width] > 0
            ):
                flat[at] = _WAITS
                if (at - y * width + y) & 1:
                    odd[odds] = at
                    odds += 1
                else:
                    even[evens] = at
                    evens += 1
    return evens, odds


@inner
def _spread(flat, width, front, first, last, other, ends):
    """Give each waiting pixel to the only segment beside it, or to none; who waits next.

    Neighbours differ in parity, so those of one half of the front do not depend on each other,
    and the next to wait are all of the other half.
    """
    for index in range(first, last):
        at = front[index]
        above, left = flat[at - width], flat[at - 1]
        right, below = flat[at + 1], flat[at + width]
        highest = max(max(above, left), max(right, below))
        lowest = min(
            min(above if above > 0 else highest, left if left > 0 else highest),
            min(right if right > 0 else highest, below if below > 0 else highest),
        )
        if lowest != highest:
            flat[at] = _MET
            continue
        flat[at] = highest
        if above == 0:
            flat[at - width] = _WAITS
            other[ends] = at - width
            ends += 1
        if left == 0:
            flat[at - 1] = _WAITS
            other[ends] = at - 1
            ends += 1
        if right == 0:
            flat[at + 1] = _WAITS
            other[ends] = at + 1
            ends += 1
        if below == 0:
            flat[at + width] = _WAITS
            other[ends] = at + width
            ends += 1
    return ends


@kernel
def _advance(flat, width, even, odd, state, most):
    """Let the front advance by so many pixels; whether more are waiting.

    ``state`` is kept from one call to the next: of even and of odd pixels, how many are decided,
    how many will be when this ring is done, and how many ever waited.
    """
    evens, even_ring, even_end = state[0], state[1], state[2]
    odds, odd_ring, odd_end = state[3], state[4], state[5]
    while most > 0:
        if evens == even_ring and odds == odd_ring:
            even_ring, odd_ring = even_end, odd_end
            if evens == even_ring and odds == odd_ring:
                break
        # of two pixels that face each other the odd one sees what became of the even one
        if evens < even_ring:
            last = min(even_ring, evens + most)
            odd_end = _spread(flat, width, even, evens, last, odd, odd_end)
            most -= last - evens
            evens = last
        else:
            last = min(odd_ring, odds + most)
            even_end = _spread(flat, width, odd, odds, last, even, even_end)
            most -= last - odds
            odds = last
    state[0], state[1], state[2] = evens, even_ring, even_end
    state[3], state[4], state[5] = odds, odd_ring, odd_end
    return evens < even_end or odds < odd_end


def grow(grid: np.ndarray, scratch: np.ndarray, cancel: Callable[[], bool] | None) -> None:
    """Grow the segments in a frame; where two met, and beyond, numbers stay below 1.

    Parameters
    ----------
    grid : numpy.ndarray of int32
        ``(height + 2, width + 2)``, C-contiguous, its border below 0.
    scratch : numpy.ndarray of int32
        At least ``height * width + 1``: each pixel waits once.
    """
    height, width = grid.shape
    flat, most = grid.reshape(-1), ((height - 2) * (width - 2) + 1) // 2
    even, odd = scratch[:most], scratch[most : 2 * most]
    ends = (0, 0)
    for top, bottom in pieces(height - 2, cancel, max(1, PIECE // width)):
        ends = _line_up(flat, width, top + 1, bottom + 1, even, ends[0], odd, ends[1])
    state = np.array([0, 0, ends[0], 0, 0, ends[1]])
    heed(cancel)
    while _advance(flat, width, even, odd, state, PIECE):
        heed(cancel)

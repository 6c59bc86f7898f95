"""The 4-connected regions of a mask, numbered in the order in which they are met.

Two passes: a pixel takes the number of the one above or to the left, and where both have
one, these two numbers are noted to be the same region (union-find, the smaller number
stands for both); then each pixel gets its region's number.

References
----------
Wu, Otoo, Suzuki (2009), Pattern Analysis and Applications 12:117,
doi:10.1007/s10044-008-0109-y.
"""

from collections.abc import Callable

import numpy as np

from snnlab.results.segments.compiled import inner, kernel
from snnlab.results.segments.pieces import PIECE, pieces


@inner
def _first(same, number):
    """The number that stands for a region; the way there is halved for whoever asks next."""
    while same[number] != number:
        same[number] = same[same[number]]
        number = same[number]
    return number


@kernel
def _meet(cells, top, bottom, grid, same, known):
    """Number rows ``top <= y < bottom`` provisionally; how many numbers are given out by then."""
    for y in range(top, bottom):
        mask, over, here = cells[y], grid[y], grid[y + 1]
        left = np.int32(0)
        for x in range(cells.shape[1]):
            if not mask[x]:
                left = np.int32(0)
            else:
                above = over[x + 1]
                if left > 0:
                    if above > 0 and above != left:
                        one, other = _first(same, above), _first(same, left)
                        left = min(one, other)
                        same[max(one, other)] = left
                elif above > 0:
                    left = above
                else:
                    known += 1
                    same[known] = known
                    left = np.int32(known)
            here[x + 1] = left
    return known


@kernel
def _settle(same, first, last, numbers):
    """Replace provisional numbers by the regions' own; how many regions there are by then."""
    for number in range(first, last):
        if same[number] == number:
            numbers += 1
            same[number] = numbers
        else:
            same[number] = same[same[number]]  # of a smaller one, which is settled
    return numbers


@kernel
def _renumber(grid, top, bottom, same):
    for y in range(top, bottom):
        here = grid[y + 1]
        for x in range(1, grid.shape[1] - 1):
            here[x] = same[here[x]]


def number(
    cells: np.ndarray, grid: np.ndarray, scratch: np.ndarray, cancel: Callable[[], bool] | None
) -> int:
    """Number the regions of a mask in a frame; how many there are.

    Parameters
    ----------
    cells : numpy.ndarray of bool
        ``(height, width)``.
    grid : numpy.ndarray of int32
        ``(height + 2, width + 2)``, its border below 0; what is inside is overwritten.
    scratch : numpy.ndarray of int32
        At least ``height * width // 2 + 2``: a number that is given out has none beside it.
    """
    rows = max(1, PIECE // max(cells.shape[1], 1))
    known = numbers = scratch[0] = 0
    for top, bottom in pieces(len(cells), cancel, rows):
        known = _meet(cells, top, bottom, grid, scratch, known)
    for first, last in pieces(known, cancel):
        numbers = _settle(scratch, first + 1, last + 1, numbers)
    for top, bottom in pieces(len(cells), cancel, rows):
        _renumber(grid, top, bottom, scratch)
    return numbers

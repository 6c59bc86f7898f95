"""Masks held against one truth, one after the other in the same memory."""

from collections.abc import Callable

import numpy as np

from snnlab.errors import LabError
from snnlab.results.segments.numbering import number
from snnlab.results.segments.overlapping import Overlap, overlap
from snnlab.results.segments.pieces import PIECE, pieces
from snnlab.results.segments.thinning import grow

Cancel = Callable[[], bool] | None
MOST = 2**31 - 4  # pixels that 32 bits can number, the frame apart


class Judge:
    """Compares thinned masks with labels, in time linear in the pixels whatever the masks.

    For a large image this takes hundreds of megabytes, which the system hands out page by page;
    for the masks at eleven thresholds they are asked for once.

    Parameters
    ----------
    labels : numpy.ndarray of bool
        ``(height, width)``, True = cell.
    cancel : callable, optional
        Asked every few milliseconds, here and later; True stops the work.
    ignore : numpy.ndarray of bool, optional
        ``(height, width)``, True where nothing counts: no segment is there, and none grows
        into it, as if the image ended.

    Raises
    ------
    LabError
        If there are too many pixels.
    snnlab.errors.Cancelled
    """

    def __init__(self, labels: np.ndarray, cancel: Cancel = None, ignore: np.ndarray | None = None):
        self._cancel, self._ignore = cancel, ignore
        self._scratch = scratch(labels.shape)
        self._truth, self._grid = frame(labels.shape, cancel), frame(labels.shape, cancel)
        self._cells = self._number(labels, self._truth)

    def overlap(self, cells: np.ndarray) -> Overlap:
        """Thin the membranes of a mask, and hold its segments against the true ones.

        Raises
        ------
        snnlab.errors.Cancelled
        """
        numbers = self._number(cells, self._grid)
        inside = self._grid[1:-1, 1:-1]
        if numbers == 1:
            inside[:] = 1
        if self._ignore is not None:
            inside[self._ignore] = -1
        if numbers > 1:
            grow(self._grid, self._scratch, self._cancel)
        most = (numbers, self._cells)
        return overlap(self._grid, self._truth, self._scratch, self._cancel, most)

    def _number(self, cells: np.ndarray, grid: np.ndarray) -> int:
        if self._ignore is not None:
            cells = cells & ~self._ignore
        cells = np.require(cells, bool, ["C", "W"])
        return number(cells, grid, self._scratch, self._cancel)


def frame(shape: tuple[int, int], cancel: Cancel = None) -> np.ndarray:
    """Room for numbers, int32, with a border that no segment grows into.

    With it no pixel need be asked whether it is at the edge. What is inside is not set yet.
    """
    height, width = shape
    made = np.empty((height + 2, width + 2), np.int32)
    # memory is found by the system as it is first written to, which takes time
    for first, last in pieces(height + 2, cancel, max(1, PIECE // (width + 2))):
        made[first:last, [0, -1]] = -1
    made[[0, -1]] = -1
    return made


def framed(numbers: np.ndarray, cancel: Cancel = None) -> np.ndarray:
    """Numbers from 0 on, framed: int32, or int64 if there are larger ones."""
    made = frame(numbers.shape, cancel)
    if numbers.max(initial=0) >= 2**31:
        made = made.astype(np.int64)
    for first, last in pieces(len(numbers), cancel, max(1, PIECE // max(numbers.shape[1], 1))):
        made[first + 1 : last + 1, 1:-1] = numbers[first:last]
    return made


def scratch(shape: tuple[int, int]) -> np.ndarray:
    """Memory that every step of the work uses for something else, int32.

    Raises
    ------
    LabError
        If there are too many pixels.
    """
    height, width = shape
    if (height + 2) * (width + 2) > MOST:
        raise LabError("An image of so many pixels cannot be scored; cut it into parts.")
    return np.empty(height * width + 2, np.int32)

"""Cells held against labels: which were split, which merged, and the scores of all of them.

A cell found belongs to a true one if more than half of it lies there, and a true one belongs to a
cell found in the same way.
A true cell is *split* if two cells found, or more, belong to it; a cell found is *merged* if two
true ones belong to it. True cells that no cell found belongs to, and that belong to none, are
*missed*, unless they are smaller than any cell may be. V_Rand and V_Info are those of
`snnlab.results.metrics`, with the cells in place of the regions of a mask: what is left between
them is thinned to one pixel, as there.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.results import metrics
from snnlab.results.cells.finding import count

SPECK = 10  # pixels of a true cell below which nobody could find it


@dataclass(frozen=True)
class Errors:
    """How the cells found differ from the true ones.

    Attributes
    ----------
    cells, true : int
        How many there are; in the labels, every region of theirs.
    split : numpy.ndarray of int
        Numbers of the cells found that are parts of one true cell.
    merged : numpy.ndarray of int
        Numbers of the cells found that are several true ones.
    splits, merges, missed : int
        True cells that were split, cells found that are several, and true cells without any.
    v_rand, v_info : float
    small : int
        True cells that are too small to be found; not among those missed.
    """

    cells: int
    true: int
    split: np.ndarray
    merged: np.ndarray
    splits: int
    merges: int
    missed: int
    v_rand: float
    v_info: float
    small: int


def judge(
    cells: np.ndarray,
    labels: np.ndarray,
    ignored: np.ndarray | None = None,
    smallest: float = SPECK,
) -> Errors:
    """Hold cells against labels.

    Parameters
    ----------
    cells : numpy.ndarray of int32
        ``(height, width)``, 0 is none.
    labels : numpy.ndarray of bool
        Same shape, True = cell.
    ignored : numpy.ndarray of bool, optional
        Same shape, True where nothing counts.
    smallest : float
        Pixels of a true cell below which it is not missed; `SPECK` at least.

    Raises
    ------
    LabError
        If no pixel of the labels is a cell.
    """
    counted = labels if ignored is None else labels & ~ignored
    found = cells if ignored is None else np.where(ignored, 0, cells)
    truth = metrics.components(counted)
    v_rand, v_info = metrics.v_rand_v_info(metrics.thin(np.ascontiguousarray(found)), truth)
    of_true, of_found = owners(found, truth), owners(truth, found)
    parts, inside = (np.bincount(of, minlength=2)[1:] for of in (of_true, of_found))
    split_true, merged = np.flatnonzero(parts > 1) + 1, np.flatnonzero(inside > 1) + 1
    alone = of_found == 0
    alone[of_true] = False
    large = np.bincount(truth.ravel(), minlength=1)[1:] >= max(smallest, SPECK)
    return Errors(
        count(found),
        int(truth.max(initial=0)),
        np.flatnonzero(np.isin(of_true, split_true)),
        merged,
        len(split_true),
        len(merged),
        int(np.count_nonzero(alone[1:] & large)),
        v_rand,
        v_info,
        int(np.count_nonzero(~large)),
    )


def owners(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """In which whole more than half of each part lies: ``(largest part + 1,)``, 0 is none."""
    sizes = np.bincount(parts.ravel())
    both = (parts > 0) & (wholes > 0)
    width = int(wholes.max(initial=0)) + 1
    pairs, shared = np.unique(parts[both].astype(np.int64) * width + wholes[both],
                              return_counts=True)  # fmt: skip
    part, whole = np.divmod(pairs, width)
    most = 2 * shared > sizes[part]
    found = np.zeros(len(sizes), np.int64)
    found[part[most]] = whole[most]
    return found

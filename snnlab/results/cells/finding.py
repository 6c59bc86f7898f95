"""One number a cell: a watershed of the membranes, from basins that are surely cell.

The probability of membrane is a landscape. Its basins are where the probability of cell is above
`Rule.core`; from each of them water rises, the surest pixels first, up to `Rule.edge`, and where
the water of two basins meets one cell ends. So a gap in a membrane that is weak but seen does not
merge two cells, as it does in a mask, and a cell keeps the pixels at its rim that a mask at the
threshold of its cores would lose.

The numbers of `Rule` were chosen on sections 15..17 of ISBI 2012 for all shipped models, ANN and
SNN (``benchmarks/cells.py --choose``): `core` and `edge` by V_Rand, the sizes so that as many
cells are found as are labelled. They are reported on 18..23.

References
----------
Meyer (1994), Signal Processing 38:113, for the flooding; ``skimage.segmentation.watershed``.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.results import metrics


@dataclass(frozen=True)
class Rule:
    """What counts as a cell; sizes in pixels of what the networks saw, at 4 nm.

    Attributes
    ----------
    core : float
        Probability above which a pixel is surely cell.
    edge : float
        Probability down to which a cell goes on.
    basin : int
        Pixels that a core has at least.
    smallest : int
        Pixels that a cell has at least.
    """

    core: float = 0.89
    edge: float = 0.5
    basin: int = 15
    smallest: int = 20


def find(
    probability: np.ndarray, rule: Rule | None = None, tissue: np.ndarray | None = None
) -> np.ndarray:
    """Number the cells of a section.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``, 0..1, of cell.
    rule : Rule, optional
    tissue : numpy.ndarray of bool, optional
        Same shape; where it is False there is no cell.

    Returns
    -------
    numpy.ndarray of int32
        Same shape: 1, 2 .. in the order in which they are met, row by row; 0 is none.
    """
    from skimage.segmentation import watershed

    rule = rule or Rule()
    cell = np.asarray(probability, np.float32)
    if tissue is not None:
        cell = np.where(tissue, cell, np.float32(0))
    cores = _without_specks(metrics.components(cell > rule.core), rule.basin)
    flooded = watershed(1 - cell, cores, mask=cell > min(rule.edge, rule.core))
    return in_order(_without_specks(flooded, rule.smallest))


def count(cells: np.ndarray) -> int:
    """How many cells numbers stand for."""
    return int(np.count_nonzero(np.bincount(cells.ravel())[1:]))


def in_order(cells: np.ndarray) -> np.ndarray:
    """The same cells, numbered 1, 2 .. as they are met; int32."""
    flat = cells.ravel()
    seen, first = np.unique(flat, return_index=True)
    order = seen[np.argsort(first)]
    numbers = np.zeros(int(flat.max(initial=0)) + 1, np.int32)
    order = order[order > 0]
    numbers[order] = np.arange(1, len(order) + 1)
    return numbers[cells]


def _without_specks(segments: np.ndarray, least: int) -> np.ndarray:
    sizes = np.bincount(segments.ravel())
    sizes[0] = least  # what is no segment stays so
    return np.where((sizes >= least)[segments], segments, 0)

"""The front door to counted cells: those of both networks, measured, held against labels."""

from dataclasses import dataclass

import numpy as np

from snnlab.images.pictures import Picture
from snnlab.results.cells import errors, finding, measuring
from snnlab.results.cells.errors import Errors
from snnlab.results.cells.finding import Rule, count
from snnlab.results.cells.measuring import Measured
from snnlab.results.segmentation import Segmentation

__all__ = ["Cells", "Rule", "alike", "count", "found", "in_file", "of"]

NETWORKS = ("ann", "snn")


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells that one network shows.

    Attributes
    ----------
    numbers : numpy.ndarray of int32
        ``(height, width)`` of the pixels that the networks saw; 0 is none.
    table : Measured
        In the same pixels.
    errors : Errors or None
        Against the labels, in the file's pixels; None without labels.
    """

    numbers: np.ndarray
    table: Measured
    errors: Errors | None

    def __len__(self) -> int:
        return len(self.table)


def of(picture: Picture, probability: np.ndarray, rule: Rule | None = None) -> Cells:
    """Find, measure and judge the cells of one map of probabilities.

    Parameters
    ----------
    picture : Picture
    probability : numpy.ndarray
        ``(height, width)`` of its pixels.
    rule : Rule, optional
    """
    numbers = finding.find(probability, rule, picture.tissue)
    judged = None
    if picture.scorable:
        labels, left_out = picture.judged_by
        pixels = labels.size / numbers.size  # of the file, one of those that were seen
        smallest = (rule or Rule()).smallest * pixels
        judged = errors.judge(in_file(picture, numbers), labels, left_out, smallest)
    return Cells(numbers, measuring.measure(numbers, picture.nm, picture.tissue), judged)


def found(result: Segmentation, rule: Rule | None = None) -> dict[str, Cells]:
    """The cells of both networks: ``"ann"`` and ``"snn"``."""
    return {
        "ann": of(result.picture, result.ann, rule),
        "snn": of(result.picture, result.snn(), rule),
    }


def in_file(picture: Picture, numbers: np.ndarray) -> np.ndarray:
    """Numbers of cells in the pixels of the file: each takes that of the nearest one."""
    shape = picture.file_shape
    if shape is None:
        return numbers
    rows, columns = (
        np.minimum(((np.arange(new) + 0.5) * old / new).astype(int), old - 1)
        for new, old in zip(shape, numbers.shape, strict=True)
    )
    return numbers[np.ix_(rows, columns)]


def alike(cells: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each cell the one of the others in which more than half of it lies, else a new number.

    Parameters
    ----------
    cells, others : numpy.ndarray of int
        ``(height, width)``.

    Returns
    -------
    numpy.ndarray of int
        ``(largest cell + 1,)``, by number; 0 for 0.
    """
    owners = errors.owners(cells, others)
    own = np.arange(len(owners)) + int(others.max(initial=0))
    made = np.where(owners > 0, owners, own)
    made[0] = 0
    return made

"""How good boxes are: average precision, precision and recall, counts.

As COCO scores them: the boxes of all images, the best first, each take the box of the truth that
they overlap most of those not taken yet, if by enough. Average precision is the mean, at 101 values
of recall, of the best precision that is reached at that recall or beyond.

References
----------
Lin T.-Y. et al. (2014), arXiv:1405.0312; its evaluation is ``pycocotools``, which a test holds
these functions against.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.nets.detector.boxes import MOST, Detections, overlaps

RECALLS = np.linspace(0, 1, 101)
COUNTED = 0.5  # score from which on a box is counted, if nothing else was chosen
OVERLAPS = (0.5, 0.75)


@dataclass(frozen=True)
class Curve:
    """Precision and recall from the highest score down.

    Attributes
    ----------
    scores, precision, recall : numpy.ndarray
        float64 ``(detections,)``.
    things : int
        Boxes of the truth.
    """

    scores: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    things: int

    @property
    def average_precision(self) -> float:
        """0..1; NaN without a truth."""
        if not self.things:
            return float("nan")
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        at = np.searchsorted(self.recall, RECALLS, side="left")
        return float(np.append(best, 0.0)[at].mean())

    def at(self, score: float) -> tuple[float, float]:
        """Precision and recall of the boxes of at least that score; precision 1 of none."""
        many = int(np.searchsorted(-self.scores, -score, side="right"))
        if not many:
            return 1.0, 0.0
        return float(self.precision[many - 1]), float(self.recall[many - 1])


def matched(found: Detections, truth: np.ndarray, overlap: float) -> np.ndarray:
    """Which box of the truth each detection takes; -1 for none.

    Parameters
    ----------
    found : Detections
        The best first.
    truth : numpy.ndarray
        ``(m, 4)``.

    Returns
    -------
    numpy.ndarray
        int ``(n,)``.
    """
    taken = np.full(len(found), -1)
    if not len(truth) or not len(found):
        return taken
    shared = overlaps(found.boxes, np.asarray(truth, float))
    free = np.ones(len(truth), bool)
    for at, row in enumerate(shared):
        open_row = np.where(free, row, -1.0)
        best = int(open_row.argmax())
        if open_row[best] >= overlap:
            taken[at], free[best] = best, False
    return taken


def curve(found: Sequence[Detections], truth: Sequence[np.ndarray], overlap: float) -> Curve:
    """Precision and recall over images.

    Parameters
    ----------
    found : sequence of Detections
        By image.
    truth : sequence of numpy.ndarray
        ``(m, 4)``, by image.
    overlap : float
        Intersection over union from which on a box is the truth's.
    """
    right = [matched(one, boxes, overlap) >= 0 for one, boxes in zip(found, truth, strict=True)]
    scores = np.concatenate([np.empty(0), *(one.scores for one in found)])
    order = np.argsort(-scores, kind="stable")
    hits = np.concatenate([np.empty(0, bool), *right])[order].cumsum()
    things = sum(len(boxes) for boxes in truth)
    ranks = np.arange(1, len(scores) + 1)
    return Curve(scores[order], hits / ranks, hits / max(things, 1), things)


@dataclass(frozen=True)
class Scores:
    """How good boxes are.

    Attributes
    ----------
    average_precision_50, average_precision_75 : float
        At an overlap of 0.5 and of 0.75; NaN without a truth.
    precision, recall : float
        Of boxes of at least `score`; at an overlap of 0.5, if no other was asked for.
    count_error : float
        Mean of ``|found - there|`` over the images, at that score.
    score : float
    """

    average_precision_50: float
    average_precision_75: float
    precision: float
    recall: float
    count_error: float
    score: float


def scores(
    found: Sequence[Detections],
    truth: Sequence[np.ndarray],
    score: float = COUNTED,
    overlap: float = OVERLAPS[0],
) -> Scores:
    """Score boxes, image by image; parameters as of `curve`.

    Parameters
    ----------
    score : float
        From which on a box is counted; chosen elsewhere than on these images.
    overlap : float
        At which precision and recall are taken.
    """
    half, strict, asked = (curve(found, truth, one) for one in (*OVERLAPS, overlap))
    off = [abs(len(one.above(score)) - len(boxes)) for one, boxes in zip(found, truth, strict=True)]
    return Scores(
        half.average_precision,
        strict.average_precision,
        *asked.at(score),
        float(np.mean(off)) if off else 0.0,
        score,
    )


__all__ = ["COUNTED", "MOST", "Curve", "Scores", "curve", "matched", "scores"]

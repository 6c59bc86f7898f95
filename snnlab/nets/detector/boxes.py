"""What is left of many boxes: overlap, suppression, and detections.

Boxes are ``(x0, y0, x1, y1)`` in pixels.
"""

from dataclasses import dataclass

import numpy as np

SCORE = 0.05  # below which a box is none
MOST = 300  # boxes of an image that are left
CANDIDATES = 1000  # the best of which are looked at
OVERLAP = 0.5  # of two boxes, above which the one of the lower score goes


@dataclass(frozen=True)
class Detections:
    """Boxes of an image, the best first.

    Attributes
    ----------
    boxes : numpy.ndarray
        float64 ``(n, 4)``.
    scores : numpy.ndarray
        float64 ``(n,)``, 0..1.
    places : numpy.ndarray
        int, the anchor that each box comes from.
    """

    boxes: np.ndarray
    scores: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.scores)

    def above(self, score: float) -> "Detections":
        """Those of at least that score."""
        return self.at(self.scores >= score)

    def at(self, kept: np.ndarray) -> "Detections":
        """Some of them, by place or as bool."""
        return Detections(self.boxes[kept], self.scores[kept], self.places[kept])


def areas(boxes: np.ndarray) -> np.ndarray:
    """Of boxes ``(n, 4)``: ``(n,)``, 0 for one that is turned inside out."""
    return np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of each pair, ``(n, m)``."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    both = areas(first)[:, None] + areas(second)[None] - shared
    return np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)


def paired(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of each box with the one in its place, ``(..., 4)``: ``(...)``."""
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., 2:], second[..., 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=-1)
    sizes = [np.prod(np.maximum(one[..., 2:] - one[..., :2], 0), -1) for one in (first, second)]
    both = sizes[0] + sizes[1] - shared
    return np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)


def suppressed(boxes: np.ndarray, scores: np.ndarray, overlap: float = OVERLAP, most: int = MOST):
    """Greedy suppression: the best box stays, and takes those with it that overlap it.

    Returns
    -------
    numpy.ndarray
        int, places of those that stay, the best first; of equal scores the earlier one is better.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order) and len(kept) < most:
        best, order = order[0], order[1:]
        kept.append(int(best))
        order = order[overlaps(boxes[best : best + 1], boxes[order])[0] <= overlap]
    return np.array(kept, int)


def clipped(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Boxes without what lies outside of the image."""
    return np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype))


def candidates(
    boxes: np.ndarray, scores: np.ndarray, height: int, width: int, least: float = SCORE
) -> Detections:
    """What of the boxes of all anchors is looked at: sure enough, and inside of the image.

    Parameters
    ----------
    boxes : numpy.ndarray
        ``(anchors, 4)``.
    scores : numpy.ndarray
        ``(anchors,)``.
    height, width : int
        Of the image, at which boxes end.
    least : float
        Score that a detection has at least.
    """
    places = np.flatnonzero(scores >= least)
    places = places[np.argsort(-scores[places], kind="stable")][:CANDIDATES]
    cut = clipped(boxes[places].astype(np.float64), height, width)
    places, cut = places[areas(cut) > 0], cut[areas(cut) > 0]
    return Detections(cut, scores[places].astype(np.float64), places)


def chosen(
    boxes: np.ndarray,
    scores: np.ndarray,
    height: int,
    width: int,
    least: float = SCORE,
    overlap: float = OVERLAP,
) -> Detections:
    """Detections from the boxes and scores of all anchors: `candidates`, of which the best stay."""
    found = candidates(boxes, scores, height, width, least)
    return found.at(suppressed(found.boxes, found.scores, overlap))

"""Two maps of classes held against each other, and the things of a class as boxes.

Of a class, Dice is ``2 both / (one + other)`` and IoU ``both / (one + other - both)``, in pixels.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.data.instances import boxes_of
from snnlab.nets.detector.boxes import Detections


@dataclass(frozen=True)
class Overlap:
    """How far two masks are the same; NaN where neither has a pixel.

    Attributes
    ----------
    dice, iou : float
        0..1.
    """

    dice: float
    iou: float


def overlap(one: np.ndarray, other: np.ndarray, left_out: np.ndarray | None = None) -> Overlap:
    """Hold two masks against each other.

    Parameters
    ----------
    one, other : numpy.ndarray
        bool ``(height, width)``.
    left_out : numpy.ndarray or None
        bool, same shape, True where nothing counts.
    """
    if left_out is not None:
        one, other = one & ~left_out, other & ~left_out
    both = int(np.count_nonzero(one & other))
    total = int(np.count_nonzero(one) + np.count_nonzero(other))
    if not total:
        return Overlap(float("nan"), float("nan"))
    return Overlap(2 * both / total, both / (total - both))


def by_class(
    one: np.ndarray, other: np.ndarray, count: int, left_out: np.ndarray | None = None
) -> tuple[Overlap, ...]:
    """As `overlap`, of each class of two maps of whole numbers from 0 on."""
    return tuple(overlap(one == kind, other == kind, left_out) for kind in range(count))


def boxed(things: np.ndarray, probability: np.ndarray) -> Detections:
    """Boxes around things, each as sure as its pixels are on average, the surest first.

    Parameters
    ----------
    things : numpy.ndarray
        Whole numbers ``(height, width)``, 0 is none; `snnlab.data.instances.components` makes them.
    probability : numpy.ndarray
        Same shape, of being such a thing.
    """
    boxes, numbers, sizes = boxes_of(things)
    total = np.bincount(things.ravel(), probability.ravel().astype(float))
    scores = total[numbers] / sizes if len(numbers) else np.zeros(0)
    order = np.argsort(-scores, kind="stable")
    return Detections(boxes[order].astype(float), scores[order], numbers[order])

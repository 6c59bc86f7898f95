"""What the ANN makes of a section: boxes. Large sections are looked at in parts.

Parts overlap by more than the largest anchor, and each keeps the boxes whose middle lies in its own
share of the section, so that nothing is counted twice or cut in two.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from snnlab.errors import Cancelled
from snnlab.nets.detector.boxes import OVERLAP as SAME
from snnlab.nets.detector.boxes import Detections, suppressed
from snnlab.nets.detector.graph import all_anchors, read_all
from snnlab.nets.detector.model import Detector
from snnlab.nets.detector.plan import MULTIPLE
from snnlab.nets.graph.forward import forward

WHOLE = 1 << 20  # pixels up to which a section is looked at as a whole
SIDE, OVERLAP = 1024, 256  # of parts, pixels


@dataclass(frozen=True)
class Part:
    """A part of a section.

    Attributes
    ----------
    rows, columns : slice
        What is looked at.
    own : tuple of int
        ``(x0, y0, x1, y1)``: boxes with their middle here are this part's.
    """

    rows: slice
    columns: slice
    own: tuple[int, int, int, int]


def parts(height: int, width: int) -> list[Part]:
    """Parts of a section; one, if it is not large."""
    if height * width <= WHOLE:
        return [Part(slice(0, height), slice(0, width), (0, 0, width, height))]
    return [
        Part(slice(*rows), slice(*columns), (left, top, right, bottom))
        for rows, (top, bottom) in _along(height)
        for columns, (left, right) in _along(width)
    ]


def _along(size: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Along one side: what is looked at, and what is a part's own."""
    many = max(1, -(-(size - OVERLAP) // (SIDE - OVERLAP)))
    starts = [round(at * max(size - SIDE, 0) / max(many - 1, 1)) for at in range(many)]
    ends = [min(start + SIDE, size) for start in starts]
    cuts = [0, *((a + b) // 2 for a, b in zip(starts[1:], ends[:-1], strict=True)), size]
    return list(
        zip(zip(starts, ends, strict=True), zip(cuts[:-1], cuts[1:], strict=True), strict=True)
    )


def padded(image: np.ndarray) -> np.ndarray:
    """An image whose sides are multiples of the net's: its last rows and columns repeated."""
    more = [(0, -size % MULTIPLE) for size in image.shape]
    return np.pad(image, more, mode="edge")


def kept(found: Detections, part: Part) -> np.ndarray:
    """Places of the boxes of a part that are its own."""
    left, top, right, bottom = part.own
    x = (found.boxes[:, 0] + found.boxes[:, 2]) / 2 + part.columns.start
    y = (found.boxes[:, 1] + found.boxes[:, 3]) / 2 + part.rows.start
    return np.flatnonzero((x >= left) & (x < right) & (y >= top) & (y < bottom))


def joined(
    found: list[tuple[Part, Detections]], overlap: float = SAME
) -> tuple[Detections, np.ndarray, np.ndarray]:
    """The boxes of all parts, in pixels of the section.

    Returns
    -------
    detections : Detections
        The best first.
    part, place : numpy.ndarray
        int ``(n,)``: from which part each comes, and its place there.
    """
    own = [kept(one, part) for part, one in found]
    boxes = np.concatenate(
        [
            one.boxes[places] + [part.columns.start, part.rows.start] * 2
            for (part, one), places in zip(found, own, strict=True)
        ]
    )
    scores = np.concatenate([one.scores[at] for (_, one), at in zip(found, own, strict=True)])
    places = np.concatenate([one.places[at] for (_, one), at in zip(found, own, strict=True)])
    number = np.repeat(np.arange(len(own)), [len(at) for at in own])
    order = suppressed(boxes, scores, overlap, most=len(scores))
    return (
        Detections(boxes[order], scores[order], places[order]),
        number[order],
        np.concatenate(own)[order],
    )


def settled(
    found: list[tuple[Part, Detections]], overlap: float = SAME
) -> tuple[Detections, np.ndarray, np.ndarray]:
    """What suppression leaves of the candidates of all parts; returns as `joined`."""
    left = [suppressed(one.boxes, one.scores, overlap) for _, one in found]
    if len(found) == 1:
        return found[0][1].at(left[0]), np.zeros(len(left[0]), int), left[0]
    few = [(part, one.at(at)) for (part, one), at in zip(found, left, strict=True)]
    boxes, number, place = joined(few, overlap)
    place = np.array([left[n][p] for n, p in zip(number, place, strict=True)], int)
    return boxes, number, place


@dataclass(frozen=True)
class Seen:
    """What the ANN makes of a part.

    Attributes
    ----------
    part : Part
    found : Detections
        Before suppression, in pixels of the part.
    kept : dict of str to numpy.ndarray
        Values ``(rows, columns, channels)`` of the nodes that were asked for.
    """

    part: Part
    found: Detections
    kept: dict[str, np.ndarray]


def looked(
    detector: Detector,
    image: np.ndarray,
    rounded: bool = True,
    cancel: Callable[[], bool] | None = None,
    keep: Collection[str] = (),
) -> list[Seen]:
    """As `detect`, before suppression, part by part.

    Parameters
    ----------
    keep : collection of str
        Nodes of the graph whose values are wanted.

    Raises
    ------
    Cancelled
    """
    found = []
    for part in parts(*image.shape):
        if cancel and cancel():
            raise Cancelled
        window = image[part.rows, part.columns]
        shown, values, held = padded(window), None, {}
        for name, values in forward(detector.graph(*shown.shape, rounded), shown[None, ..., None]):
            if name in keep:
                held[name] = values[0]
        at = all_anchors(*shown.shape)
        found.append(Seen(part, read_all(values[0], at, *window.shape), held))
    return found


def detect(
    detector: Detector,
    image: np.ndarray,
    rounded: bool = True,
    cancel: Callable[[], bool] | None = None,
) -> Detections:
    """Boxes that the ANN finds.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width)``, normalised, with pixels as wide as those that it learned from.
    rounded : bool
        With its 8 bits.
    cancel : callable, optional
        Returns True to stop.

    Raises
    ------
    Cancelled
    """
    found = looked(detector, image, rounded, cancel)
    return settled([(one.part, one.found) for one in found])[0]

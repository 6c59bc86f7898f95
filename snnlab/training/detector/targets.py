"""What each anchor should answer: which box is its own, if any.

Anchors that overlap a box by half or more are its own, and the one that overlaps it most, whatever
that is; those below 0.4 have nothing; in between nothing is asked of them.
"""

import numpy as np

from snnlab.nets.detector.anchors import encoded
from snnlab.nets.detector.boxes import overlaps

OWN, NOTHING = 0.5, 0.4
LEAST = 0.1  # overlap of a box's best anchor, below which no anchor is its own
THING, EMPTY, UNASKED = 1, 0, -1


def targets(
    boxes: np.ndarray, unsure: np.ndarray, anchors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Targets of all anchors.

    Parameters
    ----------
    boxes : numpy.ndarray
        ``(n, 4)``.
    unsure : numpy.ndarray
        ``(m, 4)``; of anchors there nothing is asked, unless they are a box's own.
    anchors : numpy.ndarray
        ``(anchors, 4)``.

    Returns
    -------
    kinds : numpy.ndarray
        int8 ``(anchors,)``: `THING`, `EMPTY` or `UNASKED`.
    offsets : numpy.ndarray
        float32 ``(anchors, 4)``; 0 where there is no thing.
    """
    kinds = np.full(len(anchors), EMPTY, np.int8)
    offsets = np.zeros((len(anchors), 4), np.float32)
    if len(unsure):
        kinds[overlaps(anchors, unsure).max(1) >= NOTHING] = UNASKED
    if not len(boxes):
        return kinds, offsets
    shared = overlaps(anchors, boxes)
    whose, much = shared.argmax(1), shared.max(1)
    kinds[(much >= NOTHING) & (much < OWN)] = UNASKED
    own = much >= OWN
    for box, best in enumerate(shared.argmax(0)):
        if shared[best, box] >= LEAST and not (own[best] and much[best] > shared[best, box]):
            own[best], whose[best] = True, box
    kinds[own] = THING
    offsets[own] = encoded(boxes[whose[own]], anchors[own])
    return kinds, offsets

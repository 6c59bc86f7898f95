"""Scores of one section or of several together: one threshold for all of them.

`snnlab.results.metrics` computes them and says what they mean.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from snnlab.errors import LabError

CURVES = ("v_rand", "v_info")  # what is known at every threshold: attributes of `Marks`


@dataclass(frozen=True)
class Scores:
    """Scores of one section, or of several together; all 0..1, larger is better.

    Attributes
    ----------
    pixel_accuracy : float
        Share of pixels whose class (cell or membrane) is right.
    dice, iou : float
        Of the **cell** class (not averaged with the membrane's):
        ``2 |A and B| / (|A| + |B|)`` and ``|A and B| / |A or B|``.
    v_rand, v_info : float
        The largest over the thresholds, each for itself; of several sections, their mean
        at the one threshold where that is largest.
    v_rand_at_threshold, v_info_at_threshold : float
        At the threshold in use, as are the pixel scores.
    best_threshold : float
        Where V_Rand is largest; the lowest one of several.
    pixel_accuracy_at_half, v_rand_at_half : float
        At the threshold 0.5, whatever is in use.
    """

    pixel_accuracy: float
    dice: float
    iou: float
    v_rand: float
    v_info: float
    v_rand_at_threshold: float
    v_info_at_threshold: float
    best_threshold: float
    pixel_accuracy_at_half: float
    v_rand_at_half: float

    def as_dict(self) -> dict[str, float]:
        """The scores by name, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Marks:
    """What one section has at every threshold: what `together` needs of it.

    Attributes
    ----------
    pixel_accuracy, dice, iou : float
        At the threshold in use.
    here : tuple of float
        V_Rand and V_Info there.
    half : tuple of float
        Pixel accuracy and V_Rand at 0.5.
    thresholds : tuple of float
        Tried, in rising order.
    v_rand, v_info : tuple of float
        At each of them.
    """

    pixel_accuracy: float
    dice: float
    iou: float
    here: tuple[float, float]
    half: tuple[float, float]
    thresholds: tuple[float, ...]
    v_rand: tuple[float, ...]
    v_info: tuple[float, ...]


def together(sections: Sequence[Marks]) -> Scores:
    """Score several sections as the challenge does: all at the same threshold.

    Every score is the mean over the sections; V_Rand and V_Info are averaged at each
    threshold first, and the largest mean is taken then. (The mean of each section's own
    best is larger, and no one threshold reaches it.)

    Parameters
    ----------
    sections : sequence of Marks
        One or more, with the same thresholds.

    Raises
    ------
    LabError
        If there is none.
    ValueError
        If their thresholds differ.
    """
    if not sections:
        raise LabError("There is no section to score; name one.")
    tried = sections[0].thresholds
    if any(one.thresholds != tried for one in sections):
        raise ValueError("sections scored at different thresholds have no score together")

    def mean(values) -> float:
        return float(np.mean(list(values)))

    rand, info = (np.mean([getattr(one, name) for one in sections], axis=0) for name in CURVES)
    return Scores(
        pixel_accuracy=mean(one.pixel_accuracy for one in sections),
        dice=mean(one.dice for one in sections),
        iou=mean(one.iou for one in sections),
        v_rand=float(rand.max()),
        v_info=float(info.max()),
        v_rand_at_threshold=mean(one.here[0] for one in sections),
        v_info_at_threshold=mean(one.here[1] for one in sections),
        best_threshold=float(tried[int(np.argmax(rand))]),
        pixel_accuracy_at_half=mean(one.half[0] for one in sections),
        v_rand_at_half=mean(one.half[1] for one in sections),
    )

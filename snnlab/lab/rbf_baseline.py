"""An RBF network beside the run on screen: trained on the upper part, all judged on the lower.

A picture with labels is enough: what lies above the middle is trained on, what lies below is
judged, for the RBF network and for ANN and SNN alike. A strip between the two is left out, as
neighbouring pixels resemble each other.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.lab import rbf as lab
from snnlab.nets.rbf import Rbf
from snnlab.results import judging, metrics
from snnlab.results.scores import Scores
from snnlab.results.segmentation import Segmentation

GAP = 16  # pixels of the strip: about the width of two membranes
LEAST = 96  # rows of a picture, below which neither part is worth anything


@dataclass(frozen=True)
class Baseline:
    """What came of it.

    Attributes
    ----------
    model : Rbf
    probability : numpy.ndarray
        Of cell by the RBF network, float32, the whole picture.
    first : int
        First row that is judged.
    seconds : float
        Of training.
    scores : dict of str to Scores
        ``"rbf"``, ``"ann"``, ``"snn"``, of the lower part.
    """

    model: Rbf
    probability: np.ndarray
    first: int
    seconds: float
    scores: dict[str, Scores]


def beside(result: Segmentation, progress=None, cancel=None) -> Baseline:
    """Train on the upper part of a run's picture, and judge all three on the lower.

    Parameters
    ----------
    progress : callable, optional
        ``progress(fraction, stage)``.

    Raises
    ------
    LabError
        If there are no labels, or one of the parts lacks them.
    Cancelled
    """
    tell = progress or (lambda fraction, stage: None)
    picture = result.picture
    height, width = result.image.shape
    first = height // 2 + GAP
    lower = (slice(first, height), slice(0, width))
    below = picture.cut(lower)
    if picture.labels is None or below.labels is None or height < LEAST:
        raise LabError("both halves of the section need labels, on 96 rows or more in total.")
    ((image, labels),) = lab.sections_of([picture])
    seen = labels.astype(np.int8)
    seen[height // 2 :] = -1
    model = lab.train(
        [(image, seen)], "baseline", None, lambda share, stage: tell(0.7 * share, stage), cancel
    )
    tell(0.7, "RBF network")
    said = lab.segment(lab.bare(picture), model, 0.5, cancel=cancel).probability
    tell(0.9, "scores")
    own = result.settings
    shown = {
        "rbf": (said, 0.5),
        "ann": (result.ann, own.ann_at),
        "snn": (result.snn(), own.threshold),
    }
    scores = {
        name: metrics.together([judging.marks(below, values[lower], at, cancel)])
        for name, (values, at) in shown.items()
    }
    return Baseline(model, said, first, 60 * model.card["minutes"], scores)

"""The lab's front door to RBF networks: train one on labelled pixels, segment a picture with one.

It has no spikes, so what it gives is less than a `Segmentation`: a probability and scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from snnlab.images.labels import Labels
from snnlab.images.pictures import Picture
from snnlab.nets import rbf, rbf_files
from snnlab.nets.rbf import Rbf
from snnlab.results import judging, metrics
from snnlab.results.metrics import Scores

PREFIX = "rbf:"  # of a file's name, where a model is to be named
ENDING = ".rbf.npz"  # not a name of a U-Net's file, so that it may lie in the same folder
LIMITS = (
    "It sees at most 160 pixels far and has no notion of shape; it knows only the tissue and"
    " contrast that it was trained on."
)


@dataclass(frozen=True)
class ByPixels:
    """A picture segmented pixel by pixel.

    Attributes
    ----------
    picture : Picture
    probability : numpy.ndarray
        Of cell, float32 ``(height, width)``.
    threshold : float
        Cell above this.
    seconds : float
    scores : Scores or None
        None without labels.
    """

    picture: Picture
    probability: np.ndarray
    threshold: float
    seconds: float
    scores: Scores | None


def named(model: str) -> bool:
    """Whether a model's name is that of an RBF network's file."""
    return model.startswith(PREFIX)


def load(model: str) -> Rbf:
    """The network of ``rbf:FILE``.

    Raises
    ------
    LabError
    """
    return rbf_files.load(Path(model.removeprefix(PREFIX)))


def threshold_of(model: Rbf) -> float:
    """Cell probability above which a pixel is shown as cell; one half, if its card names none."""
    return float(model.card.get("settings", {}).get("threshold", 0.5))


def segment(
    picture: Picture, model: Rbf, threshold: float | None = None, progress=None, cancel=None
) -> ByPixels:
    """Segment and, where there are labels, score.

    Parameters
    ----------
    threshold : float, optional
        In place of the network's own.
    progress : callable, optional
        ``progress(fraction, stage)``.

    Raises
    ------
    Cancelled
    """
    tell = progress or (lambda fraction, stage: None)
    at = threshold_of(model) if threshold is None else threshold
    tell(0.0, "RBF network")
    found = rbf.segment(
        model, picture.normalised, lambda share: tell(0.9 * share, "RBF network"), cancel
    )
    scores = None
    if picture.labels is not None:
        tell(0.9, "scores")
        scores = metrics.together([judging.marks(picture, found.probability, at, cancel)])
    tell(1.0, "done")
    return ByPixels(picture, found.probability, at, found.seconds, scores)


def bare(picture: Picture) -> Picture:
    """The picture without its labels: what is segmented so is not scored."""
    return replace(picture, labels=None, ignored=None)


def sections_of(pictures: Sequence[Picture]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Images and labels of labelled pictures as they are trained on; -1 where nothing counts."""
    return [
        (one.normalised, Labels(one.labels, one.uncounted).coded)
        for one in pictures
        if one.labels is not None
    ]


def train(sections, name: str, recipe=None, progress=None, cancel=None, heard=None) -> Rbf:
    """Train one; see `snnlab.training.rbf.making.make`."""
    from snnlab.training.rbf import making

    return making.make(sections, name, recipe, progress, cancel, heard)


def carded(model: Rbf, **entries) -> Rbf:
    """The same network with entries added to its card."""
    return replace(model, card=model.card | entries)


def scored(model: Rbf, images: np.ndarray, labels: np.ndarray, cancel=None) -> Scores:
    """Scores of several sections together, at the network's own threshold.

    Parameters
    ----------
    images, labels : numpy.ndarray
        ``(n, height, width)``, normalised; 1 = cell, below 0 does not count.
    """
    from snnlab.results import counted

    marks = []
    for image, truth in zip(images, labels, strict=True):
        cells, left_out = counted.split(truth)
        said = rbf.segment(model, image, cancel=cancel).probability
        marks.append(
            metrics.marks(said, cells, threshold_of(model), ignore=left_out, cancel=cancel)
        )
    return metrics.together(marks)

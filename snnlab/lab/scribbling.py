"""Learning from scribbles: an RBF network trained on most strokes, judged on those held back.

Strokes are held back whole, since the pixels of one stroke resemble each other. What is on
screen, ANN and SNN, is judged on the same pixels: that is the error before.
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from snnlab.errors import LabError
from snnlab.images import scribbles
from snnlab.images.scribbles import Strokes
from snnlab.lab import rbf as lab
from snnlab.nets import rbf
from snnlab.nets.rbf import Rbf
from snnlab.results.segmentation import Segmentation
from snnlab.training.rbf.making import Recipe

QUICK = Recipe(units=150, steps=1000, rounds=1)  # scribbles are few, and somebody waits


@dataclass(frozen=True)
class Learned:
    """What came of it.

    Attributes
    ----------
    model : Rbf
    probability : numpy.ndarray
        Of cell by the RBF network, float32 ``(height, width)``.
    strokes, held : int
        How many there are, and how many of them were held back.
    pixels : int
        Held back.
    errors : dict of str to float
        Share of those that is wrong, the mean over both classes: ``"rbf"``, ``"ann"``, ``"snn"``.
    seconds : float
        Of all of it.
    """

    model: Rbf
    probability: np.ndarray
    strokes: int
    held: int
    pixels: int
    errors: dict[str, float]
    seconds: float


def learn(result: Segmentation, strokes: Strokes, progress=None, cancel=None) -> Learned:
    """Train on what was painted over a run's picture.

    Parameters
    ----------
    result : Segmentation
    strokes : tuple of Stroke
        Of its section.
    progress : callable, optional
        ``progress(fraction, stage)``.

    Raises
    ------
    LabError
        If too little was painted.
    Cancelled
    """
    tell, begun = progress or (lambda fraction, stage: None), perf_counter()
    picture = result.picture
    scale = scribbles.scale_of(picture)
    coded = scribbles.labels(strokes, picture.pixels.shape, scale)
    if picture.beside is not None:
        coded = np.where(picture.beside, np.int8(scribbles.UNLABELLED), coded)
    owners = scribbles.owners(strokes, picture.pixels.shape, scale)
    held = scribbles.split(strokes)
    back = np.isin(owners, sorted(held)) & (coded != scribbles.UNLABELLED)
    judged = np.where(back, coded, np.int8(scribbles.UNLABELLED))
    if not scribbles.both(judged):
        raise LabError(
            "paint two strokes of membrane and two of cell at least: one of each is held back to"
            " judge by."
        )
    seen = np.where(back, np.int8(scribbles.UNLABELLED), coded)
    model = lab.train(
        [(picture.normalised, seen)], "scribbles", QUICK,
        lambda share, stage: tell(0.8 * share, stage), cancel,
    )  # fmt: skip
    tell(0.8, "RBF network")
    said = rbf.segment(
        model, picture.normalised, lambda share: tell(0.8 + 0.2 * share, "RBF network"), cancel
    ).probability
    own = result.settings
    shown = {"rbf": (said, 0.5), "ann": (result.ann, own.ann_at),
             "snn": (result.snn(), own.threshold)}  # fmt: skip
    errors = {name: wrong(values >= at, judged) for name, (values, at) in shown.items()}
    tell(1.0, "done")
    return Learned(
        model, said, len(strokes), len(held), int(back.sum()), errors, perf_counter() - begun
    )


def wrong(cells: np.ndarray, judged: np.ndarray) -> float:
    """Share of labelled pixels that are wrong, the mean over membrane and cell.

    Parameters
    ----------
    cells : numpy.ndarray
        bool ``(height, width)``.
    judged : numpy.ndarray
        int8, as `snnlab.images.scribbles.labels`; both classes are there.
    """
    membrane, cell = judged == scribbles.MEMBRANE, judged == scribbles.CELL
    return float((cells[membrane].mean() + (~cells[cell]).mean()) / 2)

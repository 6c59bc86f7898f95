"""Learning from scribbles, in seconds: from most strokes, judged on those held back.

Two networks learn: the U-Net on screen gets a new readout of all its layers, and an RBF network,
which knows nothing but these scribbles, is made.

Strokes are held back whole, since the pixels of one stroke resemble each other. What is on
screen, ANN and SNN, is judged on the same pixels: that is the error before.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np

from snnlab.errors import LabError
from snnlab.images import scribbles
from snnlab.images.scribbles import Strokes
from snnlab.lab import rbf as lab
from snnlab.lab import segmenting
from snnlab.nets import rbf
from snnlab.nets.rbf import Rbf
from snnlab.results.segmentation import Segmentation
from snnlab.training import columns
from snnlab.training.rbf.making import Recipe

QUICK = Recipe(units=150, steps=1000, rounds=1)  # scribbles are few, and somebody waits


@dataclass(frozen=True)
class Learned:
    """What came of it.

    Attributes
    ----------
    model : Rbf
    maps : dict of str to numpy.ndarray
        Probability of cell, float32 ``(height, width)``: by the U-Net with a new readout,
        ``"unet"``, and by the RBF network, ``"rbf"``.
    strokes, held : int
        How many there are, and how many of them were held back.
    pixels : int
        Held back.
    errors : dict of str to float
        Share of those that is wrong, the mean over both classes: ``"ann"`` and ``"snn"`` as they
        are, ``"unet"`` and ``"rbf"`` at 0.5.
    seconds : float
        Of all of it.
    judged : numpy.ndarray
        What was held back: int8 ``(height, width)``, as `snnlab.images.scribbles.labels`.
    """

    model: Rbf
    maps: dict[str, np.ndarray]
    strokes: int
    held: int
    pixels: int
    errors: dict[str, float]
    seconds: float
    judged: np.ndarray

    @property
    def best(self) -> str:
        """Which of the two is less often wrong on what was held back."""
        return min(self.maps, key=self.errors.get)

    @property
    def on_screen(self) -> str:
        """Which of ANN and SNN, as they are, is less often wrong on what was held back."""
        return min(("ann", "snn"), key=self.errors.get)

    @property
    def better(self) -> bool:
        """Whether one of the two is less often wrong there than what is on screen."""
        return self.errors[self.best] < self.errors[self.on_screen]

    @cached_property
    def names(self) -> dict[str, str]:
        """Tell what was learned from what was learned at another time."""
        return {
            kind: hashlib.sha256(values.tobytes()).hexdigest()[:16]
            for kind, values in self.maps.items()
        }

    def wrong(self, kind: str, at: float) -> float:
        """The error of one of the two at another threshold."""
        return wrong(self.maps[kind] >= at, self.judged)


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
    stage = "a new readout of the U-Net"
    tell(0.0, stage)
    unet = segmenting.model(result.settings.model)
    readout = columns.learned(
        unet, picture.normalised, seen, owners, lambda share: tell(0.25 * share, stage), cancel
    )
    maps = {
        "unet": readout.segment(
            picture.normalised, lambda share: tell(0.25 + 0.25 * share, stage), cancel
        )
    }
    model = lab.train(
        [(picture.normalised, seen)], "scribbles", QUICK,
        lambda share, stage: tell(0.5 + 0.3 * share, stage), cancel,
    )  # fmt: skip
    tell(0.8, "RBF network")
    maps["rbf"] = rbf.segment(
        model, picture.normalised, lambda share: tell(0.8 + 0.2 * share, "RBF network"), cancel
    ).probability
    own = result.settings
    shown = {name: (values, 0.5) for name, values in maps.items()}
    shown |= {"ann": (result.ann, own.ann_at), "snn": (result.snn(), own.threshold)}
    errors = {name: wrong(values >= at, judged) for name, (values, at) in shown.items()}
    tell(1.0, "done")
    return Learned(
        model,
        maps,
        len(strokes),
        len(held),
        int(back.sum()),
        errors,
        perf_counter() - begun,
        judged,
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

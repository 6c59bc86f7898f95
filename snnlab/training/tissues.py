"""Sections of several tissues to train one net on, and to choose its checkpoints by.

Each set has a share of what is drawn, whatever its size, and a validation block of its own; a
checkpoint is worth the mean over the blocks. Windows vary in pixel size and look
(`snnlab.training.varying`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from snnlab.data import classes, epfl, isbi
from snnlab.data.drawn import CROP, Data
from snnlab.errors import LabError
from snnlab.images.contrast import normalise
from snnlab.images.resampling import MODEL_NM
from snnlab.training import varying

WINDOW = 512  # side of what is validated on: as the models' own sections
NEAR = varying.Variation(finest=3.4, coarsest=5.0)  # about the models' own pixel size
SHARES = {"isbi": 0.4, "epfl": 0.4, "synthetic": 0.2}  # of the crops


@dataclass(frozen=True)
class Tissue:
    """A set of labelled sections.

    Attributes
    ----------
    pool : sequence of (numpy.ndarray, numpy.ndarray)
        To train on: normalised image, and bool labels (True = cell), or classes.
    images, labels : numpy.ndarray
        To choose by, ``(n, 512, 512)``.
    nm : float
        Width of a pixel.
    share : float
        Of what is drawn.
    name : str
        For the card.
    """

    pool: Sequence[tuple[np.ndarray, np.ndarray]] = field(repr=False)
    images: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    nm: float
    share: float
    name: str


def mixed(tissues: Sequence[Tissue]) -> Data:
    """Sections of several tissues as one training takes them."""
    shares = np.array([tissue.share for tissue in tissues])

    def sized(side, near=0.0):
        def draw(random):
            tissue = tissues[random.choice(len(tissues), p=shares / shares.sum())]
            image, labels = tissue.pool[random.integers(len(tissue.pool))]
            how = NEAR if near and random.random() < near else None
            return varying.window(image, labels, tissue.nm, round(varying.ROOM * side), random, how)

        return draw

    return Data(
        sized(CROP),
        np.concatenate([tissue.images for tissue in tissues]),
        np.concatenate([tissue.labels for tissue in tissues]),
        "; ".join(tissue.name for tissue in tissues),
        tuple(len(tissue.images) for tissue in tissues),
        sized,
    )


def windows(image: np.ndarray, labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """As many windows of 512 x 512 as lie side by side, in the middle of a section."""
    counts = [length // WINDOW for length in image.shape]
    first = [
        (length - count * WINDOW) // 2 for length, count in zip(image.shape, counts, strict=True)
    ]
    if not all(counts):
        raise LabError(f"sections to choose by must be at least {WINDOW} x {WINDOW} pixels.")
    cuts = [
        np.s_[top : top + WINDOW, left : left + WINDOW]
        for top in range(first[0], first[0] + counts[0] * WINDOW, WINDOW)
        for left in range(first[1], first[1] + counts[1] * WINDOW, WINDOW)
    ]
    return [(image[cut], labels[cut]) for cut in cuts]


def hippocampus(folder: str | None, data: str | None = None, by_class: bool = False) -> Tissue:
    """The EPFL slices; chosen by two windows of each slice of that block.

    Parameters
    ----------
    by_class : bool
        Whether labels are classes (`snnlab.data.classes`).

    Raises
    ------
    LabError
        If there is no folder.
    """
    volume = slices(folder, data)
    pool = [labelled(volume, number, by_class) for number in volume.of(epfl.TRAINING)]
    name = f"EPFL slices up to {epfl.TRAINING[-1]}"
    return Tissue(pool, *chosen_by(volume, by_class), epfl.NM, SHARES["epfl"], name)


def chosen_by(volume: epfl.Epfl, by_class: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Windows and labels of the slices to choose by, ``(n, 512, 512)`` each."""
    return cut_up(volume, volume.of(epfl.CHOICE), by_class)


def cut_up(
    volume: epfl.Epfl, numbers: Sequence[int], by_class: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Windows and labels of some slices, ``(n, 512, 512)`` each."""
    cut = [part for number in numbers for part in windows(*labelled(volume, number, by_class))]
    return tuple(map(np.stack, zip(*cut, strict=True)))


def slices(folder: str | None, data: str | None = None) -> epfl.Epfl:
    """The EPFL slices of a folder.

    Raises
    ------
    LabError
        If there is none.
    """
    found = epfl.find(folder, data)
    if found is None:
        raise LabError("no EPFL folder is named; give it with --epfl or in SNNLAB_EPFL.")
    return epfl.volume(found)


def labelled(
    volume: epfl.Epfl, number: int, by_class: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """A slice, normalised, and its cells, or its classes."""
    image, cells = normalise(volume.image(number).pixels), volume.labels(number)
    return image, classes.labelled(cells, volume.mitochondria(number)) if by_class else cells


def larva(real: Callable, by_class: bool = False) -> Tissue:
    """The ISBI sections; ``real(sections)`` gives images and labels of a block.

    As classes their mitochondria are not labelled, so they are drawn half as often.
    """
    parts = [real(block) for block in (isbi.TRAINING, isbi.CHOICE)]
    share = SHARES["isbi"]
    if by_class:
        parts = [(images, classes.labelled(cells, None)) for images, cells in parts]
        share /= 2
    (shown, choice), name = parts, isbi.named(isbi.TRAINING)
    return Tissue(list(zip(*shown, strict=True)), *choice, isbi.NM, share, name)


def drawn(pool: Sequence, held_out: tuple[np.ndarray, np.ndarray], name: str) -> Tissue:
    """Synthetic sections."""
    return Tissue(pool, *held_out, MODEL_NM, SHARES["synthetic"], name)

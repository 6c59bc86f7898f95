"""A visitor's own labelled sections, made ready to train on.

Pairs of an image and its labels, single files or stacks of as many sections,
become what `snnlab.training.fitting` wants. A part is held out for validation as
one contiguous block, since neighbours resemble each other: the last sections
of a stack, or the lowest rows where there are few sections. What is wrong is
refused in one sentence; what is only doubtful is said in notes.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from snnlab.data import doubts
from snnlab.data import seen as known
from snnlab.data.doubts import GAP, LITTLE, counted
from snnlab.data.drawn import Data
from snnlab.errors import LabError
from snnlab.images import reading as images
from snnlab.images import resampling
from snnlab.images.choice import Choice
from snnlab.images.contrast import mirrored, normalise
from snnlab.images.labels import Labels
from snnlab.images.limits import shown
from snnlab.images.pixel_size import Size
from snnlab.images.stack import Stack

MULTIPLE = 16  # of the sides of what is validated on
FEW_SECTIONS = 5  # below that, rows are held out and not sections
SHARE = 0.2  # held out
SMALLEST_CROP = 64  # pixels a side
LEAST = 128 * 128  # pixels to train on, below which nothing can be learnt
MOST = 512 * 1024 * 1024  # pixels: 2 GiB of float32
WINDOW = 512  # side of what is validated on and finished with, pixels
VALIDATED = 6  # windows that each validation during training takes
SCORED = 24  # windows that the finished model is scored on
FINISHED = 12  # windows of training data on which readout and rates are set
BOTH = 0.01  # share that each class has of a window, where there are such windows


@dataclass(frozen=True)
class File:
    """A file as a browser or a folder hands it over.

    Attributes
    ----------
    data : bytes or path
    name : str
    """

    data: bytes | os.PathLike
    name: str


@dataclass(frozen=True)
class OwnData:
    """Labelled sections and their split.

    Attributes
    ----------
    train : tuple of (numpy.ndarray, numpy.ndarray)
        float32 image ``(h, w)``, normalised, and bool labels, True = cell, or int8 labels
        with -1 where nothing counts. Sizes may differ.
    validation : tuple of (numpy.ndarray, numpy.ndarray)
        The same, of one size with sides that are multiples of `MULTIPLE`.
    split : str
        What is held out, in words.
    notes : tuple of str
        What is doubtful, a sentence each.
    held : {"sections", "rows"}
        What the split holds out: whole sections, or rows of each.
    nm : float
        Width of the pixels, as far as all files say it or all were resampled; 0: not known.
    seen : tuple of snnlab.data.seen.Section
        Which sections of which pictures are trained on, and how much of each.
    """

    train: tuple[tuple[np.ndarray, np.ndarray], ...]
    validation: tuple[tuple[np.ndarray, np.ndarray], ...]
    split: str
    notes: tuple[str, ...]
    held: str = "sections"
    nm: float = 0.0
    seen: tuple[known.Section, ...] = ()

    @property
    def little(self) -> bool:
        """Whether a net from scratch would learn these sections by heart."""
        return self.pixels < LITTLE

    @property
    def pixels(self) -> int:
        """Trained on: what counts of them."""
        return sum(counted(labels) for _, labels in self.train)

    @property
    def side(self) -> int:
        """Of the largest crops that the smallest section allows, pixels."""
        smallest = min(min(image.shape) for image, _ in self.train)
        return smallest // MULTIPLE * MULTIPLE

    @cached_property
    def digest(self) -> str:
        """sha256 of all pixels and labels, and of the split: names a run on them."""
        digest = hashlib.sha256()
        for part in (self.train, self.validation):
            for image, labels in part:
                digest.update(repr(image.shape).encode())
                packed = np.packbits(labels) if labels.dtype == bool else labels
                digest.update(image.tobytes() + packed.tobytes())
            digest.update(b"|")
        return digest.hexdigest()

    def for_training(self) -> Data:
        """As the trainer takes it; a large section is drawn as often as it has pixels."""
        sizes = np.array([counted(labels) for _, labels in self.train], float)
        chances = sizes / sizes.sum()

        def draw(random: np.random.Generator):
            return self.train[random.choice(len(self.train), p=chances)]

        name = f"own data: {len(self.train)} sections, {self.split}"
        return Data(draw, *windows(self.validation, VALIDATED), name)

    def for_scores(self) -> tuple[np.ndarray, np.ndarray]:
        """What the finished model is scored on: images and labels, ``(n, h, w)`` each."""
        return windows(self.validation, SCORED)

    def for_finishing(self) -> tuple[np.ndarray, np.ndarray]:
        """Training data to set readout and rates on: images and labels, ``(n, h, w)`` each."""
        return windows(self.train, FINISHED)


def windows(sections: Sequence, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut sections into windows of one size, and take some, evenly over all.

    Parameters
    ----------
    sections : sequence of (numpy.ndarray, numpy.ndarray)
        Images and labels of any sizes.
    most : int

    Returns
    -------
    images, labels : numpy.ndarray
        ``(n, h, w)``; sides are multiples of `MULTIPLE`, `WINDOW` at most. Windows that
        lack one of the classes are left out if there are others.
    """
    height, width = (
        min(WINDOW, min(image.shape[axis] for image, _ in sections) // MULTIPLE * MULTIPLE)
        for axis in (0, 1)
    )
    places = [
        (index, top, left, *_shares(labels[top : top + height, left : left + width]))
        for index, (image, labels) in enumerate(sections)
        for top in range(0, image.shape[0] - height + 1, height)
        for left in range(0, image.shape[1] - width + 1, width)
    ]
    good = [place for place in places if min(place[3:]) >= BOTH]
    good = good or [place for place in places if place[3] > 0] or places
    chosen = np.unique(np.linspace(0, len(good) - 1, min(most, len(good))).round().astype(int))
    cut = [good[index] for index in chosen]
    return tuple(
        np.stack(
            [
                sections[index][part][top : top + height, left : left + width]
                for index, top, left, *_ in cut
            ]
        )
        for part in (0, 1)
    )


def _shares(labels: np.ndarray) -> tuple[float, float]:
    """Shares of a window that are cell and membrane, and count."""
    return float((labels > 0).mean()), float((labels == 0).mean())


def read(
    pairs: Sequence[tuple[File, File]],
    invert: bool = False,
    nm: Size | None = None,
    ignore: Sequence[float] = (),
    negative: bool = False,
    choice: Choice | None = None,
    labels_choice: Choice | None = None,
) -> OwnData:
    """Read pairs of an image file and its labels, and hold a part out.

    Parameters
    ----------
    pairs : sequence of (File, File)
        A file may be a stack; its labels are then a stack of as many sections.
    invert : bool
        In the labels 0 is cell and anything else membrane.
    nm : float, (float, float) or None
        Width of the pixels, or height and width, to be resampled to those of the shipped
        models; None: as they are, but for those that are no squares.
    ignore : sequence of float
        Values of the labels that do not count.
    negative : bool
        Turn dark and light: the images have light membranes.
    choice, labels_choice : Choice, optional
        Of channels, times or data sets of all images, and of all files of labels.

    Raises
    ------
    Undecided
        If a file has several channels, times or data sets, and none was chosen.
    LabError
        If a file cannot be read, sizes or numbers of sections differ, labels
        have one class only, or there is too little to learn from.
    """
    if not pairs:
        raise LabError("choose at least one image with its labels.")
    sections, origins, said, assumed = [], [], [], []
    heard: dict[str, list[str]] = {}
    total = 0
    for image_file, label_file in pairs:
        stack = images.open_stack(image_file.data, image_file.name, choice=choice)
        truth = images.open_labels(label_file.data, label_file.name, labels_choice, stack)
        size = tuple(part.stop - part.start for part in truth.box)
        shape, width, note = resampling.planned(size, nm, stack.calibration.nm)
        _check_pair(stack, truth, shape)
        said.append((stack.name, width))
        assumed += [f"{shown(stack.name)}: {one}" for one in (*stack.notes, note) if one]
        assumed += [f"{shown(truth.name)}: {one}" for one in truth.notes]
        total += truth.header.sections * shape[0] * shape[1]
        if total > MOST:
            raise LabError(
                f"together these sections have more than {MOST >> 20} million pixels; choose fewer."
            )
        for index in range(stack.sections):
            found, notes = _section(stack, truth, index, shape, invert, ignore, negative)
            if found is not None:
                sections.append(found[:2])
                place = known.Section(known.mark(found[2], stack.header.choice.options), index)
                origins.append((stack.name, place))
            for note in notes:
                # of many sections the same, but for its numbers, is said once
                heard.setdefault(re.sub(r"[0-9.]+", "#", note), []).append(note)
    if not sections:
        raise LabError("these sections have no labelled tissue; choose others.")
    heights = [len(image) for image, _ in sections]
    train, validation, split = _split(sections)
    called = _called(origins)
    pixels = sum(counted(labels) for _, labels in train)
    if pixels < LEAST:
        raise LabError(
            f"{pixels} labelled pixels remain to train on, which is too few; label {LEAST} or"
            " more, at least one section of 160 x 160 pixels."
        )
    notes = (
        *doubts.once(heard),
        *doubts.about_order(sections, called),
        *doubts.notes(sections, pixels),
    )
    held = "sections" if len(sections) >= FEW_SECTIONS else "rows"
    if held == "sections":
        notes = (*notes, *doubts.about_copies(train, validation, called))
    if nm is not None:
        width = resampling.MODEL_NM
    else:
        sizes = {size for _, size in said}
        width = (sizes.pop() if len(sizes) == 1 else None) or 0.0
        notes = (*doubts.other_pixels(said), *notes)
    notes = (*assumed, *notes)
    # of those that are held out as a whole, nothing
    trained = tuple(
        replace(place, share=len(part[0]) / rows)
        for (_, place), part, rows in zip(origins, train, heights, strict=False)
    )
    return OwnData(tuple(train), tuple(validation), split, notes, held, width, trained)


def _called(origins: Sequence[tuple[str, known.Section]]) -> list[str]:
    """Sections as people find them: by number in their file, which is named if there are more."""
    several = len({place.image for _, place in origins}) > 1
    return [f"section {place.number}" + f" of {shown(name)}" * several for name, place in origins]


def _section(stack, truth, index, shape, invert, ignore, negative):
    """Image, labels and sha256 of one section, or None if nothing counts; and what to say."""
    if not truth.labelled(index):
        return None, []  # which there are, is said with what was taken for granted
    section, box = stack.section(index), truth.box
    labels = truth.labels(index, invert, ignore)
    tissue = None if section.tissue is None else section.tissue[box]
    name = shown(stack.name)
    said = [
        f"{shown(truth.name)}: {note}" for note in (*labels.notes, *labels.doubts(section.tissue))
    ]
    if tissue is not None and not tissue.any():
        return None, [f"{name}, section {index}, is blank and left out."]
    if tissue is not None:
        share = 100 * (1 - tissue.mean())
        said.append(f"{name}: {share:.2g} % of section {index} is not tissue and left out.")
    grey = (1 - section.pixels if negative else section.pixels)[box]
    ignored = None if labels.ignored is None else labels.ignored[box]
    ignored = None if ignored is None or not ignored.any() else ignored
    masks = [labels.cells[box], ignored, tissue]
    if shape != grey.shape:
        grey = grey if tissue is None else mirrored(grey, tissue)
        grey = resampling.resampled(grey, shape)
        masks = [None if x is None else resampling.resampled(x, shape) > 0.5 for x in masks]
    cells, ignored, tissue = masks
    if tissue is not None:
        ignored = ~tissue if ignored is None else ignored | ~tissue
    if ignored is not None and ignored.all():
        return None, [*said, f"{name}: nothing of section {index} counts; it is left out."]
    return (normalise(grey, tissue), Labels(cells, ignored).coded, section.sha256), said


def _check_pair(stack: Stack, truth: Stack, size: tuple[int, int]) -> None:
    one, other = shown(stack.name), shown(truth.name)
    if stack.shape != truth.shape:
        (height, width), (rows, columns) = stack.shape, truth.shape
        raise LabError(
            f"{one} is {width} pixels wide and {height} high, but {other} is {columns} wide and"
            f" {rows} high; choose the labels of this image."
        )
    if stack.sections != truth.sections:
        raise LabError(
            f"{one} has {stack.sections} sections, but {other} has {truth.sections}; give one label"
            " page for each section."
        )
    if min(size) < SMALLEST_CROP + GAP:
        raise LabError(
            f"{one} is {size[1]} x {size[0]} pixels; each side needs"
            f" {SMALLEST_CROP + GAP} or more to train on."
        )


# ---- what is held out -------------------------------------------------------


def _split(sections) -> tuple[list, list, str]:
    """One contiguous block for validation: sections where there are enough, else rows."""
    if len(sections) >= FEW_SECTIONS:
        held = max(1, round(SHARE * len(sections)))
        first = len(sections) - held
        train, validation = sections[:first], sections[first:]
        split = f"the last {'section' if held == 1 else f'{held} sections'} held out"
    else:
        parts = [_by_rows(image, labels) for image, labels in sections]
        train = [part[0] for part in parts]
        validation = [part[1] for part in parts]
        split = f"the lowest {100 * SHARE:.0f} % of the rows held out"
    height, width = (
        min(image.shape[axis] for image, _ in validation) // MULTIPLE * MULTIPLE for axis in (0, 1)
    )
    cut = [(image[:height, :width], labels[:height, :width]) for image, labels in validation]
    for _, labels in cut:
        if min(_shares(labels)) == 0:
            raise LabError(
                f"what is held out for validation ({split}) holds only one class; label more, or"
                " put the sections in another order."
            )
    return train, cut, split


def _by_rows(image: np.ndarray, labels: np.ndarray) -> tuple[tuple, tuple]:
    if labels.dtype != bool:  # the lowest rows of those in which something counts
        rows = np.flatnonzero((labels >= 0).any(1))
        image, labels = (part[rows[0] : rows[-1] + 1] for part in (image, labels))
    held = max(MULTIPLE * 2, round(SHARE * len(image)) // MULTIPLE * MULTIPLE)
    first = len(image) - held
    above = slice(0, first - GAP)
    return (image[above], labels[above]), (image[first:], labels[first:])

"""Labels of a part of a volume: where in it they lie, by what both files say of their place.

CREMI's padded volumes reach beyond their labels on all sides, and the labels' ``offset``
says by how much; OME-Zarr and MRC have translations. Where nothing is labelled, nothing counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from snnlab.errors import LabError
from snnlab.images.labels import Labels
from snnlab.images.limits import shown
from snnlab.images.stack import Stack

_WHOLE = 0.1  # of a voxel, by which a place may miss the grid of the image
_ALIKE = 1e-3  # share by which voxels of one size may differ


@dataclass(frozen=True, eq=False)
class Placed(Stack):
    """Labels of a part of an image, as if they were of the whole.

    Attributes
    ----------
    start : tuple of int
        Section, row and column of the image at which they begin.
    within : tuple of int
        Sections, height and width of the image.
    """

    start: tuple[int, int, int] = field(default=(0, 0, 0))
    within: tuple[int, int, int] = field(default=(1, 1, 1))

    @property
    def sections(self) -> int:
        """Those of the image."""
        return self.within[0]

    @property
    def shape(self) -> tuple[int, int]:
        """That of the image."""
        return self.within[1:]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was taken for granted, a sentence each."""
        section, row, column = self.start
        height, width = self.header.shape
        told = (
            f"The labels are {width} x {height} pixels of the image, from column {column}, row"
            f" {row} on, {_sections(section, self.header.sections)}, as both files say; the rest"
            " does not count."
        )
        return (*self.header.notes, told)

    def labelled(self, index: int) -> bool:
        """Whether there are labels of a section."""
        return 0 <= index - self.start[0] < self.header.sections

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of which there are labels."""
        rows, columns = (
            slice(first, first + side)
            for first, side in zip(self.start[1:], self.header.shape, strict=True)
        )
        return rows, columns

    def labels(self, index: int, invert: bool = False, ignore: Sequence[float] = ()) -> Labels:
        """Labels of a section of the image; see `Stack.labels`.

        Raises
        ------
        LabError
            As there; also if there are none of it.
        """
        if not self.labelled(index):
            there = _sections(self.start[0], self.header.sections)
            raise LabError(
                f"{shown(self.name)} has no labels of section {index}, but of {there}; choose one"
                " of these."
            )
        own = Stack(self.name, self.header, self._origin, self._reader)
        found = own.labels(index - self.start[0], invert, ignore)
        cells, ignored = np.zeros(self.shape, bool), np.ones(self.shape, bool)
        cells[self.box] = found.cells
        ignored[self.box] = False if found.ignored is None else found.ignored
        return replace(found, cells=cells, ignored=ignored)


def _sections(first: int, count: int) -> str:
    return f"section {first}" if count == 1 else f"sections {first} to {first + count - 1}"


def placed(labels: Stack, image: Stack) -> Stack:
    """Labels where they belong in an image, if they are of a part of it and the files say which.

    Parameters
    ----------
    labels, image : Stack

    Returns
    -------
    Stack
        `labels` itself if they have the image's size, or nothing is known of their place.
    """
    sides = [(image.sections, *image.shape), (labels.sections, *labels.shape)]
    if sides[0] == sides[1]:
        return labels
    start = _start(labels, image)
    if start is None or any(
        not 0 <= first <= whole - part for first, whole, part in zip(start, *sides, strict=True)
    ):
        return labels
    return Placed(labels.name, labels.header, labels._origin, labels._reader, start, sides[0])


def _start(labels: Stack, image: Stack) -> tuple[int, int, int] | None:
    """At which voxel of the image labels begin; None if it is not known, or is none."""
    found = []
    one, other = image.calibration, labels.calibration
    if None in (one.nm, other.nm) or one.translation is other.translation is None:
        return None
    moved = [cal.in_nm(cal.translation or (0.0, 0.0, 0.0)) for cal in (one, other)]
    steps = [cal.in_nm(cal.scale) for cal in (one, other)]
    for step, step_of_labels, begins, place in zip(*steps, *moved, strict=True):
        if step is None and step_of_labels is None:
            found.append(0)  # single sections
            continue
        if None in (step, step_of_labels) or abs(step - step_of_labels) > _ALIKE * step:
            return None
        voxels = (place - begins) / step
        if abs(voxels - round(voxels)) > _WHOLE:
            return None
        found.append(round(voxels))
    return tuple(found)

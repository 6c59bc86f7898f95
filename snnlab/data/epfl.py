"""Mouse hippocampus of the EPFL data set with labels, read from a folder that the user names.

FIB-SEM, 5 x 5 x 5 nm a voxel: slices of the training volume, with membranes and
organelles labelled. Neighbours are 5 nm apart and near copies of each other, so
the split is three blocks. Terms and reference are `LICENCE` and `CITATION`; the
pixels stay in that folder and are never copied into the project.
"""

import os
import re
from functools import lru_cache
from pathlib import Path

import numpy as np

from snnlab.data import folders, isbi
from snnlab.errors import LabError
from snnlab.images.stack import EMImage

VARIABLE, NAME = "SNNLAB_EPFL", "epfl"
IMAGES, MEMBRANES, SLICES = "epfl-images.tif", "epfl-membranes.tif", "epfl-slices.txt"
MITOCHONDRIA = "epfl-mitochondria.tif"

# numbers of slices in the volume, not places in the file
TRAINING = range(128)  # weights see these
CHOICE = range(134, 137)  # checkpoints and thresholds are chosen on these
REPORT = range(161, 165)  # and scores are reported on these

NM = 5.0  # Lucchi et al. 2012: 5 x 5 x 5 nm

LICENCE = "The images are EPFL's, free for research; the labels are under the MIT licence."
CITATION = (
    "Lucchi A. et al. (2012), IEEE Trans. Med. Imaging 31(2): 474-486,"
    " doi:10.1109/TMI.2011.2171705; labels by GraphLabEMproj/unet"
)


def named(slices: range) -> str:
    """A block of slices as cards and tables name it: ``EPFL slices 161..164``."""
    return f"EPFL slices {slices[0]}..{slices[-1]}"


def find(folder: str | os.PathLike | None = None, data: str | None = None) -> Path | None:
    """Find the folder with the volume.

    Parameters
    ----------
    folder : path or None
        The folder, or the one above it; None or an empty string asks the environment
        variable SNNLAB_EPFL, and if that is not set, the place beside the ISBI folder.
    data : str or None
        Of ISBI, as `snnlab.data.isbi.find` takes it.

    Raises
    ------
    LabError
        If a folder is named but is not there, or has no volume.
    """
    files = (IMAGES, MEMBRANES, SLICES)
    found = folders.find(folder, VARIABLE, NAME, files)
    if found is None and (sections := isbi.find(data)) is not None:
        beside = sections.resolve().parent / NAME
        return beside if folders.holds(beside, files) else None
    return found


class Epfl:
    """The labelled slices.

    Parameters
    ----------
    folder : path
        As `find` gives it.

    Attributes
    ----------
    numbers : tuple of int
        Of the slices in the volume, in the order of the file.

    Raises
    ------
    LabError
        If a file is missing or damaged, or if they differ in number or size.
    """

    licence, citation = LICENCE, CITATION

    def __init__(self, folder: str | os.PathLike):
        self.folder = Path(folder)
        self._images = self._opened(IMAGES)
        self._membranes = self._opened(MEMBRANES)
        try:
            told = (self.folder / SLICES).read_text("utf-8", errors="replace").split()
        except OSError as error:
            raise LabError(f"{SLICES} cannot be read; check its permissions.") from error
        self.numbers = tuple(int(part) for line in told for part in re.findall(r"\d+", line)[:1])
        if len(self.numbers) != self._images.sections:
            raise LabError(
                f"{SLICES} names {len(self.numbers)} slices, but {IMAGES} has"
                f" {self._images.sections}; use the files of one folder."
            )

    def _opened(self, name: str):
        stack = folders.opened(self.folder / name, "the EPFL volumes are")
        first = getattr(self, "_images", stack)
        if (stack.sections, stack.shape) != (first.sections, first.shape):
            raise LabError(f"{name} and {IMAGES} differ in size; use the files of one folder.")
        return stack

    def of(self, block: range) -> tuple[int, ...]:
        """The numbers of a block (`TRAINING`, `CHOICE`, `REPORT`) that are there."""
        return tuple(number for number in self.numbers if number in block)

    def _place(self, number: int) -> int:
        if number not in self.numbers:
            raise LabError(f"there is no slice {number} in {IMAGES}; see {SLICES}.")
        return self.numbers.index(number)

    def image(self, number: int) -> EMImage:
        """Decode a slice.

        Raises
        ------
        LabError
            If there is none of this number, or its pixels are damaged.
        """
        return self._images.section(self._place(number))

    def labels(self, number: int) -> np.ndarray:
        """Its cells: bool ``(height, width)``, False = membrane; errors as `image`."""
        return self._membranes.labels(self._place(number)).cells

    def mitochondria(self, number: int) -> np.ndarray:
        """Its mitochondria: bool ``(height, width)``; errors as `image`."""
        return self._opened(MITOCHONDRIA).section(self._place(number)).pixels > 0.5  # noqa: PLR2004


@lru_cache(maxsize=2)
def volume(folder: Path) -> Epfl:
    """The slices of a folder, opened once."""
    return Epfl(folder)

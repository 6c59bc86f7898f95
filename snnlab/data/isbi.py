"""The ISBI 2012 volumes, read from a folder that the user names.

Serial-section transmission EM of the ventral nerve cord of a first-instar
*Drosophila* larva, 4 x 4 x 50 nm a voxel. Terms and reference are `LICENCE` and
`CITATION`; the pixels stay in that folder and are never copied into the project.
"""

import os
import re
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from snnlab.data import folders
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.images.stack import EMImage, Stack

VARIABLE, NAME = "SNNLAB_DATA", "isbi2012"
IMAGES, LABELS, TEST = "train-volume.tif", "train-labels.tif", "test-volume.tif"

# Neighbouring sections resemble each other, so the split is three blocks and not a draw.
TRAINING = range(15)  # weights see these
CHOICE = range(15, 18)  # checkpoints and thresholds are chosen on these
REPORT = range(18, 24)  # and scores are reported on these

NM, THICKNESS = 4.0, 50.0  # Cardona et al. 2010: 4 x 4 x 50 nm

LICENCE = (
    "Free to use for generating or testing non-commercial image segmentation software; "
    "a publication must cite the article."
)
CITATION = "Cardona A. et al. (2010), PLoS Biol 8(10): e1000502, doi:10.1371/journal.pbio.1000502"


def named(sections: range) -> str:
    """A block of sections as cards and tables name it: ``ISBI 2012 sections 0..14``."""
    return f"ISBI 2012 sections {sections[0]}..{sections[-1]}"


def trained_on(data: str, section: int) -> bool:
    """Whether a model has seen a section, by the data that its card names (`named`)."""
    blocks = (re.fullmatch(r"ISBI 2012 sections (\d+)\.\.(\d+)", one) for one in data.split("; "))
    return any(int(found[1]) <= section <= int(found[2]) for found in blocks if found)


def find(folder: str | os.PathLike | None = None) -> Path | None:
    """Find the folder with the volumes.

    Parameters
    ----------
    folder : path or None
        The folder, or the one above it (then ``isbi2012`` in it is meant); None or
        an empty string asks the environment variable SNNLAB_DATA.

    Returns
    -------
    pathlib.Path or None
        None if neither names a folder.

    Raises
    ------
    LabError
        If a folder is named but is not there, or has no volumes.
    """
    return folders.find(folder, VARIABLE, NAME, (IMAGES, LABELS))


class Isbi:
    """The labelled volume, and the unlabelled one where it is present.

    Sections are decoded one at a time, when they are asked for.

    Parameters
    ----------
    folder : path
        As in `find`.

    Attributes
    ----------
    folder : pathlib.Path
    shape : tuple of int
        ``(height, width)`` of a section.
    sections : int
        Of the labelled volume.

    Raises
    ------
    LabError
        If a file is missing, damaged or not 8-bit grey TIFF, or if images and
        labels differ in number or size.
    """

    licence = LICENCE
    citation = CITATION

    def __init__(self, folder: str | os.PathLike):
        found = find(folder)
        if found is None:
            raise LabError(f"name the folder that holds {IMAGES} and {LABELS}, or set {VARIABLE}.")
        self.folder = found
        self._images = _opened(self.folder / IMAGES)
        self._labels = _opened(self.folder / LABELS)
        if self._images.sections != self._labels.sections:
            raise LabError(
                f"{IMAGES} has {self._images.sections} sections but {LABELS} has "
                f"{self._labels.sections}; use the two files of one download."
            )
        if self._images.shape != self._labels.shape:
            raise LabError(
                f"the sections of {IMAGES} and {LABELS} differ in size; "
                "use the two files of one download."
            )
        self.shape = self._images.shape
        self.sections = self._images.sections

    def image(self, index: int) -> EMImage:
        """Decode a section of the labelled volume.

        Raises
        ------
        LabError
            If there is no such section, or its pixels are damaged.
        """
        return self._images.section(index)

    def labels(self, index: int) -> np.ndarray:
        """Decode the labels of a section.

        Returns
        -------
        numpy.ndarray
            bool ``(height, width)``, True = cell.

        Raises
        ------
        LabError
            As `image`; also if only one class occurs.
        """
        return self._labels.labels(index).cells

    @cached_property
    def _test(self) -> Stack | None:
        path = self.folder / TEST
        return _opened(path) if path.is_file() else None

    @property
    def test_sections(self) -> int:
        """Sections of the volume without labels; 0 where it is absent."""
        return self._test.sections if self._test else 0

    def test_image(self, index: int) -> EMImage:
        """Decode a section of the volume without labels.

        Raises
        ------
        LabError
            If the volume is absent, or as `image`.
        """
        if self._test is None:
            raise LabError(f"{TEST} is not in the data folder; put it there or choose another.")
        return self._test.section(index)


def _opened(path: Path) -> Stack:
    return folders.opened(path, "the ISBI 2012 volumes are")


def labelled_sections(folder: str | None = None) -> int:
    """Number of labelled sections in an ISBI folder; 0 if none was named or found."""
    found = find(folder)
    return _volume(found).sections if found else 0


def _volume(folder: Path):
    """The volumes in a folder, read once for as long as the files stay as they are."""
    files = (folder / name for name in (IMAGES, LABELS))
    try:
        state = tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    except OSError as error:
        raise LabError(f"the data folder {folder} can no longer be read; name it again.") from (
            error
        )
    return _read_volume(folder, state)


@lru_cache(maxsize=2)
def _read_volume(folder: Path, state: tuple):
    return Isbi(folder)


def picture(folder: str | None, section: int) -> Picture:
    """A labelled ISBI 2012 section.

    Raises
    ------
    LabError
        If no folder was named, or it does not hold the volumes.
    """
    found = find(folder)
    if found is None:
        raise LabError(
            "no ISBI folder is named; give the folder that holds train-volume.tif and"
            " train-labels.tif with --data, in SNNLAB_DATA or in the sidebar."
        )
    volume = _volume(found)
    image = volume.image(section)
    return Picture(
        image.pixels,
        volume.labels(section),
        f"ISBI 2012 section {section}",
        section,
        volume.sections,
        image.sha256,
        NM,
        IMAGES,
        LABELS,
    )

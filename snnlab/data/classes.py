"""Three classes a pixel: membrane, cell, mitochondria.

A mitochondrion lies in a cell, so whoever asks for cells takes the last two together: cell is what
is not membrane. Where a pixel has two labels, as at a mitochondrion's own membrane, the
mitochondrion wins.
"""

import os

import numpy as np

from snnlab.errors import LabError
from snnlab.images.choice import Choice
from snnlab.images.colours import numbers_of
from snnlab.images.limits import shown
from snnlab.images.reading import open_labels

CLASSES = ("membrane", "cell", "mitochondria")
MEMBRANE, CELL, MITOCHONDRIA = range(len(CLASSES))
INSIDE = len(CLASSES)  # cell or mitochondrion: nobody has labelled which


def labelled(cells: np.ndarray, mitochondria: np.ndarray | None) -> np.ndarray:
    """One label a pixel.

    Parameters
    ----------
    cells : numpy.ndarray
        bool, False = membrane.
    mitochondria : numpy.ndarray or None
        bool, same shape; None where they were not labelled.

    Returns
    -------
    numpy.ndarray
        int8, same shape: `MEMBRANE`, `CELL` and `MITOCHONDRIA`; or `MEMBRANE` and `INSIDE`.
    """
    if mitochondria is None:
        return np.where(cells, INSIDE, MEMBRANE).astype(np.int8)
    return np.where(mitochondria, MITOCHONDRIA, np.where(cells, CELL, MEMBRANE)).astype(np.int8)


def read(
    source: bytes | str | os.PathLike,
    name: str,
    shape: tuple[int, int],
    section: int = 0,
    sections: int = 1,
    choice: Choice | None = None,
) -> np.ndarray:
    """Read a mask of mitochondria: 0 is none, any other number is one.

    Parameters
    ----------
    source : bytes or path
    name : str
        Of the file, for errors.
    shape : tuple of int
        ``(height, width)`` of the image.
    section, sections : int
        Of the image in its file; of a stack of masks the same one is read.
    choice : Choice, optional
        Of channels and the like, where the file has several.

    Returns
    -------
    numpy.ndarray
        bool, of that shape.

    Raises
    ------
    LabError
        If it is no such mask.
    """
    stack, called = open_labels(source, name, choice), shown(name)
    if stack.header.form == "JPEG":
        raise LabError(f"{called} is a JPEG, which blurs labels; save the mask as PNG or TIFF.")
    if stack.shape != shape:
        raise LabError(
            f"{called} has {stack.shape[1]} x {stack.shape[0]} pixels, but the image has {shape[1]}"
            f" x {shape[0]}; give mitochondria of the same size."
        )
    if stack.sections not in (1, sections):
        raise LabError(
            f"{called} has {stack.sections} sections, but the image has {sections}; give a mask of"
            " each, or of this one alone."
        )
    values = numbers_of(stack.stored(section if stack.sections == sections else 0)).values
    if not np.array_equal(values, np.rint(values)) or values.min(initial=0) < 0:
        raise LabError(f"{called} is no mask: its values are no whole numbers from 0 on.")
    if (values > 0).all():
        raise LabError(
            f"{called} calls every pixel a mitochondrion; make what is none 0, and try again."
        )
    return values > 0

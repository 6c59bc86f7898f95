"""From a file to a validated EM image, and back.

What a file is, is told by its first bytes and never by its name. Its header is
checked when it is opened, its pixels are decoded section by section, or window
by window, when they are asked for. `snnlab.images.formats` lists the formats.

Colours become luminance, alpha is ignored, and so is a note that the image is
to be displayed turned (as Fiji does it).
"""

import io
import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from snnlab.errors import LabError
from snnlab.images import formats
from snnlab.images.choice import Choice, Undecided
from snnlab.images.labels import Labels
from snnlab.images.limits import LIMITS, WANTED, Limits, check_file, shown
from snnlab.images.origin import Origin
from snnlab.images.placing import placed
from snnlab.images.stack import Stack


def open_stack(
    source: bytes | str | os.PathLike,
    name: str | None = None,
    limits: Limits = LIMITS,
    choice: Choice | None = None,
) -> Stack:
    """Open an image file that is in memory or on this disk.

    Parameters
    ----------
    source : bytes or path
        Of a path only what is asked for is read.
    name : str, optional
        For errors and for display only; that of the path if not given.
    limits : Limits
        What its header may claim.
    choice : Choice, optional
        Of channels, times or data sets where there are several.

    Returns
    -------
    Stack

    Raises
    ------
    Undecided
        If the file has several channels, times or data sets and none was chosen.
    LabError
        If the file is of a kind that is not supported, beyond a limit, or
        damaged in its header.
    """
    origin = Origin(source)
    name = name if name is not None else str(origin.path or "the file")
    if origin.path is None:
        check_file(origin.size, name, limits)
    else:
        limits = limits.on_disk()
        if origin.size == 0 and not origin.folder:
            check_file(0, name, limits)
    reader = formats.reader_of(origin)
    if reader is None:
        what = formats.what_it_is(origin.head)
        raise LabError(f"{shown(name)} is {what}; choose {WANTED}.")
    read = reader(origin, name, limits, choice or Choice())
    return Stack(name, read.header, origin, read)


def open_labels(
    source: bytes | str | os.PathLike,
    name: str | None = None,
    choice: Choice | None = None,
    image: Stack | None = None,
) -> Stack:
    """Open a file of labels, which may hold the image too: what is called labels is meant.

    Parameters
    ----------
    source, name, choice
        As of `open_stack`.
    image : Stack, optional
        Whose labels they are: those of a part of it are placed in it, if both files say where
        they lie.

    Raises
    ------
    Undecided, LabError
        As `open_stack`.
    """
    try:
        found = open_stack(source, name, choice=replace(choice or Choice(), labels=True))
    except Undecided as asked:
        raise asked.of_labels() from None
    return found if image is None else placed(found, image)


def read_labels(
    data: bytes | str | os.PathLike,
    name: str,
    shape: tuple[int, int],
    section: int = 0,
    invert: bool = False,
    ignore: Sequence[float] = (),
    choice: Choice | None = None,
    image: Stack | None = None,
) -> Labels:
    """Read the labels of one section of an image.

    Parameters
    ----------
    data : bytes or path
    name : str
        For errors only.
    shape : tuple of int
        ``(height, width)`` of the image.
    section : int
        Of the image, and so of the label file.
    invert : bool
        0 is cell and anything else is membrane, instead of the reverse.
    ignore : sequence of float
        Values that do not count.
    choice : Choice, optional
        Of channels, times or data sets of the label file; if not given, what is called labels.
    image : Stack, optional
        Whose labels they are, see `open_labels`.

    Raises
    ------
    Undecided, LabError
        As `open_stack` and `Stack.labels`; also if the size is not the
        image's, or the file has one page and the image is a later section.
    """
    stack = open_labels(data, name, choice, image)
    if stack.shape != tuple(shape):
        (height, width), (rows, columns) = stack.shape, shape
        raise LabError(
            f"{shown(name)} is {width} pixels wide and {height} high, but the image is "
            f"{columns} wide and {rows} high; choose the labels of this image."
        )
    if stack.sections == 1 and section > 0:
        raise LabError(
            f"{shown(name)} has one page, but the image is section {section} of a stack; "
            "choose a label stack with a page for each section."
        )
    found = stack.labels(section, invert, ignore)
    notes = stack.notes
    if image is not None and 1 < stack.sections != image.sections:
        notes += (f"It has {stack.sections} sections and the image {image.sections}; both were"
                  f" counted from the first.",)  # fmt: skip
    return replace(found, notes=(*notes, *found.notes))


def write_tiff(probability: np.ndarray) -> bytes:
    """Write a cell probability map as an uncompressed 32-bit float TIFF, for Fiji and alike.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``, real.
    """
    import tifffile

    probability = np.asarray(probability, np.float32)
    if probability.ndim != 2:
        raise ValueError(f"expected (height, width), got {probability.shape}")
    file = io.BytesIO()
    tifffile.imwrite(file, probability, photometric="minisblack", metadata=None, software="SNN Lab")
    return file.getvalue()


def write_png(mask: np.ndarray) -> bytes:
    """Write a mask as an 8-bit PNG with cells white, which `read_labels` reads back.

    Parameters
    ----------
    mask : numpy.ndarray
        bool ``(height, width)``.
    """
    from PIL import Image

    mask = np.asarray(mask)
    if mask.dtype != bool or mask.ndim != 2:
        raise ValueError(f"expected bool (height, width), got {mask.dtype} {mask.shape}")
    file = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(file, "PNG")
    return file.getvalue()

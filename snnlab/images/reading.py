"""From the bytes of a file to a validated EM image, and back.

PNG, JPEG and TIFF, of 8 or 16 bits and of float TIFF, grey or colour; a TIFF
may be a stack. What a file is, is told by its first bytes and never by its
name. Its header is checked when it is opened, its pixels are decoded section
by section when they are asked for.

Colours become luminance, alpha is ignored, and so is a note that the image is
to be displayed turned (as Fiji does it).
"""

import codecs
import hashlib
import io
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from snnlab.errors import LabError
from snnlab.images.contrast import normalise
from snnlab.images.limits import LIMITS, Limits, check_file, shown
from snnlab.images.pixels import Stored, cells, grey

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
)

# (offset, bytes, what it is): what people drop here by mistake
_OTHERS = (
    (0, b"GIF8", "a GIF image"),
    (0, b"BM", "a BMP image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf", "a 7z archive"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (4, b"ftyp", "a HEIC, AVIF or video file"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"NRRD", "an NRRD volume"),
    (0, b"\0\0\0\x03\0", "a Digital Micrograph (DM3) file"),
    (0, b"\0\0\0\x04\0", "a Digital Micrograph (DM4) file"),
    (208, b"MAP ", "an MRC volume"),
)
_MARKUP = (("<svg", "an SVG drawing"), ("<html", "a web page"), ("<!doctype html", "a web page"))


class Reader(Protocol):
    """What reads one format: checks the header when made, decodes in `read`."""

    sections: int
    shape: tuple[int, int]
    bits: int
    channels: int

    def read(self, section: int) -> Stored:
        """Decode one section."""


@dataclass(frozen=True, eq=False)
class EMImage:
    """One section.

    Attributes
    ----------
    pixels : numpy.ndarray
        float32 ``(height, width)``, raw grey in 0..1, read-only.
    name : str
        Of the file.
    section : int
        Counted from 0.
    sha256 : str
        Of the file's bytes; with `section` it identifies the image.
    """

    pixels: np.ndarray
    name: str
    section: int
    sha256: str

    def normalised(self) -> np.ndarray:
        """Prepare the image for the networks: see `snnlab.images.contrast.normalise`."""
        return normalise(self.pixels)


@dataclass(frozen=True, eq=False)
class Stack:
    """A file whose header was checked; sections are decoded one at a time.

    Attributes
    ----------
    name : str
    sections : int
    shape : tuple of int
        ``(height, width)``.
    kind : str
        As stored, like ``"8-bit grey PNG"``.
    sha256 : str
        Of the file's bytes, in hexadecimal.
    """

    name: str
    sections: int
    shape: tuple[int, int]
    kind: str
    sha256: str
    _reader: Reader

    def section(self, index: int) -> EMImage:
        """Decode one section.

        Parameters
        ----------
        index : int
            Counted from 0.

        Raises
        ------
        LabError
            If there is no such section, or its pixels are damaged or not finite.
        """
        index = self._checked(index)
        pixels = grey(self._reader.read(index))
        pixels.setflags(write=False)
        return EMImage(pixels, self.name, index, self.sha256)

    def labels(self, index: int, invert: bool = False) -> np.ndarray:
        """Decode one section as labels: 0 is membrane, anything else is cell.

        Parameters
        ----------
        index : int
        invert : bool
            The opposite: 0 is cell, anything else is membrane.

        Returns
        -------
        numpy.ndarray
            bool ``(height, width)``, True = cell.

        Raises
        ------
        LabError
            As `section`; also if the labels have only one class, or are no labels.
        """
        if self.kind.endswith("JPEG"):
            raise LabError(
                f"{shown(self.name)} is a JPEG, which blurs labels; save them as PNG or TIFF."
            )
        index = self._checked(index)
        inside = cells(self._reader.read(index), f"section {index} of {shown(self.name)}")
        return ~inside if invert else inside

    def _checked(self, index: int) -> int:
        index = operator.index(index)
        if 0 <= index < self.sections:
            return index
        has = "only section 0" if self.sections == 1 else f"sections 0 to {self.sections - 1}"
        raise LabError(
            f"section {index} does not exist in {shown(self.name)}, which has {has}; "
            "choose one of its sections."
        )


def open_stack(data: bytes, name: str, limits: Limits = LIMITS) -> Stack:
    """Open an image file that is in memory.

    Parameters
    ----------
    data : bytes
    name : str
        For errors and for display only.
    limits : Limits
        What its header may claim.

    Returns
    -------
    Stack

    Raises
    ------
    LabError
        If the file is none of PNG, JPEG and TIFF, of a kind that is not
        supported, beyond a limit, or damaged in its header.
    """
    data = bytes(data)
    check_file(len(data), name, limits)
    form = next((form for magic, form in _MAGIC if data.startswith(magic)), None)
    if form is None:
        raise LabError(f"{shown(name)} is {_what_it_is(data)}; choose a PNG, JPEG or TIFF image.")
    reader = _reader(form)(data, name, limits)
    colour = "grey" if reader.channels < 3 else "colour"
    digest = hashlib.sha256(data).hexdigest()
    return Stack(
        name, reader.sections, reader.shape, f"{reader.bits}-bit {colour} {form}", digest, reader
    )


def _reader(form: str) -> Callable[[bytes, str, Limits], Reader]:
    # imported on use: start-up, and pages that open no file, do without the decoders
    if form == "TIFF":
        from snnlab.images.tiff import TiffReader

        return TiffReader
    from snnlab.images.pillow import PillowReader

    return partial(PillowReader, kind=form)


def _what_it_is(data: bytes) -> str:
    for offset, magic, what in _OTHERS:
        if data[offset : offset + len(magic)] == magic:
            return what
    try:
        # incremental, for the cut may fall within a character
        text = codecs.getincrementaldecoder("utf-8")().decode(data[:1024])
    except UnicodeDecodeError:
        return "no image that is known here"
    lowered = text.lower()
    for tag, what in _MARKUP:
        if tag in lowered:
            return what
    printable = sum(c.isprintable() or c.isspace() for c in text)
    return (
        "a text file" if text and printable >= 0.95 * len(text) else "no image that is known here"
    )


def read_labels(
    data: bytes, name: str, shape: tuple[int, int], section: int = 0, invert: bool = False
) -> np.ndarray:
    """Read the labels of one section of an image.

    Parameters
    ----------
    data : bytes
    name : str
        For errors only.
    shape : tuple of int
        ``(height, width)`` of the image.
    section : int
        Of the image, and so of the label file.
    invert : bool
        0 is cell and anything else is membrane, instead of the reverse.

    Returns
    -------
    numpy.ndarray
        bool ``(height, width)``, True = cell.

    Raises
    ------
    LabError
        As `open_stack` and `Stack.labels`; also if the size is not the
        image's, or the file has one page and the image is a later section.
    """
    stack = open_stack(data, name)
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
    return stack.labels(section, invert)


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

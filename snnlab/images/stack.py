"""An open file: sections, all of one size, of which any window can be decoded by itself.

Every format has a reader that fills in a `Header` when it is made, and decodes a
`window`; `Stack` is what the rest of the lab sees. `snnlab.images.reading` opens one.
"""

import hashlib
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from snnlab.errors import LabError
from snnlab.images import pixels
from snnlab.images.choice import Choice
from snnlab.images.labels import Labels, meaning
from snnlab.images.limits import shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import UNKNOWN, Calibration
from snnlab.images.pixels import Stored, linear

_SAMPLED = 64  # pixels a side, of what is looked at for the size of the numbers
_EXACT = 1 << 22  # from here on single precision has no quarters any more


@dataclass(frozen=True)
class Header:
    """What a file says of itself, checked against the limits.

    Attributes
    ----------
    form : str
        Name of the format, like ``"TIFF"``.
    sections : int
    shape : tuple of int
        ``(height, width)`` of every section.
    bits, samples : int
        Of a pixel as stored; 3 samples and more are colours.
    real : bool
        Whether its numbers have no white of their own: floats, and integers of more than 16 bits.
    axes : tuple of (str, int)
        What the file has along which axis, and how many, slowest first.
    calibration : Calibration
    notes : tuple of str
        What was taken for granted, a sentence each.
    choice : Choice
        What was read of that which the file has several of.
    """

    form: str
    sections: int
    shape: tuple[int, int]
    bits: int
    samples: int = 1
    real: bool = False
    axes: tuple[tuple[str, int], ...] = ()
    calibration: Calibration = UNKNOWN
    notes: tuple[str, ...] = ()
    choice: Choice = field(default_factory=Choice)


class Reader(Protocol):
    """What reads one format: checks the header when made, decodes in `window`."""

    header: Header

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section; the slices lie within it."""


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
        Of the file's bytes, or of a large file's section; with `section` and what was
        chosen it identifies the image.
    tissue : numpy.ndarray or None
        bool ``(height, width)``, False where it only fills its canvas; None: nowhere.
    """

    pixels: np.ndarray
    name: str
    section: int
    sha256: str
    tissue: np.ndarray | None = None

    def normalised(self) -> np.ndarray:
        """Prepare the image for the networks: see `snnlab.images.contrast.normalise`."""
        from snnlab.images.contrast import normalise

        return normalise(self.pixels, self.tissue)


@dataclass(frozen=True, eq=False)
class Stack:
    """A file whose header was checked; sections are decoded one at a time, or in windows.

    Attributes
    ----------
    name : str
    header : Header
    """

    name: str
    header: Header
    _origin: Origin
    _reader: Reader

    @property
    def sections(self) -> int:
        """How many there are."""
        return self.header.sections

    @property
    def shape(self) -> tuple[int, int]:
        """``(height, width)`` of each."""
        return self.header.shape

    @property
    def kind(self) -> str:
        """As stored, like ``"8-bit grey PNG"``."""
        colour = "grey" if self.header.samples < 3 else "colour"
        return f"{self.header.bits}-bit {colour} {self.header.form}"

    @property
    def size(self) -> int:
        """Bytes of the file; 0 of a folder."""
        return self._origin.size

    @property
    def calibration(self) -> Calibration:
        """What the file says of the size of its pixels."""
        return self.header.calibration

    @property
    def notes(self) -> tuple[str, ...]:
        """What was taken for granted, a sentence each."""
        return self.header.notes

    @cached_property
    def sha256(self) -> str | None:
        """Of the file's bytes, in hexadecimal; None for a large file on disk."""
        return self._origin.digest

    def section(self, index: int) -> EMImage:
        """Decode one section.

        Parameters
        ----------
        index : int
            Counted from 0.

        Raises
        ------
        LabError
            If there is no such section, or its pixels are damaged.
        """
        index = self._checked(index)
        found, tissue = pixels.section(self._stored(index))
        found.setflags(write=False)
        digest = self.sha256 or hashlib.sha256(np.ascontiguousarray(found).data).hexdigest()
        return EMImage(found, self.name, index, digest, tissue)

    def window(self, index: int, rows: slice, columns: slice) -> np.ndarray:
        """Decode a part of a section.

        Returns
        -------
        numpy.ndarray
            float32 ``(rows, columns)``: integers of up to 16 bits scaled to 0..1 as in
            `section`; other numbers as they are (negated where the file says that 0 is
            white, and all moved alike where they are too large for single precision), since a
            window does not know the range of the whole. `contrast` makes nothing of the
            difference, and NaN is no tissue.

        Raises
        ------
        LabError
            As `section`.
        """
        index = self._checked(index)
        height, width = self.shape
        rows, columns = (
            slice(*part.indices(side)[:2]) for part, side in ((rows, height), (columns, width))
        )
        return linear(self._reader.window(index, rows, columns), self._zero)

    @cached_property
    def _zero(self) -> float:
        """What long numbers are counted from: 2^30 and 2^30 + 1 are one in single precision."""
        if not self.header.real or self.header.bits <= 24:
            return 0.0
        sides = [(side, min(side, _SAMPLED)) for side in self.shape]
        found = []
        for share in (0.5, 0.25, 0.75):  # one of them may be all fill
            part = [
                slice(first, first + size)
                for side, size in sides
                for first in [int(share * (side - size))]
            ]
            values = self._reader.window(self.sections // 2, *part).values
            if values.dtype.kind == "f" and values.dtype.itemsize <= 4:
                return 0.0  # single precision already
            known = values[np.isfinite(values)]
            found.append(float(np.median(known)) if known.size else 0.0)
        largest = max(found, key=abs)
        return largest if abs(largest) >= _EXACT else 0.0

    def labelled(self, index: int) -> bool:
        """Whether there are labels of a section; see `snnlab.images.placing`."""
        return 0 <= index < self.sections

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of which there are labels."""
        return slice(0, self.shape[0]), slice(0, self.shape[1])

    def labels(self, index: int, invert: bool = False, ignore: Sequence[float] = ()) -> Labels:
        """Decode one section as labels; see `snnlab.images.labels.meaning`.

        Parameters
        ----------
        index : int
        invert : bool
            Cell and membrane are the other way round.
        ignore : sequence of float
            Values that do not count.

        Raises
        ------
        LabError
            As `section`; also if the labels have only one class, or are no labels.
        """
        if self.header.form == "JPEG":
            raise LabError(
                f"{shown(self.name)} is a JPEG, which blurs labels; save them as PNG or TIFF."
            )
        index = self._checked(index)
        what = f"section {index} of {shown(self.name)}" if self.sections > 1 else shown(self.name)
        return meaning(self._stored(index), what, invert, ignore)

    def stored(self, index: int) -> Stored:
        """One section as the file stores it; errors as `section`."""
        return self._stored(self._checked(index))

    def _stored(self, index: int) -> Stored:
        height, width = self.shape
        return self._reader.window(index, slice(0, height), slice(0, width))

    def _checked(self, index: int) -> int:
        index = operator.index(index)
        if 0 <= index < self.sections:
            return index
        has = "only section 0" if self.sections == 1 else f"sections 0 to {self.sections - 1}"
        raise LabError(
            f"section {index} does not exist in {shown(self.name)}, which has {has}; "
            "choose one of its sections."
        )

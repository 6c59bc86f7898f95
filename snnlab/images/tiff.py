"""TIFF: single images, stacks of pages, and Fiji's hyperstacks, read with tifffile.

Pages are checked by their directories and decoded one at a time. Two passes
look at the directories: `_directories` bounds their number and the size of
what they list, with nothing but ``struct``; then tifffile interprets them and
`_check_page` holds the result against the limits and the end of the file.

References
----------
TIFF, revision 6.0, Adobe (1992).
"""

import io
import json
import math
import re
import struct

import numpy as np
import tifffile

from snnlab.errors import LabError
from snnlab.images.limits import (
    Limits,
    check_decoded,
    check_sides,
    damaged,
    guarded,
    shown,
    too_many_pages,
)
from snnlab.images.pixels import Stored

# Codecs whose output tifffile bounds by the size that the directory declares.
# JPEG is missing on purpose: a JPEG stream allocates what its own header says.
_COMPRESSIONS = {
    1: "none",
    2: "CCITT",
    3: "CCITT",
    4: "CCITT",
    5: "LZW",
    8: "deflate",
    32773: "PackBits",
    32946: "deflate",
    34925: "LZMA",
    34926: "Zstandard",
    50000: "Zstandard",
}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE = range(4)
_COLOURS = {4: "a transparency mask", 5: "CMYK", 6: "YCbCr", 8: "CIE L*a*b*", 32803: "a raw mosaic"}
_ALPHA = ((1,), (2,))  # ExtraSamples: associated and unassociated alpha
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_TYPE_BYTES = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), start=1))
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}
_SEGMENT_TAGS = (273, 279, 324, 325)  # offsets and byte counts of strips and of tiles


class TiffReader:
    """A TIFF whose pages are sections; reduced copies and masks are passed over.

    Parameters
    ----------
    data : bytes
    name : str
        For errors.
    limits : Limits

    Attributes
    ----------
    sections : int
    shape : tuple of int
        ``(height, width)`` of every section.
    bits, channels : int
        Of a pixel of the first section, as stored.

    Raises
    ------
    LabError
        If a directory breaks a limit, is damaged, or describes what is not supported.
    """

    def __init__(self, data: bytes, name: str, limits: Limits):
        self._data, self._name = data, name
        count = _directories(data, name, limits)
        with guarded(name), _open(data) as tiff:
            kept = [i for i in range(count) if not tiff.pages[i].subfiletype & (_REDUCED | _MASK)]
            self._pages = kept or list(range(count))
            first = tiff.pages[self._pages[0]]
            self.shape = (first.imagelength, first.imagewidth)
            largest = 0
            for number, index in enumerate(self._pages):
                page = tiff.pages[index]
                _check_page(page, data, name, limits)
                if (page.imagelength, page.imagewidth) != self.shape:
                    raise LabError(
                        f"page {number} of {shown(name)} differs in size from the first; "
                        "save a stack whose pages all have one size."
                    )
                largest = max(largest, _page_bytes(page))
            self.bits = int(first.bitspersample)
            self.channels = int(first.samplesperpixel)
            planes = _planes(first) if count == 1 else 1
            self._contiguous = planes > 1
            self.sections = planes if self._contiguous else len(self._pages)
            if self._contiguous and first.dataoffsets[0] + planes * largest > len(data):
                raise LabError(
                    f"{shown(name)} declares {planes} sections but ends before the last; "
                    "save it again from Fiji."
                )
        check_decoded(largest, self.sections, len(data), name, limits)

    def read(self, section: int) -> Stored:
        """Decode one section.

        Raises
        ------
        LabError
            If its pixels are damaged, or not finite.
        """
        with guarded(self._name), _open(self._data) as tiff:
            page = tiff.pages[self._pages[0 if self._contiguous else section]]
            if self._contiguous:
                dtype = page.dtype.newbyteorder(tiff.byteorder)
                size = math.prod(page.shape)
                start = page.dataoffsets[0] + section * size * dtype.itemsize
                values = np.frombuffer(self._data, dtype, size, start).reshape(page.shape)
                values = values.astype(page.dtype, copy=False)
            else:
                values = page.asarray(maxworkers=1)
            values = _without_alpha(page, values)
            if values.shape[:2] != self.shape:
                raise damaged(self._name)
            palette = _palette(page) if page.photometric == _PALETTE else None
            stored = Stored(
                values, int(page.bitspersample), page.photometric == _WHITE_IS_ZERO, palette
            )
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise LabError(
                f"section {section} of {shown(self._name)} contains NaN or infinite values; "
                "replace them by numbers and save it again."
            )
        return stored


def _open(data: bytes) -> tifffile.TiffFile:
    # the special treatment of microscope makers' files moves offsets and pages about
    return tifffile.TiffFile(io.BytesIO(data), is_lsm=False, is_ndpi=False, is_scanimage=False)


def _directories(data: bytes, name: str, limits: Limits) -> int:
    """Count the page directories, bounding what a decoder would read of them.

    Raises
    ------
    LabError
        If there are too many, if they form a ring or leave the file, or if their
        tags claim more than the file could hold.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = 43 in data[2:4]
    start, entry_bytes = (8, 20) if big else (4, 12)
    count_format, offset_format, entry = ("Q", "Q", "HHQ") if big else ("H", "I", "HHI")
    seen: set[int] = set()
    entries = tag_bytes = 0
    try:
        (offset,) = struct.unpack_from(order + offset_format, data, start)
        while offset:
            if offset in seen or not 8 <= offset < len(data):
                raise damaged(name)
            seen.add(offset)
            if len(seen) > limits.pages:
                raise too_many_pages(name, limits)
            (tags,) = struct.unpack_from(order + count_format, data, offset)
            offset += struct.calcsize(order + count_format)
            entries += tags
            # directories that lie over each other could list far more than the file holds
            if tags * entry_bytes > len(data) - offset or entries * entry_bytes > len(data):
                raise damaged(name)
            for place in range(offset, offset + tags * entry_bytes, entry_bytes):
                code, kind, values = struct.unpack_from(order + entry, data, place)
                if code in _SEGMENT_TAGS and values > limits.segments:
                    raise LabError(
                        f"{shown(name)} is cut into {values} pieces a page; "
                        "save it with larger strips or tiles."
                    )
                tag_bytes += values * _TYPE_BYTES.get(kind, 1)
            if tag_bytes > len(data) + limits.tag_bytes:
                raise damaged(name)
            (offset,) = struct.unpack_from(order + offset_format, data, offset + tags * entry_bytes)
    except struct.error as error:
        raise damaged(name) from error
    if not seen:
        raise damaged(name)
    return len(seen)


def _check_page(page, data: bytes, name: str, limits: Limits) -> None:
    """Hold one page's directory against the limits and the end of the file."""
    _check_kind(page, name, limits)
    height, width = page.imagelength, page.imagewidth
    channels = page.samplesperpixel if page.planarconfig == 1 else 1
    rows, columns = page.rowsperstrip, width
    if page.is_tiled:
        rows, columns = page.tilelength, page.tilewidth
        if max(rows, columns) > limits.side_max:
            raise LabError(
                f"{shown(name)} has tiles of {columns} x {rows} pixels; "
                f"save it with tiles of at most {limits.side_max}."
            )
    if rows < 1 or columns < 1:
        raise damaged(name)
    planes = page.samplesperpixel // channels
    pieces = planes * math.ceil(height / rows) * math.ceil(width / columns)
    offsets, sizes = page.dataoffsets, page.databytecounts
    if not len(offsets) == len(sizes) == pieces:
        raise damaged(name)
    ends = [offset + size for offset, size in zip(offsets, sizes, strict=True)]
    # several pieces may not stand for the same bytes: a small file could then cost any time
    if min(offsets) < 8 or min(sizes) < 1 or max(ends) > len(data) or sum(sizes) > len(data):
        raise damaged(name)
    if page.compression == 1 and sum(sizes) * 8 < (
        height * width * page.samplesperpixel * int(page.bitspersample)
    ):
        raise damaged(name)


def _check_kind(page, name: str, limits: Limits) -> None:
    """Refuse pages of a kind that is not read, each with what to do about it."""
    file = shown(name)
    check_sides(page.imagelength, page.imagewidth, name, limits)
    if page.imagedepth != 1 or (page.is_tiled and page.tiledepth != 1):
        raise LabError(f"{file} holds volumes in single pages; save one page a section.")
    if int(page.compression) not in _COMPRESSIONS:
        label = getattr(page.compression, "name", page.compression)
        raise LabError(
            f"{file} is compressed with {label}; save it with LZW or deflate, or uncompressed."
        )
    if page.dtype is None or not isinstance(page.bitspersample, int):
        raise LabError(
            f"{file} has samples of {page.bitspersample} bits in a form that is not read; "
            "save it as 8- or 16-bit grey."
        )
    if page.dtype.kind == "c":
        raise LabError(f"{file} holds complex numbers; save their magnitude as 32-bit grey.")
    photometric, samples = int(page.photometric), page.samplesperpixel
    if photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE):
        label = _COLOURS.get(photometric, f"of an unknown kind ({photometric})")
        raise LabError(f"{file} has colours that are {label}; convert it to grey or RGB.")
    wanted = 3 if photometric == _RGB else 1
    extra = tuple(page.extrasamples)
    # a fourth channel of RGB is alpha even where the file forgets to say so
    alpha = samples == wanted + 1 and (photometric == _RGB or extra[:1] in _ALPHA)
    if samples != wanted and not alpha:
        raise LabError(
            f"{file} has {samples} channels a pixel; save the one with the image as grey."
        )
    if photometric == _PALETTE:
        _palette(page)


def _page_bytes(page) -> int:
    return page.imagelength * page.imagewidth * page.samplesperpixel * page.dtype.itemsize


def _planes(page) -> int:
    """Sections that follow each other behind the only directory (Fiji's large stacks)."""
    if page.compression != 1 or not page.is_contiguous or page.bitspersample % 8:
        return 1
    text = page.description
    if text.startswith("ImageJ="):
        found = re.search(r"^images=(\d{1,9})\s*$", text, re.MULTILINE)
        return int(found[1]) if found else 1
    if text.startswith('{"shape"'):  # tifffile's own, with truncate=True
        try:
            described = json.loads(text)
            pixels = math.prod(int(side) for side in described["shape"])
        except (ValueError, TypeError, KeyError, OverflowError):
            return 1
        if described.get("truncated"):
            return max(pixels // math.prod(page.shape), 1)
    return 1


def _without_alpha(page, values: np.ndarray) -> np.ndarray:
    """``(height, width)`` or ``(height, width, 3)`` from either planar configuration."""
    if page.samplesperpixel == 1:
        return values.reshape(page.imagelength, page.imagewidth)
    if page.planarconfig == 2:
        values = np.moveaxis(values, 0, -1)
    return values[..., :3] if page.photometric == _RGB else values[..., 0]


def _palette(page) -> np.ndarray:
    """Colours ``(2**bits, 3)`` in 0..1.

    Raises
    ------
    ValueError
        If the page has none, or too few.
    """
    colours = np.asarray(page.colormap, np.float64)
    if page.dtype.kind != "u" or colours.shape != (3, 2**page.bitspersample):
        raise ValueError("palette does not fit")
    # some writers store 8-bit colours where the standard wants 16
    return colours.T / (65535 if colours.max() > 255 else 255)

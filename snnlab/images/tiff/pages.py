"""One page of a TIFF: its directory held against the limits, any window of it decoded."""

import itertools
import math
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

from snnlab.errors import LabError
from snnlab.images import raw
from snnlab.images.limits import Limits, check_sides, damaged, shown
from snnlab.images.origin import Origin
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
_PHOTOMETRIC = 262
_ALPHA = ((1,), (2,))  # ExtraSamples: associated and unassociated alpha


def check(page, size: int, name: str, limits: Limits) -> None:
    """Hold one page's directory against the limits and the end of the file.

    Raises
    ------
    LabError
    """
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
    if len(page.dataoffsets) != pieces or not within(
        page, page.dataoffsets, page.databytecounts, size
    ):
        raise damaged(name)


def within(page, offsets: Sequence[int], sizes: Sequence[int], size: int) -> bool:
    """Whether pieces of a page like this one lie in a file of `size` bytes and can be whole."""
    if len(offsets) != len(page.dataoffsets) or len(sizes) != len(offsets):
        return False
    ends = [start + length for start, length in zip(offsets, sizes, strict=True)]
    # several pieces may not stand for the same bytes: a small file could then cost any time
    if min(offsets) < 8 or min(sizes) < 1 or max(ends) > size or sum(sizes) > size:
        return False
    bits = page.imagelength * page.imagewidth * page.samplesperpixel * int(page.bitspersample)
    return page.compression != 1 or sum(sizes) * 8 >= bits


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
    photometric, samples = meaning(page), page.samplesperpixel
    if photometric not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE):
        label = _COLOURS.get(photometric, f"of an unknown kind ({photometric})")
        raise LabError(f"{file} has colours that are {label}; convert it to grey or RGB.")
    wanted = 3 if photometric == _RGB else 1
    extra = tuple(page.extrasamples)
    # a fourth channel of RGB is alpha even where the file forgets to say so
    alpha = samples == wanted + 1 and (photometric == _RGB or extra[:1] in _ALPHA)
    if samples != wanted and not alpha and photometric in (_RGB, _PALETTE):
        raise LabError(
            f"{file} has {samples} channels per pixel; save the one with the image as grey."
        )
    if photometric == _PALETTE:
        _palette(page)


def meaning(page) -> int:
    """What the numbers of a page mean, PhotometricInterpretation.

    A page that does not say it, though it must, has 0 = black, as in every other format, or is RGB.
    """
    if _PHOTOMETRIC in page.tags:
        return int(page.photometric)  # tifffile takes 0 = white where nothing is said
    return _RGB if page.samplesperpixel in (3, 4) and not page.extrasamples else _BLACK_IS_ZERO


def colours(page) -> int:
    """Samples that make one colour: 3, or 1."""
    return 3 if meaning(page) == _RGB else 1


def decoded_bytes(page) -> int:
    """Of one whole page."""
    return page.imagelength * page.imagewidth * page.samplesperpixel * page.dtype.itemsize


def channels(page) -> int:
    """Grey channels of a pixel that one has to choose from; 1 where there is nothing to choose."""
    if meaning(page) not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO):
        return 1
    alpha = tuple(page.extrasamples)[-1:] in _ALPHA
    return max(page.samplesperpixel - alpha, 1)


def window(
    page,
    origin: Origin,
    stream: BinaryIO,
    rows: slice,
    columns: slice,
    channel: int = 0,
    nth: int = 0,
    grey: bool = False,
) -> Stored:
    """Decode what a window touches.

    Parameters
    ----------
    page : tifffile.TiffPage
        That `check` passed.
    origin : Origin
    stream : binary file
        Of the same bytes.
    rows, columns : slice
        Within the page.
    channel : int
        Of a pixel of several grey channels; else 0.
    nth : int
        Of the planes that follow each other behind this directory, uncompressed.
    grey : bool
        Take a channel of a colour picture, and no colours.
    """
    photometric = _BLACK_IS_ZERO if grey else meaning(page)
    colour = photometric == _RGB
    transparent = not grey and tuple(page.extrasamples)[-1:] in _ALPHA
    if colour or (transparent and page.samplesperpixel == 2):
        samples = slice(0, page.samplesperpixel)
    else:
        samples = slice(channel, channel + 1)
    if nth or page.is_final:
        offset = page.dataoffsets[0] + nth * decoded_bytes(page)
        values = _lying(page, origin, offset, rows, columns, samples)
    else:
        values = _segments(page, stream, rows, columns, samples)
    many = 3 if colour else 1
    alpha = values[..., many] if values.shape[2] > many else None
    values = values[..., :3] if colour else values[..., 0]
    palette = _palette(page) if photometric == _PALETTE else None
    turned = photometric == _WHITE_IS_ZERO
    return Stored(values, int(page.bitspersample), turned, palette, alpha)


def _lying(
    page, origin: Origin, offset: int, rows: slice, columns: slice, samples: slice
) -> np.ndarray:
    """Pixels that lie uncompressed from `offset` on: ``(rows, columns, samples)``."""
    height, width, count = page.imagelength, page.imagewidth, page.samplesperpixel
    dtype = page.dtype.newbyteorder(page.parent.byteorder)
    if page.planarconfig == 2 and count > 1:
        found = raw.read(origin, offset, dtype, (count, height, width), (samples, rows, columns))
        return np.moveaxis(found, 0, -1)
    return raw.read(origin, offset, dtype, (height, width, count), (rows, columns, samples))


def _segments(page, stream: BinaryIO, rows: slice, columns: slice, samples: slice) -> np.ndarray:
    """Decode the strips or tiles that a window touches: ``(rows, columns, samples)``."""
    tall, wide = page.rowsperstrip, page.imagewidth
    if page.is_tiled:
        tall, wide = page.tilelength, page.tilewidth
    across = math.ceil(page.imagewidth / wide)
    each = across * math.ceil(page.imagelength / tall)
    separate = page.planarconfig == 2 and page.samplesperpixel > 1
    planes = range(samples.start, samples.stop) if separate else (0,)
    found = np.zeros([part.stop - part.start for part in (rows, columns, samples)], page.dtype)
    for plane, row, column in itertools.product(
        planes,
        range(rows.start // tall, math.ceil(rows.stop / tall)),
        range(columns.start // wide, math.ceil(columns.stop / wide)),
    ):
        index = plane * each + row * across + column
        stream.seek(page.dataoffsets[index])
        data = stream.read(page.databytecounts[index])
        piece = page.decode(data, index)[0][0]
        inside, into = [], []
        for first, part, length in zip(
            (row * tall, column * wide), (rows, columns), piece.shape[:2], strict=True
        ):
            low, high = max(first, part.start), min(first + length, part.stop)
            inside.append(slice(low - first, high - first))
            into.append(slice(low - part.start, high - part.start))
        if separate:
            found[*into, plane - samples.start] = piece[*inside, 0]
        else:
            found[*into] = piece[*inside, samples]
    return found


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

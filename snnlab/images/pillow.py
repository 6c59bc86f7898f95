"""PNG and JPEG, read with Pillow.

Two things Pillow does not do: it reads 16-bit colours at 8 bits, so libpng (by
way of imagecodecs) decodes those, and it leaves rows black that a PNG lacks,
so the length of the pixel data is checked first.

References
----------
Portable Network Graphics (PNG) Specification, second edition, W3C (2003),
sections 5 (chunks), 7.2 (scanlines) and 8.2 (interlacing).
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

import imagecodecs
import numpy as np
from PIL import Image

from snnlab.errors import LabError
from snnlab.images.choice import Choice, nothing_to_choose
from snnlab.images.limits import (
    Limits,
    check_decoded,
    check_file,
    check_sides,
    damaged,
    guarded,
    shown,
)
from snnlab.images.origin import Origin
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

_CHANNELS = {"1": 1, "L": 1, "P": 1, "I;16": 1, "LA": 2, "PA": 2, "RGB": 3, "RGBA": 4}
_SIGNATURE = 8  # bytes before the first chunk of a PNG
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # a pixel, by PNG colour type
# of Adam7: first column and row, step in columns and rows
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_ALPHA = {"LA": 1, "PA": 1, "RGBA": 3}  # colour channels before the alpha channel


class PillowReader:
    """One PNG or JPEG image, checked by its header; pixels are decoded by `window`.

    Parameters
    ----------
    origin : Origin
        Read whole: neither format can be decoded in pieces.
    name : str
        For errors.
    limits : Limits
    choice : Choice
        There is nothing to choose from.

    Attributes
    ----------
    header : Header

    Raises
    ------
    LabError
        If the header breaks a limit, or names a kind of image that is not supported.
    """

    kind = ""

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        check_file(origin.size, name, limits)
        kind, data = self.kind, origin.whole()
        self._data, self._name = data, name
        with guarded(name):
            try:
                with self._open() as image:
                    width, height = image.size
                    mode, frames = image.mode, getattr(image, "n_frames", 1)
            except Image.DecompressionBombError as error:
                raise LabError(
                    f"{shown(name)} declares more than {limits.side_max} pixels per side; "
                    "crop or scale it."
                ) from error
        check_sides(height, width, name, limits)
        if kind == "PNG" and frames > 1:
            raise LabError(
                f"{shown(name)} is an animated PNG of {frames} frames; "
                "save the frames as pages of a TIFF."
            )
        if mode not in _CHANNELS:
            raise LabError(f"{shown(name)} has {mode} colours; convert it to grey or RGB.")
        bits, self._deep_colour = 8, False
        if kind == "PNG":
            if data[12:16] != b"IHDR":
                raise damaged(name)
            bits = data[24]
            # Pillow shows 16-bit grey with alpha as RGBA, and colours at 8 bits
            self._deep_colour = bits == 16 and data[25] != 0
        samples = _CHANNELS[mode]
        decoded = height * width * samples * (2 if bits == 16 else 1)
        check_decoded(decoded, 1, len(data), name, limits)
        nothing_to_choose(choice, name)
        self.header = Header(
            kind, 1, (height, width), bits, samples, axes=(("y", height), ("x", width))
        )
        self._last: Stored | None = None

    def _open(self) -> Image.Image:
        return Image.open(io.BytesIO(self._data), formats=(self.kind,))

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of the pixels, which takes all of them.

        Raises
        ------
        LabError
            If they are damaged.
        """
        whole = self._last
        if whole is None:
            whole = self._decoded()
            # windows come one after the other; a section that is read at once is not kept
            part = (rows.stop - rows.start, columns.stop - columns.start) != self.header.shape
            self._last = whole if part else None
        alpha = None if whole.alpha is None else whole.alpha[rows, columns]
        return replace(whole, values=whole.values[rows, columns], alpha=alpha)

    def _decoded(self) -> Stored:
        with guarded(self._name):
            if self.kind == "PNG":
                _check_rows(self._data)
            if self._deep_colour:
                return self._read_deep_colour()
            with self._open() as image:
                image.load()
                values = np.asarray(image)
                palette = None
                if image.mode in ("P", "PA"):
                    listed = np.array(image.getpalette("RGB"), np.float64).reshape(-1, 3) / 255
                    # an index beyond a short palette is black, as viewers show it
                    palette = np.zeros((256, 3))
                    palette[: len(listed)] = listed
                colours = _ALPHA.get(image.mode)
            alpha = None
            if colours is not None:
                values, alpha = values[..., :colours], values[..., colours]
                values = values[..., 0] if colours == 1 else values
            # Pillow widens 2- and 4-bit grey to 0..255, but leaves 1-bit images as they are
            bits = {"bool": 1, "uint16": 16}.get(values.dtype.name, 8)
            return Stored(values, bits, palette=palette, alpha=alpha)

    def _read_deep_colour(self) -> Stored:
        values = imagecodecs.png_decode(_bare(self._data))
        if values.shape[:2] != self.header.shape or values.dtype != np.uint16:
            raise damaged(self._name)
        colours = 1 if values.shape[2] == 2 else 3
        alpha = values[..., colours] if values.shape[2] > colours else None
        values = values[..., 0] if colours == 1 else values[..., :3]
        return Stored(values, 16, alpha=alpha)


class PngReader(PillowReader):
    """One PNG image."""

    kind = "PNG"


class JpegReader(PillowReader):
    """One JPEG image."""

    kind = "JPEG"


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk of a PNG, to the end of the image."""
    kind, end = b"", _SIGNATURE
    while kind != b"IEND":
        start = end
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + length + 12
        yield kind, start, end


def _check_rows(data: bytes) -> None:
    """Raise ValueError or `zlib.error` unless the pixel data has exactly the declared length."""
    width, height, bits, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    pixel = bits * _SAMPLES[colour]
    expected = 0
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        expected += rows * (1 + -(-columns * pixel // 8))
    stream, length = zlib.decompressobj(), 0
    for kind, start, end in _chunks(data):
        packed = data[start + 8 : end - 4] if kind == b"IDAT" else b""
        while packed and length <= expected:
            # a piece at a time, for only the length is wanted
            length += len(stream.decompress(packed, 1 << 20))
            packed = stream.unconsumed_tail
    if length != expected or not stream.eof or stream.unused_data:
        raise ValueError(f"{length} bytes of pixels instead of {expected}")


def _bare(data: bytes) -> bytes:
    """Leave only what makes pixels; libpng prints its doubts about the rest on the terminal."""
    needed = (b"IHDR", b"IDAT", b"IEND")
    kept = [data[start:end] for kind, start, end in _chunks(data) if kind in needed]
    return data[:_SIGNATURE] + b"".join(kept)

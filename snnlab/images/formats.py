"""Which format a file has, by its content; a new format is a line in `READERS`."""

import codecs
from collections.abc import Callable
from importlib import import_module

from snnlab.images.origin import Origin

# Tried in this order: (where in the head, bytes there, module and class that reads it).
READERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "pillow:PngReader"),
    (0, b"\xff\xd8\xff", "pillow:JpegReader"),
    (0, b"II*\0", "tiff.reader:TiffReader"),
    (0, b"MM\0*", "tiff.reader:TiffReader"),
    (0, b"II+\0", "tiff.reader:TiffReader"),  # BigTIFF
    (0, b"MM\0+", "tiff.reader:TiffReader"),
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


def reader_of(origin: Origin) -> Callable | None:
    """What reads a file: ``reader(origin, name, limits, choice)``; None if nothing does."""
    if origin.folder:
        return _load("ome_zarr:OmeZarrReader")
    head = origin.head
    for offset, magic, where in READERS:
        if head[offset : offset + len(magic)] == magic:
            return _load(where)
    return None


def _load(where: str) -> Callable:
    # imported on use: start-up, and pages that open no file, do without the decoders
    module, name = where.split(":")
    return getattr(import_module(f"snnlab.images.{module}"), name)


def what_it_is(head: bytes) -> str:
    """What a file that nothing reads seems to be."""
    for offset, magic, what in _OTHERS:
        if head[offset : offset + len(magic)] == magic:
            return what
    try:
        # incremental, for the cut may fall within a character
        text = codecs.getincrementaldecoder("utf-8")().decode(head[:1024])
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

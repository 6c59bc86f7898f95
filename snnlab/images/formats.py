"""Which format a file has, by its content; a new format is a line in `READERS`."""

import codecs
import struct
from collections.abc import Callable
from functools import partial
from importlib import import_module

from snnlab.images.origin import Origin

_HDF5 = b"\x89HDF\r\n\x1a\n"
_BLOCKS = tuple(1 << power for power in range(10, 17))  # bytes that may come before it, too

# Tried in this order: (where in the head, bytes there, module and class that reads it).
READERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "pillow:PngReader"),
    (0, b"\xff\xd8\xff", "pillow:JpegReader"),
    (0, b"II*\0", "tiff.reader:TiffReader"),
    (0, b"MM\0*", "tiff.reader:TiffReader"),
    (0, b"II+\0", "tiff.reader:TiffReader"),  # BigTIFF
    (0, b"MM\0+", "tiff.reader:TiffReader"),
    (208, b"MAP", "mrc:MrcReader"),
    (0, _HDF5, "hdf5:Hdf5Reader"),
    (512, _HDF5, "hdf5:Hdf5Reader"),  # behind MATLAB's own header
    (0, b"PK\x03\x04", "ome_zarr:OmeZarrReader"),  # a zip of its folder
    (0, b"NRRD000", "nrrd:NrrdReader"),
    (344, b"n+1\0", "nifti:NiftiReader"),
    (344, b"ni1\0", "nifti:NiftiReader"),
    (4, b"n+2\0", "nifti:NiftiReader"),
    (4, b"ni2\0", "nifti:NiftiReader"),
    (0, b"\x1f\x8b", "packed:GzipReader"),
    (0, b"\0\0\0\x03", "dm:DmReader"),
    (0, b"\0\0\0\x04", "dm:DmReader"),
)

# what names of such files end with; for lists of files only, since content decides
ENDINGS = (
    *("png", "jpg", "jpeg", "tif", "tiff", "mrc", "rec", "map", "st", "ali", "dm3", "dm4", "h5"),
    *("hdf5", "hdf", "emd", "mat", "nrrd", "nii", "gz", "zip"),
)

# (offset, bytes, what it is): what people drop here by mistake
_OTHERS = (
    (0, b"GIF8", "a GIF image"),
    (0, b"BM", "a BMP image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"7z\xbc\xaf", "a 7z archive"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (4, b"ftyp", "a HEIC, AVIF or video file"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"II\x97\x01", "a TIA series (.ser)"),
    (0, b"ZISRAWFILE", "a Zeiss CZI file"),
    (0, b"\xda\xce\xbe\x0a", "a Nikon ND2 file"),
    (0, b"\xd0\xcf\x11\xe0", "an OLE file, such as ZVI or OIB"),
    (0, b"SIMPLE  =", "a FITS file"),
    (0, b"MATLAB 5.0", "a MATLAB 5 file (save it with -v7.3)"),
    (
        0,
        b"\x5c\x01\0\0",
        "an Analyze header, whose numbers are in an .img file (save both as NIfTI)",
    ),
    (
        0,
        b"\0\0\x01\x5c",
        "an Analyze header, whose numbers are in an .img file (save both as NIfTI)",
    ),
    (0, b"# AmiraMesh", "an Amira mesh"),
    (0, b"# Avizo", "an Amira mesh"),
    (0, b"ObjectType", "a MetaImage header"),
    (4, b"CDF\x01", "a NetCDF file"),
)
_MARKUP = (("<svg", "an SVG drawing"), ("<html", "a web page"), ("<!doctype html", "a web page"))


# of strangers' files read in a process of their own: their libraries crash on damaged ones
_APART = ("hdf5:Hdf5Reader", "ome_zarr:OmeZarrReader")


def reader_of(origin: Origin) -> Callable | None:
    """What reads a file: ``reader(origin, name, limits, choice)``; None if nothing does."""
    where = _which(origin)
    if where is None:
        return None
    if origin.path is None and where in _APART:
        return partial(load("apart:ApartReader"), reader=where)
    return load(where)


def _which(origin: Origin) -> str | None:
    if origin.folder:
        return "ome_zarr:OmeZarrReader"
    head = origin.head
    for offset, magic, where in READERS:
        if head[offset : offset + len(magic)] == magic:
            return where
    for at in _BLOCKS:
        if at + len(_HDF5) <= origin.size and origin.read(at, len(_HDF5)) == _HDF5:
            return "hdf5:Hdf5Reader"
    return "mrc:MrcReader" if load("mrc:plausible")(origin) else None


def whole(head: bytes) -> bool:
    """Whether a file that begins so has to be read, and unpacked, as a whole."""
    if head[:7] == b"NRRD000":
        return any(word in head for word in (b"encoding: gz", b"encoding: bz"))
    return head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b"))


def load(where: str) -> Callable:
    """A reader by its module and name."""
    # imported on use: start-up, and pages that open no file, do without the decoders
    module, name = where.split(":")
    return getattr(import_module(f"snnlab.images.{module}"), name)


# SPIDER has no magic word: numbers of its header that hang together
_SPIDER = (1, 3, -11, -12, -21, -22)  # kinds of images


def _spider(head: bytes) -> bool:
    for order in "<>":
        if len(head) < 108:
            return False
        values = struct.unpack_from(f"{order}27f", head)
        kind, records, size, length = (values[i - 1] for i in (5, 13, 22, 23))
        whole = all(v == v and abs(v) < 1e9 and v == int(v) for v in (kind, records, size, length))
        if whole and kind in _SPIDER and records > 0 and records * length == size:
            return True
    return False


def what_it_is(head: bytes) -> str:
    """What a file that nothing reads seems to be."""
    if head[:4] == b"\x70\0\0\0" and head[8:9] == b"*":
        return "a Leica LIF file"
    if _spider(head):
        return "a SPIDER image"
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

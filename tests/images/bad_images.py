"""What people and accidents hand in instead of an EM image: bytes, and what must be said."""

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

RNG = np.random.default_rng(20120301)
GREY = RNG.integers(1, 255, (40, 48)).astype(np.uint8)
MASK = np.kron(RNG.integers(0, 2, (5, 6)), np.ones((8, 8))).astype(np.uint8) * 255
DEEP = np.dstack([GREY * np.uint16(200)] * 3)

WHOLE_FILE, PIXELS, LABELS = "open", "section", "labels"


def tiff(array: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def pillow(image: np.ndarray | Image.Image, form: str, **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def directory(*changes: tuple[int, int, int, int], pixels: bytes = bytes(40 * 48)) -> bytes:
    """Write a TIFF by hand, 48 wide and 40 high; ``changes`` are (tag, type, count, value)."""
    tags = {
        256: (3, 1, 48), 257: (3, 1, 40), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, 1, 512), 277: (3, 1, 1), 278: (3, 1, 40), 279: (4, 1, len(pixels)),
    }  # fmt: skip
    for tag, kind, count, value in changes:
        tags[tag] = (kind, count, value)
    entries = b"".join(struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags))
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4)
    return head.ljust(512, b"\0") + pixels


def png(
    width: int, height: int, bits: int, colour: int, rows: bytes, *before: bytes, interlaced=0
) -> bytes:
    """Write a PNG by hand, with whatever the header says."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *(chunk(item[:4], item[4:]) for item in before),
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        )
    )


def zeros(megabytes: int) -> bytes:
    """Return a deflate stream of that many zeros, made without holding them."""
    packer = zlib.compressobj(9)
    block = bytes(1_000_000)
    return b"".join([packer.compress(block) for _ in range(megabytes)]) + packer.flush()


def tiff_bomb() -> bytes:
    """About 400 kB that declare 25 pages of 4000 x 4000, 400 MB, all within the sides."""
    packed = zeros(16)
    pages, place, entries = 25, 8, 9
    body = b""
    for page in range(pages):
        data = place + 2 + 12 * entries + 4
        tags = (
            (256, 4, 1, 4000), (257, 4, 1, 4000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
            (273, 4, 1, data), (277, 3, 1, 1), (278, 4, 1, 4000), (279, 4, 1, len(packed)),
        )  # fmt: skip
        after = data + len(packed)
        body += struct.pack("<H", entries) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
        body += struct.pack("<I", after if page < pages - 1 else 0) + packed
        place = after
    return struct.pack("<2sHI", b"II", 42, 8) + body


def one_page_bomb() -> bytes:
    """About 400 kB whose only page declares 20000 x 20000."""
    packed = zeros(400)
    return directory(
        (256, 4, 1, 20000), (257, 4, 1, 20000), (278, 4, 1, 20000), (259, 3, 1, 8), pixels=packed
    )


def png_bomb() -> bytes:
    """About 400 kB that declare 20000 x 20000 grey pixels."""
    return png(20000, 20000, 8, 0, b"").replace(zlib.compress(b"", 9), zeros(400))


def text_bomb() -> bytes:
    """A small picture with a comment of 99 MB."""
    return png(48, 40, 8, 0, bytes(40 * 49), b"zTXta\0\0" + zeros(99))


def deep_bomb() -> bytes:
    """About 130 kB for one page of 4096 x 4096 doubles, 134 MB."""
    return directory(
        (256, 4, 1, 4096), (257, 4, 1, 4096), (278, 4, 1, 4096), (259, 3, 1, 8),
        (258, 3, 1, 64), (339, 3, 1, 3), pixels=zeros(135),
    )  # fmt: skip


def animated_png() -> bytes:
    frames = [Image.fromarray(np.roll(GREY, i)) for i in range(3)]
    return pillow(frames[0], "PNG", save_all=True, append_images=frames[1:])


def ring() -> bytes:
    data = bytearray(directory())
    data[10 + 12 * 9 : 14 + 12 * 9] = struct.pack("<I", 8)  # the next directory is the first
    return bytes(data)


def broken(data: bytes, start: int, length: int = 40) -> bytes:
    """Overwrite a stretch of a file with noise."""
    return data[:start] + np.random.default_rng(start).bytes(length) + data[start + length :]


def with_value(value: float) -> bytes:
    pixels = GREY.astype(np.float32)
    pixels[7, 9] = value
    return tiff(pixels)


def short_hyperstack() -> bytes:
    text = "ImageJ=1.54f\nimages=500\nslices=500\nloop=false\n"
    return tiff(GREY, description=text, metadata=None)


def many_pages() -> bytes:
    """Chain 5000 directories that share one strip."""
    step = 2 + 12 * 9 + 4
    head = struct.pack("<2sHI", b"II", 42, 8)
    last = 8 + 5000 * step
    tags = struct.pack("<H", 9) + directory()[10 : 10 + 12 * 9].replace(
        struct.pack("<HHII", 273, 4, 1, 512), struct.pack("<HHII", 273, 4, 1, last)
    )
    pages = [tags + struct.pack("<I", 8 + i * step if i < 5000 else 0) for i in range(1, 5001)]
    return head + b"".join(pages) + bytes(40 * 48)


def two_sizes() -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(GREY, photometric="minisblack")
        writer.write(GREY.T, photometric="minisblack")
    return file.getvalue()


def spider() -> bytes:
    """Two-dimensional, 48 x 40, as Pillow writes it."""
    return pillow(Image.fromarray(GREY.astype(np.float32)), "SPIDER")


@dataclass(frozen=True)
class Case:
    """Bytes under a name, where the error comes, and a word that it must contain."""

    id: str
    make: Callable[[], bytes]
    word: str
    at: str = WHOLE_FILE
    name: str = "section.tif"


def _of(*rows: tuple) -> tuple[Case, ...]:
    return tuple(Case(*row) for row in rows)


OTHER_FILES = _of(
    ("empty", lambda: b"", "empty"),
    ("text named png", lambda: b"not an image, sorry\n" * 9, "a text file", WHOLE_FILE, "a.png"),
    ("utf-8 text", lambda: "Größe in µm\n".encode() * 200, "a text file"),
    ("noise", lambda: b"\x81" + RNG.bytes(500), "no image"),
    ("one byte", lambda: b"\x89", "no image"),
    ("web page", lambda: b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
    (
        "svg",
        lambda: b'<?xml version="1.0"?><svg xmlns="x"/>',
        "an SVG drawing",
        WHOLE_FILE,
        "a.png",
    ),
    ("gif", lambda: pillow(GREY, "GIF"), "a GIF image"),
    ("bmp", lambda: pillow(GREY, "BMP"), "a BMP image"),
    ("webp", lambda: pillow(GREY, "WEBP"), "a WebP image", WHOLE_FILE, "a.png"),
    ("avif", lambda: b"\0\0\0\x20ftypavif" + bytes(99), "HEIC"),
    ("jpeg 2000", lambda: pillow(GREY, "JPEG2000"), "a JPEG 2000 image"),
    ("pdf", lambda: pillow(GREY, "PDF"), "a PDF document"),
    ("postscript", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
    ("photoshop", lambda: b"8BPS\0\1" + bytes(50), "Photoshop"),
    ("zip", lambda: b"PK\x03\x04" + bytes(60), "damaged"),
    ("gzip", lambda: b"\x1f\x8b\x08" + bytes(60), "damaged"),
    ("gzip of text", lambda: gzip.compress(b"some text\n" * 99), "a gzip archive of a text file"),
    ("analyze", lambda: (348).to_bytes(4, "little") + bytes(344), "save both as NIfTI"),
    ("analyze, big-endian", lambda: (348).to_bytes(4, "big") + bytes(344), "save both as NIfTI"),
    ("numpy", lambda: b"\x93NUMPY\x01\0" + bytes(60), "a NumPy array"),
    ("hdf5", lambda: b"\x89HDF\r\n\x1a\n" + bytes(60), "damaged"),
    ("mrc", lambda: bytes([40, 0, 0, 0]).ljust(208, b"\0") + b"MAP " + bytes(900), "damaged"),
    ("dm4", lambda: b"\0\0\0\x04" + bytes(60), "holds no image"),
    ("spider", spider, "a SPIDER image"),
    ("ser", lambda: b"II\x97\x01" + bytes(60), "TIA series"),
    ("lif", lambda: b"\x70\0\0\0" + bytes(4) + b"*" + bytes(60), "Leica LIF"),
    ("czi", lambda: b"ZISRAWFILE" + bytes(60), "Zeiss CZI"),
    ("nd2", lambda: b"\xda\xce\xbe\x0a" + bytes(60), "Nikon ND2"),
    ("matlab 5", lambda: b"MATLAB 5.0 MAT-file, " + bytes(60), "save it with -v7.3"),
)

SIZES = _of(
    ("png too small", lambda: pillow(GREY[:31, :40], "PNG"), "40 pixels wide and 31 high"),
    ("jpeg too small", lambda: pillow(GREY[:, :20], "JPEG"), "20 pixels wide"),
    ("tiff too small", lambda: tiff(GREY[:, :31]), "31 pixels wide"),
    ("png too wide", lambda: pillow(np.zeros((40, 4097), np.uint8), "PNG"), "4097 pixels wide"),
    ("tiff too high", lambda: tiff(np.zeros((4097, 40), np.uint8)), "4097 high"),
    ("png of no width", lambda: png(0, 40, 8, 0, b""), ""),
    ("tiff of no width", lambda: directory((256, 3, 1, 0)), ""),
    ("tiff of no height", lambda: directory((257, 3, 1, 0)), ""),
)  # fmt: skip

BOMBS = _of(
    ("tiff bomb of pages", tiff_bomb, "times its size"),
    ("tiff bomb of one page", one_page_bomb, "20000 pixels wide"),
    ("tiff bomb of doubles", deep_bomb, "times its size"),
    ("png bomb", png_bomb, "4096 pixels per side", WHOLE_FILE, "a.png"),
    ("png of 2 gigapixels", lambda: png(46000, 46000, 1, 0, bytes(9)), "4096 pixels per side"),
    ("png of 150 megapixels", lambda: png(15000, 10000, 8, 0, bytes(9)), "15000 pixels wide"),
    ("png text bomb", text_bomb, "damaged"),
    ("tiff of five thousand pages", many_pages, "more than 4096 pages"),
    ("tiff of huge tiles", lambda: directory((322, 4, 1, 1 << 30), (323, 4, 1, 1 << 30)), "tiles"),
    ("tiff with 4 billion offsets", lambda: directory((273, 4, (1 << 32) - 1, 8)), "pieces"),
    ("tiff with 4 GB of text", lambda: directory((270, 2, (1 << 32) - 1, 8)), "damaged"),
    ("tiff in a ring", ring, "damaged"),
)  # fmt: skip

KINDS = _of(
    ("animated png", animated_png, "animated"),
    ("cmyk jpeg", lambda: pillow(Image.fromarray(GREY).convert("CMYK"), "JPEG"), "CMYK"),
    ("cmyk tiff", lambda: pillow(Image.fromarray(GREY).convert("CMYK"), "TIFF"), "CMYK"),
    ("lab tiff", lambda: pillow(Image.merge("LAB", [Image.fromarray(GREY)] * 3), "TIFF"), "CIE"),
    ("ycbcr tiff", lambda: directory((262, 3, 1, 6), (277, 3, 1, 3), pixels=bytes(5760)), "YCbCr"),
    ("raw camera tiff", lambda: directory((262, 3, 1, 32803)), "mosaic"),
    ("unknown colours", lambda: directory((262, 3, 1, 77)), "unknown"),
    ("complex tiff", lambda: tiff(GREY.astype(np.complex64)), "complex"),
    ("jpeg in tiff", lambda: tiff(GREY, compression="jpeg"), "JPEG"),
    ("webp in tiff", lambda: directory((259, 3, 1, 50001)), "WEBP"),
    ("unknown compression", lambda: directory((259, 3, 1, 12345)), "12345"),
    ("five channels", lambda: tiff(np.dstack([GREY] * 5), planarconfig="contig"), "5 channels"),
    ("two channels", lambda: tiff(np.dstack([GREY] * 2), planarconfig="contig"), "2 channels"),
    ("47-bit samples", lambda: directory((258, 3, 1, 47)), "47 bits"),
    ("volume in a page", lambda: tiff(np.stack([GREY[:32, :32]] * 16), volumetric=True,
                                      tile=(16, 16, 16)), "volumes"),
    ("pages of two sizes", two_sizes, "differs in size"),
)  # fmt: skip


DAMAGE = _of(
    ("tiff header only", lambda: b"II*\0", "damaged"),
    ("tiff without pages", lambda: b"II*\0" + bytes(60), "damaged"),
    ("bigtiff beyond the end", lambda: b"MM\0+\0\x08\0\0" + b"\xff" * 60, "damaged"),
    ("truncated tiff", lambda: tiff(GREY)[:-200], "damaged"),
    ("truncated stack", lambda: tiff(np.stack([GREY] * 5), metadata=None)[:-200], "damaged"),
    ("truncated hyperstack", short_hyperstack, "500 sections"),
    ("strip outside the file", lambda: directory((273, 4, 1, 1 << 20)), "damaged"),
    ("strip without bytes", lambda: directory((279, 4, 1, 0)), "damaged"),
    ("strip too short", lambda: directory((279, 4, 1, 99)), "damaged"),
    ("strips of no rows", lambda: directory((278, 4, 1, 0)), "damaged"),
    ("no palette", lambda: directory((262, 3, 1, 3)), "damaged"),
    ("png header only", lambda: pillow(GREY, "PNG")[:20], "damaged"),
    ("png header broken", lambda: broken(pillow(GREY, "PNG"), 12, 8), "damaged"),
    ("jpeg header only", lambda: pillow(GREY, "JPEG")[:12], "damaged"),
    ("truncated png", lambda: pillow(GREY, "PNG")[:900], "damaged", PIXELS),
    ("truncated deep png", lambda: imagecodecs.png_encode(DEEP)[:900], "damaged", PIXELS),
    ("broken png", lambda: broken(pillow(GREY, "PNG"), 700), "damaged", PIXELS),
    ("png of too few rows", lambda: png(48, 40, 8, 0, bytes(49 * 3)), "damaged", PIXELS),
    ("truncated jpeg", lambda: pillow(GREY, "JPEG")[:900], "damaged", PIXELS),
    ("broken deflate", lambda: broken(tiff(GREY, compression="zlib"), 900), "damaged", PIXELS),
    ("short lzw", lambda: directory((259, 3, 1, 5), pixels=imagecodecs.lzw_encode(bytes(99))),
     "damaged", PIXELS),
    ("overlong deflate", lambda: directory((259, 3, 1, 8), pixels=zeros(40)), "damaged", PIXELS),
)  # fmt: skip

NO_LABELS = _of(
    ("labels all cell", lambda: pillow(np.full_like(GREY, 255), "PNG"), "only pixels", LABELS),
    ("labels all membrane", lambda: tiff(np.zeros_like(GREY)), "only pixels", LABELS),
    ("labels of one cell", lambda: tiff(MASK // 255 * 0 + 7), "only pixels of value 7", LABELS),
    ("labels of another size", lambda: tiff(MASK[:32]), "32 high, but the image", LABELS),
    ("labels as jpeg", lambda: pillow(MASK, "JPEG"), "blurs", LABELS),
    ("the image as labels", lambda: tiff(GREY), "grey picture", LABELS),
    ("labels not finite", lambda: with_value(np.nan), "grey picture", LABELS),
    ("text as labels", lambda: b"0 255 0 255\n" * 99, "a text file", LABELS),
)

CASES = OTHER_FILES + SIZES + BOMBS + KINDS + DAMAGE + NO_LABELS

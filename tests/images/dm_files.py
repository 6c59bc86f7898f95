"""DM3 and DM4 files, written after the public layout."""

import struct

import numpy as np

KINDS = {"i2": 2, "i4": 3, "u2": 4, "u4": 5, "f4": 6, "f8": 7, "u1": 10, "i8": 11, "u8": 12}
IMAGES = {"i2": 1, "f4": 2, "u1": 6, "i4": 7, "i1": 9, "u2": 10, "u4": 11, "f8": 12}


class Writer:
    """Puts tags together, innermost first."""

    def __init__(self, version: int, order: str):
        self.version, self.order = version, order

    def length(self, number: int) -> bytes:
        return struct.pack(">Q" if self.version == 4 else ">I", number)

    def tag(self, name: str, kind: int, body: bytes) -> bytes:
        head = struct.pack(">BH", kind, len(name)) + name.encode("latin-1")
        return head + (self.length(len(body)) if self.version == 4 else b"") + body

    def group(self, name: str, *tags: bytes) -> bytes:
        return self.tag(name, 20, self.body(*tags))

    def body(self, *tags: bytes) -> bytes:
        return b"\1\0" + self.length(len(tags)) + b"".join(tags)

    def value(self, name: str, info: tuple[int, ...], data: bytes) -> bytes:
        code = ">%dQ" if self.version == 4 else ">%dI"
        head = b"%%%%" + self.length(len(info)) + struct.pack(code % len(info), *info)
        return self.tag(name, 21, head + data)

    def number(self, name: str, kind: str, value) -> bytes:
        return self.value(name, (KINDS[kind],), np.array(value, self.order + kind).tobytes())

    def text(self, name: str, text: str) -> bytes:
        data = text.encode("utf-16-le" if self.order == "<" else "utf-16-be")
        return self.value(name, (20, 4, len(data) // 2), data)

    def image(self, pixels, scale, unit, origin=0.0, data_type=None, name="") -> bytes:
        """``pixels``: ``(z,) height, width``, colours packed into 32 bits."""
        kind = pixels.dtype.str[1:]
        stored = {"i1": 10, "b1": 10}.get(kind) or KINDS[kind]
        sides = pixels.shape[::-1]
        axes = [
            self.group(
                "",
                self.number("Origin", "f4", origin),
                self.number("Scale", "f4", scale[i] if i < 2 else 50.0),
                self.text("Units", unit),
            )
            for i in range(len(sides))
        ]
        data = pixels.astype(pixels.dtype.newbyteorder(self.order)).tobytes()
        brightness = self.group("Brightness", self.text("Units", "e-"))
        return self.group(
            "",
            self.group(
                "ImageData",
                self.group("Calibrations", brightness, self.group("Dimension", *axes)),
                self.value("Data", (20, stored, pixels.size), data),
                self.number("DataType", "u4", data_type or IMAGES[kind]),
                self.group("Dimensions", *(self.number("", "u4", side) for side in sides)),
                self.number("PixelDepth", "u4", pixels.dtype.itemsize),
            ),
            self.group("ImageTags", self.value("Some", (15, 0, 2, 0, 6, 0, 2), bytes(6))),
            self.text("Name", name),
        )


THUMBNAIL = np.random.default_rng(3).integers(0, 1 << 24, (64, 60), np.uint32).view(np.int32)


def dm(
    pixels: np.ndarray,
    version: int = 3,
    order: str = "<",
    scale=(4.0, 4.0),
    unit: str = "nm",
    origin: float = 0.0,
    data_type: int | None = None,
    named_thumbnail: bool = True,
    more: np.ndarray | None = None,
) -> bytes:
    """A file with a thumbnail, as Digital Micrograph puts it first, and one image or two."""
    w = Writer(version, order)
    images = [
        w.image(THUMBNAIL, (1.0, 1.0), "", data_type=23),
        w.image(pixels, scale, unit, origin, data_type, "EM"),
    ]
    if more is not None:
        images.append(w.image(more, scale, unit, name="second"))
    tags = [
        w.value("ApplicationBounds", (15, 0, 4, 0, 3, 0, 3, 0, 3, 0, 3), bytes(16)),
        w.group("ImageList", *images),
        w.number("InImageMode", "i4", 1),
    ]
    if named_thumbnail:
        tags.append(w.group("Thumbnails", w.group("", w.number("ImageIndex", "u4", 0))))
    root = w.body(*tags)
    return struct.pack(">I", version) + w.length(len(root)) + struct.pack(">I", order == "<") + root

"""DM3 and DM4: what Gatan's Digital Micrograph writes.

A tree of tags, of which only those of images are looked at; numbers of an image stay
in the file until a window of them is asked for. The first image is mostly the
thumbnail, which its own tag names.

References
----------
The layout as it is publicly known: C. Boothroyd, https://personal.ntu.edu.sg/cbb/info/dmformat/,
and the notes of G. Jefferis for ImageJ. Lengths and the tree's numbers are
big-endian; values have the byte order that the header names. DM4 has 64-bit lengths.
"""

import struct
from dataclasses import dataclass, field

import numpy as np

from snnlab.errors import LabError
from snnlab.images import arrays, raw
from snnlab.images.choice import Choice, named
from snnlab.images.limits import Limits, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import (
    UNKNOWN,
    Calibration,
    checked,
    doubted,
    unit_of,
)
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

_GROUP, _VALUE = 20, 21  # kinds of tags
_STRUCT, _TEXT, _ARRAY = 15, 18, 20  # kinds of values that consist of others
# codes of simple values, as numpy has them
_SIMPLE = {2: "i2", 3: "i4", 4: "u2", 5: "u4", 6: "f4", 7: "f8", 8: "u1", 9: "i1", 10: "u1",
           11: "i8", 12: "u8"}  # fmt: skip
# DataType of an image; 8 and 23 are RGB with a fourth byte, 14 is black and white
_IMAGES = {1: "i2", 2: "f4", 6: "u1", 7: "i4", 8: "u1", 9: "i1", 10: "u2", 11: "u4", 12: "f8",
           14: "u1", 23: "u1", 39: "i8", 40: "u8"}  # fmt: skip
_COMPLEX, _RGB, _BINARY = (3, 5, 13, 27, 28), (8, 23), 14
_DEPTH, _TAGS = 32, 200_000  # of the tree; a real file has some thousands
_LONG = 256  # characters of a text that is kept, and numbers of an array


@dataclass
class _Image:
    """What was found of one image.

    Attributes
    ----------
    offset, count, code : int
        Of its numbers: where they begin, how many they are and of which type.
    tags : dict
        Of ImageData, by path.
    """

    offset: int = 0
    count: int = 0
    code: int = 0
    tags: dict[str, object] = field(default_factory=dict)


class _Tree:
    """Walks through the tags once, keeping what is said of images."""

    def __init__(self, origin: Origin, name: str):
        self._origin, self._name, self._tags = origin, name, 0
        self._at = 0
        self.images: dict[int, _Image] = {}
        self.thumbnails: set[int] = set()
        (version,) = struct.unpack(">I", self._take(4))
        self._wide = version == 4
        self._take(8 if self._wide else 4)  # length of the file, which nobody sets reliably
        (little,) = struct.unpack(">I", self._take(4))
        if version not in (3, 4) or little not in (0, 1):
            raise damaged(name)
        self.order = "<" if little else ">"
        self.version = version
        self._group((), 0)

    def _take(self, count: int) -> bytes:
        data = self._origin.read(self._at, count)
        self._at += count
        return data

    def _length(self) -> int:
        """A length: 4 bytes of DM3, 8 of DM4."""
        code, count = (">Q", 8) if self._wide else (">I", 4)
        return struct.unpack(code, self._take(count))[0]

    def _group(self, path: tuple[str, ...], depth: int) -> None:
        if depth > _DEPTH:
            raise damaged(self._name)
        self._take(2)  # sorted, open
        count = self._length()
        for number in range(count):
            self._tags += 1
            if self._tags > _TAGS:
                raise damaged(self._name)
            kind, length = struct.unpack(">BH", self._take(3))
            text = self._take(length).decode("latin-1") or str(number)
            after = None
            if self._wide:
                size = self._length()
                after = self._at + size
                if after > self._origin.size:
                    raise damaged(self._name)
            if kind == _GROUP:
                self._group((*path, text), depth + 1)
            elif kind == _VALUE:
                self._value((*path, text))
            else:
                raise damaged(self._name)
            if after is not None and after != self._at:
                raise damaged(self._name)

    def _value(self, path: tuple[str, ...]) -> None:
        if self._take(4) != b"%%%%":
            raise damaged(self._name)
        count = self._length()
        if not 1 <= count <= 10_000:
            raise damaged(self._name)
        code, size = (">%dQ", 8) if self._wide else (">%dI", 4)
        info = struct.unpack(code % count, self._take(size * count))
        kind = info[0]
        if kind in _SIMPLE and count == 1:
            data = self._take(np.dtype(_SIMPLE[kind]).itemsize)
            value = np.frombuffer(data, self.order + _SIMPLE[kind])[0]
            # the shortest number that single precision may have been meant as: 0.004
            self._keep(path, float(str(value)) if kind == 6 else value.item())
        elif kind == _STRUCT:
            self._take(_struct_bytes(info[1:], self._name))
        elif kind == _TEXT and count == 2:
            self._keep(path, self._text(info[1]))
        elif kind == _ARRAY and count >= 3:
            self._array(path, info)
        else:
            raise damaged(self._name)

    def _array(self, path: tuple[str, ...], info: tuple[int, ...]) -> None:
        kind, length = info[1], info[-1]
        if kind == _STRUCT:
            self._skip(_struct_bytes(info[2:-1], self._name) * length)
            return
        if kind not in _SIMPLE or len(info) != 3:
            raise damaged(self._name)
        size = np.dtype(_SIMPLE[kind]).itemsize * length
        start = self._at
        if path[:1] == ("ImageList",) and path[2:] == ("ImageData", "Data"):
            image = self._image(path[1])
            image.offset, image.count, image.code = start, length, kind
        elif kind == 4 and length <= _LONG:
            # texts are arrays of 16-bit characters
            self._keep(path, self._origin.read(start, size).decode(_utf16(self.order), "replace"))
        self._skip(size)

    def _text(self, length: int) -> str:
        start = self._at
        self._skip(2 * length)
        kept = self._origin.read(start, 2 * min(length, _LONG))
        return kept.decode(_utf16(self.order), "replace")

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > self._origin.size:
            raise damaged(self._name)

    def _image(self, number: str) -> _Image:
        if not number.isdigit():
            raise damaged(self._name)
        return self.images.setdefault(int(number), _Image())

    def _keep(self, path: tuple[str, ...], value) -> None:
        if path[:1] == ("ImageList",) and len(path) > 3 and path[2] == "ImageData":
            self._image(path[1]).tags["/".join(path[3:])] = value
        elif path[:1] == ("ImageList",) and len(path) == 3 and path[2] == "Name":
            self._image(path[1]).tags["Name"] = value
        elif path[:1] == ("Thumbnails",) and path[-1] == "ImageIndex":
            self.thumbnails.add(int(value))


def _utf16(order: str) -> str:
    return "utf-16-le" if order == "<" else "utf-16-be"


def _struct_bytes(info: tuple[int, ...], name: str) -> int:
    """Bytes of a struct: its name's length, its fields, then length of name and type of each."""
    if len(info) < 2 or len(info) != 2 + 2 * info[1]:
        raise damaged(name)
    kinds = info[3::2]
    if not set(kinds) <= set(_SIMPLE):
        raise damaged(name)
    return sum(np.dtype(_SIMPLE[kind]).itemsize for kind in kinds)


class DmReader:
    """A DM3 or DM4 file, its thumbnail left out.

    Parameters
    ----------
    origin : Origin
    name : str
    limits : Limits
    choice : Choice
        Of its images, as data sets.

    Raises
    ------
    Undecided, LabError
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        self._origin, self._name = origin, name
        with guarded(name):
            tree = _Tree(origin, name)
            number, dataset, notes = _chosen(tree, choice, name)
            image = tree.images[number]
            kind = image.tags.get("DataType")
            sides = _sides(image, name)
        if kind in _COMPLEX:
            raise LabError(
                f"{shown(name)} holds complex numbers, a Fourier transform; save the image itself."
            )
        if kind not in _IMAGES:
            raise LabError(
                f"{shown(name)} holds numbers of a type ({kind}) that is not read; save it as a"
                " TIFF of 16 bits."
            )
        self._dtype = np.dtype(tree.order + _IMAGES[kind])
        self._samples = 4 if kind in _RGB else 1
        self._layout = arrays.laid("zyx"[-len(sides) :], sides, choice, name)
        arrays.check(self._layout, self._dtype, name, limits)
        size = np.dtype(_SIMPLE[image.code]).itemsize * image.count
        wanted = int(np.prod(sides, dtype=object)) * self._samples * self._dtype.itemsize
        if size < wanted:
            raise damaged(name)
        self._offset, self._binary = image.offset, kind == _BINARY
        bits = 1 if self._binary else self._dtype.itemsize * 8
        layout = self._layout
        self.header = Header(
            f"DM{tree.version}",
            layout.sections,
            layout.shape,
            bits,
            3 if kind in _RGB else 1,
            self._dtype.kind == "f" or bits > 16,
            layout.axes,
            _calibration(image, len(sides)),
            notes,
            Choice(dataset=dataset),
        )

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
            If the file ends before.
        """
        part, lengths = self._layout.part(section, rows, columns), self._layout.lengths
        with guarded(self._name):
            if self._samples == 4:
                part, lengths = (*part, slice(0, 4)), (*lengths, 4)
            values = raw.read(self._origin, self._offset, self._dtype, lengths, part)
            if self._samples == 4:
                values = values[..., 2::-1]  # stored as blue, green, red and a spare byte
            if self._binary:
                values = values != 0
            return Stored(values, self.header.bits)


def _chosen(tree: _Tree, choice: Choice, name: str) -> tuple[int, str | None, tuple[str, ...]]:
    """Which image, its name if it was one of several, and what was taken for granted."""
    there = sorted(n for n, image in tree.images.items() if image.count)
    if not there:
        raise LabError(f"{shown(name)} holds no image; save one from Digital Micrograph.")
    rest = [n for n in there if n not in tree.thumbnails]
    if not tree.thumbnails and len(there) > 1 and tree.images[there[0]].tags.get("DataType") == 23:
        rest = there[1:]  # not named as one, but where and what thumbnails are
    rest = rest or there
    called = {n: str(tree.images[n].tags.get("Name") or "") for n in rest}
    labels = [(str(n), f"{n} ({said})" if said else str(n)) for n, said in called.items()]
    if len(rest) == 1 and choice.dataset is None:
        return rest[0], None, ()
    chosen = named(choice.dataset, labels, name)
    return int(chosen), chosen if len(rest) > 1 else None, ()


def _sides(image: _Image, name: str) -> tuple[int, ...]:
    """Lengths of the axes, slowest first."""
    sides = []
    while (side := image.tags.get(f"Dimensions/{len(sides)}")) is not None:
        sides.append(int(side))
    sides = sides[:2] + [side for side in sides[2:] if side != 1]
    if len(sides) < 2 or min(sides) < 1:
        raise damaged(name)
    if len(sides) > 3:
        raise LabError(
            f"{shown(name)} has {len(sides)} axes; save one image or one stack of images."
        )
    unit = str(image.tags.get("Calibrations/Dimension/2/Units", "")).strip()
    if len(sides) == 3 and unit in ("eV", "keV"):
        raise LabError(
            f"{shown(name)} is a spectrum image, its third axis in {unit}; save one energy as an"
            " image."
        )
    return tuple(reversed(sides))


def _calibration(image: _Image, axes: int) -> Calibration:
    """Scale, unit and origin of each axis, as stored."""
    sizes, units, moved = [], [], []
    for axis in (2, 1, 0):
        where = f"Calibrations/Dimension/{axis}"
        size, start = (image.tags.get(f"{where}/{key}") for key in ("Scale", "Origin"))
        unit = str(image.tags.get(f"{where}/Units", "")).strip("\0 ")
        known = unit_of(unit) if unit else None
        good = isinstance(size, int | float) and np.isfinite(size) and size > 0
        if axis == 2 and (axes == 2 or not good or known is None):
            sizes.append(1.0)
            units.append("")
            moved.append(0.0)
            continue
        if not unit or not good:
            return UNKNOWN
        if known is None:
            return doubted(UNKNOWN, f"Digital Micrograph gives it in {unit[:40]!r}, no length")
        name, factor = known
        units.append(name)
        sizes.append(float(size) * factor)
        # the origin is the pixel at which the coordinate is zero
        start = float(start) if isinstance(start, int | float) and np.isfinite(start) else 0.0
        moved.append(-start * sizes[-1])
    found = Calibration(
        tuple(sizes),
        tuple(units),
        tuple(moved) if any(moved) else None,
        "Digital Micrograph's calibration",
    )
    return checked(found, "Digital Micrograph")

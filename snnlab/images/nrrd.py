"""NRRD: volumes of Slicer, ITK and teem, in one file; the header is read with pynrrd.

Numbers that are stored raw are read in pieces, packed ones as a whole. The first
axis is the fastest, so that it is x.

References
----------
https://teem.sourceforge.net/nrrd/format.html
"""

import bz2
import io
import math
import re

import nrrd
import numpy as np

from snnlab.errors import LabError
from snnlab.images import arrays, packed, raw
from snnlab.images.choice import Choice
from snnlab.images.limits import Limits, check_file, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import UNKNOWN, Calibration, checked, doubted, unit_of
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

_HEADER = 1 << 20  # bytes that a header may have
_END = re.compile(rb"\n[ \t\r]*\n")  # an empty line
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int",
           "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}  # fmt: skip
_NAMED = {name: kind for kind, names in _TYPES.items() for name in names}
_RAW, _GZIP, _BZIP2 = ("raw",), ("gzip", "gz"), ("bzip2", "bz2")
_COLOURS = ("rgb-color", "rgba-color", "3-color", "4-color")
_SPACE = ("domain", "space", "???", "none", "")


class NrrdReader:
    """A NRRD file.

    Parameters
    ----------
    origin : Origin
    name : str
    limits : Limits
    choice : Choice

    Raises
    ------
    Undecided, LabError
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        self._name = name
        with guarded(name):
            # no more than a header can have, for pynrrd looks for its end
            head = origin.read(0, min(origin.size, _HEADER))
            found = _END.search(head)
            start = found.end() if found else len(head)
            about = nrrd.read_header(io.BytesIO(_plain(head[:start])))
            shape = tuple(int(side) for side in reversed(about["sizes"]))
            kinds = [str(kind).lower() for kind in about.get("kinds", [])]
        _check(about, name)
        self._dtype = np.dtype(_NAMED[str(about["type"]).lower()])
        if self._dtype.itemsize > 1:
            orders = {"little": "<", "big": ">"}
            order = orders.get(str(about.get("endian", "")).lower())
            if order is None:
                raise damaged(name)
            self._dtype = self._dtype.newbyteorder(order)
        if len(shape) != int(about["dimension"]) or min(shape, default=0) < 1:
            raise damaged(name)
        colours = bool(kinds) and kinds[0] in _COLOURS and shape[-1] in (3, 4)
        names = _axes(kinds, len(shape), colours, name)
        self._samples = shape[-1] if colours else 0
        self._layout = arrays.laid(names, shape[:-1] if colours else shape, choice, name)
        arrays.check(self._layout, self._dtype, name, limits)
        size = math.prod(shape) * self._dtype.itemsize
        self._origin, self._offset = self._numbers(origin, about, start, size, limits)
        if self._offset < 0 or self._offset + size > self._origin.size:
            raise LabError(
                f"{shown(name)} ends before its last section; copy it again from where it was made."
            )
        layout = self._layout
        self.header = Header(
            "NRRD",
            layout.sections,
            layout.shape,
            self._dtype.itemsize * 8,
            3 if colours else 1,
            self._dtype.kind == "f" or self._dtype.itemsize > 2,
            layout.axes,
            _calibration(about, names, colours),
            (),
            layout.choice,
        )

    def _numbers(
        self, origin: Origin, about: dict, start: int, size: int, limits: Limits
    ) -> tuple[Origin, int]:
        """Where the numbers are, unpacked if they were packed."""
        encoding, skip = str(about["encoding"]).lower(), int(about.get("byte skip", 0))
        if encoding in _RAW:
            # -1: they are the last bytes of the file
            return origin, origin.size - size if skip == -1 else start + skip
        check_file(origin.size, self._name, limits)
        packed.check_unpacked(size, origin.size, self._name, limits)
        with guarded(self._name):
            data = origin.read(start, origin.size - start)
            if encoding in _GZIP:
                found = packed.unpacked(data, self._name, limits)
            else:
                found = bz2.BZ2Decompressor().decompress(data, size + max(skip, 0))
            return Origin(found), max(skip, 0)

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
            If the file ends before.
        """
        part, lengths = self._layout.part(section, rows, columns), self._layout.lengths
        if self._samples:
            part, lengths = (*part, slice(0, self._samples)), (*lengths, self._samples)
        with guarded(self._name):
            values = raw.read(self._origin, self._offset, self._dtype, lengths, part)
        values = self._layout.turned(values)
        return Stored(values[..., :3] if self._samples else values, self.header.bits)


def _plain(head: bytes) -> bytes:
    """A header in ASCII: pynrrd drops all else, and would make metres of micrometres."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    for signs, word in (("\u00b5\u03bc", "u"), ("\u00c5\u212b", "angstrom")):
        for sign in signs:
            text = text.replace(sign, word)
    return text.encode("ascii", "replace")


def _check(about: dict, name: str) -> None:
    """Refuse what is not read, each with what to do about it."""
    elsewhere = about.get("data file", about.get("datafile"))
    if elsewhere:
        raise LabError(
            f"{shown(name)} is only the header, its numbers are in {shown(str(elsewhere))}; save"
            " both as one .nrrd file."
        )
    if not {"type", "dimension", "sizes", "encoding"} <= set(about):
        raise damaged(name)
    encoding = str(about["encoding"]).lower()
    if encoding not in (*_RAW, *_GZIP, *_BZIP2):
        raise LabError(f"{shown(name)} is stored as {shown(encoding)}; save it raw or with gzip.")
    if str(about["type"]).lower() not in _NAMED:
        raise LabError(
            f"{shown(name)} holds {shown(str(about['type']))}; save it as 8- or 16-bit grey."
        )
    if int(about.get("line skip", about.get("lineskip", 0))):
        raise LabError(f"{shown(name)} skips lines before its numbers; save it again without them.")


def _axes(kinds: list[str], count: int, colours: bool, name: str) -> str:
    """A letter for each axis, slowest first; colours, the fastest one, have none."""
    kinds = (kinds + [""] * count)[:count]
    space, names = iter("xyz"), []
    for kind in kinds[1:] if colours else kinds:
        if kind in _SPACE:
            names.append(next(space, "?"))
        else:
            names.append("t" if kind == "time" else "c")
    if "?" in names or len(set(names)) != len(names) or not {"x", "y"} <= set(names):
        listed = ", ".join(kind or "none" for kind in kinds)[:80]
        raise LabError(f"{shown(name)} has axes of the kinds {listed}; save one image or stack.")
    return "".join(reversed(names))


def _calibration(about: dict, names: str, colours: bool) -> Calibration:
    """Lengths of the axes' directions, or their spacings, with the file's own unit."""
    first = 1 if colours else 0
    order = names[::-1]  # fastest first, as the header lists them
    directions = about.get("space directions")
    sizes: dict[str, float] = {}
    vectors: dict[str, np.ndarray] = {}
    for place, axis in enumerate(order):
        if axis not in "zyx":
            continue
        vector = None
        if directions is not None and place + first < len(directions):
            vector = directions[place + first]
        if vector is not None and np.all(np.isfinite(np.asarray(vector, float))):
            vectors[axis] = np.asarray(vector, float)
            sizes[axis] = float(np.linalg.norm(vectors[axis]))
            continue
        spacings = about.get("spacings")
        if spacings is not None and place + first < len(spacings):
            sizes[axis] = float(spacings[place + first])
    good = {axis: s for axis, s in sizes.items() if math.isfinite(s) and s > 0}
    if not {"x", "y"} <= set(good):
        return UNKNOWN
    units = _units(about, order, first, bool(vectors))
    missing = [axis for axis in "yx" if not units.get(axis)]
    if missing:
        return doubted(UNKNOWN, "its spacings have no unit")
    known = {axis: unit_of(units.get(axis, "")) for axis in "zyx"}
    for axis in "yx":
        if known[axis] is None:
            return doubted(UNKNOWN, f"its unit is {units[axis][:40]!r}, which is no length")
    deep = "z" in good and known["z"] is not None
    scale = tuple(good[axis] * known[axis][1] if axis != "z" or deep else 1.0 for axis in "zyx")
    names_ = tuple(known[axis][0] if axis != "z" or deep else "" for axis in "zyx")
    found = Calibration(scale, names_, _origin(about, vectors, known), "NRRD's spacings and units")
    return checked(found, "NRRD")


def _units(about: dict, order: str, first: int, oriented: bool) -> dict[str, str]:
    """The unit of each axis: those of the space, in the order x, y, z, or of the axes."""
    if oriented and about.get("space units"):
        listed = [str(unit).strip('" ') for unit in about["space units"]]
        return dict(zip("xyz", listed, strict=False))
    listed = [str(unit).strip('" ') for unit in about.get("units", [])]
    return {
        axis: listed[place + first]
        for place, axis in enumerate(order)
        if place + first < len(listed)
    }


def _origin(about: dict, vectors: dict, known: dict) -> tuple[float, float, float] | None:
    """Where the first voxel lies, if the axes run along those of the space."""
    start = about.get("space origin")
    if start is None or len(start) != 3 or len(vectors) != 3:
        return None
    for index, axis in enumerate("xyz"):
        vector = vectors[axis]
        if len(vector) != 3 or vector[index] <= 0 or np.count_nonzero(vector) != 1:
            return None
    if any(known[axis] is None for axis in "zyx") or not np.all(np.isfinite(start)):
        return None
    moved = tuple(
        float(start[i]) * known[axis][1] for i, axis in zip((2, 1, 0), "zyx", strict=True)
    )
    return moved if any(moved) else None

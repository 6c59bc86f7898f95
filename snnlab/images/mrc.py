"""MRC, REC and MAP: volumes of electron tomography and cryo-EM.

The header is laid out as `mrcfile` has it; windows are read from where they lie, so
that a tomogram of any size opens at once. Row 0 comes first, as every reader shows
it, although the convention puts it at the bottom.

References
----------
MRC2014: Cheng et al. (2015), doi:10.1016/j.jsb.2015.04.002;
https://www.ccpem.ac.uk/mrc_format/mrc2014.php. IMOD's stamp and flags:
https://bio3d.colorado.edu/imod/doc/mrc_format.txt.
"""

import contextlib
import math

import numpy as np
from mrcfile import dtypes, utils

from snnlab.errors import LabError
from snnlab.images import arrays, raw
from snnlab.images.choice import Choice
from snnlab.images.limits import Limits, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import UNKNOWN, Calibration, made
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

BYTES = 1024  # of the header
_IMOD, _SIGNED = 1146047817, 1  # the stamp "IMOD" at byte 152, a bit of the flags after it
_STACK_OF_VOLUMES = 401  # space groups from here on
_COMPLEX = (3, 4)
# by mode; 16 is RGB, 101 two pixels a byte, both IMOD's
_TYPES = {0: "i1", 1: "i2", 2: "f4", 6: "u2", 12: "f2", 16: "u1", 101: "u1"}
_AXES = {1: "x", 2: "y", 3: "z"}


def _header(origin: Origin) -> tuple[np.void | None, str]:
    """The header, and the byte order that makes sense of it; None if none does."""
    if origin.size < BYTES:
        return None, ""
    data = origin.read(0, BYTES)
    orders = "<>"
    with contextlib.suppress(ValueError):  # no stamp, or none that is known
        first = utils.byte_order_from_machine_stamp(data[212:216])
        orders = first + orders.replace(first, "")  # a wrong stamp makes no sense of the rest
    for order in orders:
        found = np.frombuffer(data, np.dtype(dtypes.HEADER_DTYPE).newbyteorder(order), 1)[0]
        mode, sides = int(found["mode"]), [int(found[axis]) for axis in ("nx", "ny", "nz")]
        if (mode in _TYPES or mode in _COMPLEX) and min(sides) > 0 and found["nsymbt"] >= 0:
            return found, order
    return None, ""


def _bytes(header: np.void) -> int:
    """Of all pixels."""
    nx, ny, nz, mode = (int(header[key]) for key in ("nx", "ny", "nz", "mode"))
    if mode == 101:
        return (nx + 1) // 2 * ny * nz
    each = {3: 4, 4: 8, 16: 3}.get(mode) or np.dtype(_TYPES[mode]).itemsize
    return nx * ny * nz * each


def plausible(origin: Origin) -> bool:
    """Whether a file without the word ``MAP`` is an MRC all the same.

    Its size fits exactly, or is enough and the header names its axes and has no more labels than
    there is room for.
    """
    header, _ = _header(origin)
    if header is None:
        return False
    order = [int(header[key]) for key in ("mapc", "mapr", "maps")]
    spare = origin.size - BYTES - int(header["nsymbt"]) - _bytes(header)
    if sorted(order) == [1, 2, 3]:
        return spare == 0 or (spare > 0 and 0 <= int(header["nlabl"]) <= 10)
    return order == [0, 0, 0] and spare == 0


class MrcReader:
    """An MRC file, its sections along Z.

    Parameters
    ----------
    origin : Origin
    name : str
    limits : Limits
    choice : Choice
        Of the volumes of a stack of volumes, as frames.

    Raises
    ------
    Undecided, LabError
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        self._origin, self._name = origin, name
        with guarded(name):
            header, order = _header(origin)
        if header is None:
            raise damaged(name)
        mode = int(header["mode"])
        if mode in _COMPLEX:
            raise LabError(
                f"{shown(name)} holds complex numbers, a Fourier transform; save the image itself."
            )
        notes: list[str] = []
        self._mode = mode
        self._dtype = np.dtype(_TYPES[mode]).newbyteorder(order)
        if mode == 0:
            self._dtype, note = _bytes_signed(header, order)
            notes.append(note)
        names, lengths, note = _axes(header, name)
        notes += [note] if note else []
        self._layout = arrays.laid(names, lengths, choice, name)
        arrays.check(self._layout, np.dtype("u1") if mode == 101 else self._dtype, name, limits)
        self._offset = BYTES + int(header["nsymbt"])
        if self._offset + _bytes(header) > origin.size:
            raise LabError(
                f"{shown(name)} declares {int(header['nz'])} sections but ends before the last;"
                " copy it again from where it was made."
            )
        with guarded(name):
            calibration, note = _calibration(header, order, origin)
        notes += [note] if note else []
        layout = self._layout
        bits = 4 if mode == 101 else self._dtype.itemsize * 8
        self.header = Header(
            "MRC",
            layout.sections,
            layout.shape,
            bits,
            3 if mode == 16 else 1,
            self._dtype.kind == "f" or bits > 16,
            layout.axes,
            calibration,
            tuple(notes),
            layout.choice,
        )

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
            If the file ends before.
        """
        with guarded(self._name):
            part = self._layout.part(section, rows, columns)
            values = self._layout.turned(self._read(part))
            if values.dtype == np.float16:
                values = values.astype(np.float32)
            return Stored(values, self.header.bits)

    def _read(self, part: tuple) -> np.ndarray:
        lengths = self._layout.lengths
        if self._mode == 16:
            part, lengths = (*part, slice(0, 3)), (*lengths, 3)
        if self._mode != 101:
            return raw.read(self._origin, self._offset, self._dtype, lengths, part)
        # two pixels a byte, the first in the lower half; whole bytes are read, then cut
        packed = (*lengths[:-1], (lengths[-1] + 1) // 2)
        last = part[-1]
        span = last if isinstance(last, slice) else slice(last, last + 1)
        whole = slice(span.start // 2, (span.stop + 1) // 2)
        both = raw.read(self._origin, self._offset, self._dtype, packed, (*part[:-1], whole))
        single = np.stack([both & 15, both >> 4], axis=-1).reshape(*both.shape[:-1], -1)
        cut = single[..., span.start - 2 * whole.start : span.stop - 2 * whole.start]
        return cut if isinstance(last, slice) else cut[..., 0]


def _bytes_signed(header: np.void, order: str) -> tuple[np.dtype, str]:
    """Whether bytes have a sign, and how that is known."""
    extra = header["extra2"].tobytes()
    # bytes 152 and 156 of the header; this field begins at 112
    stamp, flags = (np.frombuffer(extra, f"{order}u4", 1, at - 112)[0] for at in (152, 156))
    if stamp == _IMOD:
        signed = bool(flags & _SIGNED)
        return (
            np.dtype("i1" if signed else "u1"),
            f"Bytes were read as {'signed' if signed else 'unsigned'} ones, as IMOD's flag in the"
            " header says.",
        )
    note = "Bytes were read as signed ones, as MRC2014 has them; the file says nothing of it."
    low, high = float(header["dmin"]), float(header["dmax"])
    if low >= 0 and 127 < high <= 255:
        note = (
            "Bytes were read as signed ones, as MRC2014 has them, but the header gives"
            f" {high:g} as the largest, which only unsigned ones reach: if the picture looks torn,"
            " save it again with IMOD, whose stamp says which they are, or with 16 bits."
        )
    return np.dtype("i1"), note


def _axes(header: np.void, name: str) -> tuple[str, tuple[int, ...], str]:
    """A letter for each axis, slowest first, their lengths, and what was taken for granted."""
    order = [int(header[key]) for key in ("maps", "mapr", "mapc")]
    lengths = [int(header[key]) for key in ("nz", "ny", "nx")]
    note = ""
    if order == [0, 0, 0]:
        order = [3, 2, 1]
    if sorted(order) != [1, 2, 3]:
        raise damaged(name)
    names = "".join(_AXES[axis] for axis in order)
    if names != "zyx":
        note = (
            f"The file is stored with {names[2].upper()} along its columns, {names[1].upper()}"
            f" along its rows and {names[0].upper()} along its sections; it was turned, so that"
            " sections are along Z."
        )
    volumes, deep = int(header["ispg"]) >= _STACK_OF_VOLUMES, int(header["mz"])
    if volumes and names == "zyx" and 0 < deep < lengths[0] and lengths[0] % deep == 0:
        return "tzyx", (lengths[0] // deep, deep, *lengths[1:]), note
    return names, tuple(lengths), note


def _calibration(header: np.void, order: str, origin: Origin) -> tuple[Calibration, str]:
    """Size of a voxel: the cell over its intervals, in ångströms."""
    sizes: dict[str, float | None] = {}
    for axis in "xyz":
        # the shortest number that single precision may have been meant as: 281.6
        cell, count = float(str(header["cella"][axis])), int(header[f"m{axis}"])
        known = math.isfinite(cell) and cell > 0 and count > 0
        sizes[axis] = 0.1 * cell / count if known else None
    if sizes["x"] is None or sizes["y"] is None:
        return _fei(header, order, origin), ""
    if int(header["mz"]) == 1:
        sizes["z"] = None  # a stack of images, whose cell has no depth
    start = [float(header["origin"][axis]) for axis in "zyx"]
    moved = None
    if all(map(math.isfinite, start)) and any(start):
        moved = tuple(0.1 * value for value in start)
    found = made((sizes["z"], sizes["y"], sizes["x"]), "the cell in the header", moved)
    note = ""
    if abs(sizes["x"] - 0.1) < 1e-9 and abs(sizes["y"] - 0.1) < 1e-9:
        note = (
            "The header gives exactly 1 ångström (0.1 nm) per pixel, which many programs write"
            " when they know none; give the pixel size if it is another."
        )
    return found, note


def _fei(header: np.void, order: str, origin: Origin) -> Calibration:
    """Thermo Fisher's extended header, whose sizes are metres."""
    if bytes(header["exttyp"]) not in (b"FEI1", b"FEI2"):
        return UNKNOWN
    kind = dtypes.get_ext_header_dtype(bytes(header["exttyp"]), order)
    if int(header["nsymbt"]) < kind.itemsize:
        return UNKNOWN
    first = np.frombuffer(origin.read(BYTES, kind.itemsize), kind, 1)[0]
    sizes = [1e9 * float(first[f"Pixel size {axis}"]) for axis in "YX"]
    return made((None, *sizes), "the microscope's extended header (FEI, Thermo Fisher)")

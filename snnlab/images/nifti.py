"""NIfTI-1 and NIfTI-2 in one file; the header is read with nibabel.

The first axis is the fastest, so that it is x. Its unit is heeded: it has metres,
millimetres and micrometres, and not all readers look.

References
----------
https://nifti.nimh.nih.gov/nifti-1/ and /nifti-2/.
"""

import io
import math

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header

from snnlab.errors import LabError
from snnlab.images import arrays, raw
from snnlab.images.choice import Choice
from snnlab.images.limits import Limits, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import UNKNOWN, Calibration, checked, doubted, unit_of
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

_KINDS = ((344, b"n+1\0", Nifti1Header, 348), (4, b"n+2\0", Nifti2Header, 540))
_PAIR = b"ni1\0"  # the numbers are in another file
_NAMES = "xyztc"  # by dimension, the fifth being of vectors


class NiftiReader:
    """A NIfTI file.

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
        self._origin, self._name = origin, name
        if origin.head[344:348] == _PAIR or origin.head[4:8] == b"ni2\0":
            raise LabError(
                f"{shown(name)} is only the header, its numbers are in an .img file; save both as"
                " one .nii file."
            )
        found = [
            (kind, size) for at, magic, kind, size in _KINDS if origin.head[at : at + 4] == magic
        ]
        if not found:
            raise damaged(name)
        with guarded(name):
            kind, size = found[0]
            header = kind.from_fileobj(io.BytesIO(origin.read(0, size)), check=False)
            dtype = header.get_data_dtype()
            sides = [int(side) for side in header["dim"][1 : 1 + int(header["dim"][0])]]
            self._offset = int(header["vox_offset"]) or header.single_vox_offset
        while len(sides) > 2 and sides[-1] == 1:
            sides.pop()
        if not len(sides) >= 2 or min(sides) < 1 or self._offset < size:
            raise damaged(name)
        if len(sides) > len(_NAMES):
            raise LabError(f"{shown(name)} has {len(sides)} axes; save one image or one stack.")
        self._samples = len(dtype.names or ())
        if self._samples:
            if self._samples not in (3, 4) or dtype.itemsize != self._samples:
                raise LabError(f"{shown(name)} holds {dtype}; save it as 8- or 16-bit grey.")
            dtype = np.dtype("u1")
        self._dtype = dtype
        names = _NAMES[: len(sides)][::-1]
        shape = tuple(reversed(sides))
        self._layout = arrays.laid(names, shape, choice, name)
        arrays.check(self._layout, dtype, name, limits)
        total = math.prod(shape) * dtype.itemsize * max(self._samples, 1)
        if self._offset + total > origin.size:
            raise LabError(
                f"{shown(name)} ends before its last section; copy it again from where it was made."
            )
        self._slope, self._add = _scaling(header)
        scaled = (self._slope, self._add) != (1.0, 0.0)
        layout = self._layout
        self.header = Header(
            "NIfTI",
            layout.sections,
            layout.shape,
            32 if scaled else dtype.itemsize * 8,
            3 if self._samples else 1,
            scaled or dtype.kind == "f" or dtype.itemsize > 2,
            layout.axes,
            _calibration(header, len(sides)),
            (),
            layout.choice,
        )

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
        if (self._slope, self._add) != (1.0, 0.0):
            values = (values * self._slope + self._add).astype(np.float32)
        return Stored(values[..., :3] if self._samples else values, self.header.bits)


def _scaling(header) -> tuple[float, float]:
    """What stored numbers are times and plus; a slope of 0 means none."""
    slope, add = float(header["scl_slope"]), float(header["scl_inter"])
    if not math.isfinite(slope) or slope == 0 or not math.isfinite(add):
        return 1.0, 0.0
    return slope, add


def _calibration(header, axes: int) -> Calibration:
    with_unit = int(header["xyzt_units"]) & 7
    unit = {1: "meter", 2: "millimeter", 3: "micrometer"}.get(with_unit)
    # the shortest number that single precision may have been meant as: 0.004
    sizes = [float(str(size)) for size in header["pixdim"][1:4]]
    if not all(math.isfinite(size) and size > 0 for size in sizes[:2]):
        return UNKNOWN
    if unit is None:
        return doubted(UNKNOWN, "NIfTI's unit is not set")
    name, factor = unit_of(unit)
    deep = axes > 2 and math.isfinite(sizes[2]) and sizes[2] > 0
    scale = tuple(
        size * factor for size in (sizes[2] if deep else 1.0 / factor, sizes[1], sizes[0])
    )
    units = (name if deep else "", name, name)
    found = Calibration(scale, units, _origin(header, factor), "NIfTI's pixdim and unit")
    return checked(found, "NIfTI")


def _origin(header, factor: float) -> tuple[float, float, float] | None:
    """Where the first voxel lies, if the axes run along those of the space."""
    if int(header["qform_code"]) <= 0 and int(header["sform_code"]) <= 0:
        return None
    affine = np.asarray(header.get_best_affine(), float)
    turn = affine[:3, :3]
    straight = np.allclose(turn, np.diag(np.diag(turn)), atol=1e-6 * np.abs(turn).max())
    if not (np.all(np.isfinite(affine)) and straight and np.all(np.diag(turn) > 0)):
        return None
    moved = tuple(float(str(np.float32(value))) * factor for value in affine[2::-1, 3])
    return moved if any(moved) else None

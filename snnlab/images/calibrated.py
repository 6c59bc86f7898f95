"""TIFFs that carry the size of their pixels so that ImageJ, Fiji and readers of OME understand it.

The first directory has two descriptions: OME-XML, and after it ImageJ's own. A reader of
OME takes the first (Bio-Formats keeps the first value of a tag, tifffile knows both),
ImageJ and Fiji the last (``ij.io.TiffDecoder`` overwrites it). Pixels per unit are in
XResolution and YResolution. Beyond 4 GB, where ImageJ's form ends, it is a BigTIFF with
OME-XML alone and the resolution in centimetres.
"""

import os
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from snnlab.images.pixel_size import NM, Calibration

BIG = 3_900_000_000  # bytes of pixels
SYMBOLS = {"picometer": "pm", "angstrom": "Å", "nanometer": "nm", "micrometer": "µm",
           "millimeter": "mm", "centimeter": "cm", "meter": "m"}  # fmt: skip
_IMAGEJ = {"angstrom": "angstrom", "micrometer": "um"}  # plain letters, as it likes them best
_CENTIMETRE = 1e7  # nm


def write(
    file: BinaryIO | os.PathLike,
    pages: Iterable[np.ndarray],
    shape: tuple[int, ...],
    dtype: np.dtype,
    calibration: Calibration,
    axes: str = "YX",
    **about,
) -> None:
    """Write pages one after the other, in one block as Fiji maps it.

    Parameters
    ----------
    file : path or binary file
        That can be read again.
    pages : iterable of numpy.ndarray
        ``(height, width)`` each; uint8, uint16 or float32.
    shape : tuple of int
        ``(pages, height, width)``, or without the first for one page.
    dtype : numpy.dtype
    calibration : Calibration
    axes : {"YX", "ZYX", "TYX"}
    **about
        More lines of ImageJ's description, such as ``min`` and ``max`` of the display;
        ``values``, what the numbers mean, is OME's description too.
    """
    import tifffile

    big = np.dtype(dtype).itemsize * int(np.prod(shape, dtype=np.int64)) > BIG
    per, unit, resolution_unit = _resolution(calibration, big)
    with tifffile.TiffWriter(file, bigtiff=big) as tiff:
        tiff.write(
            iter(pages),
            shape=shape,
            dtype=dtype,
            photometric="minisblack",
            description=_ome(shape, dtype, axes, calibration, about.get("values")).encode(),
            # takes the place of the second description
            metadata=None if big else {"axes": axes},
            resolution=per,
            resolutionunit=resolution_unit,
            software="SNN Lab",
        )
    if big:
        return
    if hasattr(file, "seek"):
        file.seek(0)
    more = {} if hasattr(file, "seek") else {"mode": "r+b"}
    with tifffile.TiffFile(file, **more) as tiff:
        text = _imagej(shape, axes, calibration, unit, about)
        tiff.pages[0].tags.get(270, index=1).overwrite(text)


def _resolution(calibration: Calibration, big: bool) -> tuple:
    """Pixels per unit across and down, ImageJ's unit, and TIFF's."""
    if calibration.nm is None:
        return (1, 1), "", 1
    height, width = calibration.nm
    if big:
        return (_CENTIMETRE / width, _CENTIMETRE / height), "", 3
    unit = calibration.units[2]
    nm = NM[unit]
    return (nm / width, nm / height), _IMAGEJ.get(unit, SYMBOLS[unit]), 1


def _imagej(shape, axes: str, calibration: Calibration, unit: str, about: dict) -> str:
    """ImageJ's description; see ``ij.io.FileInfo``."""
    lines = {"ImageJ": "1.11a"}
    if axes != "YX":
        lines["images"] = shape[0]
        lines["slices" if axes == "ZYX" else "frames"] = shape[0]
        lines["hyperstack"] = "true"
        lines["mode"] = "grayscale"
    if unit:
        lines["unit"] = unit
        own = NM[calibration.units[2]]
        factors = [NM.get(name, 0.0) / own for name in calibration.units]
        sizes = [size * factor for size, factor in zip(calibration.scale, factors, strict=True)]
        if axes == "ZYX" and sizes[0]:
            lines["spacing"] = repr(sizes[0])
        if calibration.translation is not None:
            # where zero lies, in pixels
            for name, moved, factor, size in zip(
                "zyx", calibration.translation, factors, sizes, strict=True
            ):
                if size:
                    lines[f"{name}origin"] = repr(-moved * factor / size)
    lines |= {"loop": "false"} | about
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def _micrometres(values: tuple[float, ...], units: tuple[str, ...]) -> dict[str, float]:
    """Lengths along each axis; 0 where the unit is not known."""
    return {
        axis: _rounded(value * NM.get(unit, 0.0) / 1e3)
        for axis, value, unit in zip("ZYX", values, units, strict=True)
    }


def _rounded(value: float) -> float:
    """Without what the last bits of a product add: 0.0061 and not 0.0060999999999999995."""
    return float(f"{value:.12g}")


def _ome(shape, dtype, axes: str, calibration: Calibration, values: str | None) -> str:
    import tifffile

    planes = shape[0] if axes != "YX" else 1
    about: dict = {"Description": values} if values else {}
    if calibration.nm is not None:
        # in OME's own unit, the micrometre: there are readers of OME that leave units aside
        known = [axis for axis, unit in zip("ZYX", calibration.units, strict=True) if unit]
        sizes = _micrometres(calibration.scale, calibration.units)
        for axis in known:
            about[f"PhysicalSize{axis}"] = sizes[axis]
            about[f"PhysicalSize{axis}Unit"] = "µm"
        if calibration.translation is not None:
            start = _micrometres(calibration.translation, calibration.units)
            step = sizes["Z"] if axes == "ZYX" else 0.0
            places = {axis: [start[axis]] * planes for axis in "YX"}
            places["Z"] = [_rounded(start["Z"] + i * step) for i in range(planes)]
            about["Plane"] = {
                key: value
                for axis in known
                for key, value in (
                    (f"Position{axis}", places[axis]),
                    (f"Position{axis}Unit", ["µm"] * planes),
                )
            }
    stored = (planes, 1, 1, *shape[-2:], 1)
    document = tifffile.OmeXml(Creator="SNN Lab")
    document.addimage(np.dtype(dtype), shape, stored, axes=axes, **about)
    return document.tostring(declaration=True)

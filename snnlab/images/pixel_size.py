"""How large a pixel is: read from a TIFF that says so, as Fiji and OME write it.

Only a length that microscopy could mean is believed. A resolution in dots per
inch is a printer's and says nothing of the specimen, so it is passed over.
"""

import io
import re

from snnlab.errors import LabError
from snnlab.images.limits import guarded

NM = {
    "nm": 1.0,
    "nanometer": 1.0,
    "nanometers": 1.0,
    "µm": 1e3,
    "μm": 1e3,
    "um": 1e3,
    "micron": 1e3,
    "microns": 1e3,
    "micrometer": 1e3,
    "mm": 1e6,
    "Å": 0.1,
}
SMALLEST, LARGEST = 0.1, 10_000.0  # nm; outside of it, the file means something else
_OME = re.compile(r'PhysicalSizeX="([0-9.eE+-]{1,24})"')
_OME_UNIT = re.compile(r'PhysicalSizeXUnit="([^"]{1,12})"')


def of_file(data: bytes, name: str) -> float | None:
    """Width of a pixel as the file gives it.

    Parameters
    ----------
    data : bytes
        A file that `snnlab.images.reading.open_stack` accepted.
    name : str
        For errors of the decoder, which are not passed on.

    Returns
    -------
    float or None
        Nanometres; None if the file does not say, or says nonsense.
    """
    if data[:2] not in (b"II", b"MM"):
        return None
    try:
        with guarded(name):
            return _believed(_tiff(data))
    except LabError:
        return None


def _believed(found: float | None) -> float | None:
    return found if found is not None and SMALLEST <= found <= LARGEST else None


def _tiff(data: bytes) -> float | None:
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages[0]
        text = page.description[:100_000]
        if tiff.is_imagej:
            tag = page.tags.get("XResolution")
            unit = NM.get(_unescaped(str((tiff.imagej_metadata or {}).get("unit", ""))))
            if tag is None or unit is None or not tag.value[0]:
                return None
            return unit * tag.value[1] / tag.value[0]
    size, unit = _OME.search(text), _OME_UNIT.search(text)
    if "<OME" not in text or size is None:
        return None
    # OME's unit, if none is given, is the micrometre
    factor = NM.get(unit[1] if unit else "µm")
    return None if factor is None else factor * float(size[1])


def _unescaped(unit: str) -> str:
    """ImageJ writes the Greek letter as six characters."""
    return unit.replace("\\u00B5", "µ").replace("\\u00b5", "µ").strip()

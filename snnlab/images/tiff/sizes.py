"""The size of a pixel as a TIFF gives it: OME, ImageJ, makers of microscopes, the TIFF's own tags.

The first of these that says anything is believed or, if what it says makes no sense,
nothing is.

References
----------
ImageJ writes ``unit=`` into the description and pixels per unit into XResolution
and YResolution (``ij/io/TiffEncoder.java``). FEI and Thermo Fisher: tag 34682, 34680 of
older microscopes, metres. Zeiss: tag 34118; its ``AP_PIXEL_SIZE`` is that of the
scan at the monitor's resolution, ``AP_IMAGE_PIXEL_SIZE`` that of the stored image.
"""

import math
import re

from snnlab.images.pixel_size import (
    UNKNOWN,
    Calibration,
    believed,
    checked,
    doubted,
    made,
    nm_of,
    unit_of,
)

_INCH, _CENTIMETRE = 2, 3  # TIFF's ResolutionUnit
_INCH_NM = 25.4e6
_PRINTED = (0.1, 10_000.0)  # nm: beyond that, a resolution is a printer's or a scanner's


def of_page(page, fiji: bool) -> Calibration:
    """What the first page's directory says.

    Parameters
    ----------
    page : tifffile.TiffPage
    fiji : bool
        Whether ImageJ or Fiji wrote it.
    """
    if fiji:
        found = _fiji(page)
        if found is not None:
            return found
    for look in (_fei, _zeiss, _resolution):
        found = look(page)
        if found is not None:
            return found
    return UNKNOWN


def _rational(page, code: int) -> float | None:
    """Pixels per unit."""
    value = page.tags.valueof(code)
    if isinstance(value, tuple) and len(value) == 2 and value[1]:
        value = value[0] / value[1]
    if isinstance(value, int | float) and math.isfinite(value) and value > 0:
        return float(value)
    return None


def _fiji(page) -> Calibration | None:
    text = page.description
    unit = _said(text, "unit")
    if not unit:
        return None
    across, down = _rational(page, 282), _rational(page, 283)
    if nm_of(unit) == _INCH_NM or unit.lower() in ("pixel", "pixels"):
        return None  # the TIFF's own tags say it again, if it is to be believed
    units = [_said(text, f"{axis}unit") or unit for axis in "zy"] + [unit]
    known = [unit_of(one) for one in units]
    if None in known[1:]:
        wrong = units[1:][known[1:].index(None)]
        return doubted(UNKNOWN, f"ImageJ gives it in {wrong[:40]!r}, which is no length")
    if across is None:
        return UNKNOWN
    spacing = _number(_said(text, "spacing"))
    deep = bool(spacing) and known[0] is not None
    sizes = [abs(spacing) * known[0][1] if deep else 1.0]
    sizes += [
        factor / per for (_, factor), per in zip(known[1:], (down or across, across), strict=True)
    ]
    zero = [_number(_said(text, f"{axis}origin")) or 0.0 for axis in "zyx"]
    moved = tuple(-n * step for n, step in zip(zero, sizes, strict=True)) if any(zero) else None
    names = (known[0][0] if deep else "", known[1][0], known[2][0])
    found = Calibration(tuple(sizes), names, moved, "ImageJ's unit and resolution")
    return checked(found, "ImageJ")


def _said(text: str, key: str) -> str:
    found = re.search(rf"^{key}=([^\r\n]{{0,80}})", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _fei(page) -> Calibration | None:
    for code in (34682, 34680):
        about = page.tags.valueof(code)
        scan = about.get("Scan") if isinstance(about, dict) else None
        if isinstance(scan, dict):
            sizes = [scan.get(key) for key in ("PixelHeight", "PixelWidth")]
            sizes = [1e9 * s if isinstance(s, int | float) else None for s in sizes]
            if sizes[1] is not None:
                return made((None, *sizes), f"the microscope's tag {code} (FEI, Thermo Fisher)")
    return None


def _zeiss(page) -> Calibration | None:
    about = page.tags.valueof(34118)
    said = about.get("ap_image_pixel_size") if isinstance(about, dict) else None
    if not isinstance(said, tuple) or len(said) < 3:
        return None
    _, value, unit = said[:3]
    nm = nm_of(str(unit))
    if nm is None or not isinstance(value, int | float):
        return doubted(
            UNKNOWN, f"the microscope gives it in {str(unit)[:40]!r}, which is no length"
        )
    return made((None, None, nm * value), "the microscope's tag 34118 (Zeiss)")


def _resolution(page) -> Calibration | None:
    unit = {_INCH: _INCH_NM, _CENTIMETRE: 1e7}.get(page.tags.valueof(296))
    across, down = _rational(page, 282), _rational(page, 283)
    if unit is None or across is None:
        return None
    sizes = (unit / (down or across), unit / across)
    if not all(believed(s) and _PRINTED[0] <= s <= _PRINTED[1] for s in sizes):
        return None
    return made((None, *sizes), "the TIFF's resolution")

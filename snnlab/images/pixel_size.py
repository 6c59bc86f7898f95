"""How large a pixel is, where a file says so; units as programs write them.

Only a length that microscopy could mean is believed. A unit that is there but
is no length ("pixel", "reference frame") makes the size unknown; it never
falls back to another unit.
"""

import math
from dataclasses import dataclass, replace

SMALLEST, LARGEST = 0.01, 10_000.0  # nm; outside of it, the file means something else
SQUARE = 0.005  # share by which the sides of a square pixel may differ, by rounding

_PREFIXES = {
    "p": 1e-3, "n": 1.0, "u": 1e3, "µ": 1e3, "μ": 1e3, "m": 1e6, "c": 1e7, "d": 1e8, "": 1e9,
    "k": 1e12,
}  # fmt: skip
_LONG = {
    "pico": 1e-3, "nano": 1.0, "micro": 1e3, "milli": 1e6, "centi": 1e7, "deci": 1e8, "": 1e9,
    "kilo": 1e12,
}  # fmt: skip
NM = {prefix + "m": nm for prefix, nm in _PREFIXES.items()}
NM |= {
    prefix + word: nm
    for prefix, nm in _LONG.items()
    for word in ("meter", "meters", "metre", "metres")
}
NM |= dict.fromkeys(("micron", "microns", "um.", "mkm"), 1e3)
NM |= dict.fromkeys(("å", "ångström", "ångströms", "ångstrom", "angstrom", "angstroms"), 0.1)
NM |= dict.fromkeys(("inch", "inches", "in"), 25.4e6)
# OME's others, which are lengths all the same
NM |= {"fm": 1e-6, "am": 1e-9, "dam": 1e10, "hm": 1e11, "thou": 25.4e3, "li": 25.4e6 / 12,
       "pt": 25.4e6 / 72, "ft": 304.8e6, "yd": 914.4e6}  # fmt: skip
UDUNITS = {1e-3: "picometer", 0.1: "angstrom", 1.0: "nanometer", 1e3: "micrometer",
           1e6: "millimeter", 1e7: "centimeter", 1e9: "meter"}  # fmt: skip
"""Names of units as OME-Zarr writes them, by nanometres."""


def nm_of(unit: str) -> float | None:
    r"""Nanometres in a unit of length, or None if it is none.

    Heeds ImageJ's escapes (``\u00B5m``), and both Greek letters and both signs for the ångström.
    """
    text = str(unit).strip().strip("\0")
    if "\\u" in text:
        # as Java writes a file of properties
        text = "".join(
            chr(int(part[:4], 16)) + part[4:] if i and _hex(part[:4]) else part
            for i, part in enumerate(text.split("\\u"))
        )
    text = text.replace("\u212b", "å").replace("A\u030a", "å").replace("a\u030a", "å").strip()
    # a capital letter makes another unit: Mm is a megametre, Pm a petametre
    return NM.get(text, NM.get(text.lower()) if text[:1] not in "MP" or len(text) > 3 else None)


def unit_of(unit: str) -> tuple[str, float] | None:
    """A unit of length as OME-Zarr names it, and what a number in the given one is to be times.

    None if it is no length.
    """
    nm = nm_of(unit)
    if nm is None:
        return None
    return (UDUNITS[nm], 1.0) if nm in UDUNITS else ("nanometer", nm)


def _hex(text: str) -> bool:
    return len(text) == 4 and all(c in "0123456789abcdefABCDEF" for c in text)


@dataclass(frozen=True)
class Calibration:
    """What a file says of a voxel, as it says it; axes in the order z, y, x.

    Attributes
    ----------
    scale : tuple of float or None
        Length of a step along each axis, in its unit.
    units : tuple of str
        As OME-Zarr names them; empty where the file does not say.
    translation : tuple of float or None
        Of the first voxel, in the same units.
    where : str
        Where in the file it was read, for "4 nm, from ...".
    doubt : str
        Why the size is not known although the file seems to give one, for "unknown: ...".
    """

    scale: tuple[float, float, float] | None = None
    units: tuple[str, str, str] = ("", "", "")
    translation: tuple[float, float, float] | None = None
    where: str = ""
    doubt: str = ""

    @property
    def nm(self) -> tuple[float, float] | None:
        """Height and width of a pixel in nanometres, if known and to be believed."""
        if self.scale is None or self.doubt:
            return None
        factors = [NM.get(unit) for unit in self.units[1:]]
        if None in factors:
            return None
        found = tuple(
            rounded(size * factor) for size, factor in zip(self.scale[1:], factors, strict=True)
        )
        return found if all(map(believed, found)) else None

    def in_nm(self, values: tuple[float, float, float]) -> tuple[float | None, ...]:
        """Lengths along the axes in nanometres; None where the unit is not known."""
        return tuple(
            value * NM[unit] if unit in NM else None
            for value, unit in zip(values, self.units, strict=True)
        )


UNKNOWN = Calibration()


def rounded(value: float) -> float:
    """Without what conversion of units leaves behind: 7.5 for 7.499999999999999."""
    return float(f"{value:.12g}")


def believed(nm: float) -> bool:
    """Whether a pixel could be that wide."""
    return math.isfinite(nm) and SMALLEST <= nm <= LARGEST


def made(
    sizes: tuple[float | None, float | None, float | None],
    where: str,
    translation: tuple[float, float, float] | None = None,
) -> Calibration:
    """A calibration from sizes in nanometres, ``(z, y, x)``; z may be unknown.

    A missing height is the width and the other way round, as every program takes it.
    """
    z, y, x = (rounded(s) if s is not None and math.isfinite(s) and s > 0 else None for s in sizes)
    y, x = y if y is not None else x, x if x is not None else y
    if x is None:
        return UNKNOWN
    found = Calibration(
        (z if z is not None else 1.0, y, x),
        ("nanometer" if z is not None else "", "nanometer", "nanometer"),
        translation,
        where,
    )
    return checked(found, where)


def checked(calibration: Calibration, who: str) -> Calibration:
    """The same, doubted if pixels of that size are none that microscopy could mean.

    Parameters
    ----------
    calibration : Calibration
        With a scale and, along y and x, units of length.
    who : str
        Says it, for the sentence.
    """
    if calibration.nm is not None:
        return calibration
    size, unit = told(calibration.scale[1:]), calibration.units[2]
    doubt = f"{who} gives {size} {unit}s per pixel, which cannot be right for a microscope"
    return doubted(calibration, doubt)


def doubted(calibration: Calibration, doubt: str) -> Calibration:
    """The same, not believed."""
    return replace(calibration, doubt=doubt)


# ---- two numbers, or one ------------------------------------------------------


Size = float | tuple[float, float]
"""Of a pixel in nanometres: one number where it is a square, else ``(height, width)``."""


def pair(nm: Size) -> tuple[float, float]:
    """Height and width."""
    return (nm, nm) if isinstance(nm, int | float) else (float(nm[0]), float(nm[1]))


def square(nm: Size) -> bool:
    """Whether it is a square."""
    height, width = pair(nm)
    return abs(height - width) <= SQUARE * max(height, width)


def plain(nm: Size | None) -> Size | None:
    """One number where the pixel is a square, ``(height, width)`` where not."""
    if nm is None:
        return None
    return pair(nm)[1] if square(nm) else pair(nm)


def told(nm: Size) -> str:
    """For people: ``4``, or width x height, ``4 x 6``."""
    height, width = pair(nm)
    return f"{width:.4g}" if square(nm) else f"{width:.4g} x {height:.4g}"


def written(nm: Size) -> str:
    """For a command line, so that it reads back the same: ``4``, or ``4x6`` (width x height)."""
    row, column = (str(int(n)) if float(n).is_integer() else repr(float(n)) for n in pair(nm))
    return column if square(nm) else f"{column}x{row}"


def parsed(text: str) -> Size:
    """A size from ``4`` or ``4x6`` (width x height).

    Raises
    ------
    ValueError
    """
    parts = [float(part) for part in str(text).lower().replace("×", "x").split("x")]
    if not 1 <= len(parts) <= 2:
        raise ValueError(text)
    return plain((parts[-1], parts[0]))

"""Numbers for people: three digits, a prefix where they are large, and never an exponent."""

import numpy as np

from snnlab.errors import many as many  # lower rooms count too

_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_JOULES = (
    (1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ"), (1e-9, "nJ"), (1e-12, "pJ"),
)  # fmt: skip
_ROUND = 0.9995  # of a unit: what three digits round up to it


def digits(value: float, count: int = 3) -> str:
    """So many digits that count, written out; what is no number or without end says so."""
    if np.isnan(value):
        return "not known"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return np.format_float_positional(float(f"{value:.{count}g}"), trim="-")


def short(value: float) -> str:
    """Three digits, and k, M, G or T behind a large number: 12.3 k."""
    for size, letter in _LARGE:
        if np.isfinite(value) and abs(value) >= _ROUND * size:
            return f"{digits(value / size)} {letter}"
    return digits(value)


def ratio(value: float) -> str:
    """Two decimals, and two digits that count where that would be too coarse."""
    return f"{value:.2f}" if 0.1 <= value < 100 else digits(value, 2 if value < 1 else 3)


def joules(value: float) -> str:
    """An energy in three digits and the unit that suits it."""
    if value <= 0:
        return "0 J"
    for size, unit in _JOULES:
        if value >= _ROUND * size:
            return f"{digits(value / size)} {unit}"
    return f"{digits(value / 1e-12)} pJ"

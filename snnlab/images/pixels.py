"""From the numbers that a file stores to grey values and to labels. NumPy only."""

from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError

LUMINANCE = np.array([0.2125, 0.7154, 0.0721])
"""Weights of red, green and blue, as in ``skimage.color.rgb2gray`` (ITU-R BT.709)."""

_MANY = 32  # distinct values that a small patchwork of cells stays below
_FLAT = 0.25  # of neighbours are equal: 0.02 in an EM image, above 0.9 in labels


@dataclass(frozen=True, eq=False)
class Stored:
    """Pixels of one section as the file stores them, alpha already dropped.

    Attributes
    ----------
    values : numpy.ndarray
        ``(height, width)`` or ``(height, width, 3)``: bool, integer or float.
    bits : int
        Bits of a sample; white is ``2**bits - 1`` for unsigned integers.
    white_is_zero : bool
        The file says that 0 is white (TIFF's MinIsWhite, Fiji's inverting table).
    palette : numpy.ndarray or None
        ``(colours, 3)``, 0..1; `values` are then indices into it.
    """

    values: np.ndarray
    bits: int
    white_is_zero: bool = False
    palette: np.ndarray | None = None


def grey(stored: Stored) -> np.ndarray:
    """Grey values in 0..1.

    Integers of up to 16 bits are scaled by the range of their type, so that
    sections of a stack stay comparable. Longer integers, and floats outside
    0..1, have no white of their own and are scaled by their own range.

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width)``.
    """
    values = stored.values
    if stored.palette is not None:
        return (stored.palette @ LUMINANCE).astype(np.float32)[values]
    precise = values.dtype.kind == "f" or stored.bits > 16
    light = _luminance(values, np.float64 if precise else np.float32)
    if precise:
        keep = values.dtype.kind == "f" and light.min() >= 0 and light.max() <= 1
        pixels = light if keep else _to_own_range(light)
    else:
        if values.dtype.kind == "i":
            light += 2.0 ** (stored.bits - 1)
        pixels = np.divide(light, 2**stored.bits - 1, out=light)
    pixels = np.clip(pixels, 0.0, 1.0, out=pixels).astype(np.float32, copy=False)
    return 1.0 - pixels if stored.white_is_zero else pixels


def linear(stored: Stored) -> np.ndarray:
    """Grey values of a part of a section, which cannot know the range of the whole.

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width)``: what `grey` gives for integers of up to 16 bits and for
        palettes; other numbers as they are, negated where 0 is white.
    """
    if stored.palette is not None or (stored.values.dtype.kind != "f" and stored.bits <= 16):
        return grey(stored)
    light = _luminance(stored.values, np.float64).astype(np.float32)
    return -light if stored.white_is_zero else light


def _luminance(values: np.ndarray, dtype: type) -> np.ndarray:
    if values.ndim == 2:
        return values.astype(dtype)
    # channel by channel: a float copy of all three at once would be the peak of memory
    light = np.zeros(values.shape[:2], dtype)
    for channel, weight in enumerate(LUMINANCE):
        light += dtype(weight) * values[..., channel]
    return light


def _to_own_range(light: np.ndarray) -> np.ndarray:
    """Scale to 0..1 in place, for these are the largest arrays of all."""
    largest = max(abs(float(light.min())), abs(float(light.max())))
    if largest > 0:
        light /= largest  # first, for max - min of huge floats overflows
    low, high = float(light.min()), float(light.max())
    light -= low
    if high > low:
        light /= high - low
    return light


def cells(stored: Stored, what: str) -> np.ndarray:
    """Where labels say "cell": 0 (or black) is membrane, anything else is cell.

    Where the file has a palette or says that 0 is white, and only two values
    occur, the darker one as displayed is membrane; with more values they are
    numbers of cells, and 0 is membrane.

    Parameters
    ----------
    what : str
        What the labels are called in an error.

    Returns
    -------
    numpy.ndarray
        bool ``(height, width)``.

    Raises
    ------
    LabError
        If only one class occurs, or if this is a grey picture.
    """
    values = stored.values
    low, high = values.min(), values.max()
    if low != high and ((values == low) | (values == high)).all():
        membrane = _darker(stored, low, high)
    elif _is_picture(values if values.ndim == 2 else values[..., 0]):
        raise LabError(
            f"{what} looks like a grey picture, not labels; "
            "choose a file in which 0 is membrane and each cell has one value."
        )
    else:
        membrane = 0
    inside = values != membrane
    if values.ndim == 3:
        inside = inside.any(axis=2)
    if inside.all() or not inside.any():
        found = "no pixel of value 0" if inside.all() else "only pixels of value 0"
        raise LabError(
            f"{what} has {found}, but labels need both classes; "
            "choose one in which 0 is membrane and anything else is cell, or the reverse."
        )
    return inside


def _darker(stored: Stored, low: float, high: float) -> float:
    """Which of the two values that occur is membrane."""
    if stored.palette is not None:
        light = stored.palette @ LUMINANCE
        return high if light[high] < light[low] else low
    return high if stored.white_is_zero else 0


def _is_picture(values: np.ndarray) -> bool:
    flat = float((values[:, 1:] == values[:, :-1]).mean())
    return flat < _FLAT and len(np.unique(values)) > _MANY

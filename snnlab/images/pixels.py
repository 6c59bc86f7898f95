"""From the numbers that a file stores to grey values and to labels. NumPy only."""

from dataclasses import dataclass, replace

import numpy as np

LUMINANCE = np.array([0.2125, 0.7154, 0.0721])
"""Weights of red, green and blue, as in ``skimage.color.rgb2gray`` (ITU-R BT.709)."""


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
    alpha : numpy.ndarray or None
        ``(height, width)``, as stored; labels may lie there alone.
    """

    values: np.ndarray
    bits: int
    white_is_zero: bool = False
    palette: np.ndarray | None = None
    alpha: np.ndarray | None = None


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


def linear(stored: Stored, zero: float = 0.0) -> np.ndarray:
    """Grey values of a part of a section, which cannot know the range of the whole.

    Parameters
    ----------
    stored : Stored
    zero : float
        Taken off numbers that have no white of their own, before they become single precision.

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width)``: what `grey` gives for integers of up to 16 bits and for
        palettes; other numbers as they are but for `zero`, negated where 0 is white.
    """
    if stored.palette is not None or (stored.values.dtype.kind != "f" and stored.bits <= 16):
        return grey(stored)
    light = (_luminance(stored.values, np.float64) - zero).astype(np.float32)
    return -light if stored.white_is_zero else light


def section(stored: Stored) -> tuple[np.ndarray, np.ndarray | None]:
    """Grey values of a whole section, and where it is tissue.

    Returns
    -------
    pixels : numpy.ndarray
        As `grey` gives them, but that numbers without a white of their own are scaled by the
        range of the tissue, sparks aside. Where NaN or infinity stood there is 0.
    mask : numpy.ndarray or None
        bool ``(height, width)``, True = tissue; None: all of it is.
    """
    # imported on use: whoever opens a file, or a window of it, does without
    from snnlab.images import contrast, tissue

    values = stored.values
    own = stored.palette is None and (values.dtype.kind == "f" or stored.bits > 16)
    if not own:
        pixels = grey(stored)
        found = tissue.find(pixels)
        return pixels, None if found is None else found.mask
    light = _luminance(values, np.float64)
    found = tissue.find(light)
    mask = None if found is None else found.mask
    if mask is not None:
        if not mask.any():
            return np.zeros(light.shape, np.float32), mask
        light = np.where(mask, light, light[mask].min())
    sample = contrast.sampled(light), None if mask is None else contrast.sampled(mask)
    light = contrast.cut(light, contrast.tails(*sample))
    return grey(replace(stored, values=light)), mask


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

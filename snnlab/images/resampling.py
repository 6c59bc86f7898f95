"""Images whose pixels are larger or smaller than those that the models learned from.

A network knows a membrane by its width in pixels. `benchmarks/scale.py` measures
what that costs, and what resampling to the models' pixels gives back.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from snnlab.errors import LabError
from snnlab.images.limits import LIMITS, Limits
from snnlab.images.pixel_size import Size, pair, square
from snnlab.images.pixel_size import told as sizes_told

MODEL_NM = 4.0  # ISBI 2012 and the synthetic sections drawn after it
ALIKE = 1.25  # times finer or coarser: below, little is gained
FINEST, COARSEST = 0.1, 1000.0  # nm
MEASURED = 2.0, 12.0  # nm: there resampling was tried, see benchmarks/scale.py
_SUPPORT = 2  # pixels, of cubic convolution


def alike(nm: float, learned: float = MODEL_NM) -> bool:
    """Whether pixels of this width suit a net that learned from those of another."""
    return 1 / ALIKE <= nm / learned <= ALIKE


def unasked(said: Size | None, card: Mapping) -> Size | None:
    """From which size an image is resampled though nobody asked for it; None: it stays as it is.

    A net that learned from many sizes did better on pixels of `MODEL_NM`, on both tissues where it
    was measured; one that learned from a single size may do worse where membranes are wider.

    Parameters
    ----------
    said : float, (float, float) or None
        What the file says of its pixels, nm.
    card : mapping
        The model's; `coarsest_nm` is there if it learned from many sizes, `nm` if it was made
        on sections of another one since.
    """
    if said is None or "coarsest_nm" not in card or card.get("nm", MODEL_NM) != MODEL_NM:
        return None
    sides = pair(said)
    if all(alike(side) for side in sides) or not all(within(side) for side in sides):
        return None
    return said


def told(said: Size) -> str:
    """What is said of an image that was resampled unasked."""
    return (
        f"The file says that its pixels measure {sizes_told(said)} nm, so the image was resampled"
        f" to {MODEL_NM:g} nm, at which this model did better on both tissues where that was"
        " measured; --as-is leaves it as it is."
    )


def within(nm: float) -> bool:
    """Whether pixels of this width were among those that were tried."""
    return MEASURED[0] <= nm <= MEASURED[1]


def shape_for(
    shape: tuple[int, int], nm: Size, wanted: float = MODEL_NM, limits: Limits = LIMITS
) -> tuple[int, int]:
    """Pixels that an image takes at the models' width.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)`` as it is.
    nm : float or (float, float)
        Width of its pixels, or their height and width.
    wanted : float
        Width of the new ones.
    limits : Limits
        For their number.

    Raises
    ------
    LabError
        If the width is no number of nanometres that microscopy could mean, or
        the image would be too large or too small.
    """
    if not all(math.isfinite(n) and FINEST <= n <= COARSEST for n in pair(nm)):
        raise LabError(
            f"the pixel size must be {FINEST:g} to {COARSEST:g} nm; give the width of one pixel."
        )
    height, width = (
        max(1, round(side * n / wanted)) for side, n in zip(shape, pair(nm), strict=True)
    )
    if not limits.side_min <= min(height, width) or max(height, width) > limits.side_max:
        raise LabError(
            f"at {wanted:g} nm per pixel this image would have {width} x {height} pixels, and the"
            f" lab takes {limits.side_min} to {limits.side_max} a side; cut it, or leave its pixel"
            " size out to segment it as it is."
        )
    return height, width


def planned(
    shape: tuple[int, int], asked: Size | None, said: Size | None, limits: Limits = LIMITS
) -> tuple[tuple[int, int], float | None, str]:
    """How an image is to be resampled.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)`` in the file.
    asked : float, (float, float) or None
        What the person says of its pixels: resampled to the models' width.
    said : float, (float, float) or None
        What the file says: pixels that are no squares become squares of the finer
        side, or of the coarser where that would be too many.

    Returns
    -------
    shape : tuple of int
        That it is to have.
    nm : float or None
        Width of its pixels then, as far as known.
    note : str
        What to say of it; mostly nothing.

    Raises
    ------
    LabError
        As `shape_for`.
    """
    if asked is not None:
        return shape_for(shape, asked, MODEL_NM, limits), MODEL_NM, ""
    if said is None or square(said):
        return shape, None if said is None else pair(said)[1], ""
    height, width = pair(said)
    to = min(height, width)
    if max(side * nm / to for side, nm in zip(shape, pair(said), strict=True)) > limits.side_max:
        to = max(height, width)
    note = (
        f"The file says that a pixel is {width:.4g} nm wide and {height:.4g} nm high; the image was"
        f" resampled to squares of {to:.4g} nm."
    )
    return shape_for(shape, said, to, limits), to, note


def resampled(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """An image of another size, by cubic convolution; averaged where it shrinks.

    Parameters
    ----------
    values : numpy.ndarray
        ``(height, width)``, 0..1.
    shape : tuple of int

    Returns
    -------
    numpy.ndarray
        float32, of that shape, 0..1.
    """
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    made = np.asarray(image.resize(shape[::-1], Image.Resampling.BICUBIC))
    return np.clip(made, 0.0, 1.0)


def window(
    read: Callable[[slice, slice], np.ndarray],
    shape: tuple[int, int],
    wanted: tuple[int, int],
    rows: slice,
    columns: slice,
    clip: bool = True,
) -> np.ndarray:
    """A window of `resampled` of an image that need not fit into memory.

    Parameters
    ----------
    read : callable
        Of rows and columns of the image, those pixels.
    shape, wanted : tuple of int
        ``(height, width)`` of the image, and of what it is resampled to.
    rows, columns : slice
        Of the result.
    clip : bool
        Whether the values are to stay within 0..1.

    Returns
    -------
    numpy.ndarray
        float32 ``(rows, columns)``.
    """
    from PIL import Image

    box, parts = [], []
    for part, old, new in zip((rows, columns), shape, wanted, strict=True):
        step = old / new
        low, high = part.start * step, min(part.stop * step, old)
        reach = _SUPPORT * max(step, 1.0) + 1
        first, last = max(math.floor(low - reach), 0), min(math.ceil(high + reach), old)
        box.append((low - first, high - first))
        parts.append(slice(first, last))
    near = np.ascontiguousarray(read(*parts), np.float32)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    (top, bottom), (left, right) = box
    made = np.asarray(
        Image.fromarray(near).resize(size, Image.Resampling.BICUBIC, (left, top, right, bottom))
    )
    return np.clip(made, 0.0, 1.0) if clip else made

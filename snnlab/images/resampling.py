"""Images whose pixels are larger or smaller than those that the models learned from.

A network knows a membrane by its width in pixels. `benchmarks/scale.py` measures
what that costs, and what resampling to the models' pixels gives back.
"""

import math

import numpy as np

from snnlab.errors import LabError
from snnlab.images.limits import LIMITS

MODEL_NM = 4.0  # ISBI 2012 and the synthetic sections drawn after it
ALIKE = 1.25  # times finer or coarser: below, little is gained
FINEST, COARSEST = 0.1, 1000.0  # nm


def alike(nm: float, learned: float = MODEL_NM) -> bool:
    """Whether pixels of this width suit a net that learned from those of another."""
    return 1 / ALIKE <= nm / learned <= ALIKE


def shape_for(shape: tuple[int, int], nm: float) -> tuple[int, int]:
    """Pixels that an image takes at the models' width.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)`` as it is.
    nm : float
        Width of its pixels.

    Raises
    ------
    LabError
        If the width is no number of nanometres that microscopy could mean, or
        the image would be too large or too small.
    """
    if not (math.isfinite(nm) and FINEST <= nm <= COARSEST):
        raise LabError(
            f"the pixel size must be {FINEST:g} to {COARSEST:g} nm; give the width of one pixel."
        )
    height, width = (max(1, round(side * nm / MODEL_NM)) for side in shape)
    if not LIMITS.side_min <= min(height, width) or max(height, width) > LIMITS.side_max:
        raise LabError(
            f"at {MODEL_NM:g} nm a pixel this image would have {width} x {height} pixels, and the"
            f" lab takes {LIMITS.side_min} to {LIMITS.side_max} a side; cut it, or leave its pixel"
            " size out to segment it as it is."
        )
    return height, width


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

"""Make differently exposed EM images comparable, once, before anything sees them.

Uneven illumination is subtracted (a wide Gaussian blur of the image), then
grey values are scaled by the image's own spread. Brightness and contrast of
the exposure drop out; a membrane keeps the same depth below its surroundings.
"""

import numpy as np
from scipy import ndimage

SIGMA = 64.0  # pixels; wider than a cell profile at 4 nm, narrower than shading
SPREAD = 6.0  # standard deviations that fill 0..1
_COARSE = 8  # the blur is computed on block means: smooth, so nothing is lost


def normalise(image: np.ndarray) -> np.ndarray:
    """Flatten the illumination and fix the contrast.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width)``, any real type and range, finite.

    Returns
    -------
    numpy.ndarray
        float32, same shape, 0..1, mean about 0.5; 0.5 everywhere for an image
        without contrast. Unchanged by ``a * image + b`` for ``a > 0``.
    """
    image = np.asarray(image, np.float32)
    flat = image - _background(image)
    spread = float(flat.std())
    # below float32's resolution of the values a "contrast" is only rounding
    if spread <= 1e-6 * max(float(np.abs(image).max(initial=0.0)), 1e-30):
        return np.full(image.shape, 0.5, np.float32)
    return np.clip(0.5 + flat / (SPREAD * spread), 0.0, 1.0).astype(np.float32)


def _background(image: np.ndarray) -> np.ndarray:
    """Gaussian blur with `SIGMA`, by way of block means."""
    height, width = image.shape
    pad = (-height % _COARSE, -width % _COARSE)
    padded = np.pad(image, ((0, pad[0]), (0, pad[1])), mode="symmetric")
    blocks = padded.reshape(padded.shape[0] // _COARSE, _COARSE, -1, _COARSE).mean((1, 3))
    blurred = ndimage.gaussian_filter(blocks, SIGMA / _COARSE, mode="reflect")
    # value of each pixel by linear interpolation between block centres
    rows = (np.arange(height) + 0.5) / _COARSE - 0.5
    columns = (np.arange(width) + 0.5) / _COARSE - 0.5
    across = _interpolate(blurred, columns, axis=1)
    return _interpolate(across, rows, axis=0).astype(np.float32)


def _interpolate(values: np.ndarray, at: np.ndarray, axis: int) -> np.ndarray:
    last = values.shape[axis] - 1
    at = np.clip(at, 0, last)
    low = np.minimum(at.astype(int), max(last - 1, 0))
    high = np.minimum(low + 1, last)
    weight = (at - low).astype(np.float32)
    weight = weight[:, None] if axis == 0 else weight[None, :]
    return np.take(values, low, axis) * (1 - weight) + np.take(values, high, axis) * weight

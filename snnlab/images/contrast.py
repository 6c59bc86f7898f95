"""Make differently exposed EM images comparable, once, before anything sees them.

Uneven illumination is subtracted (a wide Gaussian blur of the image), then
grey values are scaled by the image's own spread. Brightness and contrast of
the exposure drop out; a membrane keeps the same depth below its surroundings.
"""

import numpy as np
from scipy import ndimage

SIGMA = 64.0  # pixels; wider than a cell profile at 4 nm, narrower than shading
SPREAD = 6.0  # standard deviations that fill 0..1
COARSE = 8  # the blur is computed on block means: smooth, so nothing is lost


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
    return background(blur(block_means(image)), slice(0, height), slice(0, width))


def block_means(image: np.ndarray) -> np.ndarray:
    """Means of blocks of `COARSE` x `COARSE` pixels; what is missing at the end is reflected."""
    height, width = image.shape
    pad = (-height % COARSE, -width % COARSE)
    padded = np.pad(image, ((0, pad[0]), (0, pad[1])), mode="symmetric")
    return padded.reshape(padded.shape[0] // COARSE, COARSE, -1, COARSE).mean((1, 3))


def blur(blocks: np.ndarray) -> np.ndarray:
    """The wide Gaussian, on block means."""
    return ndimage.gaussian_filter(blocks, SIGMA / COARSE, mode="reflect")


def background(blurred: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """The blurred image in a window of pixels, float32, from blurred block means."""
    # value of each pixel by linear interpolation between block centres
    down, right = (
        (np.arange(part.start, part.stop) + 0.5) / COARSE - 0.5 for part in (rows, columns)
    )
    # only the blocks that the window lies in: the whole may be a file
    first, last = (np.clip((int(down[i]) - 1, int(down[i]) + 3), 0, len(blurred)) for i in (0, -1))
    near = np.asarray(blurred[first[0] : last[1]])
    # rows are counted from the part's first one, whose neighbours beyond are never asked for
    across = _interpolate(near, right, axis=1)
    return _interpolate(across, down - first[0], axis=0).astype(np.float32)


def _interpolate(values: np.ndarray, at: np.ndarray, axis: int) -> np.ndarray:
    last = values.shape[axis] - 1
    at = np.clip(at, 0, last)
    low = np.minimum(at.astype(int), max(last - 1, 0))
    high = np.minimum(low + 1, last)
    weight = (at - low).astype(np.float32)
    weight = weight[:, None] if axis == 0 else weight[None, :]
    return np.take(values, low, axis) * (1 - weight) + np.take(values, high, axis) * weight

"""What an RBF network sees of a pixel: its surroundings at several scales, as some 40 numbers.

At each of the scales `SIGMAS` (pixels) scikit-image's `multiscale_basic_features`: the blurred
grey value, the length of its gradient, and the two eigenvalues of its Hessian matrix, the larger
of which is large on a dark line. Then *lines*: the mean grey value along a straight line through
the pixel, in `DIRECTIONS` directions. A membrane is dark along one direction and light across, so
the least, the mean, the largest and the spread over the directions tell it from a dark blob, and
carry it over a gap. Nothing here is learned.

References
----------
Arganda-Carreras et al. (2017), Bioinformatics 33:2424, doi:10.1093/bioinformatics/btx180: features
of this kind ("membrane projections") in the Trainable Weka Segmentation.
"""

import numpy as np

SIGMA_MIN, SIGMA_MAX = 1.0, 16.0
SIGMAS = (1, 2, 4, 8, 16)
LENGTHS = (9, 19, 31)  # pixels, odd
DIRECTIONS = 12
LINE_SIGMA = 1.0  # of the blur before lines are summed: a line a pixel wide would alias
NAMES = (
    *(f"{what}, sigma {s}" for s in SIGMAS for what in ("grey", "edge", "ridge", "valley")),
    *(f"{what} of lines, {n}" for n in LENGTHS for what in ("least", "mean", "largest", "spread")),
)
HALO = 80  # pixels that a feature can see: four sigma of the widest blur and its gradients
TILE = 512
WHOLE = 1024 * 1024  # pixels; above that, tiles: a feature of all pixels takes as much as the image


def features(image: np.ndarray) -> np.ndarray:
    """The features of every pixel.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised, at least 32 pixels a side. A larger one than
        `WHOLE` is better cut into tiles with a margin of `HALO`.

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width, len(NAMES))``.
    """
    from skimage.feature import multiscale_basic_features  # its import takes a moment

    image = np.ascontiguousarray(image, np.float32)
    basic = multiscale_basic_features(image, sigma_min=SIGMA_MIN, sigma_max=SIGMA_MAX, workers=2)
    return np.concatenate([basic, *(lines(image, length) for length in LENGTHS)], axis=-1)


def lines(image: np.ndarray, length: int) -> np.ndarray:
    """Least, mean, largest and spread of the means along lines through each pixel.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``.
    length : int
        Pixels, odd.

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width, 4)``; the spread is a standard deviation.
    """
    from scipy.ndimage import gaussian_filter

    blurred = gaussian_filter(image, LINE_SIGMA, mode="nearest")
    reach = length // 2
    padded = np.pad(blurred, reach, mode="edge")
    height, width = image.shape
    least, largest = np.full_like(image, np.inf), np.full_like(image, -np.inf)
    total, squares = np.zeros_like(image), np.zeros_like(image)
    for places in line_places(length):
        along = np.zeros_like(image)
        for row, column in places:
            top, left = reach + row, reach + column
            along += padded[top : top + height, left : left + width]
        along /= len(places)
        np.minimum(least, along, out=least)
        np.maximum(largest, along, out=largest)
        total += along
        squares += along * along
    mean = total / DIRECTIONS
    spread = np.sqrt(np.maximum(squares / DIRECTIONS - mean * mean, 0))
    return np.stack([least, mean, largest, spread], axis=-1)


def line_places(length: int) -> list[list[tuple[int, int]]]:
    """Rows and columns of the pixels of a line through (0, 0), by direction over 180 degrees."""
    steps = np.arange(length) - length // 2
    found = []
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        # the longer axis goes in whole pixels, so that none is skipped or met twice
        scale = max(abs(np.cos(angle)), abs(np.sin(angle)))
        rows, columns = (
            np.rint(steps * way / scale).astype(int) for way in (np.sin(angle), np.cos(angle))
        )
        inside = rows**2 + columns**2 <= (length / 2) ** 2
        pairs = zip(rows[inside], columns[inside], strict=True)
        found.append([(int(r), int(c)) for r, c in pairs])
    return found

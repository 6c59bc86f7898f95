"""Make differently exposed EM images comparable, once, before anything sees them.

Uneven illumination is subtracted (a wide Gaussian blur of the image), then
grey values are scaled by the image's own spread. Brightness and contrast of
the exposure drop out; a membrane keeps the same depth below its surroundings.

Both are of tissue only (`snnlab.images.tissue`), and a few pixels far beyond all others
(hot pixels, dead lines) are cut off first, so that neither a border nor a spark decides
what the rest looks like. Beside its edge what is not tissue becomes a mirror image of it,
as at the end of an image that is padded; further out it is grey.
"""

import numpy as np

SIGMA = 64.0  # pixels; wider than a cell profile at 4 nm, narrower than shading
SPREAD = 6.0  # standard deviations that fill 0..1
COARSE = 8  # the blur is computed on block means: smooth, so nothing is lost
TAILS = (1.0, 99.0)  # percentiles, which hot pixels do not move
FAR = 2.0  # times their distance beyond them: no tissue is as dark or as light
KEPT = 0.5  # times it, where such pixels are cut off
SAMPLED = 1 << 16  # pixels that the percentiles are of, about
MIRRORED = 32  # pixels beside tissue that become its mirror image
GREY = 0.5  # what is further out


def normalise(image: np.ndarray, tissue: np.ndarray | None = None) -> np.ndarray:
    """Flatten the illumination and fix the contrast.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width)``, any real type and range; finite where it is tissue.
    tissue : numpy.ndarray or None
        bool, same shape; None: all of it is.

    Returns
    -------
    numpy.ndarray
        float32, same shape, 0..1, mean about 0.5; 0.5 everywhere for an image
        without contrast. Unchanged by ``a * image + b`` for ``a > 0``.
    """
    image = np.asarray(image, np.float32)
    if tissue is not None and not tissue.any():
        return np.full(image.shape, GREY, np.float32)
    image = cut(image, tails(sampled(image), None if tissue is None else sampled(tissue)))
    if tissue is not None:
        image = np.where(tissue, image, np.float32(0))
    flat = image - _background(image, tissue)
    known = flat if tissue is None else flat[tissue]
    spread, largest = float(known.std()), float(np.abs(image).max(initial=0.0))
    made = scaled(flat, spread, largest)
    return made if tissue is None else mirrored(made, tissue)


def scaled(flat: np.ndarray, spread: float, largest: float) -> np.ndarray:
    """Grey values above the background, to 0..1 by their spread.

    Parameters
    ----------
    flat : numpy.ndarray
        float32.
    spread : float
        Standard deviation over the whole section.
    largest : float
        Largest absolute grey value of the section.
    """
    # below float32's resolution of the values a "contrast" is only rounding
    if spread <= 1e-6 * max(largest, 1e-30):
        return np.full(flat.shape, GREY, np.float32)
    return np.clip(0.5 + flat / (SPREAD * spread), 0.0, 1.0).astype(np.float32)


# ---- sparks -----------------------------------------------------------------


def sampled(image: np.ndarray, shape: tuple[int, int] | None = None, first: int = 0) -> np.ndarray:
    """Every so many pixels of a section, ``(rows, columns)``.

    Parameters
    ----------
    image : numpy.ndarray
        The section, or a strip of its rows.
    shape : tuple of int, optional
        Of the section, if this is a strip.
    first : int
        The strip's first row.
    """
    height, width = shape or image.shape
    step = max(1, int(np.sqrt(height * width / SAMPLED)))
    return image[-first % step :: step, ::step]


def tails(sample: np.ndarray, tissue: np.ndarray | None = None) -> tuple[float, float] | None:
    """The percentiles `TAILS` of a sample of tissue; None if they are the same, or of nothing."""
    known = sample.ravel() if tissue is None else sample[tissue]
    if not known.size:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # floats of any size
        low, high = (float(value) for value in np.percentile(known, TAILS))
    return (low, high) if high > low else None


def cut(image: np.ndarray, ends: tuple[float, float] | None) -> np.ndarray:
    """Cut sparks off, the pixels `FAR` beyond the tails; the image itself if it has none.

    Parameters
    ----------
    image : numpy.ndarray
        A section, or a window of it.
    ends : tuple of float or None
        Of `tails`, of the section.
    """
    if ends is None:
        return image
    low, high = ends
    far, kept = FAR * (high - low), KEPT * (high - low)
    spark = (image < low - far) | (image > high + far)
    if not spark.any():
        return image
    return np.where(spark, np.clip(image, low - kept, high + kept), image).astype(image.dtype)


# ---- beyond tissue ----------------------------------------------------------


def mirrored(image: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Continue an image beyond its tissue: `MIRRORED` pixels of mirror image, then grey.

    A pixel is mirrored along its row or its column, whichever has tissue nearer by;
    and once more for corners. So it depends on pixels up to ``4 * MIRRORED`` away.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``.
    tissue : numpy.ndarray
        bool, same shape.
    """
    known = tissue
    for _ in range(2):
        image, known = _mirrored_once(image, known)
    return np.where(known, image, np.float32(GREY))


def _mirrored_once(image: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distances = np.stack([_away(known, axis, back) for axis in (1, 0) for back in (False, True)])
    nearest, distance = distances.argmin(0), distances.min(0)
    rows, columns = np.nonzero(~known & (distance <= MIRRORED))
    away, side = distance[rows, columns], nearest[rows, columns]
    found = np.empty(len(rows), np.float32)
    there = np.zeros(len(rows), bool)
    # behind the edge as far as this is before it; the edge itself where tissue is too thin
    for step in (2 * away - 1, away):
        towards = np.where(side % 2 == 0, -step, step)
        row = np.clip(rows + np.where(side >= 2, towards, 0), 0, image.shape[0] - 1)
        column = np.clip(columns + np.where(side < 2, towards, 0), 0, image.shape[1] - 1)
        use = known[row, column] & ~there
        found[use] = image[row[use], column[use]]
        there |= use
    made, more = image.copy(), known.copy()
    made[rows, columns], more[rows, columns] = found, True
    return made, more


def _away(known: np.ndarray, axis: int, back: bool) -> np.ndarray:
    """Pixels to the nearest known one before (behind, if `back`) on the axis; many if none."""
    lines = np.moveaxis(known, axis, 0)
    lines = lines[::-1] if back else lines
    at = np.arange(len(lines), dtype=np.int32)[:, None]
    last = np.maximum.accumulate(np.where(lines, at, np.int32(-(1 << 30))), axis=0)
    away = at - last
    return np.moveaxis(away[::-1] if back else away, 0, axis)


# ---- background -------------------------------------------------------------


def _background(image: np.ndarray, tissue: np.ndarray | None = None) -> np.ndarray:
    """Gaussian blur with `SIGMA` of what is tissue, by way of block means."""
    height, width = image.shape
    weights = None if tissue is None else block_means(tissue.astype(np.float32))
    return background(blurred(block_means(image), weights), slice(0, height), slice(0, width))


def blurred(blocks: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The wide Gaussian of block means, each weighted by how much of it is tissue.

    Parameters
    ----------
    blocks : numpy.ndarray
        Means in which what is not tissue counts as 0.
    weights : numpy.ndarray or None
        Share of each block that is tissue; None: all.
    """
    if weights is None:
        return blur(blocks)
    return blur(blocks) / np.maximum(blur(weights), np.float32(1e-6))


def block_means(image: np.ndarray) -> np.ndarray:
    """Means of blocks of `COARSE` x `COARSE` pixels; what is missing at the end is reflected."""
    height, width = image.shape
    pad = (-height % COARSE, -width % COARSE)
    padded = np.pad(image, ((0, pad[0]), (0, pad[1])), mode="symmetric")
    return padded.reshape(padded.shape[0] // COARSE, COARSE, -1, COARSE).mean((1, 3))


def blur(blocks: np.ndarray) -> np.ndarray:
    """The wide Gaussian, on block means."""
    from scipy import ndimage  # a quarter of a second, which a first look at a file does without

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

"""Random fields and stamps, of which every ingredient of synthetic EM is made.

Everything here is elementwise NumPy, without matrix products, so that one seed
gives the same bits whatever the number of threads.
"""

import numpy as np

_BATCH = 20_000  # stamps drawn at once: memory stays bounded in large sections


def smooth(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> np.ndarray:
    """Smooth random field: white noise on a coarse grid, cubic B-splines between.

    Parameters
    ----------
    scale : float
        Grid spacing (px); features are about this long.

    Returns
    -------
    numpy.ndarray
        float32, `shape`, mean 0, standard deviation 1 (in expectation).
    """
    sizes = [int(np.ceil(n / scale)) + 5 for n in shape]
    coarse = rng.standard_normal(sizes, np.float32)
    offsets = rng.random(2)  # else all fields would share their grid lines
    for axis, (size, offset) in enumerate(zip(shape, offsets, strict=True)):
        coarse = _spline(coarse, np.arange(size) / scale + offset, axis)
    return coarse / np.float32(0.48)  # the splines' average gain


def _spline(values: np.ndarray, at: np.ndarray, axis: int) -> np.ndarray:
    first = at.astype(np.intp)
    t = (at - first).astype(np.float32)
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    total = np.float32(0)
    for k, weight in enumerate(weights):
        weight = (weight / 6)[:, None] if axis == 0 else (weight / 6)[None, :]
        total = total + np.take(values, first + k, axis) * weight
    return total


def ring(
    canvas: np.ndarray,
    at: np.ndarray,
    radius: np.ndarray,
    wall: float,
    density: np.ndarray,
    filled: float = 0.0,
) -> None:
    """Add rings (or, with `filled`, discs) to `canvas`, in place.

    Parameters
    ----------
    canvas : numpy.ndarray
        float32, ``(height, width)``, densities.
    at : numpy.ndarray
        ``(n, 2)``, centres (row, column), to a fraction of a pixel.
    radius, density : numpy.ndarray
        ``(n,)``: radius (px), density at the ring.
    wall : float
        Standard deviation of the ring's profile (px).
    filled : float
        Share of the density inside the ring.
    """
    if len(at) > _BATCH:
        for start in range(0, len(at), _BATCH):
            part = slice(start, start + _BATCH)
            ring(canvas, at[part], radius[part], wall, density[part], filled)
        return
    if not len(at):
        return
    reach = int(np.ceil(radius.max() + 3 * wall))
    offset = np.arange(-reach, reach + 1)
    base = np.floor(at).astype(int)
    part = (at - base).astype(np.float32)
    y = (offset[None, :] - part[:, :1]).astype(np.float32)[:, :, None]
    x = (offset[None, :] - part[:, 1:]).astype(np.float32)[:, None, :]
    away = np.sqrt(y * y + x * x) - radius.astype(np.float32)[:, None, None]
    profile = np.exp(-0.5 * (away / np.float32(wall)) ** 2)
    if filled:
        profile = np.maximum(profile, np.float32(filled) * (away < 0))
    profile = profile * density.astype(np.float32)[:, None, None]
    rows = base[:, 0][:, None, None] + offset[None, :, None]
    columns = base[:, 1][:, None, None] + offset[None, None, :]
    height, width = canvas.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    flat = (rows * width + columns)[inside]
    canvas += np.bincount(flat, profile[inside], height * width).reshape(canvas.shape)


def blob(
    canvas: np.ndarray, at: np.ndarray, radii: tuple[float, float], angle: float, density: float
) -> None:
    """Add one Gaussian spot of standard deviations `radii` (px) to `canvas`, in place."""
    reach = 3 * max(radii)
    rows, columns = window(canvas.shape, at, reach)
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - np.float32(at[0])
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] - np.float32(at[1])
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u, v = (x * cos + y * sin) / np.float32(radii[0]), (y * cos - x * sin) / np.float32(radii[1])
    canvas[rows, columns] += np.float32(density) * np.exp(-0.5 * (u * u + v * v))


def window(shape: tuple[int, int], at: np.ndarray, reach: float) -> tuple[slice, slice]:
    """Slices of the square of half-size `reach` about `at`, cut at the image's edges."""
    return tuple(
        slice(int(np.clip(c - reach, 0, n)), int(np.clip(c + reach + 1, 0, n)))
        for c, n in zip(at, shape, strict=True)
    )


def scatter(rng: np.random.Generator, shape: tuple[int, int], rate: float) -> np.ndarray:
    """Poisson points, `rate` of them expected in 512 x 512 pixels: ``(n, 2)``."""
    count = rng.poisson(rate * shape[0] * shape[1] / 512**2)
    return rng.random((count, 2)) * np.asarray(shape)

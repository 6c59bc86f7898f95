"""Crops for training: flips, quarter turns, elastic deformation, grey jitter."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Jitter:
    """How far a crop may stray from its section.

    Attributes
    ----------
    elastic : float
        Standard deviation (pixels) of the displacement on a coarse grid.
    grid : int
        Spacing (pixels) of that grid.
    turn : float
        Largest rotation (radians) on top of the quarter turns.
    scale : float
        Largest relative change of size.
    contrast, brightness : float
        Largest relative gain and offset (0..1 grey).
    noise, blur : float
        Largest standard deviation of added noise (grey) and of blur (pixels).
    """

    elastic: float = 3.0
    grid: int = 48
    turn: float = 0.4
    scale: float = 0.15
    contrast: float = 0.25
    brightness: float = 0.1
    noise: float = 0.05
    blur: float = 0.8


def crop(
    image: np.ndarray,
    labels: np.ndarray,
    side: int,
    random: np.random.Generator,
    jitter: Jitter | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut one augmented square out of a section.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised.
    labels : numpy.ndarray
        bool, integer or float ``(height, width)``, 1 = cell; below 0: does not count. Integers of
        which some are above 1 are classes.
    side : int
        Of the square, pixels; at most the section's shorter side.

    Returns
    -------
    image, labels : numpy.ndarray
        float32 ``(side, side)`` each; labels are 0 or 1 if they were bool or integer, the nearest
        pixel's if they were classes, and -1 where one that does not count had a part.
    """
    jitter = jitter or Jitter()
    height, width = image.shape
    at = _coordinates(height, width, side, random, jitter)
    picture = ndimage.map_coordinates(image, at, order=1, mode="mirror")
    gone = None if labels.dtype == bool else labels < 0
    known = labels.astype(np.float32) if gone is None else np.maximum(labels, 0, dtype=np.float32)
    classes = labels.dtype.kind in "iu" and labels.max() > 1
    truth = ndimage.map_coordinates(known, at, order=0 if classes else 1, mode="mirror")
    if labels.dtype.kind != "f" and not classes:
        truth = truth > 0.5
    if gone is not None and gone.any():
        part = ndimage.map_coordinates(gone.astype(np.float32), at, order=1, mode="mirror")
        truth = np.where(part > 0, np.float32(-1), truth)
    turns, flip = random.integers(4), random.integers(2)
    picture, truth = np.rot90(picture, turns), np.rot90(truth, turns)
    if flip:
        picture, truth = picture[:, ::-1], truth[:, ::-1]
    return _regrey(picture, random, jitter), np.ascontiguousarray(truth, np.float32)


def _coordinates(height, width, side, random, jitter):
    """Where each pixel of the crop comes from, ``(2, side, side)``."""
    low = side / 2
    centre = random.uniform((low, low), (max(height - low, low + 1), max(width - low, low + 1)))
    angle = random.uniform(-jitter.turn, jitter.turn)
    zoom = np.exp(random.uniform(-jitter.scale, jitter.scale))
    span = np.arange(side, dtype=np.float32) - (side - 1) / 2
    rows, columns = np.meshgrid(span, span, indexing="ij")
    coarse = random.normal(0, jitter.elastic, (2, side // jitter.grid + 4, side // jitter.grid + 4))
    smooth = _spline((span - span[0]) / jitter.grid, coarse.shape[1])
    bend = smooth @ coarse @ smooth.T
    sine, cosine = np.sin(angle) * zoom, np.cos(angle) * zoom
    return np.stack(
        [
            centre[0] + cosine * rows - sine * columns + bend[0],
            centre[1] + sine * rows + cosine * columns + bend[1],
        ]
    )


def _spline(at: np.ndarray, count: int) -> np.ndarray:
    """Uniform cubic B-splines, ``(len(at), count)``: control points to positions."""
    distance = np.abs(at[:, None] + 1 - np.arange(count)[None, :])
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    return np.where(distance < 1, near, far)


def _regrey(picture, random, jitter):
    sigma = random.uniform(0, jitter.blur)
    if sigma > 0.3:
        picture = ndimage.gaussian_filter(picture, sigma)
    gain = 1 + random.uniform(-jitter.contrast, jitter.contrast)
    offset = random.uniform(-jitter.brightness, jitter.brightness)
    noise = random.normal(0, random.uniform(0, jitter.noise), picture.shape)
    return np.clip((picture - 0.5) * gain + 0.5 + offset + noise, 0, 1).astype(np.float32)

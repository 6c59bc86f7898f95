"""Windows of a section as other microscopes would have shown it, for a net that is to travel.

Pixel size is drawn, not jittered: a window is cut and resampled to pixels of that width, image
and labels alike. Then its grey values change as between preparations and instruments: gamma,
uneven thickness, noise that grows with brightness, sharpening, streaks along the scan where tissue
charges, and at times a border of fill, which does not count. Crops are cut from the window
(`snnlab.training.augmentation`).
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from snnlab.images.resampling import resampled

ROOM = 1.5  # side of a window against that of the crops that are cut from it
_HALF = 0.5


@dataclass(frozen=True)
class Variation:
    """How far a window may stray from its section.

    Attributes
    ----------
    finest, coarsest : float
        Width of a pixel (nm), drawn evenly on a logarithmic scale.
    gamma : float
        Largest logarithm of the exponent of the grey values.
    uneven : float
        Largest relative change of the contrast from place to place.
    noise : float
        Largest standard deviation of the noise of a pixel of grey 1; of one of
        grey g it is ``sqrt(g)`` times that.
    sharp : float
        Largest share of its own edges that is added.
    streaks : float
        Largest standard deviation of a row's offset.
    fill : float
        How often one side of the window is fill.
    often : float
        How often each of unevenness, noise, sharpening and streaks occurs.
    """

    finest: float = 2.5
    coarsest: float = 8.0
    gamma: float = 0.4
    uneven: float = 0.25
    noise: float = 0.08
    sharp: float = 1.0
    streaks: float = 0.03
    fill: float = 0.05
    often: float = 0.3


def window(
    image: np.ndarray,
    labels: np.ndarray,
    nm: float,
    side: int,
    random: np.random.Generator,
    variation: Variation | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a window out of a section, at another pixel size and with another look.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width)``, normalised, 0..1.
    labels : numpy.ndarray
        bool, same shape, True = cell; or int8, classes.
    nm : float
        Width of its pixels.
    side : int
        Of the window, pixels; where the section is too small for the pixel size drawn, as much
        coarser as it allows.

    Returns
    -------
    image : numpy.ndarray
        float32 ``(side, side)``, 0..1.
    labels : numpy.ndarray
        int8, 1 = cell, 0 = membrane, or the classes, -1 = fill, which does not count.
    """
    variation = variation or Variation()
    low, high = np.log((variation.finest, variation.coarsest))
    span = side * float(np.exp(random.uniform(low, high))) / nm
    span = min(round(span), *image.shape)
    top, left = (random.integers(length - span + 1) for length in image.shape)
    cut = np.s_[top : top + span, left : left + span]
    picture = resampled(image[cut], (side, side))
    truth = _resampled(labels[cut], (side, side))
    return _filled(_looked(picture, random, variation), truth, random, variation)


def _resampled(labels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """What most of each pixel is, int8."""
    if labels.dtype == bool:
        return (resampled(labels.astype(np.float32), shape) > _HALF).astype(np.int8)
    classes = np.unique(labels)
    shares = [resampled((labels == one).astype(np.float32), shape) for one in classes]
    return classes[np.argmax(shares, 0)]


def _looked(picture, random, variation):
    """Grey values as another preparation or instrument would give them."""
    picture = picture ** np.exp(random.uniform(-variation.gamma, variation.gamma))
    if random.random() < variation.often:
        field = 1 + random.uniform(0, variation.uneven) * _smooth(picture.shape, random)
        picture = _HALF + (picture - _HALF) * field
    if random.random() < variation.often:
        edges = picture - ndimage.gaussian_filter(picture, random.uniform(0.7, 2.0))
        picture = picture + random.uniform(0, variation.sharp) * edges
    if random.random() < variation.often:
        offsets = random.normal(0, random.uniform(0, variation.streaks), len(picture))
        picture = picture + ndimage.gaussian_filter1d(offsets, 0.7)[:, None]
    if random.random() < variation.often:
        spread = random.uniform(0, variation.noise) * np.sqrt(np.clip(picture, 0, 1))
        picture = picture + spread * random.standard_normal(picture.shape)
    return np.clip(picture, 0, 1).astype(np.float32)


def _smooth(shape, random) -> np.ndarray:
    """A field without edges, about -1..1."""
    coarse = random.uniform(-1, 1, (4, 4)).astype(np.float32)
    return ndimage.zoom(coarse, np.array(shape) / 4, order=3, mode="nearest", grid_mode=True)


def _filled(picture, cells, random, variation):
    """At times a border of one grey, as beside a mosaic."""
    if random.random() < variation.fill:
        picture, cells = picture.copy(), cells.copy()
        strip = np.s_[: random.integers(1, len(picture) // 4)]
        turns = random.integers(4)
        turned = np.rot90(picture, turns), np.rot90(cells, turns)  # views
        turned[0][strip], turned[1][strip] = random.choice((0.0, _HALF, 1.0)), -1
    return picture, cells

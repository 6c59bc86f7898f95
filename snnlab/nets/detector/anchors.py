"""Where boxes may be: a grid of anchors on each level, and boxes as offsets from them.

A box is ``(x0, y0, x1, y1)`` in pixels of the image, origin at its top left corner. Of 729
mitochondria in the 41 labelled EPFL slices (5 nm) the middle 98 % are 18 to 135 pixels across
(root of width times height), and from a third to five times as wide as high: hence the sizes.
"""

import numpy as np

SIZES = (28.0, 40.0)  # of an anchor on the lowest level; twice as large on each further one
LOWEST = 3
SHAPES = (0.5, 1.0, 2.0)  # width against height
PLACES = len(SIZES) * len(SHAPES)  # anchors of one place
SPREAD = 0.2  # of the offsets: a target of 1 is a fifth of the anchor
LARGEST = np.log(1000 / 16)  # of a logarithm of sizes: what is beyond would overflow


def anchors(height: int, width: int, level: int) -> np.ndarray:
    """Anchors of a level, row by row, all of a place one after the other.

    Parameters
    ----------
    height, width : int
        Of the image; multiples of ``2**level``.

    Returns
    -------
    numpy.ndarray
        float32 ``(anchors, 4)``.
    """
    side = 2**level
    rows = (np.arange(height // side) + 0.5) * side
    columns = (np.arange(width // side) + 0.5) * side
    scale = 2.0 ** (level - LOWEST)
    half = np.array(
        [
            (size * scale * shape**0.5 / 2, size * scale / shape**0.5 / 2)
            for size in SIZES
            for shape in SHAPES
        ]
    )
    y, x = np.meshgrid(rows, columns, indexing="ij")
    centres = np.stack([x, y], axis=-1)[:, :, None]
    return np.concatenate([centres - half, centres + half], -1).reshape(-1, 4).astype(np.float32)


def encoded(boxes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Boxes as offsets from anchors.

    Parameters
    ----------
    boxes, at : numpy.ndarray
        ``(n, 4)`` each.

    Returns
    -------
    numpy.ndarray
        float32 ``(n, 4)``: shift of the centre along x and y against the anchor's size, and
        logarithms of the sizes' ratios, all divided by `SPREAD`.
    """
    size, own = at[:, 2:] - at[:, :2], boxes[:, 2:] - boxes[:, :2]
    shift = (boxes[:, :2] + boxes[:, 2:] - at[:, :2] - at[:, 2:]) / 2 / size
    return (np.concatenate([shift, np.log(own / size)], 1) / SPREAD).astype(np.float32)


def decoded(offsets: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Boxes from offsets; the other way than `encoded`."""
    size = at[:, 2:] - at[:, :2]
    centre = (at[:, :2] + at[:, 2:]) / 2 + offsets[:, :2] * SPREAD * size
    half = size * np.exp(np.clip(offsets[:, 2:] * SPREAD, -LARGEST, LARGEST)) / 2
    return np.concatenate([centre - half, centre + half], axis=1)

"""Things in an image as a map of numbers, and the boxes around them.

A map has 0 where there is nothing, and a number of its own for each thing. Boxes are
``(x0, y0, x1, y1)`` in pixels, origin at the top left corner: a thing of one pixel is one wide.
"""

import numpy as np
from scipy import ndimage

SMALLEST = 50  # pixels; what labels have of fewer is a slip of the brush
AROUND = np.ones((3, 3))  # pixels that touch at a corner are of one thing


def components(mask: np.ndarray, smallest: int = SMALLEST) -> np.ndarray:
    """Connected parts of a mask; two things that touch are one.

    Parameters
    ----------
    mask : numpy.ndarray
        bool ``(height, width)``.
    smallest : int
        Pixels of a part, at least; others are left out.

    Returns
    -------
    numpy.ndarray
        int32, same shape: 1, 2 ... in the order of their first pixels.
    """
    found, _ = ndimage.label(mask, AROUND)
    kept = np.bincount(found.ravel()) >= smallest
    kept[0] = False
    numbers = np.zeros(len(kept), np.int32)
    numbers[kept] = np.arange(1, kept.sum() + 1)
    return numbers[found]


def boxes_of(things: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Box, number and size of each thing.

    Parameters
    ----------
    things : numpy.ndarray
        Whole numbers ``(height, width)``, 0 or above.

    Returns
    -------
    boxes : numpy.ndarray
        float32 ``(n, 4)``.
    numbers : numpy.ndarray
        int ``(n,)``, ascending.
    sizes : numpy.ndarray
        Pixels, int ``(n,)``.
    """
    places = ndimage.find_objects(things)
    numbers = np.array([at for at, one in enumerate(places, 1) if one is not None], int)
    boxes = [
        (columns.start, rows.start, columns.stop, rows.stop)
        for rows, columns in (places[number - 1] for number in numbers)
    ]
    sizes = np.bincount(things.ravel(), minlength=len(places) + 1)[numbers]
    return np.array(boxes, np.float32).reshape(-1, 4), numbers, sizes

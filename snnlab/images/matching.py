"""Whether labels are those of an image, and whether two images are of one section.

Membrane is darker than cell, so labels that lie on their own image part dark from light, and
those of another section hardly do: over the 24 sections of ISBI 2012 the difference of the two
means is 0.18 to 0.24, with the labels of a neighbour 0.08 at most, and of any other about 0.
Where neighbours are near copies (EPFL, 15 nm apart) those of a neighbour reach 0.15 on average.
"""

from collections.abc import Callable, Sequence

import numpy as np

HARDLY = 0.05  # difference of the means, below which labels do not follow an image
SURELY = 0.15  # and from which they do
BETTER = 1.5  # times that other labels must fit one image better,
BETTER_ALL = 1.15  # or another order all of them
FEWEST = 3  # sections that have an order
COARSE = 4  # pixels of a block that images are compared by
MOST = 128  # blocks a side
ALIKE = 0.75  # correlation of near copies; neighbours of ISBI 2012 reach 0.4


def fit(image: np.ndarray, cells: np.ndarray, ignored: np.ndarray | None = None) -> float:
    """How much lighter the labels' cells are than their membranes; below 0: darker.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, as `snnlab.images.contrast.normalise` gives it.
    cells : numpy.ndarray
        bool, True = cell.
    ignored : numpy.ndarray or None
        bool; what does not count.

    Returns
    -------
    float
        NaN if one of the two does not occur.
    """
    inside, outside = cells, ~cells
    if ignored is not None:
        inside, outside = inside & ~ignored, outside & ~ignored
    if not inside.any() or not outside.any():
        return float("nan")
    return float(image[inside].mean() - image[outside].mean())


def other_order(images: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> str:
    """In which order labels would fit sections better; empty if in none.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Normalised.
    truths : sequence of numpy.ndarray
        bool, or int8 with -1 where nothing counts; of the same sizes.

    Returns
    -------
    str
        ``"in reverse"``, ``"one section later"`` or ``"one section earlier"``.
    """
    count = len(images)
    if count < FEWEST or len({image.shape for image in images}) > 1:
        return ""

    def mean(order: Callable[[int], int]) -> float:
        pairs = [(i, order(i)) for i in range(count) if 0 <= order(i) < count]
        found = [fit(images[i], truths[j] > 0, truths[j] < 0) for i, j in pairs]
        return float(np.nanmean(found)) if np.isfinite(found).any() else 0.0

    as_it_is = abs(mean(lambda i: i))
    orders = {
        "in reverse": lambda i: count - 1 - i,
        "one section later": lambda i: i - 1,
        "one section earlier": lambda i: i + 1,
    }
    fits = {name: abs(mean(order)) for name, order in orders.items()}
    best = max(fits, key=fits.get)
    return best if fits[best] > max(BETTER_ALL * as_it_is, HARDLY) else ""


def of_another(
    image: np.ndarray,
    cells: np.ndarray,
    ignored: np.ndarray | None,
    page: int,
    pages: int,
    read: Callable[[int], tuple[np.ndarray, np.ndarray | None]],
) -> str:
    """What is to be said where labels may be those of another section; mostly nothing.

    Parameters
    ----------
    image, cells, ignored
        As for `fit`.
    page, pages : int
        Which page of the label file they are, and how many it has.
    read : callable
        Cells and what does not count, of another page.
    """
    own = abs(fit(image, cells, ignored))
    if not own < SURELY:
        return ""
    others = {pages - 1 - page, page - 1, page + 1} & set(range(pages)) - {page}
    fits = {other: abs(fit(image, *read(other))) for other in others}
    fits = {other: value for other, value in fits.items() if np.isfinite(value)}
    best = max(fits, key=fits.get, default=None)
    if best is not None and fits[best] > max(BETTER * own, HARDLY):
        order = "in reverse" if best == pages - 1 - page else "shifted by one"
        return (
            f"its page {best} fits the edges of this image better than its page {page}: check"
            f" whether the labels are in the images' order, or {order}."
        )
    if own < HARDLY:
        return "it hardly follows the edges of this image: check that the labels are of it."
    return ""


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two images of one size by blocks, -1 to 1; pixels' own noise drops out."""
    return float(np.corrcoef(_blocks(one), _blocks(other))[0, 1])


def near_copies(
    images: Sequence[np.ndarray], others: Sequence[np.ndarray]
) -> list[tuple[int, int]]:
    """Which of the one are near copies of which of the other, the most alike of each."""
    known = [(_blocks(other), other.shape) for other in others]
    found = []
    for index, image in enumerate(images):
        blocks = _blocks(image)
        scores = [
            float(np.corrcoef(blocks, other)[0, 1]) if shape == image.shape else -1.0
            for other, shape in known
        ]
        if scores and max(scores) >= ALIKE:
            found.append((index, int(np.argmax(scores))))
    return found


def _blocks(image: np.ndarray) -> np.ndarray:
    """Means of blocks, flat; of a large image of larger blocks."""
    side = max(COARSE, -(-max(image.shape) // MOST))
    height, width = (length // side * side for length in image.shape)
    cut = image[:height, :width]
    return cut.reshape(height // side, side, width // side, side).mean((1, 3)).ravel()

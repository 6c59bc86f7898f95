"""How the values of a label image lie: in patches, along rims, between one another.

Numbers of cells fill patches of one value each. Interpolation and JPEG leave rims and
crumbs of other values. What lies between nearly all the others is membrane, whatever its
number. `snnlab.images.labels` tells by these what a file means.
"""

from dataclasses import dataclass

import numpy as np

SPECK = 16  # pixels that a patch must have to be counted
CRUMB = 6  # pixels that a patch of a cell has at least; blends have less
CRUMBS = 0.02  # of the pixels are such: numbers of cells have 0.01, blurred ones 0.025 or more
RIM = 0.8  # of the pixels have one of two values; the rest may be a rim between them,
STRAY = 0.999  # and of so many it does not matter where the rest is
RIM_WIDTH = 3  # pixels from either side that a rim reaches
NEAR = 0.93  # of a rim's pixels that are so near to both sides
ABOUT = 0.15  # of the distance of two values, within which JPEG and ringing leave them
SPAN = 0.5  # of the range of values that the two are apart at least: a grey picture's are not
BETWEEN = 0.95  # of all places where two values meet that membrane is one of them
MEETS = 8  # values that membrane meets at least,
THIN = 0.3  # or at most so much of it is further inside than a membrane is thick
INSIDE = 3  # pixels


@dataclass(frozen=True, eq=False)
class Patches:
    """The patches of a picture.

    Attributes
    ----------
    count : int
        Of at least `SPECK` pixels.
    crumbs : float
        Share of the pixels that lie in those of less than `CRUMB`.
    """

    count: int
    crumbs: float


def patches(places: np.ndarray) -> Patches:
    """Find the 4-connected patches of one value.

    Parameters
    ----------
    places : numpy.ndarray
        int ``(height, width)``: each pixel's value, numbered from 0; -1 does not count.
    """
    from skimage.measure import label

    sizes = np.bincount(label(places, background=-1, connectivity=1).ravel())[1:]
    crumbs = sizes[sizes < CRUMB].sum() / max(sizes.sum(), 1)
    return Patches(int(np.count_nonzero(sizes >= SPECK)), float(crumbs))


def rim(values, ignored, seen, counts) -> tuple[float, float] | None:
    """The two values that a rim lies between, if nearly all pixels are of one of them.

    Parameters
    ----------
    values, ignored : numpy.ndarray
        ``(height, width)``; bool or None.
    seen, counts : numpy.ndarray
        The values that count, ascending, and how many pixels each has.
    """
    two = np.sort(np.argsort(counts)[-2:])
    low, high = seen[two[0]], seen[two[1]]
    if counts[two].sum() < RIM * counts.sum() or seen[0] != low or seen[-1] != high:
        return None
    if counts[two].sum() >= STRAY * counts.sum():
        return low, high
    return (low, high) if _lies_between(values == low, values == high, ignored) else None


def about_two(values, ignored, seen, counts) -> tuple[float, float] | None:
    """As `rim`, of two values that JPEG or a smooth interpolation has smeared a little."""
    if len(seen) < 2:
        return None
    known = seen.astype(np.float64)
    lower = known <= (known[0] + known[-1]) / 2
    one, other = (int(np.argmax(np.where(part, counts, -1))) for part in (lower, ~lower))
    if known[other] - known[one] < SPAN * (known[-1] - known[0]):
        return None
    # JPEG also overshoots, so that what is beyond either belongs to it
    reach = ABOUT * (known[other] - known[one])
    low, high = known <= known[one] + reach, known >= known[other] - reach
    if counts[low | high].sum() < RIM * counts.sum():
        return None
    if not _lies_between(values <= seen[low][-1], values >= seen[high][0], ignored):
        return None
    return seen[one], seen[other]


def _lies_between(low, high, ignored) -> bool:
    """Whether what is neither lies along the line where the two meet."""
    from scipy import ndimage

    rest = ~low & ~high
    if ignored is not None:
        rest &= ~ignored
    box = np.ones((2 * RIM_WIDTH + 1,) * 2, bool)
    near = rest.copy()
    for end in (low, high):
        near &= ndimage.binary_dilation(end, box)
    return np.count_nonzero(near) >= NEAR * np.count_nonzero(rest)


def separating(places: np.ndarray, count: int, beside: int = -1) -> int | None:
    """Which value lies between the others as membrane does; None if none.

    It is there at nearly all places where two of them meet, and it meets many of them, or is thin.

    Parameters
    ----------
    places : numpy.ndarray
        int ``(height, width)``: each pixel's value, numbered from 0; -1 does not count.
    count : int
        Of values.
    beside : int
        A value that may lie anywhere, and is not asked about; -1: none.
    """
    from scipy import ndimage

    pairs = []
    for first, second in _neighbours(places):
        meet = (first != second) & (first >= 0) & (second >= 0)
        if beside >= 0:
            meet &= (first != beside) & (second != beside)
        pairs.append(np.stack([first[meet], second[meet]]))
    one, other = np.concatenate(pairs, axis=1)
    if not len(one):
        return None
    found = np.bincount(one, minlength=count) + np.bincount(other, minlength=count)
    most = int(found.argmax())
    if found[most] < BETWEEN * len(one):
        return None
    met = np.unique(np.r_[other[one == most], one[other == most]])
    if 2 * len(met) < count - 1 - (beside >= 0):
        return None
    if len(met) >= MEETS:
        return most
    mask = places == most
    inside = ndimage.binary_erosion(mask, iterations=INSIDE, border_value=1)
    return most if np.count_nonzero(inside) <= THIN * np.count_nonzero(mask) else None


def between(numbers: np.ndarray, ignored: np.ndarray | None = None) -> np.ndarray:
    """Where cells of different numbers touch: a pixel on either side.

    Parameters
    ----------
    numbers : numpy.ndarray
        ``(height, width)``, 0 = no cell.
    ignored : numpy.ndarray or None
        bool; nothing is drawn there.

    Returns
    -------
    numpy.ndarray
        bool ``(height, width)``.
    """
    known = numbers != 0 if ignored is None else (numbers != 0) & ~ignored
    drawn = np.zeros(numbers.shape, bool)
    sides = zip(_neighbours(numbers), _neighbours(known), _neighbours(drawn), strict=True)
    for (one, other), (here, there), (first, second) in sides:
        touch = (one != other) & here & there
        first |= touch
        second |= touch
    return drawn


def _neighbours(values: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Views of all pixels and of those to the right of them, or below."""
    return (values[:, :-1], values[:, 1:]), (values[:-1], values[1:])

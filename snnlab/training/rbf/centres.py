"""Where the units of an RBF network sit, and how wide they are."""

import numpy as np

from snnlab.errors import LabError

SAMPLED = 12_000  # pixels that k-means looks at
ROUNDS = 8
WIDTH = 1.3  # times the median distance from a centre to the nearest other


def kmeans(x: np.ndarray, units: int, seed: int = 0) -> np.ndarray:
    """Centres by k-means (Lloyd's, begun as k-means++).

    Parameters
    ----------
    x : numpy.ndarray
        float32 ``(n, features)``, each feature of spread 1.
    units : int

    Returns
    -------
    numpy.ndarray
        float32 ``(units, features)``.

    Raises
    ------
    LabError
        If there are fewer pixels than units.
    """
    if len(x) < units:
        raise LabError(
            f"{len(x)} labelled pixels are too few for {units} units; label more, or name fewer"
            " units."
        )
    random = np.random.default_rng(seed)
    seen = x if len(x) <= SAMPLED else x[random.choice(len(x), SAMPLED, replace=False)]
    lengths = np.einsum("ij,ij->i", seen, seen)
    centres = _spread_out(seen, lengths, units, random)
    for _ in range(ROUNDS):
        nearest = np.argmin(np.einsum("ij,ij->i", centres, centres) - 2 * seen @ centres.T, axis=1)
        counts = np.bincount(nearest, minlength=units)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, seen)
        # a unit that nothing is nearest to stays where it is
        centres[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
    return centres


def _spread_out(x, lengths, units: int, random) -> np.ndarray:
    """k-means++: each next centre a pixel, likelier the farther it is from those chosen."""
    chosen = [int(random.integers(len(x)))]
    left = np.full(len(x), np.inf)
    for _ in range(units - 1):
        last = x[chosen[-1]]
        left = np.minimum(left, np.maximum(lengths - 2 * x @ last + last @ last, 0))
        total = left.sum()
        # of pixels that are all alike, any will do
        chances = left / total if total > 0 else None
        chosen.append(int(random.choice(len(x), p=chances)))
    return x[chosen].copy()


def width_of(centres: np.ndarray) -> float:
    """One width for all units: `WIDTH` times the median distance to the nearest other centre."""
    lengths = np.einsum("ij,ij->i", centres, centres)
    squared = lengths[:, None] + lengths - 2 * centres @ centres.T
    np.fill_diagonal(squared, np.inf)
    nearest = np.sqrt(np.maximum(squared.min(1), 0))
    found = WIDTH * float(np.median(nearest[np.isfinite(nearest)])) if len(centres) > 1 else 1.0
    return found if found > 0 else 1.0

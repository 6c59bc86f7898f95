"""Segments grown ring by ring in NumPy, by looking at the whole image once a ring.

Slow where rings are many, and plain: what `snnlab.results.metrics.thin` must give, pixel by pixel.
"""

import numpy as np


def grown(segments: np.ndarray) -> np.ndarray:
    """Each ring's even pixels are decided, then its odd ones; met by two, a pixel stays 0."""
    numbers = int(segments.max(initial=0))
    if numbers <= 1:
        return np.full_like(segments, numbers)
    # -1: outside the image, or a pixel where two segments met
    grid = np.pad(segments, 1, constant_values=-1)
    rows, columns = np.indices(grid.shape, sparse=True)
    odd = ((rows + columns) % 2).astype(bool).ravel()
    beside = np.array([-grid.shape[1], -1, 1, grid.shape[1]])
    flat = grid.reshape(-1)
    last = np.flatnonzero(flat > 0)
    reached = np.zeros(flat.shape, bool)
    while last.size:
        around = (last[:, None] + beside).ravel()
        reached[around] = flat[around] == 0
        ring = np.flatnonzero(reached)
        reached[ring] = False
        halves = [_decide(flat, ring[odd[ring] == parity], beside) for parity in (False, True)]
        last = np.concatenate(halves)
    return np.maximum(grid[1:-1, 1:-1], 0)


def _decide(flat: np.ndarray, pixels: np.ndarray, beside: np.ndarray) -> np.ndarray:
    near = flat[pixels[:, None] + beside]
    highest = near.max(axis=1, initial=-1)
    lowest = np.where(near > 0, near, np.iinfo(near.dtype).max).min(axis=1)
    one = highest == lowest
    flat[pixels] = np.where(one, highest, -1)
    return pixels[one]

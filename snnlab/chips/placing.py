"""Chips on the board's grid, so that those that talk most lie near.

A quadratic assignment: spikes between chips times their distance on the grid.
Boards of Loihi differ in how chips are wired (Nahuku holds 8 to 32); assumed
is a mesh, rows and columns as equal as the number of chips allows, and a hop
for each step along a row or column.
"""

import numpy as np
from scipy.optimize import quadratic_assignment

EXACT = 40  # chips up to which each start is refined by exchanges


def grid_of(chips: int) -> tuple[int, int]:
    """Rows and columns of the smallest near-square grid; rows the fewer."""
    rows = int(np.sqrt(chips))
    while rows > 1 and rows * -(-chips // rows) - chips >= rows:
        rows -= 1
    return rows, -(-chips // rows)


def distances(spots: np.ndarray) -> np.ndarray:
    """Hops between places, int64 ``(n, n)``."""
    spots = np.asarray(spots, np.int64)
    return np.abs(spots[:, None] - spots[None]).sum(axis=2)


def place(between: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Put chips on a grid by hop distance.

    Parameters
    ----------
    between : numpy.ndarray
        ``(chips, chips)``: spikes from row to column.
    grid : tuple of int
        Rows and columns; at least as many places as chips.

    Returns
    -------
    numpy.ndarray
        int32 ``(chips, 2)``: row and column of each chip. Never more hops than
        with the chips in their order.
    """
    chips = len(between)
    spots = np.argwhere(np.ones(grid, bool)).astype(np.int32)
    far = distances(spots)
    flow = np.zeros(far.shape)
    flow[:chips, :chips] = between + between.T

    def cost(order):
        return float((flow * far[np.ix_(order, order)]).sum())

    best = np.arange(len(spots))
    if chips > 2 and flow.any():
        # fast approximate QAP: Vogelstein et al. (2015), 10.1371/journal.pone.0121002
        options = {"rng": np.random.default_rng(0)}
        found = quadratic_assignment(flow, far, method="faq", options=options).col_ind
        best = min((best, found), key=cost)
        if len(spots) <= EXACT:
            pairs = np.stack([np.arange(len(spots)), best], axis=1)
            options = {"partial_guess": pairs, "rng": np.random.default_rng(0)}
            found = quadratic_assignment(flow, far, method="2opt", options=options).col_ind
            best = min((best, found), key=cost)
    return spots[best[:chips]]

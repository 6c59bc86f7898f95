"""Chips on a grid."""

from itertools import permutations

import numpy as np
import pytest

from snnlab.chips.placing import distances, grid_of, place


@pytest.mark.parametrize("chips", range(1, 70))
def test_grids_hold_their_chips_and_are_near_square(chips):
    rows, columns = grid_of(chips)
    assert rows <= columns
    assert chips <= rows * columns < chips + rows
    assert columns <= 3 * rows or chips < 6


@pytest.mark.parametrize("seed", range(3))
def test_hops_are_near_the_fewest(seed):
    between = np.random.default_rng(seed).pareto(0.8, (6, 6)) * (1 - np.eye(6))
    spots = place(between, (2, 3))
    assert len({tuple(spot) for spot in spots}) == 6

    def hops(places):
        return (between * distances(places)).sum()

    every = np.argwhere(np.ones((2, 3)))
    best = min(hops(every[list(order)]) for order in permutations(range(6)))
    assert best <= hops(spots) <= min(1.1 * best, hops(every))


def test_a_chain_lies_in_neighbours():
    between = np.diag(np.ones(7), 1)[:8, :8] * 5
    spots = place(between, grid_of(8))
    assert (between * distances(spots)).sum() == 5 * 7

"""k-means on clouds whose middles are known, and against SciPy's."""

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2

from snnlab.errors import LabError
from snnlab.training.rbf import centres


def clouds(middles, each=200, spread=0.1, seed=0):
    random = np.random.default_rng(seed)
    middles = np.asarray(middles, float)
    found = middles[:, None] + random.normal(0, spread, (len(middles), each, middles.shape[1]))
    return found.reshape(-1, middles.shape[1]).astype(np.float32)


def test_the_middles_of_clouds_are_found():
    middles = np.array([[0, 0], [5, 0], [0, 5], [5, 5]])
    found = centres.kmeans(clouds(middles), 4)
    for middle in middles:
        assert np.abs(found - middle).sum(1).min() < 0.05


def test_begun_at_the_same_places_it_is_scipys():
    x = clouds([[0, 0, 0], [2, 1, 0], [0, 2, 2]], spread=0.8)
    random = np.random.default_rng(0)
    begun = centres._spread_out(x, (x * x).sum(1), 5, random)
    wanted, _ = kmeans2(x.astype(float), begun.astype(float), centres.ROUNDS, minit="matrix")
    assert centres.kmeans(x, 5) == pytest.approx(wanted, abs=1e-3)


def test_it_is_the_same_again_and_other_with_another_seed():
    x = clouds([[0, 0], [1, 1]], spread=1)
    assert np.array_equal(centres.kmeans(x, 9, 3), centres.kmeans(x, 9, 3))
    assert not np.array_equal(centres.kmeans(x, 9, 3), centres.kmeans(x, 9, 4))


def test_pixels_that_are_all_alike():
    assert np.array_equal(centres.kmeans(np.ones((50, 3), np.float32), 4), np.ones((4, 3)))
    assert centres.width_of(np.ones((4, 3), np.float32)) == 1.0


def test_too_few_pixels_are_refused():
    with pytest.raises(LabError, match="too few for 10 units"):
        centres.kmeans(np.ones((5, 3), np.float32), 10)


def test_the_width_is_that_of_the_gaps():
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(4)), -1).reshape(-1, 2).astype(np.float32)
    assert centres.width_of(3 * grid) == pytest.approx(3 * centres.WIDTH)

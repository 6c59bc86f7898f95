"""Crops: where they come from, that labels move along, that grey stays grey."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from snnlab.data.synthetic import synthetic
from snnlab.training.augmentation import Jitter, _coordinates, _spline, crop

SEEDS = st.integers(0, 2**31)
STILL = Jitter(elastic=0, turn=0, scale=0, contrast=0, brightness=0, noise=0, blur=0)


@given(SEEDS, st.tuples(st.integers(32, 80), st.integers(32, 80)))
def test_labels_move_with_the_image(seed, shape):
    """The labels as image: what is cut out of both is the same, whatever was done to them."""
    random = np.random.default_rng(seed)
    labels = np.kron(random.uniform(size=shape) > 0.5, np.ones((4, 4))) > 0
    grey_still = Jitter(contrast=0, brightness=0, noise=0, blur=0)
    image, truth = crop(labels.astype(np.float32), labels, 32, random, grey_still)
    assert image.shape == truth.shape == (32, 32)
    assert image.dtype == truth.dtype == np.float32
    np.testing.assert_array_equal(image > 0.5, truth > 0.5)
    assert set(np.unique(truth)) <= {0, 1}


@given(SEEDS)
def test_grey_stays_grey_and_truth_stays_truth(seed):
    random = np.random.default_rng(seed)
    image, truth = crop(
        random.uniform(size=(64, 48)).astype(np.float32), random.uniform(size=(64, 48)) > 0.5,
        32, random,
    )  # fmt: skip
    assert image.min() >= 0 and image.max() <= 1 and np.isfinite(image).all()
    assert set(np.unique(truth)) <= {0, 1}


def test_a_crop_without_jitter_is_a_flip_and_turn_of_a_window():
    """On a ramp: each of the eight symmetries, no other slope, all of them in turn."""
    rows, columns = np.meshgrid(np.arange(90), np.arange(120), indexing="ij")
    ramp = (rows / 256 + columns / 512).astype(np.float32)
    seen = set()
    for seed in range(200):
        random = np.random.default_rng(seed)
        image, _ = crop(ramp, rows > 40, 32, random, STILL)
        # the outermost pixels may lie half a pixel outside, where the section is mirrored
        inner = image[1:-1, 1:-1]
        slopes = np.diff(inner, axis=0), np.diff(inner, axis=1)
        for slope in slopes:
            np.testing.assert_allclose(slope, slope.mean(), atol=1e-6)
        seen.add(tuple(np.rint([512 * slope.mean() for slope in slopes]).astype(int).tolist()))
        assert image.min() >= 0 and image.max() <= ramp.max()
    assert seen == {(a * s, b * t) for a, b in ((1, 2), (2, 1)) for s in (1, -1) for t in (1, -1)}


def test_a_crop_is_as_its_seed_wants_it():
    made = synthetic(64, 1)
    one, same, other = (
        crop(made.image, made.labels, 32, np.random.default_rng(seed)) for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(one[0], same[0])
    np.testing.assert_array_equal(one[1], same[1])
    assert np.abs(one[0] - other[0]).max() > 0.05


@pytest.mark.parametrize("side", [16, 48, 49, 192])
def test_displacements_are_a_cubic_b_spline(side):
    """Against scipy's, on the same uniform knots."""
    grid = 48
    at = np.arange(side) / grid
    count = side // grid + 4
    found = _spline(at, count)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)
    knots = np.arange(-3.0, count + 1)
    for point in range(count):
        basis = BSpline.basis_element(knots[point : point + 5], extrapolate=False)
        np.testing.assert_allclose(found[:, point], np.nan_to_num(basis(at)), atol=1e-12)


@given(SEEDS, st.floats(0.1, 0.5), st.floats(0.05, 0.3))
def test_turn_and_scale_keep_their_limits(seed, turn, scale):
    jitter = Jitter(elastic=0, turn=turn, scale=scale)
    at = _coordinates(100, 100, 32, np.random.default_rng(seed), jitter)
    down, right = at[:, 1, 0] - at[:, 0, 0], at[:, 0, 1] - at[:, 0, 0]
    assert np.exp(-scale) - 1e-6 <= np.hypot(*down) <= np.exp(scale) + 1e-6
    assert np.hypot(*right) == pytest.approx(np.hypot(*down), rel=1e-5)
    assert down @ right == pytest.approx(0, abs=1e-6)  # a right angle stays one
    assert abs(np.arctan2(down[1], down[0])) <= turn + 1e-6


@given(SEEDS)
def test_a_whole_section_may_be_asked_for(seed):
    """Then the window can only lie in the middle, give or take a pixel."""
    at = _coordinates(32, 48, 32, np.random.default_rng(seed), STILL)
    assert at[0].min() >= -0.5 and at[0].max() <= 32.5
    assert at[1].min() >= -0.5 and at[1].max() <= 48.5


def test_the_elastic_displacement_has_the_spread_that_was_asked_for():
    still = _coordinates(400, 400, 192, np.random.default_rng(0), STILL)
    spread = []
    for seed in range(60):
        bend = _coordinates(400, 400, 192, np.random.default_rng(seed), Jitter(turn=0, scale=0))
        middle = (bend - still).mean((1, 2), keepdims=True)
        spread.append((bend - still - middle).std())
    # the B-spline smooths the grid's displacements: less than their 3 pixels, but of that order
    assert 1 < np.mean(spread) < 3


def test_what_does_not_count_moves_with_the_image_and_grows_by_no_cell():
    """Where a label that does not count had a part in a pixel, the pixel does not count."""
    made = synthetic((96, 96), 2)
    labels = np.where(made.labels, 1, 0).astype(np.int8)
    labels[:, 60:] = -1
    for seed in range(6):
        random = [np.random.default_rng(seed) for _ in range(2)]
        image, truth = crop(made.image, labels, 64, random[0])
        same, plain = crop(made.image, made.labels, 64, random[1])
        assert np.array_equal(image, same) and set(np.unique(truth)) <= {-1, 0, 1}
        counts = truth >= 0
        assert np.array_equal(truth[counts], plain[counts])
        assert 0.1 < counts.mean() < 1

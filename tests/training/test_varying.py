"""Windows at other pixel sizes and with other looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.training import varying
from snnlab.training.varying import Variation

PLAIN = Variation(gamma=0.0, fill=0.0, often=0.0)


def stripes(shape=(300, 340), period=20):
    """A section of upright membranes, a quarter of each period wide."""
    labels = np.broadcast_to(np.arange(shape[1]) % period >= period // 4, shape)
    return labels.astype(np.float32) * 0.6 + 0.2, labels


@pytest.mark.parametrize("to", [2.5, 5.0, 8.0])
def test_a_membrane_is_as_wide_as_the_pixel_size_says(to):
    image, labels = stripes()
    exact = Variation(finest=to, coarsest=to, gamma=0.0, fill=0.0, often=0.0)
    picture, cells = varying.window(image, labels, 4.0, 96, np.random.default_rng(1), exact)
    assert picture.shape == cells.shape == (96, 96)
    # the distance of upward edges is the period, in the new pixels
    edges = np.flatnonzero(np.diff(cells[50]) > 0)
    assert np.mean(np.diff(edges)) == pytest.approx(20 * 4.0 / to, rel=0.1)
    assert np.mean(cells == 0) == pytest.approx(0.25, abs=0.06)
    # image and labels lie on each other
    assert np.corrcoef(picture.ravel(), cells.ravel())[0, 1] > 0.9


def test_where_a_section_is_too_small_it_is_as_coarse_as_it_can_be():
    image, labels = stripes((100, 340))
    coarse = Variation(finest=16.0, coarsest=16.0, gamma=0.0, fill=0.0, often=0.0)
    _, cells = varying.window(image, labels, 4.0, 96, np.random.default_rng(1), coarse)
    edges = np.flatnonzero(np.diff(cells[50]) > 0)
    assert np.mean(np.diff(edges)) == pytest.approx(20 * 96 / 100, rel=0.1)


@given(seed=st.integers(0, 10_000), side=st.integers(32, 200))
def test_whatever_is_drawn_is_a_picture_with_labels(seed, side):
    image, labels = stripes()
    random = np.random.default_rng(seed)
    picture, cells = varying.window(image, labels, 4.0, side, random, Variation(fill=0.5))
    assert picture.dtype == np.float32
    assert picture.shape == cells.shape == (side, side)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert set(np.unique(cells)) <= {-1, 0, 1}
    # fill is one grey, and at most a quarter
    if (cells < 0).any():
        assert np.ptp(picture[cells < 0]) == 0
        assert np.mean(cells < 0) <= 0.25


def test_a_draw_is_its_seeds_and_the_section_stays():
    image, labels = stripes()
    kept = image.copy()
    first, second = (
        varying.window(image, labels, 4.0, 64, np.random.default_rng(3)) for _ in range(2)
    )
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(image, kept)


@pytest.mark.parametrize("what", ["gamma", "uneven", "sharp", "streaks", "noise"])
def test_each_change_of_look_changes_grey_and_not_labels(what):
    image, labels = stripes()
    one = {"gamma": 0.0, "uneven": 0.0, "sharp": 0.0, "streaks": 0.0, "noise": 0.0, "fill": 0.0}
    one |= {what: getattr(Variation(), what)}
    alone = Variation(finest=4.0, coarsest=4.0, often=0.0 if what == "gamma" else 1.0, **one)
    plain = Variation(finest=4.0, coarsest=4.0, gamma=0.0, fill=0.0, often=0.0)
    changed, cells = varying.window(image, labels, 4.0, 64, np.random.default_rng(5), alone)
    same, as_before = varying.window(image, labels, 4.0, 64, np.random.default_rng(5), plain)
    np.testing.assert_array_equal(cells, as_before)
    assert np.abs(changed - same).max() > 1e-3

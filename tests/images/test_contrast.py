"""Contrast normalisation: exposures drop out, structure stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import SIGMA, SPREAD, normalise
from tests import small_models

SECTION = synthetic((96, 130), 3).image


@given(st.floats(1e-3, 1e4), st.floats(-1e3, 1e3))
def test_gain_and_offset_drop_out(gain, offset):
    if gain < abs(offset) * 1e-3:  # then float32 holds little of the picture
        return
    found = normalise(gain * SECTION.astype(np.float64) + offset)
    np.testing.assert_allclose(found, normalise(SECTION), atol=5e-3)


@given(st.tuples(st.integers(1, 70), st.integers(1, 70)), st.integers(0, 2**31))
def test_any_size_gives_values_in_range(shape, seed):
    random = np.random.default_rng(seed)
    found = normalise(random.normal(0, 10, shape))
    assert found.dtype == np.float32 and found.shape == shape
    assert found.min() >= 0 and found.max() <= 1
    if min(shape) > 8:
        assert abs(found.mean() - 0.5) < 0.05


def test_spread_is_fixed():
    found = normalise(SECTION)
    assert found.mean() == pytest.approx(0.5, abs=0.01)
    # a few values are cut off at three standard deviations
    assert found.std() == pytest.approx(1 / SPREAD, rel=0.05)


def test_uneven_illumination_is_taken_away():
    """A shade across the section, as deep as the picture's own contrast."""
    plain = synthetic((256, 320), 4).image
    rows, columns = np.meshgrid(np.linspace(-1, 1, 256), np.linspace(-1, 1, 320), indexing="ij")
    shade = 0.3 * (rows + columns**2)
    raw = np.corrcoef(plain.ravel(), (plain + shade).ravel())[0, 1]
    flat = np.corrcoef(normalise(plain).ravel(), normalise(plain + shade).ravel())[0, 1]
    assert raw < 0.7 < 0.9 < flat


def test_the_background_is_a_wide_gaussian_blur():
    """Block means and interpolation against scipy's filter at full resolution."""
    plain = synthetic((256, 264), 5).image
    flat = plain - ndimage.gaussian_filter(plain, SIGMA, mode="reflect")
    expected = np.clip(0.5 + flat / (SPREAD * flat.std()), 0, 1)
    np.testing.assert_allclose(normalise(plain), expected, atol=5e-3)


def test_a_membrane_keeps_its_depth_whatever_the_exposure():
    made = synthetic((256, 256), 6)
    for exposed in (made.image * 0.2 + 0.7, made.image * 0.9):
        found = normalise(exposed)
        depth = found[made.labels].mean() - found[~made.labels].mean()
        reference = normalise(made.image)
        expected = reference[made.labels].mean() - reference[~made.labels].mean()
        assert depth == pytest.approx(expected, rel=0.01) and depth > 0.15


@pytest.mark.parametrize("value", [0, 0.25, 1, 1e-20, -3e10, 65535])
def test_an_image_without_contrast_is_grey(value):
    np.testing.assert_array_equal(normalise(np.full((40, 50), value)), np.float32(0.5))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float64])
def test_any_kind_of_number_will_do(kind):
    coarse = np.rint(SECTION * 255)
    np.testing.assert_array_equal(normalise(coarse.astype(kind)), normalise(coarse))


def test_it_is_deterministic_and_leaves_the_image_alone():
    kept = SECTION.copy()
    np.testing.assert_array_equal(normalise(SECTION), normalise(SECTION))
    np.testing.assert_array_equal(SECTION, kept)
    assert small_models.image(32).dtype == np.float32

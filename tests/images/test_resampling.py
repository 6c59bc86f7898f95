"""Pixels of another size, against scikit-image and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage.transform import resize

from snnlab.errors import LabError
from snnlab.images import resampling
from snnlab.images.limits import LIMITS


def smooth(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(3).random((height, width))
    soft = ndimage.gaussian_filter(noise, 6)
    return ((soft - soft.min()) / (soft.max() - soft.min())).astype(np.float32)


@pytest.mark.parametrize("shape", [(192, 160), (48, 40), (100, 70)])
def test_it_is_what_scikit_image_computes(shape):
    image = smooth(96, 80)
    expected = resize(image, shape, order=3, anti_aliasing=shape[0] < 96)
    inner = (slice(6, -6),) * 2  # which border conditions differ
    np.testing.assert_allclose(
        resampling.resampled(image, shape)[inner], expected[inner], atol=0.02
    )


def test_a_pixel_keeps_its_place():
    """The middle of a wide spot stays in the middle: no shift by half a pixel."""
    y, x = np.mgrid[:64, :64]
    spot = np.exp(-(((y - 20.5) ** 2 + (x - 40.5) ** 2) / 60)).astype(np.float32)
    for shape in ((128, 128), (32, 32), (96, 96)):
        found = ndimage.center_of_mass(resampling.resampled(spot, shape))
        scale = shape[0] / 64
        np.testing.assert_allclose(found, [21 * scale - 0.5, 41 * scale - 0.5], atol=0.1)


@given(
    st.tuples(st.integers(32, 90), st.integers(32, 90)),
    st.tuples(st.integers(32, 200), st.integers(32, 200)),
)
def test_values_stay_probabilities(shape, wanted):
    values = np.random.default_rng(0).random(shape, np.float32).round()
    found = resampling.resampled(values, wanted)
    assert found.shape == wanted and found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    same = resampling.resampled(np.full(shape, 0.25, np.float32), wanted)
    np.testing.assert_allclose(same, 0.25, atol=1e-6)


def test_sizes_by_hand():
    assert resampling.shape_for((300, 201), 8) == (600, 402)
    assert resampling.shape_for((300, 201), 2) == (150, 100)
    assert resampling.shape_for((300, 201), 4) == (300, 201)
    assert resampling.alike(5) and resampling.alike(3.2)
    assert not resampling.alike(5.1) and not resampling.alike(3.1)


@pytest.mark.parametrize(
    ("shape", "nm"),
    [
        ((512, 512), 0.0), ((512, 512), -4.0), ((512, 512), float("nan")), ((512, 512), 2e3),
        ((512, 512), 33.0), ((40, 512), 3.0),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_sentence(shape, nm):
    with pytest.raises(LabError) as caught:
        resampling.shape_for(shape, nm)
    assert str(caught.value).count("\n") == 0 and str(caught.value).endswith(".")
    assert f"{LIMITS.side_max}" in str(caught.value) or "nm; give" in str(caught.value)


MANY = {"coarsest_nm": 8.0}  # the card of a net that learned from many sizes


@pytest.mark.parametrize(
    ("said", "card", "wanted"),
    [
        (8.0, MANY, 8.0),
        (2.0, MANY, 2.0),
        (12.0, MANY, 12.0),
        ((4.0, 8.0), MANY, (4.0, 8.0)),
        (4.0, MANY, None),
        (5.0, MANY, None),
        (None, MANY, None),
        (8.0, {"nm": 4.0}, None),
        (8.0, MANY | {"nm": 8.0}, None),  # fine-tuned on such pixels
        (8.0, MANY | {"nm": 0.0}, None),
        (13.0, MANY, None),  # what was not tried is asked about
        (1.9, MANY, None),
        ((4.0, 40.0), MANY, None),
    ],
)
def test_what_is_resampled_unasked(said, card, wanted):
    assert resampling.unasked(said, card) == wanted

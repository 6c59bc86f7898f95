"""Digits that the lab draws: what a seed gives, and that classes differ."""

import numpy as np
import pytest

from snnlab.data import digits
from snnlab.errors import LabError


def test_a_seed_draws_the_same_digits_and_another_one_others():
    first, again, other = (digits.drawn(20, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.images, other.images)
    assert np.array_equal(np.bincount(first.labels), np.full(10, 2))
    assert first.images.dtype == np.float32 and first.classes == tuple("0123456789")
    assert first.images.min() >= 0 and first.images.max() <= 1


@pytest.mark.parametrize("shape", [(20, 20, 1), (28, 28, 3), (32, 48, 1)])
def test_of_any_size_each_image_is_nearest_to_its_own_class(shape):
    """By the mean of each class, which has seen other digits."""
    many, fresh = digits.drawn(600, shape, 3), digits.drawn(200, shape, 4)
    assert fresh.images.shape == (200, *shape)
    assert (fresh.images == fresh.images[..., :1]).all()  # channels are alike
    means = np.stack([many.images[many.labels == label].mean(0) for label in range(10)])
    away = ((fresh.images[:, None] - means) ** 2).sum(axis=(2, 3, 4))
    # guessing gives 0.1
    assert (away.argmin(1) == fresh.labels).mean() > 0.6


def test_strokes_lie_within_the_image():
    images = digits.drawn(300, (28, 28, 1), 5).images[..., 0]
    edge = np.concatenate([images[:, [0, -1]].ravel(), images[:, :, [0, -1]].ravel()])
    assert edge.mean() < 0.2 < images[:, 8:20, 8:20].mean()


@pytest.mark.parametrize("shape", [(8, 8, 1), (20, 300, 1)])
def test_sizes_that_hold_no_digits_are_refused(shape):
    with pytest.raises(LabError, match="give images of your own"):
        digits.drawn(10, shape)


@pytest.mark.parametrize("count", [0, digits.COUNT + 1])
def test_numbers_of_digits_are_bounded(count):
    with pytest.raises(LabError, match="digits can be drawn at once"):
        digits.drawn(count)

"""Which pixels are drawn, and that their features and classes belong together."""

import numpy as np
import pytest

from snnlab.errors import Cancelled, LabError
from snnlab.nets import rbf_features
from snnlab.training.rbf import pixels
from tests import small_models


def test_features_and_classes_of_the_same_pixel():
    image = small_models.image(48)
    labels = image > np.median(image)
    found = pixels.drawn([(image, labels)], 10**6)
    assert found.labelled == len(found.cell) == image.size
    assert np.array_equal(found.cell, labels.ravel())
    assert np.array_equal(found.features, rbf_features.features(image).reshape(image.size, -1))


def test_of_scribbles_only_what_is_labelled():
    image = small_models.image(48)
    scribbles = np.full(image.shape, -1, np.int8)
    scribbles[10, 5:40], scribbles[30, 5:30] = 1, 0
    found = pixels.drawn([(image, scribbles)], 10**6)
    assert (found.labelled, found.cell.sum()) == (60, 35)
    values = rbf_features.features(image)
    assert np.array_equal(found.features[:35], values[10, 5:40])
    assert np.array_equal(found.features[35:], values[30, 5:30])


def test_large_sections_count_for_more():
    small, large = small_models.image(32), small_models.image(64)
    sections = [(image, image > np.median(image)) for image in (small, large)]
    found = pixels.drawn(sections, 1000)
    assert len(found.cell) == pytest.approx(1000, abs=1) and found.labelled == 32**2 + 64**2
    again, other = pixels.drawn(sections, 1000), pixels.drawn(sections, 1000, 1)
    assert np.array_equal(found.features, again.features)
    assert not np.array_equal(found.features, other.features)


@pytest.mark.parametrize("only", [0, 1, -1])
def test_one_class_teaches_nothing(only):
    image = small_models.image(32)
    with pytest.raises(LabError, match="label more"):
        pixels.drawn([(image, np.full(image.shape, only, np.int8))], 1000)


def test_it_can_be_stopped():
    image = small_models.image(32)
    with pytest.raises(Cancelled):
        pixels.drawn([(image, image > 0.5)], 1000, cancel=lambda: True)

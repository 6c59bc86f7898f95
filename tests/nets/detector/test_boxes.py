"""Overlap and suppression, against counting pixels and against TensorFlow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.compat import tensorflow
from snnlab.nets.detector.boxes import (
    Detections,
    areas,
    chosen,
    clipped,
    overlaps,
    suppressed,
)

SMALL = st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 8)] * 2)


def corners(boxes):
    return np.array([(x, y, x + w, y + h) for x, y, w, h in boxes], float)


@given(SMALL, SMALL)
def test_overlap_is_that_of_pixels(one, other):
    first, second = corners([one]), corners([other])
    maps = np.zeros((2, 24, 24), bool)
    for at, (x0, y0, x1, y1) in enumerate(np.concatenate([first, second]).astype(int)):
        maps[at, y0:y1, x0:x1] = True
    expected = (maps[0] & maps[1]).sum() / (maps[0] | maps[1]).sum()
    assert overlaps(first, second)[0, 0] == pytest.approx(expected)


def test_boxes_without_area_overlap_nothing():
    flat = np.array([[3.0, 3, 3, 9]])
    assert areas(np.array([[5.0, 5, 2, 9]])) == [0]
    assert overlaps(flat, flat) == [[0]]


@pytest.mark.parametrize("seed", range(5))
def test_suppression_is_tensorflows(seed):
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 100, (80, 2))
    boxes = np.concatenate([corner, corner + random.uniform(5, 60, (80, 2))], 1)
    scores = random.permutation(80) / 80
    expected = tensorflow().image.non_max_suppression(
        boxes[:, [1, 0, 3, 2]].astype(np.float32), scores.astype(np.float32), 25, 0.5
    )
    np.testing.assert_array_equal(suppressed(boxes, scores, 0.5, 25), expected)


def test_what_is_chosen_lies_in_the_image_and_is_not_what_scores_less():
    boxes = np.array([[-5.0, -5, 20, 20], [-4, -5, 20, 21], [50, 50, 70, 80], [90, 90, 99, 99]])
    found = chosen(boxes, np.array([0.9, 0.95, 0.2, 0.9]), 64, 64)
    np.testing.assert_array_equal(found.places, [1, 2])  # the last one lies outside
    np.testing.assert_array_equal(found.boxes, [[0, 0, 20, 21], [50, 50, 64, 64]])
    assert len(found.above(0.5)) == 1
    np.testing.assert_array_equal(clipped(boxes, 64, 64)[3], [64, 64, 64, 64])


def test_nothing_is_chosen_of_nothing():
    found = chosen(np.empty((0, 4)), np.empty(0), 32, 32)
    assert isinstance(found, Detections) and len(found) == 0

"""Classes held against each other: SciPy's dissimilarities, and boxes counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance

from snnlab.data import instances
from snnlab.results import classes, detection


@given(st.integers(0, 2**31), st.booleans())
def test_dice_and_iou_are_one_minus_scipys_dissimilarities(seed, some):
    random = np.random.default_rng(seed)
    one, other = random.integers(0, 3, (2, 9, 11))
    left_out = random.random((9, 11)) < 0.3 if some else None
    kept = np.ones((9, 11), bool) if left_out is None else ~left_out
    for kind, found in enumerate(classes.by_class(one, other, 3, left_out)):
        masks = one[kept] == kind, other[kept] == kind
        if not (masks[0] | masks[1]).any():
            assert np.isnan(found.dice) and np.isnan(found.iou)
            continue
        assert found.dice == pytest.approx(1 - distance.dice(*masks))
        assert found.iou == pytest.approx(1 - distance.jaccard(*masks))


def test_a_class_that_neither_has_is_no_number():
    found = classes.overlap(np.zeros((2, 2), bool), np.zeros((2, 2), bool))
    assert np.isnan(found.dice) and np.isnan(found.iou)


def test_a_box_is_as_sure_as_its_pixels_are():
    probability = np.zeros((40, 50), np.float32)
    probability[2:12, 3:13], probability[20:32, 30:45] = 0.6, 0.9
    probability[20:32, 30:33] = 0.7
    found = classes.boxed(instances.components(probability > 0.5), probability)
    np.testing.assert_array_equal(found.boxes, [[30, 20, 45, 32], [3, 2, 13, 12]])
    np.testing.assert_allclose(found.scores, [(3 * 0.7 + 12 * 0.9) / 15, 0.6], atol=1e-6)
    # and average precision takes them as it takes a detector's
    truth = np.array([[30.0, 20, 45, 32], [100, 100, 110, 110]])
    scores = detection.scores([found], [truth])
    assert scores.average_precision_50 == pytest.approx(51 / 101)


def test_without_things_there_are_no_boxes():
    nothing = classes.boxed(np.zeros((8, 8), np.int32), np.zeros((8, 8)))
    assert len(nothing) == 0 and nothing.boxes.shape == (0, 4)

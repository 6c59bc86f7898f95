"""One softmax of several classes, against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax

from snnlab.nets import classes, inference
from snnlab.nets.forward import forward
from snnlab.nets.keras import keras_model, one_logit
from tests import small_models


@given(st.integers(0, 2**31), st.integers(2, 5), st.floats(0.1, 300), st.sampled_from([0, -1]))
def test_cell_is_what_is_not_membrane(seed, count, spread, axis):
    logits = np.random.default_rng(seed).normal(0, spread, (4, 5, count))
    wanted = softmax(logits, -1)
    given = np.moveaxis(logits, -1, axis)
    cell = expit(classes.one_logit(given, axis))
    np.testing.assert_allclose(cell, 1 - wanted[..., 0], atol=1e-9)
    found = classes.shares(given, axis)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.moveaxis(found, axis, -1), wanted, atol=1e-6)


def test_one_output_is_the_logit_of_cell_already():
    logits = np.float32([[[2.0], [-1.0]]])
    np.testing.assert_array_equal(classes.one_logit(logits), logits[..., 0])
    np.testing.assert_array_equal(one_logit(logits), logits)


@pytest.mark.parametrize("size", [(32, 32), (40, 52)])
def test_the_ann_says_a_class_of_each_pixel_and_cell_of_all_that_is_none(size):
    model, image = small_models.classes_model(3), small_models.image(*size)
    found = inference.segment(model, image)
    assert found.classes.shape == (*size, 3) and found.probability.dtype == np.float32
    np.testing.assert_allclose(found.classes.sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(found.probability, 1 - found.classes[..., 0], atol=1e-5)
    if size == (32, 32):
        *_, (_, logits) = forward(model, image)
        np.testing.assert_allclose(found.classes, softmax(logits.transpose(1, 2, 0), -1), atol=1e-5)
        # as does the net of standard layers that is shown and converted
        shown = keras_model(model, *size)(image[None, :, :, None]).numpy()[0, ..., 0]
        np.testing.assert_allclose(found.probability, expit(shown), atol=1e-4)


def test_of_cell_alone_there_are_no_classes():
    assert inference.segment(small_models.model(0), small_models.image(32)).classes is None

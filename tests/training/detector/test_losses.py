"""Losses against Keras's own, which are written by others."""

import numpy as np
import pytest

from snnlab.compat import tensorflow
from snnlab.training.detector.losses import ALPHA, GAMMA, STRAIGHT, focal, smooth_l1

RANDOM = np.random.default_rng(1)
LOGITS = RANDOM.normal(0, 2, (2, 30)).astype(np.float32)
KINDS = RANDOM.integers(-1, 2, (2, 30)).astype(np.float32)


def test_focal_loss_is_kerass():
    tf = tensorflow()
    keras = tf.keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=True, alpha=ALPHA, gamma=GAMMA, from_logits=True, reduction="none"
    )
    # one value at a time, since Keras takes the mean over the last axis
    each = keras((KINDS > 0)[..., None].astype(np.float32), LOGITS[..., None]).numpy()
    expected = each[KINDS >= 0].sum() / (KINDS > 0).sum()
    assert float(focal(LOGITS, tf.constant(KINDS))) == pytest.approx(expected, rel=1e-4)


def test_smooth_l1_is_hubers_over_its_bend():
    tf = tensorflow()
    offsets, wanted = RANDOM.normal(0, 0.5, (2, 2, 30, 4)).astype(np.float32)
    huber = tf.keras.losses.Huber(STRAIGHT, reduction="none")
    each = 4 * huber(wanted, offsets).numpy() / STRAIGHT
    expected = each[KINDS > 0].sum() / (KINDS > 0).sum()
    assert float(smooth_l1(offsets, wanted, tf.constant(KINDS))) == pytest.approx(
        expected, rel=1e-4
    )


def test_without_a_thing_offsets_cost_nothing_and_scores_do():
    tf = tensorflow()
    none = tf.zeros((2, 30))
    assert (
        float(smooth_l1(np.ones((2, 30, 4), np.float32), np.zeros((2, 30, 4), np.float32), none))
        == 0
    )
    assert float(focal(LOGITS, none)) > 0

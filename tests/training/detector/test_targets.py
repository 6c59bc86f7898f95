"""Which anchors are asked for which box."""

import numpy as np

from snnlab.nets.detector.anchors import decoded
from snnlab.nets.detector.boxes import overlaps
from snnlab.nets.detector.graph import all_anchors
from snnlab.training.detector.targets import EMPTY, THING, UNASKED, targets

ANCHORS = all_anchors(256, 256)
NONE = np.empty((0, 4), np.float32)
RANDOM = np.random.default_rng(2)
CORNERS = RANDOM.uniform(0, 200, (5, 2)).astype(np.float32)
BOXES = np.concatenate([CORNERS, CORNERS + RANDOM.uniform(25, 55, (5, 2))], 1).astype(np.float32)


def test_every_box_has_an_anchor_and_offsets_lead_back_to_it():
    kinds, offsets = targets(BOXES, NONE, ANCHORS)
    own = kinds == THING
    back = decoded(offsets[own].astype(float), ANCHORS[own])
    nearest = overlaps(back, BOXES.astype(float))
    np.testing.assert_allclose(nearest.max(1), 1, atol=1e-4)
    assert set(nearest.argmax(1)) == set(range(len(BOXES)))
    assert not offsets[~own].any()


def test_kinds_follow_the_overlap():
    kinds, _ = targets(BOXES, NONE, ANCHORS)
    most = overlaps(ANCHORS, BOXES).max(1)
    assert (kinds[most >= 0.5] == THING).all()
    assert (kinds[most < 0.1] == EMPTY).all()
    between = kinds[(most >= 0.4) & (most < 0.5)]
    assert UNASKED in between and EMPTY not in between


def test_a_box_smaller_than_all_anchors_gets_the_best_of_them():
    tiny = np.array([[100, 100, 114, 112]], np.float32)
    most = overlaps(ANCHORS, tiny)[:, 0]
    assert most.max() < 0.5
    kinds, _ = targets(tiny, NONE, ANCHORS)
    np.testing.assert_array_equal(np.flatnonzero(kinds == THING), [most.argmax()])


def test_nothing_is_asked_where_little_is_shown():
    unsure = BOXES[:1]
    kinds, _ = targets(NONE, unsure, ANCHORS)
    near = overlaps(ANCHORS, unsure)[:, 0] >= 0.4
    assert near.any()
    np.testing.assert_array_equal(kinds, np.where(near, UNASKED, EMPTY))

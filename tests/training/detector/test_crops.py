"""Squares and their boxes: what is drawn fits what is labelled, however it is turned."""

import numpy as np

from snnlab.data.instances import components
from snnlab.nets.detector.graph import all_anchors
from snnlab.training.detector.crops import DetectorBatches, Drawing, Sections, square
from snnlab.training.detector.recipe import Recipe

MASK = np.zeros((220, 260), bool)
MASK[40:80, 50:110] = MASK[120:170, 150:180] = MASK[100:116, 20:50] = True
IMAGE = np.where(MASK, 0.95, 0.05).astype(np.float32)
SECTIONS = Sections([IMAGE, 1 - IMAGE], [components(MASK)] * 2, (3, 90), "two")
PLAIN = Drawing(side=96, gamma=0, contrast=0, brightness=0, often=0)


def test_boxes_are_around_what_is_shown():
    random, seen = np.random.default_rng(0), 0
    for _ in range(30):
        picture, boxes, unsure = square(SECTIONS, 0, random, PLAIN)
        assert picture.shape == (96, 96) and picture.dtype == np.float32
        bright = picture > 0.5
        covered = np.zeros_like(bright)
        for box in np.concatenate([boxes, unsure]).astype(int):
            part = np.s_[box[1] : box[3], box[0] : box[2]]
            covered[part] = True
            # a box fits tightly: each of its sides touches something bright, to a pixel
            inside = bright[part]
            for edge in (inside[:2], inside[-2:], inside[:, :2], inside[:, -2:]):
                assert edge.any()
            seen += 1
        assert not (bright & ~covered)[1:-1, 1:-1].any()
    assert seen > 20


def test_things_of_which_little_is_shown_are_unsure():
    random = np.random.default_rng(1)
    drawn = [square(SECTIONS, 0, random, PLAIN) for _ in range(60)]
    assert sum(len(unsure) for _, _, unsure in drawn) > 0
    assert sum(len(boxes) for _, boxes, _ in drawn) > sum(len(unsure) for _, _, unsure in drawn)


def test_another_exposure_keeps_to_0_and_1_and_differs():
    random = np.random.default_rng(2)
    drawing = Drawing(side=64)
    pictures = [square(SECTIONS, 0, random, drawing)[0] for _ in range(8)]
    assert all(one.min() >= 0 and one.max() <= 1 for one in pictures)
    assert np.std([one.mean() for one in pictures]) > 0.01


def test_near_copies_share_what_one_would_be_drawn():
    made = Sections([IMAGE] * 4, [components(MASK)] * 4, (0, 1, 2, 50), "four")
    np.testing.assert_allclose(made.shares(), [1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_a_batch_depends_on_its_step_alone():
    recipe, at = Recipe(batch=2, drawing=Drawing(side=64), seed=4), all_anchors(64, 64)
    taken = []
    for first, count in ((0, 3), (2, 1)):
        batches = DetectorBatches(SECTIONS, recipe, at, first)
        taken.append([batches.get() for _ in range(count)][-1])
        batches.close()
    (one, (kinds, offsets)), (other, (same_kinds, _)) = taken
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(kinds, same_kinds)
    assert one.shape == (2, 64, 64, 1) and offsets.shape == (2, len(at), 4)

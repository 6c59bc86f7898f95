"""Anchors and the coding of boxes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snnlab.nets.detector.anchors import PLACES, SHAPES, SIZES, anchors, decoded, encoded

NUMBERS = st.floats(0, 900, width=32)
SIDES = st.floats(8, 400, width=32)  # at most 50 to 1, which offsets can say
BOXES = st.lists(st.tuples(NUMBERS, NUMBERS, SIDES, SIDES), min_size=1, max_size=8)


def test_the_grid_of_a_level_by_hand():
    found = anchors(32, 64, 4).reshape(2, 4, PLACES, 4)
    centres = (found[..., :2] + found[..., 2:]) / 2
    np.testing.assert_allclose(centres[0, 0], [[8, 8]] * PLACES, atol=1e-4)
    np.testing.assert_allclose(centres[1, 3], [[56, 24]] * PLACES, atol=1e-4)
    sides = found[0, 0, :, 2:] - found[0, 0, :, :2]
    # level 4 is one above the lowest: twice the size, and the same area in all shapes
    np.testing.assert_allclose(np.sqrt(sides.prod(1)), np.repeat(2 * np.array(SIZES), len(SHAPES)))
    np.testing.assert_allclose(sides[:, 0] / sides[:, 1], SHAPES * len(SIZES), rtol=1e-5)


@given(BOXES, BOXES)
def test_a_box_comes_back_from_its_offsets(boxes, at):
    many = min(len(boxes), len(at))
    boxes, at = (
        np.array([(x, y, x + w, y + h) for x, y, w, h in part[:many]]) for part in (boxes, at)
    )
    back = decoded(encoded(boxes, at).astype(float), at)
    # offsets are float32, so seven digits of the largest number in play are kept
    np.testing.assert_allclose(back, boxes, atol=1e-5 * (np.abs(boxes).max() + np.abs(at).max()))


def test_no_offset_overflows():
    at = anchors(32, 32, 5)[:1]
    with np.errstate(all="raise"):
        found = decoded(np.full((1, 4), 1e4), at)
    assert np.isfinite(found).all()

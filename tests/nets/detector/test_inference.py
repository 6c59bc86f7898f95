"""Large sections in parts: each place is somebody's own, once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import Cancelled
from snnlab.nets.detector import inference
from snnlab.nets.detector.boxes import Detections
from snnlab.nets.detector.inference import detect, joined, parts
from tests.small_detector import detector, image


@given(st.integers(32, 5000), st.integers(32, 5000))
def test_parts_share_a_section_among_them(height, width):
    found = parts(height, width)
    area = 0
    for part in found:
        left, top, right, bottom = part.own
        assert part.rows.start <= top < bottom <= part.rows.stop <= height
        assert part.columns.start <= left < right <= part.columns.stop <= width
        area += (right - left) * (bottom - top)
        if height * width > inference.WHOLE:
            assert part.rows.stop - part.rows.start <= inference.SIDE
            # beside its own there is room for half of the largest anchor, or the section ends
            for own, edge, end in (
                (left, part.columns.start, 0), (top, part.rows.start, 0),
                (part.columns.stop, right, width), (part.rows.stop, bottom, height),
            ):  # fmt: skip
                assert own - edge >= inference.OVERLAP // 2 - 1 or end in (own, edge)
    assert area == height * width


def test_each_part_keeps_what_is_its_own():
    box = np.array([[90.0, 10, 130, 50]])
    two = [
        inference.Part(slice(0, 64), slice(0, 128), (0, 0, 100, 64)),
        inference.Part(slice(0, 64), slice(72, 200), (100, 0, 200, 64)),
    ]
    seen = [box, box - [72, 0, 72, 0]]
    found, number, place = joined(
        [
            (part, Detections(boxes, np.array([0.8]), np.array([5])))
            for part, boxes in zip(two, seen, strict=True)
        ]
    )
    np.testing.assert_array_equal(found.boxes, box)
    assert (list(number), list(place)) == ([1], [0])


def test_a_section_whose_sides_do_not_fit_is_filled_up_and_boxes_end_at_it():
    found = detect(detector(), image(70, 90))
    assert len(found) > 0
    assert found.boxes.min() >= 0 and (found.boxes <= [90, 70, 90, 70]).all()


def test_looking_can_be_stopped():
    with pytest.raises(Cancelled):
        detect(detector(), image(), cancel=lambda: True)

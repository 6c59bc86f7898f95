"""Things and their boxes, against scikit-image."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.measure import label, regionprops

from snnlab.data.instances import boxes_of, components

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14)))


@given(MASKS, st.integers(1, 5))
def test_components_are_scikit_images(mask, smallest):
    found = components(mask, smallest)
    expected = [one for one in regionprops(label(mask, connectivity=2)) if one.area >= smallest]
    boxes, numbers, sizes = boxes_of(found)
    assert list(numbers) == list(range(1, len(expected) + 1))
    assert sorted(map(tuple, boxes)) == sorted(
        (left, top, right, bottom) for top, left, bottom, right in (one.bbox for one in expected)
    )
    assert sorted(sizes) == sorted(one.area for one in expected)


def test_numbers_may_have_gaps():
    things = np.zeros((6, 8), np.int64)
    things[1:3, 2:7], things[4, 0] = 9, 4
    boxes, numbers, sizes = boxes_of(things)
    np.testing.assert_array_equal(numbers, [4, 9])
    np.testing.assert_array_equal(boxes, [[0, 4, 1, 5], [2, 1, 7, 3]])
    np.testing.assert_array_equal(sizes, [1, 10])


def test_nothing_has_no_boxes():
    boxes, numbers, sizes = boxes_of(components(np.zeros((5, 5), bool)))
    assert boxes.shape == (0, 4) and not len(numbers) and not len(sizes)

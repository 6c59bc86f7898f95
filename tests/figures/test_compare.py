"""The picture of a difference."""

import numpy as np

from snnlab.figures import compare, palette


def test_a_difference_is_coloured_by_its_side_and_clear_where_there_is_none():
    one = np.array([[0, 255, 128, 100]], np.uint8)
    other = np.array([[0, 0, 255, 110]], np.uint8)
    seen = compare.difference(one, other)
    assert seen.shape == (1, 4, 4) and seen.dtype == np.uint8
    assert list(seen[0, :, 3]) == [0, 255, 180, 50]
    colours = ["#" + bytes(pixel[:3]).hex() for pixel in seen[0]]
    assert colours[1:] == [palette.ANN, palette.SNN, palette.SNN]

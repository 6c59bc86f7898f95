"""Means over what counts."""

import numpy as np

from snnlab.results import counted


def test_a_mean_is_over_what_counts():
    values = np.array([[1.0, 2.0], [3.0, 10.0]])
    left_out = np.array([[False, False], [False, True]])
    assert counted.mean(values, None) == 4 and counted.mean(values, left_out) == 2
    assert np.isnan(counted.mean(values, np.ones((2, 2), bool)))


def test_labels_are_split_into_cells_and_what_does_not_count():
    cells = np.array([[True, False]])
    assert counted.split(cells)[0] is cells and counted.split(cells)[1] is None
    found, left_out = counted.split(np.array([[1, 0, -1]], np.int8))
    assert found.tolist() == [[True, False, False]] and left_out.tolist() == [[False, False, True]]
    assert counted.split(np.array([[1, 0]], np.int8))[1] is None

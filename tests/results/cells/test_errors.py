"""Cells against labels: splits, merges, and what was missed."""

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.results import metrics
from snnlab.results.cells import errors


def truth():
    """Four cells of 20 x 20 pixels, membranes of two pixels between them."""
    made = np.zeros((42, 42), bool)
    for rows in (slice(0, 20), slice(22, 42)):
        for columns in (slice(0, 20), slice(22, 42)):
            made[rows, columns] = True
    return made


def test_a_perfect_result_has_no_errors():
    found = errors.judge(metrics.components(truth()), truth())
    assert (found.cells, found.true) == (4, 4)
    assert (found.splits, found.merges, found.missed) == (0, 0, 0)
    assert found.v_rand == found.v_info == 1 and not len(found.split) and not len(found.merged)


def test_split_merged_and_missed_cells_are_told_by_number():
    cells = metrics.components(truth())
    cells[:10, :20] = 9  # the first in two halves
    cells[:20, 20:22] = cells[0, 22]  # wider, but one cell still
    cells[22:, 20:22] = cells[22:, 22:] = cells[22, 0]  # the lower two are one
    found = errors.judge(cells, truth())
    assert (found.splits, sorted(found.split)) == (1, [1, 9])
    assert (found.merges, found.merged.tolist()) == (1, [3])
    assert found.missed == 0 and found.cells == 4
    cells[:20, 22:] = 0
    cells[:20, 20:22] = 0
    found = errors.judge(cells, truth())
    assert found.missed == 1 and found.v_rand < 1


def test_what_is_too_small_to_be_found_is_not_missed():
    cells = metrics.components(truth())
    labels = np.pad(truth(), ((0, 8), (0, 0)))
    labels[46:50, :6] = True  # 24 pixels
    cells = np.pad(cells, ((0, 8), (0, 0)))
    for smallest, small in ((1, 0), (24, 0), (25, 1), (400, 1), (401, 5)):
        found = errors.judge(cells, labels, smallest=smallest)
        assert (found.missed, found.small, found.true) == (1 - min(small, 1), small, 5)
    labels[46:50, :6] = False
    labels[46, :6] = True  # nobody could find it
    found = errors.judge(cells, labels, smallest=1)
    assert (found.missed, found.small) == (0, 1)


def test_what_does_not_count_makes_no_error():
    cells = metrics.components(truth())
    cells[:10, :20] = 9
    ignored = np.zeros((42, 42), bool)
    ignored[:10, :20] = True
    found = errors.judge(cells, truth(), ignored)
    assert found.splits == 0 and found.cells == 4 and found.v_rand == 1


def test_labels_without_a_cell_are_refused():
    with pytest.raises(LabError):
        errors.judge(metrics.components(truth()), np.zeros((42, 42), bool))


def test_the_whole_in_which_most_of_a_part_lies():
    parts = np.array([[1, 1, 1, 2, 2, 3]])
    wholes = np.array([[4, 4, 0, 4, 5, 0]])
    assert errors.owners(parts, wholes).tolist() == [0, 4, 0, 0]

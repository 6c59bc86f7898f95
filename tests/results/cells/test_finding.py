"""Cells found in a probability: told apart where a mask runs them together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snnlab.results import metrics
from snnlab.results.cells import finding
from snnlab.results.cells.finding import Rule


def two(gap=0.6):
    """Two cells and a membrane between them, which has a weak gap of six pixels."""
    made = np.full((40, 61), 0.98, np.float32)
    made[:, 30] = 0.02
    made[17:23, 30] = gap
    return made


def test_a_weak_gap_in_a_membrane_does_not_merge_two_cells():
    made = two()
    assert metrics.components(made > 0.5).max() == 1
    found = finding.find(made)
    assert finding.count(found) == 2
    assert (found[:, :30] == 1).all() and (found[:, 31:] == 2).all()
    # the gap is cell, as its probability says, and belongs to one of them
    assert (found[17:23, 30] > 0).all() and (found[:17, 30] == 0).all()


def test_a_gap_that_is_surely_cell_is_one_cell():
    assert finding.count(finding.find(two(0.97))) == 1


def test_a_cell_keeps_the_rim_that_a_mask_at_the_threshold_of_its_core_loses():
    made = np.zeros((30, 30), np.float32)
    made[8:22, 8:22], made[10:20, 10:20] = 0.7, 0.95
    assert (finding.find(made) > 0).sum() == 14 * 14
    assert (finding.find(made, Rule(edge=0.8)) > 0).sum() == 10 * 10


def test_what_is_small_is_no_cell_and_no_core_of_one():
    made = np.zeros((30, 30), np.float32)
    made[2:6, 2:6] = 1  # 16 pixels
    made[12:26, 12:26], made[13:15, 13:15], made[20:25, 20:25] = 0.7, 1, 1
    found = finding.find(made)
    assert found.max() == 1 and not found[2:6, 2:6].any()
    assert (found[12:26, 12:26] == 1).all()
    assert finding.find(made, Rule(smallest=16)).max() == 2
    assert finding.find(made, Rule(smallest=10_000)).max() == 0


def test_there_is_no_cell_beside_the_tissue():
    tissue = np.ones((40, 61), bool)
    tissue[:, 31:] = False
    found = finding.find(two(), tissue=tissue)
    assert finding.count(found) == 1 and not found[:, 31:].any()


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float32, (12, 17), elements=st.floats(0, 1, width=32)))
def test_numbers_are_1_to_n_as_they_are_met_and_lie_where_there_is_cell(made):
    found = finding.find(made, Rule(basin=1, smallest=2))
    seen = list(dict.fromkeys(found[found > 0].tolist()))
    assert seen == list(range(1, len(seen) + 1)) and finding.count(found) == len(seen)
    assert (made[found > 0] > 0.5).all()
    assert all((found == number).sum() >= 2 for number in seen)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_flat_map(value):
    found = finding.find(np.full((20, 20), value, np.float32))
    assert found.dtype == np.int32 and found.max() == value

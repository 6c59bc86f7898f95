"""Cells linked through sections, and measured in three dimensions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snnlab.results.cells import extent, linking

stacks = arrays.arrays(
    np.int32, st.tuples(st.integers(1, 5), st.just(7), st.just(8)), elements=st.integers(0, 5)
)


def disc(row, column, radius, number=1, side=40):
    rows, columns = np.mgrid[:side, :side]
    return np.where(np.hypot(rows - row, columns - column) <= radius, number, 0).astype(np.int32)


def stacked(sections):
    return np.array(list(linking.link(sections)))


def same(one, other):
    """Whether two numberings tell the same cells apart."""
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1)
    return all(len(np.unique(side)) == pairs.shape[1] for side in pairs)


def test_a_cylinder_through_all_sections_is_one_cell_though_it_leans_and_is_numbered_anew():
    leaning = [disc(20, 8 + 3 * z, 6, number=1 + z % 3) for z in range(8)]
    found = stacked(leaning)
    assert set(np.unique(found)) == {0, 1}
    assert ((found > 0) == (np.array(leaning) > 0)).all()


def test_two_that_lie_beside_each_other_stay_two():
    both = [disc(10, 10, 6) + disc(10, 28, 6, 2) for _ in range(5)]
    found = stacked(both)
    assert np.unique(found).tolist() == [0, 1, 2]
    assert all((section == found[0]).all() for section in found)


def test_cells_that_run_together_in_one_section_are_apart_behind_it():
    apart = disc(10, 10, 6) + disc(10, 28, 7, 2)
    merged = np.where(apart > 0, 1, 0).astype(np.int32)
    merged[9:12, 10:28] = 1
    found = stacked([apart, apart, merged, apart, apart])
    assert (found[0] == found[1]).all() and (found[3] == found[4]).all()
    # the larger goes on through it, and the smaller begins anew
    assert found[4][10, 28] == found[2][10, 28] == found[0][10, 28] == 2
    assert found[4][10, 10] not in (found[0][10, 10], 2)


def test_what_hardly_overlaps_is_not_the_same_cell():
    assert len(linking.links(disc(20, 12, 6), disc(20, 22, 6))[0]) == 0
    assert len(linking.links(disc(20, 12, 6), disc(20, 22, 6), 0.01)[0]) == 1


def test_a_small_cell_inside_a_large_one_is_the_same_if_nothing_fits_better():
    assert [*map(list, linking.links(disc(20, 20, 3), disc(20, 20, 12)))] == [[1], [1]]


def test_a_section_without_cells_is_passed_over():
    found = stacked([disc(20, 20, 6), np.zeros((40, 40), np.int32), disc(20, 21, 6)])
    assert np.unique(found).tolist() == [0, 1]
    assert not found[1].any() and found[2].any()


def test_no_cell_goes_on_where_sections_are_missing():
    linked, one = linking.Linked(), disc(20, 20, 6)
    assert [linked.add(one)[1], linked.add(one)[1]] == [1, 1]
    linked.part()
    assert [linked.add(one)[1], linked.add(one)[1]] == [2, 2] and linked.count == 2


@given(stacks)
@settings(max_examples=200, deadline=None)
def test_numbers_have_no_gaps_and_cells_end_where_they_end(stack):
    found = stacked(stack)
    assert ((found > 0) == (stack > 0)).all()
    there = np.unique(found[found > 0])
    assert there.tolist() == list(range(1, len(there) + 1))
    filled = [z for z in range(len(stack)) if stack[z].any()]
    for number in there:
        at = [z for z in filled if (found[z] == number).any()]
        assert at == filled[filled.index(at[0]) :][: len(at)]  # no section is left out
        for z in at:  # of each section it is one cell
            assert len(np.unique(stack[z][found[z] == number])) == 1


@given(stacks)
@settings(max_examples=200, deadline=None)
def test_it_is_the_same_from_the_other_end(stack):
    assert same(stacked(stack), stacked(stack[::-1])[::-1])


@given(stacks)
@settings(max_examples=100, deadline=None)
def test_links_are_one_to_one_and_overlap_as_much_as_is_asked(stack):
    for one, other in zip(stack, stack[1:], strict=False):
        first, second = linking.links(one, other)
        assert len(set(first)) == len(first) == len(set(second))
        for a, b in zip(first, second, strict=True):
            shared = ((one == a) & (other == b)).sum()
            assert 2 * shared >= min((one == a).sum(), (other == b).sum())
        back = zip(*linking.links(other, one), strict=True)
        assert set(zip(first, second, strict=True)) == {(b, a) for a, b in back}


@given(stacks)
@settings(max_examples=100, deadline=None)
def test_what_is_measured_is_what_counting_gives(stack):
    linked = linking.Linked()
    for section in stack:
        linked.add(section)
    table = extent.measure(stack, linked.tables, range(3, 3 + len(stack)))
    found = stacked(stack)
    assert table.number.tolist() == list(range(1, linked.count + 1))
    for i, number in enumerate(table.number):
        z, row, column = np.nonzero(found == number)
        assert table.voxels[i] == len(z)
        assert (table.first[i], table.last[i]) == (3 + z.min(), 3 + z.max())
        assert table.sections[i] == len(set(z))
        assert table.row[i] == pytest.approx(row.mean())
        assert table.column[i] == pytest.approx(column.mean())


def test_volume_is_told_where_pixels_and_sections_have_a_size():
    cylinder = [disc(20, 20, 5) for _ in range(4)]
    linked = linking.Linked()
    for section in cylinder:
        linked.add(section)
    known = extent.measure(cylinder, linked.tables, range(4), nm=4.0, thickness=50.0)
    pixels = int((cylinder[0] > 0).sum())
    assert known.columns()["volume_nm3"].tolist() == [pixels * 4 * 16 * 50]
    assert "volume_nm3" not in extent.measure(cylinder, linked.tables, range(4), nm=4.0).columns()


def test_what_begins_or_ends_with_the_stack_may_be_cut_off():
    inside, always = disc(10, 10, 4, 1), disc(28, 28, 4, 2)
    sections = [always, always + inside, always + inside, always]
    linked = linking.Linked()
    for section in sections:
        linked.add(section)
    table = extent.measure(sections, linked.tables, range(4))
    assert dict(zip(table.sections.tolist(), table.border.tolist(), strict=True)) == {
        4: True, 2: False
    }  # fmt: skip
    beside = np.ones((40, 40), bool)
    beside[:, :8] = False  # the tissue ends where the smaller one does
    table = extent.measure(sections, linked.tables, range(4), [beside] * 4)
    assert table.border.all()

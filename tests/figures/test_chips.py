"""Figures of chips draw what they are given."""

import numpy as np

from snnlab.figures import chips


def test_partitioners_in_the_order_given_the_chosen_ones_full():
    figure = chips.partitioners(("a", "b", "c"), (10, 20, 30_000), ("a", "c"), 30_000)
    (bars,) = figure.data
    assert list(bars.y) == ["a", "b", "c"]
    assert list(bars.x) == [10, 20, 30_000]
    assert list(bars.text) == ["10", "20", "30,000"]
    full = [colour == chips.AWAY for colour in bars.marker.color]
    assert full == [True, False, True]
    assert figure.layout.xaxis.range[1] > 30_000
    assert figure.layout.yaxis.autorange == "reversed"  # the first on top


def test_nothing_between_chips_has_an_axis_still():
    figure = chips.partitioners(("a",), (0,), ("a",), 0)
    assert figure.layout.xaxis.range[1] > 0


def test_matrices_share_one_scale_and_read_from_rows_to_columns():
    one, other = np.array([[0, 5], [7, 0]]), np.array([[0, 1200, 3], [0, 0, 0], [9, 0, 0]])
    figure = chips.between(("first", "second"), (one, other))
    left, right = figure.data
    assert (left.zmax, right.zmax) == (1200, 1200)
    assert np.array_equal(left.z, one)
    assert np.array_equal(right.z, other)
    shares = [share for share, _ in left.colorscale]
    assert (shares[0], shares[-1]) == (0, 1)
    assert left.colorscale == right.colorscale
    assert left.text[1][0] == "7"
    assert left.text[0][0] == ""
    assert right.text[0][1] == "1.2 k"
    assert [note.text for note in figure.layout.annotations] == ["first", "second"]


def test_a_large_matrix_has_no_numbers_and_fits():
    many = np.ones((32, 32), int)
    figure = chips.between(("one",), (many,))
    assert figure.data[0].texttemplate is None
    assert figure.layout.height <= 560
    small = chips.between(("one",), (many[:3, :3],))
    assert small.data[0].texttemplate
    assert figure.data[0].showscale
    assert not small.data[0].showscale  # its numbers are written in
    assert small.layout.height < figure.layout.height


def test_limits_say_the_fullest_core():
    mean, fullest = np.array([[0.5, 0.25]]), np.array([[1.0, 0.333]])
    figure = chips.limits(("up0",), ("Compartments", "Input axons"), mean, fullest)
    (cells,) = figure.data
    assert list(cells.text[0]) == ["100 %", "33 %"]
    assert list(cells.customdata[0]) == [50.0, 25.0]
    assert (cells.zmin, cells.zmax) == (0, 1)


def test_steps_stack_what_is_known_and_hatch_what_is_not():
    figure = chips.steps(("a", "b"), {"updates": (1.0, 2.0), "messages": (3.0, 4.0)}, (5.0, 6.0))
    assert figure.layout.barmode == "stack"
    assert [bar.name for bar in figure.data] == ["updates", "messages", "not published"]
    assert [list(bar.x) for bar in figure.data] == [[1, 2], [3, 4], [5, 6]]
    assert figure.data[-1].marker.pattern.shape == "/"
    rows = figure.layout.yaxis.categoryarray  # from the bottom
    assert {rows[note.y]: note.text for note in figure.layout.annotations} == {"b": "b", "a": "a"}
    assert list(rows) == ["b", "a"]
    assert all(bar.marker.pattern.shape is None for bar in figure.data[:-1])

"""A logarithmic axis always has ticks to read, whatever it spans."""

import math

from hypothesis import given
from hypothesis import strategies as st

from snnlab.figures import ticks

POSITIVE = st.floats(1e-9, 1e12)


@given(st.lists(POSITIVE, min_size=1, max_size=20))
def test_there_are_a_few_ticks_within_the_range_which_holds_all_values(values):
    axis = ticks.logarithmic(values)
    low, high = (10**end for end in axis["range"])
    assert low < min(values) <= max(values) < high
    assert ticks.FEWEST <= len(axis["tickvals"]) <= ticks.MOST
    assert all(low * 0.999 <= tick <= high * 1.001 for tick in axis["tickvals"])
    assert len(set(axis["ticktext"])) == len(axis["ticktext"])


def test_little_span_has_ticks_in_between():
    assert ticks.logarithmic([0.31, 0.35])["ticktext"] == ["0.3", "0.35", "0.4"]


def test_decades_where_they_do():
    assert ticks.logarithmic([1e-3, 5.0])["ticktext"] == ["0.001", "0.01", "0.1", "1"]


def test_what_has_no_place_is_left_out():
    axis = ticks.logarithmic([None, 0.0, 2.0, 40.0])
    assert math.isclose(10 ** axis["range"][0], 2 / ticks.ROOM)
    assert ticks.logarithmic([0.0]) == {"type": "log"}

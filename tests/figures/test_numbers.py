"""Numbers are rounded to three digits, and no exponent is ever written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.figures import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.3, "0.3"), (12.345, "12.3"), (999.4, "999"), (999.6, "1 k"), (1234, "1.23 k"),
        (9.996e5, "1 M"), (2.5e9, "2.5 G"), (3e12, "3 T"), (1.25e-5, "0.0000125"),
        (float("nan"), "not known"), (float("inf"), "∞"), (-1500, "-1.5 k"),
    ],
)  # fmt: skip
def test_short(value, text):
    assert numbers.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1.00"), (0.5, "0.50"), (0.0206, "0.021"), (48.613, "48.61"), (1234.5, "1230"), (0, "0")],
)
def test_a_ratio_has_two_digits_however_small(value, text):
    assert numbers.ratio(value) == text


def test_one_of_a_thing_has_no_s():
    told = [numbers.many(count, "step") for count in (0, 1, 2)]
    assert told == ["0 steps", "1 step", "2 steps"]


def test_more_digits_where_they_are_wanted():
    assert numbers.digits(14.566, 4) == "14.57"
    assert numbers.digits(23456, 4) == "23460"


@given(st.floats(0, 1e300))
def test_no_exponent_anywhere(value):
    for text in (numbers.short(value), numbers.joules(value), numbers.digits(value, 4)):
        assert not re.search(r"\d[eE]", text)


@given(st.floats(1e-12, 1e9))
def test_a_number_reads_back_to_three_digits(value):
    number, *letter = numbers.short(value).split()
    size = {"k": 1e3, "M": 1e6, "G": 1e9}[letter[0]] if letter else 1
    assert float(number) * size == pytest.approx(value, rel=5.1e-3)

"""Combinations, against the product written out."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.settings import Settings
from snnlab.studies.sweep.grid import MOST, Grid, numbers

BASE = Settings(lower_hz=75, upper_hz=150)


def test_all_combinations_each_once():
    grid = Grid(BASE, (99, 99.9), (150, 300, 600), (32, 8), ("rate-scaling",), ("relu", "loihi"))
    seen = {
        (run.settings.model, run.settings.percentile, run.settings.upper_hz, steps)
        for run in grid.runs()
        for steps in run.timesteps
    }
    assert seen == set(product(("relu", "loihi"), (99, 99.9), (150, 300, 600), (8, 32)))
    assert grid.points == len(seen) == 24
    assert grid.simulations == len(grid.runs()) == 12
    assert {run.settings.timesteps for run in grid.runs()} == {32}
    assert grid.runs()[0].at(8) == grid.runs()[0].settings.replace(timesteps=8)


@given(st.lists(st.floats(1, 1000), min_size=1, max_size=5))
def test_the_lower_bound_keeps_its_share(uppers):
    grid = Grid(BASE, (99.9,), tuple(uppers), (8,))
    for run in grid.runs():
        assert run.settings.lower_hz == pytest.approx(run.settings.upper_hz / 2, rel=5e-3)
        assert run.settings.lower_hz <= run.settings.upper_hz


def test_lower_bounds_are_numbers_that_a_person_would_write():
    base = Settings(lower_hz=400, upper_hz=450)
    lowers = [run.settings.lower_hz for run in Grid(base, (99,), (75, 150, 450, 1000), (8,)).runs()]
    assert lowers == [66.7, 133, 400, 889]
    # and of the base itself they are its own
    odd = Settings(lower_hz=33.3333, upper_hz=100)
    (run,) = Grid(odd, (99,), (100,), (8,)).runs()
    assert run.settings.lower_hz == 33.3333
    # of bounds that are one, they are one
    (run,) = Grid(Settings(lower_hz=90, upper_hz=90), (99,), (149.64,), (8,)).runs()
    assert (
        run.settings.lower_hz == pytest.approx(149.64, abs=0.7) and run.settings.lower_hz < 149.65
    )


def test_what_is_not_varied_is_the_base():
    base = BASE.replace(model="loihi", reset="zero", synapse_ms=5.0, seed=3, threshold=0.4)
    (run,) = Grid(base, (99.9,), (150,), (200,)).runs()
    assert run.settings == base.replace(percentile=99.9, upper_hz=150, timesteps=200)


@pytest.mark.parametrize(
    "values",
    [
        ((), (150,), (8,)),
        ((99,), (), (8,)),
        ((99,), (150,), ()),
        ((10,), (150,), (8,)),
        ((99,), (2000,), (8,)),
        ((99,), (150,), (0, 8)),
        ((99,), (150,), (5000,)),
        ((99,), tuple(range(1, 200)), tuple(range(1, MOST // 150))),
    ],
)
def test_nonsense_is_one_sentence(values):
    with pytest.raises(LabError) as said:
        Grid(BASE, *values)
    assert str(said.value).count(".") >= 1 and "\n" not in str(said.value)


def test_numbers_as_people_type_them():
    assert numbers("16, 32,64,", int, "timesteps") == (16, 32, 64)
    assert numbers("99,99.9", float, "percentiles") == (99.0, 99.9)
    for text in ("a", "1.5", "1;2"):
        with pytest.raises(LabError, match="--timesteps"):
            numbers(text, int, "timesteps")


def test_pairs_that_do_not_go_together_are_left_out():
    grid = Grid(
        BASE, (99,), (150, 300), (8, 16), ("rate-scaling", "qcfs"), ("relu", "qcfs"),
        (("relu", "qcfs"),),
    )  # fmt: skip
    pairs = {(run.settings.model, run.settings.method) for run in grid.runs()}
    assert pairs == {("relu", "rate-scaling"), ("qcfs", "rate-scaling"), ("qcfs", "qcfs")}
    assert grid.simulations == len(grid.runs()) == 6 and grid.points == 12

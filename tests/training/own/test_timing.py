"""The estimate is of what it measured."""

import time

import pytest

from snnlab.errors import Cancelled
from snnlab.training import recipes
from snnlab.training.own import timing
from snnlab.training.own.order import Order
from tests.training.own import tiny


class Clocked:
    """A trainer whose steps take 20 ms, but for the first."""

    def __init__(self, recipe, data, folder, start):
        self.recipe, self.start = recipe, start
        assert folder is None

    def run(self, progress=None, cancel=None):
        done = 0
        while not cancel():
            time.sleep(0.02 if done else 0.3)
            done += 1
        raise Cancelled

    def validate(self):
        time.sleep(0.05)

    def model(self):
        return self.recipe.spiking or "rates"


def test_steps_and_validations_are_timed_and_counted(monkeypatch):
    monkeypatch.setattr(recipes, "PLANS", tiny.PLANS)
    made = []
    monkeypatch.setattr(recipes, "trainer", lambda *a: made.append(Clocked(*a)) or made[-1])
    found = timing.estimate(Order("regularised", steps=100), tiny.own())
    assert [stage.steps for stage in found] == [75, 25] or sum(s.steps for s in found) == 100
    assert [stage.validations for stage in found] == [4, 2]
    for stage in found:
        assert 0.02 <= stage.seconds_a_step < 0.2  # the one that builds the graph left out
        assert stage.seconds_a_validation >= 0.05
        expected = stage.steps * stage.seconds_a_step
        expected += stage.validations * stage.seconds_a_validation
        assert stage.seconds == pytest.approx(expected)
    assert [one.start for one in made] == [None, "rates"]  # each from the one before


def test_minutes_say_how_many_steps_they_allow(monkeypatch):
    monkeypatch.setattr(recipes, "PLANS", tiny.PLANS)
    monkeypatch.setattr(recipes, "trainer", Clocked)
    (stage,) = timing.estimate(Order("relu", minutes=0.1), tiny.own())
    assert stage.steps == max(1, round(6 / stage.seconds_a_step))


def test_it_can_be_stopped(monkeypatch):
    monkeypatch.setattr(recipes, "trainer", None)
    with pytest.raises(Cancelled):
        timing.estimate(Order("relu", steps=9), tiny.own(), cancel=lambda: True)


def test_real_steps_take_time(monkeypatch):
    monkeypatch.setattr(recipes, "PLANS", tiny.PLANS)
    (stage,) = timing.estimate(Order("relu", steps=8), tiny.own(), probe=1)
    assert stage.steps == 8 and 0 < stage.seconds_a_step < 60 and stage.seconds_a_validation > 0

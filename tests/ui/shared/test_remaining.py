"""Time left is steady where the estimate jumps, and ends up where the estimate is right."""

import pytest

from snnlab.ui.shared.remaining import LEANING, Remaining, minutes


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_jumping_estimate_is_told_smoothly():
    clock = Clock()
    left, told, end = Remaining(60.0, clock), [], 60.0
    for second in range(0, 60, 2):
        clock.now = float(second)
        true = end - second
        told.append(
            left.told(true * (3.0 if second % 4 else 0.4))
        )  # now thrice, now less than half
    steps = [after - before for before, after in zip(told, told[1:], strict=False)]
    assert told[0] == 60 and max(steps) < 8 and min(steps) > -8


def test_what_was_expected_wrongly_is_put_right():
    clock = Clock()
    left = Remaining(600.0, clock)
    for second in range(int(5 * LEANING)):
        clock.now = float(second)
        said = left.told(300.0 - second)
    assert said == pytest.approx(300 - second, abs=10)


def test_without_an_estimate_it_counts_down_and_never_below_nothing():
    clock = Clock()
    left = Remaining(10.0, clock)
    assert left.told(None) == 10  # the time in a queue does not count
    clock.now = 4.0
    assert left.told(None) == 6
    clock.now = 40.0
    assert left.told(None) == 0
    assert Remaining(None, clock).told(None) is None
    assert Remaining(None, clock).told(7.0) == 7


def test_minutes_and_seconds():
    assert [minutes(value) for value in (0, 59.6, 125)] == ["0:00", "1:00", "2:05"]

"""Answers are judged by the numbers of runs, each worked out here by hand."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab import lab, summary
from snnlab.settings import Settings
from snnlab.summary import LayerSummary
from snnlab.ui import learn_checks as checks

BASE = summary.of(lab.default_result())
PLAIN = Settings(timesteps=64, lower_hz=400.0, upper_hz=600.0)


def run(spikes=1000, agreement=0.99, busy=1.0, quiet=1.0, error=0.1, image="a", **settings):
    layer = LayerSummary("x", spikes, 10.0, error, busy, quiet)
    course = {"step": np.arange(8, 11), "agreement": np.array([0.5, agreement, agreement])}
    return replace(
        BASE, settings=PLAIN.replace(**settings), spikes=spikes, agreement=agreement,
        layers=(layer,), image=image, course=course,
    )  # fmt: skip


def test_spike():
    assert checks.spike(6, 93.75, 6, 0.064).right
    assert checks.spike(6, 94, 6, 0.064).right  # rounded
    assert checks.spike(5, 93.75, 6, 0.064).right is False
    assert checks.spike(6, 6 / 64, 6, 0.064).right is False
    assert checks.spike(0, 0, 0, 0.064).right


def test_rungs_need_two_runs_that_differ_in_length_alone():
    few, many = run(error=0.2), run(error=0.1, timesteps=128)
    assert checks.rungs(20.0, "smaller", 64, 0.001, None).right is False
    assert checks.rungs(15.625, "smaller", 64, 0.001, None).right is None
    pair = checks.by_timesteps([few, many])
    assert checks.rungs(15.6, "smaller", 64, 0.001, pair).right
    assert checks.rungs(15.6, "larger", 64, 0.001, pair).right is False
    assert checks.rungs(15.6, "same", 64, 0.001, pair).right is False
    other = checks.by_timesteps([few, run(error=0.2, timesteps=128)])
    assert checks.rungs(15.6, "same", 64, 0.001, other).right


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (run(), run(timesteps=128), True),
        (run(timesteps=128), run(), True),
        (run(), run(timesteps=80), False),  # not twice as long
        (run(), run(timesteps=128, reset="zero"), False),
        (run(), run(timesteps=128, image="b"), False),
        (run(), run(timesteps=128, threshold=0.3), True),
        (run(), run(), False),
    ],
)
def test_pairs_by_timesteps(one, other, found):
    pair = checks.by_timesteps([one, other])
    assert (pair is not None) == found
    if found:
        assert (pair.low.settings.timesteps, pair.high.settings.timesteps) == (64, 128)


def test_the_latest_pair_counts():
    runs = [run(spikes=1), run(spikes=2, reset="zero"), run(spikes=3, reset="zero", seed=2),
            run(spikes=4, seed=2)]  # fmt: skip
    pair = checks.by_reset(runs)
    assert (pair.low.spikes, pair.high.spikes) == (4, 3)
    assert checks.by_reset(runs[:1]) is None


def test_settled():
    steps = np.array([1, 2, 3, 4, 5])
    assert checks.settled(steps, [0.5, 0.96, 0.94, 0.95, 0.99]) == (3, 4)
    assert checks.settled(steps, [0.95] * 5) == (0, 1)
    assert checks.settled(steps, [0.99, 0.99, 0.99, 0.99, 0.9]) == (checks.NEVER,) * 2
    # of every eighth step: somewhere between the two
    assert checks.settled(8 * steps, [0.5, 0.9, 0.99, 0.99, 0.99]) == (16, 24)


def test_too_few_takes_any_step_between_those_that_are_known():
    course = {"step": 8 * np.arange(1, 6), "agreement": np.array([0.5, 0.9, 0.99, 0.99, 0.99])}
    run_of = [replace(run(), course=course), run(agreement=0.6, timesteps=4)]
    right = [step for step in range(41) if checks.too_few(step, run_of).right]
    assert right == list(range(15, 27))  # 17 to 24, and a tenth at either end


def test_too_few_asks_to_see_it_fail():
    good, bad = run(), run(agreement=0.6, timesteps=4)  # the good one settles at step 9
    assert checks.too_few(9, [good]).right is None
    assert checks.too_few(9, [good, bad]).right
    assert "60.0 %" in checks.too_few(10, [good, bad]).text
    assert checks.too_few(20, [good, bad]).right is False
    assert "too late" in checks.too_few(20, [good]).text
    assert "too early" in checks.too_few(2, [bad, good]).text
    assert checks.too_few(0, [good, bad]).right is False


def test_too_few_does_not_ask_for_an_order():
    """The failing run may be on screen when the answer is given, or long gone."""
    good, bad = run(), run(agreement=0.6, timesteps=4)
    assert checks.too_few(9, [good, bad]).right and checks.too_few(9, [bad, good]).right
    # of several that settle it is the last
    late = {"step": np.array([19, 20, 21]), "agreement": np.array([0.6, 0.99, 0.99])}
    later = replace(run(timesteps=128), course=late)
    assert checks.too_few(20, [good, later, bad]).right
    assert checks.too_few(9, [good, later, bad]).right is False
    # and if none does there is nothing to be read off
    for answer in (0, 3):
        verdict = checks.too_few(answer, [bad])
        assert verdict.right is False and "None of your runs" in verdict.text


def test_reset():
    assert checks.reset("subtraction", "busy", None).right is None
    pair = checks.by_reset(
        [run(spikes=900, busy=1.0, quiet=1.0), run(spikes=700, busy=0.7, quiet=0.9, reset="zero")]
    )
    assert checks.losses(pair) == pytest.approx({"busy": 0.3, "quiet": 0.1})
    assert checks.reset("subtraction", "busy", pair).right
    assert checks.reset("zero", "busy", pair).right is False
    assert checks.reset("subtraction", "quiet", pair).right is False


def test_bounds():
    high, low = run(spikes=900), run(spikes=300, agreement=0.9, lower_hz=100.0, upper_hz=200.0)
    pair = checks.by_bounds([high, low])
    assert pair.low is low
    assert checks.bounds(3.0, "fell", pair).right
    assert checks.bounds(2.0, "fell", pair).right is False
    assert checks.bounds(3.0, "same", pair).right is False
    assert checks.bounds(3.0, "fell", None).right is None
    close = run(spikes=800, lower_hz=400.0, upper_hz=500.0)
    assert checks.by_bounds([high, close]) is None


def test_chips():
    between, within = {"round-robin": 600, "good": 60, "fair": 100}, {"good": 540, "fair": 0,
                                                                      "round-robin": 0}  # fmt: skip
    assert checks.chips(10.0, 10.0, between, within).right
    assert checks.chips(6.0, 10.0, between, within).right is False
    assert checks.chips(10.0, 11.1, between, within).right
    assert checks.chips(10.0, 90.0, between, within).right is False


def test_energy():
    joules = {"gpu": 3.0, "chip": 1.5, "ann": 2e-4, "snn": 4e-4}
    assert checks.energy(2.0, "ann", joules).right
    assert checks.energy(2.0, "snn", joules).right is False
    assert checks.energy(0.5, "ann", joules).right is False


def test_nobody_completes_a_lesson_by_leaving_it_as_it_is():
    assert checks.spike(0, 0.0, 5, 0.064).right is False
    assert checks.rungs(0.0, "smaller", 64, 0.001, None).right is False
    assert checks.too_few(0, [run(agreement=0.5)]).right is False
    pair = checks.by_bounds([run(spikes=9), run(spikes=3, lower_hz=100.0, upper_hz=200.0)])
    assert checks.bounds(0.0, "fell", pair).right is False
    assert checks.chips(0.0, 0.0, {"round-robin": 6, "a": 2}, {"round-robin": 1, "a": 9}).right is (
        False
    )
    joules = {"gpu": 3.0, "chip": 1.5, "ann": 2e-4, "snn": 4e-4}
    assert checks.energy(0.0, "ann", joules).right is False

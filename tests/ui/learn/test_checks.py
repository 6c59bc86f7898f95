"""Answers are judged by the numbers of runs, each worked out here by hand."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.results.summary import LayerSummary
from snnlab.settings import Settings
from snnlab.ui.learn import checks
from snnlab.ui.learn import runs as runs_of

BASE = summary.of(lab.default_result())
PLAIN = Settings(timesteps=64, lower_hz=400.0, upper_hz=600.0)


def run(spikes=1000, agreement=0.99, busy=1.0, quiet=1.0, error=0.1, image="a", out=9, **settings):
    layer = LayerSummary("x", spikes, 10.0, error, busy, quiet)
    last = replace(layer, spikes=out)
    course = {"step": np.arange(8, 11), "agreement": np.array([0.5, agreement, agreement])}
    return replace(
        BASE, settings=PLAIN.replace(**settings), spikes=spikes, agreement=agreement,
        layers=(layer, last), image=image, course=course,
    )  # fmt: skip


def test_spike():
    assert checks.spike(6, 93.75, 6, 0.064).right
    assert checks.spike(6, 94, 6, 0.064).right  # rounded
    assert checks.spike(5, 93.75, 6, 0.064).right is False
    assert checks.spike(6, 6 / 64, 6, 0.064).right is False
    assert checks.spike(0, 0, 0, 0.064).right


def test_picture():
    """1024 pixels of 4 nm are 4.096 µm."""
    assert checks.picture(4.1, 4, "one", 4.096, 4).right
    for wrong in ((4096, 4, "one"), (4.1, 3, "one"), (4.1, 4, "two")):
        assert checks.picture(*wrong, 4.096, 4).right is False
    assert "17 such pictures" in checks.picture(4.1, 4, "one", 4.096, 4).text


def test_rungs_need_two_runs_that_differ_in_length_alone():
    few, many = run(error=0.2), run(error=0.1, timesteps=128)
    assert checks.rungs(20.0, "smaller", 64, 0.001, None).right is False
    assert checks.rungs(15.625, "smaller", 64, 0.001, None).right is None
    pair = runs_of.by_timesteps([few, many])
    assert checks.rungs(15.6, "smaller", 64, 0.001, pair).right
    assert checks.rungs(15.6, "larger", 64, 0.001, pair).right is False
    assert checks.rungs(15.6, "same", 64, 0.001, pair).right is False
    other = runs_of.by_timesteps([few, run(error=0.2, timesteps=128)])
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
    pair = runs_of.by_timesteps([one, other])
    assert (pair is not None) == found
    if found:
        assert (pair.low.settings.timesteps, pair.high.settings.timesteps) == (64, 128)


def test_the_latest_pair_counts():
    runs = [run(spikes=1), run(spikes=2, reset="zero"), run(spikes=3, reset="zero", seed=2),
            run(spikes=4, seed=2)]  # fmt: skip
    pair = runs_of.by_reset(runs)
    assert (pair.low.spikes, pair.high.spikes) == (4, 3)
    assert runs_of.by_reset(runs[:1]) is None


def test_two_mute_runs_are_no_pair():
    """The last layer of neither sent anything: they are alike, whatever they differ in."""
    assert runs_of.by_reset([run(out=0), run(reset="zero", out=0)]) is None
    assert runs_of.by_reset([run(), run(reset="zero", out=0)]) is not None


def test_too_few_takes_any_step_between_those_that_are_known():
    course = {"step": 8 * np.arange(1, 6), "agreement": np.array([0.5, 0.9, 0.99, 0.99, 0.99])}
    run_of = [replace(run(), course=course), run(agreement=0.6, timesteps=4)]
    assert "between steps 16 and 24" in checks.too_few(20, run_of).text.lower()
    right = [step for step in range(41) if checks.too_few(step, run_of).right]
    assert right == list(range(15, 27))  # 17 to 24, and a tenth at either end


def test_too_few_asks_to_see_it_fail():
    good, bad = run(), run(agreement=0.6, timesteps=4)  # the good one settles at step 9
    assert checks.too_few(9, [good]).right is None
    assert checks.too_few(9, [good, bad]).right
    assert "60.0 %" in checks.too_few(10, [good, bad]).text
    assert "From step 9 on" in checks.too_few(10, [good, bad]).text
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
        assert verdict.right is False and "No run on this image" in verdict.text


def test_reset():
    assert checks.reset("subtraction", "busy", None).right is None
    pair = runs_of.by_reset(
        [run(spikes=900, busy=1.0, quiet=1.0), run(spikes=700, busy=0.7, quiet=0.9, reset="zero")]
    )
    assert checks.losses(pair) == pytest.approx({"busy": 0.3, "quiet": 0.1})
    verdict = checks.reset("subtraction", "busy", pair)
    assert verdict.right and "900" in verdict.text
    assert "busy neurons lost 30.0 % of their signal" in verdict.text
    for wrong in (("zero", "busy"), ("subtraction", "quiet")):
        hint(checks.reset(*wrong, pair))


def hint(verdict):
    """A wrong answer is told where to look, and not what is there."""
    assert verdict.right is False
    assert not any(letter.isdigit() for letter in verdict.text.replace("45 nm", "").replace(
        "8-bit", "").replace("Loihi 1", ""))  # fmt: skip


@pytest.mark.parametrize(
    "zero",
    [
        {"spikes": 1000, "busy": 0.7, "quiet": 0.9},
        {"spikes": 700, "busy": 1.0, "quiet": 1.0},
        {"spikes": 700, "busy": 0.7, "quiet": float("nan")},
    ],
)
def test_resets_that_hardly_differ_are_not_judged(zero):
    pair = runs_of.by_reset([run(), run(reset="zero", **zero)])
    assert checks.alike(pair)
    for more in ("subtraction", "zero"):
        assert checks.reset(more, "busy", pair).right is None


def test_bounds():
    high, low = run(spikes=900), run(spikes=300, agreement=0.9, lower_hz=100.0, upper_hz=200.0)
    pair = runs_of.by_bounds([high, low])
    assert pair.low is low
    assert checks.bounds(3.0, "fell", pair).right
    hint(checks.bounds(2.0, "fell", pair))
    hint(checks.bounds(3.0, "same", pair))
    assert checks.bounds(3.0, "fell", None).right is None
    close = run(spikes=800, lower_hz=400.0, upper_hz=500.0)
    assert runs_of.by_bounds([high, close]) is None


def test_chips():
    spikes = {"between": 60, "within": 540, "dealt": 600}
    assert checks.chips(10.0, 10.0, "good (own)", spikes).right
    assert "*good (own)*" in checks.chips(10.0, 10.0, "good (own)", spikes).text
    hint(checks.chips(6.0, 10.0, "good (own)", spikes))
    assert checks.chips(10.0, 11.1, "good (own)", spikes).right
    hint(checks.chips(10.0, 90.0, "good (own)", spikes))


def test_energy():
    joules = {"gpu": 3.0, "chip": 1.5, "ann": 2e-4, "snn": 4e-4}
    right = checks.energy(2.0, "ann", joules)
    assert right.right and "200 µJ" in right.text  # in units, as on the page Energy
    hint(checks.energy(2.0, "snn", joules))
    hint(checks.energy(0.5, "ann", joules))


def test_nobody_completes_a_lesson_by_leaving_it_as_it_is():
    assert checks.spike(0, 0.0, 5, 0.064).right is False
    assert checks.rungs(0.0, "smaller", 64, 0.001, None).right is False
    assert checks.too_few(0, [run(agreement=0.5)]).right is False
    pair = runs_of.by_bounds([run(spikes=9), run(spikes=3, lower_hz=100.0, upper_hz=200.0)])
    assert checks.bounds(0.0, "fell", pair).right is False
    assert checks.chips(0.0, 0.0, "a", {"between": 2, "within": 9, "dealt": 6}).right is False
    joules = {"gpu": 3.0, "chip": 1.5, "ann": 2e-4, "snn": 4e-4}
    assert checks.energy(0.0, "ann", joules).right is False

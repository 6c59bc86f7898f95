"""Which run a lesson asks for next, and when the one on screen will not do."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.ui.learn import setups

BASE = summary.of(lab.default_result())
OWN = BASE.settings


def run(out=9, image="a", lost=0.1, agreement=0.99, spikes=1000, settle=40, **settings):
    course = {"step": np.arange(settle - 1, settle + 2), "agreement": np.array([0.9, 0.99, 0.99])}
    layer = replace(BASE.layers[0], busy=1 - lost, quiet=1.0)
    layers = layer, replace(BASE.layers[-1], spikes=out)
    return replace(
        BASE, settings=OWN.replace(**settings), image=image, layers=layers, course=course,
        agreement=agreement, spikes=spikes,
    )  # fmt: skip


def test_too_few_is_a_part_of_what_the_run_takes_to_settle():
    text, settings = setups.next_run("few", [run()])
    assert settings == OWN.replace(timesteps=10) and "10 timesteps" in text
    # and with that on screen, back to where the answer can be seen
    failing = run(agreement=0.8, timesteps=10)
    failing.course["agreement"][:] = 0.8
    text, settings = setups.next_run("few", [run(timesteps=80), failing])
    assert settings == OWN.replace(timesteps=80) and "80 timesteps" in text
    assert "1 timestep:" in setups.next_run("few", [run(settle=4)])[0]


def test_too_few_begins_with_a_run_that_settles():
    failing = run(timesteps=3)
    failing.course["agreement"][:] = 0.8
    other_image = run(image="b")
    assert setups.next_run("few", [other_image, failing])[1] == OWN


@pytest.mark.parametrize("key", ["spike", "few", "chips"])
def test_these_lessons_take_any_run(key):
    assert setups.cannot(key, [run(out=0, timesteps=1)]) is None


@pytest.mark.parametrize("key", sorted(setups.FULL))
def test_a_run_that_says_nothing_shows_nothing(key):
    why, (text, settings) = setups.cannot(key, [run(out=0, timesteps=1)])
    assert "of 1 timestep," in why and "no spike" in why
    assert settings == OWN and OWN.model in text
    why, _ = setups.cannot(key, [run(agreement=0.88, timesteps=4)])
    assert "88 %" in why
    assert setups.cannot(key, [run()]) is None
    # what a model gives with its own settings is what it can
    assert setups.cannot(key, [run(agreement=0.9)]) is None


@pytest.mark.parametrize("key", sorted(setups.FULL))
def test_a_run_that_is_not_the_models_own_must_agree(key):
    """As many steps, but low rates and reset to zero: it is another picture."""
    broken = {"reset": "zero", "lower_hz": 200.0, "upper_hz": 225.0}
    why, (_, settings) = setups.cannot(key, [run(agreement=0.857, **broken)])
    assert "86 %" in why and settings == OWN
    assert setups.cannot(key, [run(agreement=0.97, **broken)]) is None


def test_the_second_of_two_runs_may_be_poor():
    """Lower bounds, or fewer steps: that is what the lesson is about."""
    poor = run(agreement=0.7, out=0, lower_hz=10.0, upper_hz=20.0)
    assert setups.cannot("bounds", [run(), poor]) is None
    assert setups.cannot("bounds", [poor])[1][1] == OWN
    short = run(agreement=0.9, timesteps=8)
    assert setups.cannot("rates", [run(), short]) is None


def test_two_resets_that_do_the_same():
    pair = [run(), run(reset="zero", lost=0.0)]
    why, (_, settings) = setups.cannot("reset", pair)
    assert "no difference" in why and settings == OWN
    assert setups.cannot("reset", [run(), run(reset="zero", lost=0.3, spikes=900)]) is None


def test_a_method_without_bounds():
    why, (_, settings) = setups.cannot("bounds", [run(method="qcfs", model="qcfs")])
    assert "*qcfs*" in why and settings == OWN


def test_the_way_out_keeps_the_image():
    now = run(out=0, timesteps=1, section=3, threshold=0.4, seed=7)
    _, (_, settings) = setups.cannot("energy", [now])
    assert settings == now.settings.replace(timesteps=OWN.timesteps)

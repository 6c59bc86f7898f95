"""What a lesson's button set ends with the lesson, and any other run is named before the text."""

from dataclasses import replace

import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.ui.learn import own
from snnlab.ui.shared import bench
from tests.ui import steps

PAGE = "pages/learn.py"
OWN = lab.default_result().settings


class State(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


@pytest.fixture
def state(monkeypatch):
    """A visitor's, with the run that the lab opens with."""
    found = State(settings=OWN, adopted=OWN, past=[], future=[], generation=0)
    for module in (own, bench):
        monkeypatch.setattr(module.st, "session_state", found)
    return found


def press(state, lesson, **changes):
    """A lesson's button."""
    settings = state.settings.replace(**changes)
    own.made(lesson, settings)
    bench.adopt(settings)


def test_with_another_lesson_the_models_own_settings_come_back(state):
    press(state, "few", timesteps=4)
    assert own.opened("few") is False and state.settings.timesteps == 4
    assert own.opened("reset") is True and state.settings == OWN
    bench.undo()  # brings the lesson's back, and they stay
    assert state.settings.timesteps == 4
    assert own.opened("bounds") is False and state.settings.timesteps == 4


def test_the_image_stays(state):
    press(state, "reset", reset="zero")
    bench.adopt(state.settings.replace(section=3, threshold=0.4))
    assert own.opened("bounds") is True
    assert state.settings == OWN.replace(section=3, threshold=0.4)


def test_what_the_visitor_set_is_the_visitors(state):
    press(state, "few", timesteps=4)
    bench.adopt(state.settings.replace(timesteps=20))
    assert own.opened("reset") is False and state.settings.timesteps == 20


def test_a_run_of_another_model_goes_back_to_the_one_before(state):
    """A run that is to fail may be a preset of another model's."""
    press(state, "few", model="surrogate", method="surrogate", timesteps=1)
    assert own.opened("reset") is True and state.settings == OWN


def test_what_differs_is_said_in_words(state):
    other = OWN.replace(reset="zero", lower_hz=200.0, upper_hz=225.0, threshold=0.2)
    told = own.differing("bounds", other)
    assert told == (
        f"lower bound (Hz): {OWN.lower_hz:g} → 200",
        f"upper bound (Hz): {OWN.upper_hz:g} → 225",
        "reset: subtraction → zero",
    )
    assert own.differing("bounds", OWN.replace(threshold=0.2, section=4)) == ()
    # one looks at the image, one at the mapping on Chips
    assert own.differing("picture", other) == own.differing("chips", other) == ()
    assert own.differing("spike", other) == ()


def test_each_model_has_its_own(state):
    loihi = lab.defaults("loihi")
    assert loihi.reset == "zero" and own.differing("reset", loihi) == ()
    assert own.differing("reset", loihi.replace(timesteps=64)) == (
        f"timesteps: {loihi.timesteps} → 64",
    )


def test_what_the_open_lesson_set_is_not_said(state):
    state.settings = OWN.replace(lower_hz=200.0, upper_hz=225.0)
    press(state, "reset", reset="zero")
    told = " ".join(own.differing("reset", state.settings))
    assert "reset" not in told and "225" in told  # that one is the visitor's
    assert "reset: subtraction → zero" in own.differing("bounds", state.settings)


def test_on_the_page(page):
    """A run that another page left: named above the text, until its button is pressed."""
    state = page.session_state
    state["auto"] = False
    first = summary.of(lab.default_result())
    poor = replace(first, settings=OWN.replace(reset="zero", timesteps=16), agreement=0.857)
    state.runs = [first, poor]
    state.shown = replace(lab.default_result(), settings=poor.settings)
    state.settings = state.adopted = poor.settings
    state.generation += 1
    state["lesson"] = "energy"
    page.run()
    assert not page.exception
    texts = [steps.unexplained(item.value) for item in page.main.markdown]
    (note,) = [text for text in texts if "are not what the text describes" in text]
    assert "timesteps: 64 → 16; reset: subtraction → zero" in note
    first_words = next(text for text in texts if "An ANN multiplies" in text)
    assert texts.index(note) < texts.index(first_words)
    # neither is it asked which network needs less
    assert "cannot tell which network needs less" in steps.said(page)
    assert "Check" not in steps.labels(page) and "86 %" in steps.said(page)
    steps.press(page, "Use the model's own settings")
    assert page.session_state.settings == OWN


def test_a_button_of_a_lesson_and_the_next_one(page):
    page.session_state["auto"] = False
    page.session_state["lesson"] = "reset"
    page.run()
    steps.press(page, "Run with reset to zero")
    assert page.session_state.settings == OWN.replace(reset="zero")
    page.session_state["lesson"] = "bounds"
    page.run()
    assert not page.exception and page.session_state.settings == OWN
    assert page.session_state.past[-1] == OWN.replace(reset="zero")
    assert "not what the text describes" not in steps.said(page)

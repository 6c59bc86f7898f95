"""What a sheet is of, where it sends students, and that its answers are of one run."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.ui.learn import worksheet
from snnlab.ui.learn.texts import LESSONS

FIRST = lab.default_result()
OWN = FIRST.settings
BY_KEY = {lesson.key: lesson for lesson in LESSONS}


def left_behind(**changes):
    """A run that a lesson has left on screen."""
    return replace(FIRST, settings=OWN.replace(**changes))


@pytest.mark.parametrize(
    "changes", [{}, {"timesteps": 4}, {"reset": "zero", "lower_hz": 200.0, "upper_hz": 225.0}]
)
def test_a_sheet_is_of_the_models_own_settings_whatever_is_on_screen(changes):
    found = worksheet.run_of(left_behind(**changes))
    assert found.asked and found.result.settings == OWN
    about = worksheet.told(found.result)
    assert "64 timesteps, 900–1000 Hz" in about and "reset by subtraction" in about
    assert FIRST.picture.called in about and "its own settings" in about


def test_a_run_that_was_computed_is_taken_from_there(monkeypatch):
    """Of another image: whatever threshold it was last looked at with."""
    picture = replace(FIRST.picture, name="mine", section=5)
    other = replace(FIRST, picture=picture, settings=OWN.replace(section=5, timesteps=4))
    own = OWN.replace(section=5)
    there = replace(other, settings=own.replace(threshold=0.1))
    monkeypatch.setattr(
        lab, "remembered", lambda image, settings: there if settings == own else None
    )
    found = worksheet.run_of(other)
    assert found.asked and found.result.settings == own and found.result.picture is picture


def test_without_it_a_sheet_is_of_the_run_that_the_lab_opens_with(monkeypatch):
    monkeypatch.setattr(lab, "remembered", lambda *_: None)
    picture = replace(FIRST.picture, pixels=FIRST.picture.pixels[::-1], section=5)
    other = replace(FIRST, picture=picture, settings=OWN.replace(section=5))
    other = replace(other, settings=other.settings.replace(timesteps=4))
    found = worksheet.run_of(other)
    assert not found.asked and found.result.settings == OWN
    assert FIRST.picture.called in worksheet.told(found.result)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_address_that_only_this_computer_knows_is_not_printed(monkeypatch, host):
    opened_by(monkeypatch, f"http://{host}:8741/learn")
    assert worksheet.address(OWN) == "the address that your teacher gives you"
    assert worksheet.address(lab.defaults("loihi")) == worksheet.UNKNOWN


def test_elsewhere_it_is_the_pages_own(monkeypatch):
    opened_by(monkeypatch, "https://lab.example.org/em/learn")
    assert worksheet.address(OWN) == "https://lab.example.org/em/learn"
    loihi = worksheet.address(lab.defaults("loihi"))
    assert loihi.startswith("https://lab.example.org/em/learn?") and "model=loihi" in loihi


@pytest.mark.parametrize("host", ["localhost", "192.0.2.2"])
def test_a_class_has_the_address_that_students_join_by(monkeypatch, host):
    opened_by(monkeypatch, f"http://{host}:8742/learn")
    monkeypatch.setenv(worksheet.classroom.VARIABLE, "1")
    monkeypatch.setattr(worksheet.st, "get_option", {"server.port": 8742}.get)
    monkeypatch.setattr(worksheet.classroom, "reached", lambda: ("192.0.2.2", "198.51.100.7"))
    assert worksheet.address(OWN) == "http://192.0.2.2:8742/learn"
    monkeypatch.setattr(worksheet.classroom, "reached", tuple)
    assert worksheet.address(OWN) == worksheet.UNKNOWN


def opened_by(monkeypatch, url):
    monkeypatch.setattr(worksheet.st, "context", SimpleNamespace(url=url))
    monkeypatch.delenv(worksheet.classroom.VARIABLE, raising=False)


def second(settings):
    base = summary.of(FIRST)
    layers = tuple(
        replace(one, error=0.5 * one.error, busy=one.busy - 0.2, quiet=one.quiet - 0.05)
        for one in base.layers
    )
    return replace(base, settings=settings, spikes=base.spikes // 2, layers=layers)


def test_the_visitors_own_pairs_are_no_part_of_the_sheet():
    """Pairs that lessons left: 4 steps beside 64, reset to zero at other bounds."""
    base = summary.of(FIRST)
    low = OWN.replace(lower_hz=450.0, upper_hz=500.0)
    left = [second(OWN.replace(timesteps=4)), second(low), second(low.replace(reset="zero"))]
    runs = worksheet.with_pairs(
        FIRST.picture, base, left, LESSONS, lambda _, settings: second(settings)
    )
    assert runs[-1] is base
    assert [summary.differing(OWN, run.settings) for run in runs[:-1]] == [
        {"timesteps": (64, 128)},
        {"reset": ("subtraction", "zero")},
        {"lower_hz": (900.0, 450.0), "upper_hz": (1000.0, 500.0)},
    ]
    assert any(run is left[1] for run in runs)  # that one is what the button gives


def test_answers_of_two_runs_say_of_which():
    base = summary.of(FIRST)
    runs = [second(OWN.replace(timesteps=128)), second(OWN.replace(reset="zero")), base]
    mapping = lab_chips.default_mapping()
    apart, change = worksheet.answered(BY_KEY["rates"], FIRST, runs, mapping).asked
    assert "two runs" not in apart.answer
    assert change.answer == "smaller (two runs: 64 timesteps, and 128 timesteps)"
    for one in worksheet.answered(BY_KEY["reset"], FIRST, runs, mapping).asked:
        assert one.answer.endswith("(two runs: reset by subtraction, and reset to zero)")


def test_when_they_agree_is_read_off_the_run_of_the_sheet():
    """And no other that settles, later or earlier."""
    base = summary.of(FIRST)
    slow = {"step": np.array([99, 100]), "agreement": np.array([0.5, 0.99])}
    runs = [replace(second(OWN.replace(timesteps=128)), course=slow), base]
    (step,) = worksheet.answered(BY_KEY["few"], FIRST, runs, None).asked
    assert 1 < int(step.answer) < 64
    never = replace(base, course={"step": np.array([64]), "agreement": np.array([0.5])})
    (step,) = worksheet.answered(BY_KEY["few"], FIRST, [runs[0], never], None).asked
    assert step.answer == worksheet.OPEN


def test_steps_that_are_read_out_are_half_of_those_that_a_run_takes():
    """1,000 of them tell 1 Hz apart."""
    item = worksheet.answered(BY_KEY["rates"], FIRST, [summary.of(FIRST)], None)
    assert "only the last 32 of a run's 64 steps" in item.reply
    assert item.reply.endswith("the run takes 2,000.")


def test_the_sheet_for_students_has_room_to_draw():
    drawing = {lesson.key for lesson in LESSONS if worksheet.item(lesson).drawing}
    assert drawing == {lesson.key for lesson in LESSONS if lesson.ponder.startswith("Draw")}
    assert drawing == {"few"}

"""What the teacher's sheet says is what the lessons take as right."""

from dataclasses import replace

import pytest

from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.results.summary import Summary
from snnlab.ui.learn import asked, questions, solutions, worksheet
from snnlab.ui.learn.checks import Verdict
from snnlab.ui.learn.texts import LESSONS

MAPPING = lab_chips.default_mapping()


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def second(base: Summary, settings) -> Summary:
    """A run of other settings, as they come out: worse, with fewer spikes."""
    layers = tuple(
        replace(layer, error=0.9 * layer.error, busy=layer.busy - 0.2, quiet=layer.quiet - 0.05)
        for layer in base.layers
    )
    spikes = base.spikes // 2
    return replace(base, settings=settings, spikes=spikes, agreement=0.9, layers=layers)


@pytest.fixture(scope="module")
def runs(result):
    base = summary.of(result)
    return worksheet.with_pairs(
        result.picture, base, [], LESSONS, lambda _, settings: second(base, settings)
    )


def test_the_second_runs_are_made_and_the_one_on_screen_stays_last(result, runs):
    assert len(runs) == 4 and runs[-1].settings == result.settings
    changed = [set(summary.differing(result.settings, run.settings)) for run in runs[:-1]]
    assert changed == [{"timesteps"}, {"reset"}, {"lower_hz", "upper_hz"}]
    again = worksheet.with_pairs(result.picture, runs[-1], runs, LESSONS, None)
    assert again == runs  # nothing is computed twice


@pytest.mark.parametrize("key", [lesson.key for lesson in LESSONS])
def test_every_answer_on_the_sheet_is_judged_right(result, runs, key, monkeypatch):
    found = solutions.of(key, result, runs, MAPPING)
    assert len(found) == len(asked.QUESTIONS[key])
    failing = replace(runs[-1], settings=runs[-1].settings.replace(timesteps=4), agreement=0.5)
    state = State(runs=[failing, *runs], mapped=None)
    monkeypatch.setattr(questions.st, "session_state", state)
    _, facts, judge = questions.JUDGED[key]
    verdict: Verdict = judge(found, facts(result))
    assert verdict.right, verdict.text
    for question, answer in zip(asked.QUESTIONS[key], found, strict=True):
        text = solutions.written(question, answer)
        assert text and (not question.options or text in question.options.values())


class State(dict):
    __getattr__ = dict.__getitem__


def test_what_one_run_does_not_tell_is_left_open(result):
    runs = [summary.of(result)]
    for key in ("rates", "reset", "bounds"):
        assert solutions.of(key, result, runs, MAPPING) is None
    lesson = next(one for one in LESSONS if one.key == "bounds")
    item = worksheet.answered(lesson, result, runs, MAPPING)
    assert {one.answer for one in item.asked} == {worksheet.OPEN} and item.note == ""


def test_the_sheet_for_students_has_every_question_and_no_answer():
    for number, lesson in enumerate(LESSONS):
        item = worksheet.item(lesson)
        assert item.title.startswith(f"{number}. ") and item.ponder.endswith("?")
        assert [one.label for one in item.asked] == [
            one.label for one in asked.QUESTIONS[lesson.key]
        ]
        assert not any(one.answer for one in item.asked)

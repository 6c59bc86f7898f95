"""The page Learn in process: what it asks, and that nothing is answered beforehand."""

from dataclasses import replace

import pytest

from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.ui.learn import progress
from snnlab.ui.learn.drawn import DRAWN
from snnlab.ui.learn.texts import LESSONS, about_spikes
from tests.ui import steps


@pytest.fixture
def learn(app):
    app.session_state["auto"] = False
    app.run()
    return app.switch_page("pages/learn.py").run()


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_no_answer_is_there_before_it_is_given(learn, lesson):
    learn.session_state["lesson"] = lesson.key
    learn.run()
    assert not learn.exception
    asked = [item for item in (*learn.radio, *learn.number_input) if "answer-" in str(item.key)]
    assert asked and all(item.value is None for item in asked)
    next(button for button in learn.button if button.label == "Check").click().run()
    assert [item.value for item in learn.info] == ["Answer every question first."]
    assert not learn.session_state["learned"]


FIGURES = {"plotly_chart", "image"}


def kinds(block) -> set[str]:
    """What is drawn in a part of the page."""
    return {
        kind
        for child in block.children.values()
        for kind in (kinds(child) if hasattr(child, "children") else {child.type})
    }


@pytest.mark.parametrize("one", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_every_sentence_has_its_figure_beside_it(learn, one):
    learn.session_state["lesson"] = one.key
    learn.run()
    assert not learn.exception
    columns = list(learn.columns)
    for part in one.parts:
        place = next(
            place
            for place, column in enumerate(columns)
            if part.text in [steps.unexplained(item.value) for item in column.markdown]
        )
        assert kinds(columns[place + 1]) & FIGURES, kinds(columns[place + 1])
    assert {part.figure for part in one.parts} | {one.figure} <= set(DRAWN)


def test_two_runs_stand_side_by_side_in_the_lesson(learn):
    shown(learn, ({}, {}), ({"lower_hz": 450.0, "upper_hz": 500.0}, {"spikes": 4_000_000}))
    lesson(learn, "bounds")
    (table,) = [item.value for item in learn.table]
    assert list(table.columns) == ["", "450 to 500 Hz, on screen", "900 to 1000 Hz"]
    spikes = table.iloc[0].tolist()
    assert spikes[:2] == ["Spikes", "4,000,000"]
    assert spikes[2] == f"{lab.default_result().spikes:,}"


def heard(name, then, told):
    """A function that is called as ever, and noted."""

    def call(*given):
        told.append((name, *given))
        then(*given)

    return call


def test_answers_and_completed_lessons_are_told_in_one_place(learn, monkeypatch):
    """Where a board for a class looks."""
    told = []
    for name in ("opened", "answered", "completed"):
        monkeypatch.setattr(progress, name, heard(name, getattr(progress, name), told))
    lesson(learn, "picture", width=2.0, halved=4, gap="one")
    assert told[0] == ("opened", "picture")
    ((_, which, wrong),) = [one for one in told if one[0] == "answered"]
    assert which == "picture" and wrong.verdict.right is False and wrong.answers[0] == 2.0
    assert not [one for one in told if one[0] == "completed"]
    width = lab.default_result().image.shape[1] * 4 / 1000
    (said,) = lesson(learn, "picture", width=width, halved=4, gap="one")
    assert "Right" in said
    assert told.count(("completed", "picture")) == 1
    lesson(learn, "picture", width=width, halved=4, gap="one")
    assert told.count(("completed", "picture")) == 1


def test_the_lesson_on_chips_names_what_it_is_about(learn):
    learn.session_state["lesson"] = "chips"
    learn.run()
    told = [item.value for item in learn.caption if "mapping that Chips opens with" in item.value]
    assert len(told) == 1 and "*loihi*" in told[0] and "64 × 64 pixels" in told[0]


def test_deliveries_are_not_called_spikes(learn):
    """A spike counts once for each chip or core that it goes to: there are more than were sent."""
    lesson(learn, "chips")
    said, mapping = steps.said(learn), lab_chips.default_mapping()
    best = min(mapping.partitions.values(), key=lambda one: one.interchip)
    (sent,) = {int(layout.traffic.spiked.sum()) for layout in mapping.layouts.values()}
    assert best.interchip + best.intrachip > sent
    assert f"sent {sent:,} spikes" in said
    assert "a spike counts once for each other chip that it goes to" in said
    assert "what the library NengoLoihi does by default" in said and "(own)" in said
    asks = " ".join(item.label for item in learn.number_input)
    assert "deliveries" in asks and "spikes" not in asks


def test_the_lesson_on_rates_says_which_steps_are_counted(learn):
    lesson(learn, "rates")
    said = steps.said(learn)
    assert "of its 64 timesteps only the last 32 are read out and counted" in said
    assert "counted over the 32 of 64 steps that are read out" in said and "the same 32" not in said


def lesson(learn, key, **answers):
    """Turn to a lesson; with answers, give them."""
    learn.session_state["lesson"] = key
    learn.run()
    fields = {item.key: item for item in (*learn.number_input, *learn.radio)}
    for name, value in answers.items():
        fields[f"answer-{name.replace('_', '-')}"].set_value(value)
    if answers:
        steps.press(learn, "Check")
    assert not learn.exception
    return [item.value for kind in ("success", "warning", "info") for item in getattr(learn, kind)]


def shown(learn, *changes):
    """Runs of these settings, the last of them on screen; their spikes are the first run's."""
    result, state = lab.default_result(), learn.session_state
    base = summary.of(result)
    state.runs = [
        replace(base, settings=base.settings.replace(**settings), **more)
        for settings, more in changes
    ]
    state.shown = replace(result, settings=state.runs[-1].settings)
    state.settings = state.adopted = state.runs[-1].settings
    state.generation += 1  # the sidebar fills its controls anew
    return state.runs


def test_what_a_spike_is_follows_the_run():
    idea = next(lesson.idea for lesson in LESSONS if lesson.key == "spike")
    usual = about_spikes(idea, "subtraction", 0.5)
    assert "threshold is taken off again" in usual and "it is half full" in usual
    loihi = about_spikes(idea, "zero", 0.0)
    assert "goes back to zero" in loihi and "it is empty" in loihi and "taken off" not in loihi
    assert "40 % full" in about_spikes(idea, "subtraction", 0.4)


def test_chips_are_judged_by_what_the_page_opens_with(learn):
    """The first row of its table, called as there."""
    learn.switch_page("pages/chips.py").run()
    table = next(item.value for item in learn.dataframe if "between chips" in item.value)
    best = table.iloc[0]
    dealt = table[table["partitioner"] == "round-robin"].iloc[0]
    learn.switch_page("pages/learn.py").run()
    factor = dealt["between chips"] / best["between chips"]
    share = best["between chips"] / (best["between chips"] + best["within chips"])
    (told,) = lesson(learn, "chips", chips_factor=1.0, chips_share=1.0)
    assert "Not yet" in told and f"*{best['partitioner']}*" in told
    (told,) = lesson(learn, "chips", chips_factor=factor, chips_share=100 * share)
    assert "Right" in told and f"*{best['partitioner']}*" in told and "@" not in told
    assert best["between chips"] == min(
        one.interchip for one in lab_chips.default_mapping().partitions.values()
    )


@pytest.mark.parametrize("key", ["rates", "reset", "bounds", "energy"])
def test_a_mute_run_is_not_judged(learn, key):
    """Too few steps: nothing came out, and the lesson offers a run that can show something."""
    last = summary.of(lab.default_result()).layers[-1]
    mute = {"layers": (replace(last, spikes=0),), "agreement": 0.8}
    shown(learn, ({"timesteps": 2}, mute))
    (told,) = lesson(learn, key)
    assert "cannot show this" in told and "of 2 timesteps" in told
    assert "Check" not in steps.labels(learn)
    offered = [label for label in steps.labels(learn) if "with its own settings" in label]
    steps.press(learn, *offered)
    assert learn.session_state.settings == lab.default_result().settings


def test_the_button_pins_the_run_that_is_compared(learn):
    lesson(learn, "bounds")
    learn.session_state["auto"] = False
    steps.press(learn, "Run at half the rates")
    (pin,) = learn.session_state.pins
    assert pin.settings == lab.default_result().settings
    assert learn.session_state.settings.upper_hz == pin.settings.upper_hz / 2


def test_what_is_right_stays_right(learn):
    """The run on screen is another by then, and the answer the same."""
    shown(learn, ({}, {}), ({"timesteps": 128}, {}))
    apart = 1000 / 32
    assert "Right" in lesson(learn, "rates", apart=apart, change="same")[0]
    shown(learn, ({}, {}), ({}, {}))
    assert "Right" in lesson(learn, "rates", apart=apart, change="same")[0]


def test_a_lesson_leads_to_the_next(learn):
    last = LESSONS[-1].key
    learn.session_state["learned"] = {lesson.key for lesson in LESSONS}
    learn.run()
    for place, one in enumerate(LESSONS[1:], 1):
        steps.press(learn, f"Next: {place}. {one.title}")
        assert learn.session_state["lesson"] == one.key
    assert one.key == last and not [text for text in steps.labels(learn) if "Next" in text]


def test_the_worksheet_is_offered(learn):
    labels = [button.proto.label for button in learn.get("download_button")]
    assert {"Worksheet (PDF)", "Answers, for teachers (PDF)"} <= set(labels)

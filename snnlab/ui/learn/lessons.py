"""The page Learn: short lessons, each a task on the live lab and a check of the answer."""

import numpy as np
import streamlit as st

from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.simulation.traces import Traces
from snnlab.ui.learn import (
    questions as learn_questions,
)
from snnlab.ui.learn import (
    setups as learn_setups,
)
from snnlab.ui.learn import telling as learn_telling
from snnlab.ui.learn import (
    texts as learn_texts,
)
from snnlab.ui.learn.checks import Verdict
from snnlab.ui.learn.texts import LESSONS, Lesson
from snnlab.ui.shared import bench, blocks, inside, keep, kept, plots, untimed, views, words

PINNED = ("reset", "bounds")  # lessons whose two runs are compared on the page Compare
UNANSWERED = Verdict(None, "Answer every question first.")


def draw(result: Segmentation) -> None:
    """The page."""
    learned: set[str] = st.session_state.setdefault("learned", set())
    st.progress(
        len(learned) / len(LESSONS), text=f"{len(learned)} of {len(LESSONS)} lessons completed"
    )
    st.caption(kept.told("They are"))
    by_key = {lesson.key: lesson for lesson in LESSONS}
    place = {lesson.key: number for number, lesson in enumerate(LESSONS, 1)}
    if st.session_state.get("lesson") not in by_key:
        st.session_state["lesson"] = LESSONS[0].key
    key = st.pills(
        "Lessons",
        list(by_key),
        required=True,
        format_func=lambda name: (
            f"{':material/check: ' if name in learned else ''}{place[name]}. {by_key[name].title}"
        ),
        key="lesson",
        persist_state="session",
        label_visibility="collapsed",
    )
    learn_telling.opened(key)
    _lesson(by_key[key], place[key], result, learned)


def _lesson(lesson: Lesson, number: int, result: Segmentation, learned: set[str]) -> None:
    st.subheader(f"{number}. {lesson.title}", anchor=False)
    left, right = st.columns((3, 2), gap="large")
    idea, drawn = lesson.idea, None
    if lesson.key == "spike":
        drawn = _traced(result)
        initial = float(drawn.initial[0]) if drawn else result.settings.initial
        idea = learn_texts.about_spikes(idea, result.settings.reset, initial)
    with left:
        st.markdown(idea)
        st.markdown(f":material/task_alt: **Do.** {lesson.task}")
        words.look_for(lesson.look_for)
    with right, st.container(border=True):
        _answered(lesson, result, learned)
    if drawn:
        _neuron_drawn(result, drawn)


def _answered(lesson: Lesson, result: Segmentation, learned: set[str]) -> None:
    """The run that is needed, the questions, and what is said of the answers."""
    if blocks.blank(result):
        return
    runs = st.session_state.runs
    # whoever has completed a lesson may look at it with any run
    wrong = None if lesson.key in learned else learn_setups.cannot(lesson.key, runs)
    if wrong is not None:
        why, found = wrong
        st.info(why, icon=":material/block:")
        _set_up(*found)
        return
    with st.container(horizontal=True):
        for page in lesson.pages:
            st.page_link(f"pages/{page}.py", icon=":material/arrow_forward:")
        found = learn_setups.next_run(lesson.key, runs)
        if found is not None:
            _set_up(*found, pin=lesson.key in PINNED)
    if lesson.key in PINNED:
        _told_pins(lesson.key)
    _say(lesson, _judged(lesson.key, result), learned)


def _set_up(label: str, settings: Settings, pin: bool = False) -> None:
    """A button that moves the controls to the settings of a run."""
    st.button(
        label,
        icon=":material/play_arrow:",
        on_click=_adopted,
        args=(settings, pin),
        disabled=settings == st.session_state.settings,
        # by its aim: a click that was on its way may not become another wish
        key=f"set-up-{settings.key()[:12]}",
        help="This moves the controls. You can undo it in the sidebar.",
    )


def _adopted(settings: Settings, pin: bool) -> None:
    if pin and keep.pinned(bench.summed()) is None:
        keep.pin()
    bench.adopt(settings)


def _told_pins(key: str) -> None:
    """Where on Compare the lesson's two runs are, once there are two."""
    pair = learn_setups.PAIRS[key](st.session_state.runs)
    if pair is None:
        return
    now = bench.summed()
    kept = [keep.pinned(run) for run in (pair.low, pair.high) if run is not now]
    if None not in kept:
        names = [*(f"Pin {place}" for place in kept), keep.NOW][:2]
        st.caption(f"Your two runs on Compare: *{names[0]}* and *{names[1]}*.")


def _say(lesson: Lesson, verdict: Verdict | None, learned: set[str]) -> None:
    if verdict is None:
        if lesson.key in learned:
            st.caption(f":material/check: Completed. {lesson.moral}")
            _next(lesson)
        return
    if verdict.right is None:
        st.info(verdict.text, icon=":material/hourglass_top:")
    elif verdict.right:
        if lesson.key not in learned:
            learned.add(lesson.key)
            learn_telling.done(lesson.key)
            st.rerun()  # the count above was drawn before
        st.success(f"**Right.** {verdict.text} {lesson.moral}", icon=":material/check_circle:")
        _next(lesson)
    else:
        st.warning(f"**Not yet.** {verdict.text}", icon=":material/replay:")


def _next(lesson: Lesson) -> None:
    place = LESSONS.index(lesson) + 1
    if place < len(LESSONS):
        title = f"Next: {place + 1}. {LESSONS[place].title}"
        to = LESSONS[place].key
        st.button(title, icon=":material/arrow_forward:", on_click=_turn_to, args=(to,))


def _turn_to(lesson: str) -> None:
    st.session_state["lesson"] = lesson


def _judged(key: str, result: Segmentation) -> Verdict | None:
    """What is to be said of the visitor's last answer; None until there is one."""
    given: dict[str, tuple] = st.session_state.setdefault("given", {})
    ask, facts, judge = learn_questions.ASKED[key]
    with st.form(f"form-{key}", border=False):
        answers = ask()
        if st.form_submit_button("Check", type="primary", icon=":material/done:"):
            if None in answers:
                given.pop(key, None)
                return UNANSWERED
            # what was right of another run stays right until another answer is given
            if not (key in given and given[key][0] == answers and given[key][2].right):
                # the facts are those of the run that was on screen when the answer was given
                try:
                    answers = answers, facts(result)
                except LabError as error:  # a run that only counted spikes
                    given.pop(key, None)
                    return Verdict(None, f"{str(error)[0].upper()}{str(error)[1:]}")
                given[key] = *answers, judge(*answers)
                learn_telling.answered(key, answers[0], given[key][2])
    if key in given and given[key][2].right is None:
        # it lacked a run, which may have come since
        answers = given[key][:2]
        given[key] = *answers, judge(*answers)
        learn_telling.answered(key, answers[0], given[key][2])
    return given[key][2] if key in given else None


def _traced(result: Segmentation) -> Traces | None:
    """What went on in the neuron to be counted; None, said on the page, if that is not known."""
    if untimed.told(result, "the lesson follows spikes in time"):
        return None
    layer, neuron = learn_questions.countable(result)
    try:
        return views.of(
            result,
            f"traces/{layer}/{[neuron]}",
            lambda: lab.traces(result, layer, np.array([neuron])),
        )
    except LabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None


def _neuron_drawn(result: Segmentation, found: Traces) -> None:
    layer, neuron = learn_questions.countable(result)
    st.plotly_chart(
        inside.figure(["this neuron"], found, result.recording.dt),
        key="learn-neuron",
        config=plots.config(),
        alt="Spikes, membrane potential and input current of one neuron",
    )
    trains = result.recording[layer]
    initial = found.initial[0]
    begins = f" Its potential begins at {initial:.3g}, not empty." if initial > 0 else ""
    steps = many(result.timesteps, "timestep")
    st.caption(
        f"A neuron of {layer}: {views.place(trains, neuron)}, over {steps} of 1 ms.{begins}"
        f" {inside.drawn(trains)}"
    )

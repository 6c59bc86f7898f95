"""The page Learn: short lessons, each a task on the live lab and a check of the answer."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from snnlab import lab, lab_chips, lab_energy
from snnlab.errors import LabError
from snnlab.presets import presets
from snnlab.result import Segmentation, window_start
from snnlab.settings import Settings
from snnlab.ui import bench, inside, learn_checks, plots, views, words
from snnlab.ui.learn_checks import Verdict
from snnlab.ui.learn_texts import LESSONS, Lesson

COUNTABLE = range(3, 10)  # spikes of the neuron that is to be counted
CHANGES = {"smaller": "smaller", "same": "about the same", "larger": "larger"}
AGREEMENT = {"fell": "fell by more than a point", "same": "stayed", "rose": "rose"}
WHO = {"busy": "busy neurons", "quiet": "quiet neurons"}
RESETS = {"subtraction": "subtraction", "zero": "reset to zero"}
WINNERS = {"snn": "the spiking net", "ann": "the ANN"}
DEVICES = {
    "gpu": "gpu-online",
    "chip": "loihi-davies",
    "ann": "ann-45nm-int",
    "snn": "snn-45nm-int",
}
UNANSWERED = Verdict(None, "Answer every question first.")


def draw(result: Segmentation) -> None:
    """The page."""
    learned: set[str] = st.session_state.setdefault("learned", set())
    st.progress(
        len(learned) / len(LESSONS), text=f"{len(learned)} of {len(LESSONS)} lessons completed"
    )
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
    _lesson(by_key[key], place[key], result, learned)


def _lesson(lesson: Lesson, number: int, result: Segmentation, learned: set[str]) -> None:
    st.subheader(f"{number}. {lesson.title}", anchor=False)
    left, right = st.columns((3, 2), gap="large")
    with left:
        st.markdown(lesson.idea)
        st.markdown(f":material/task_alt: **Do.** {lesson.task}")
        words.look_for(lesson.look_for)
    with right, st.container(border=True):
        _doors(lesson, result)
        _say(lesson, _judged(lesson.key, result), learned)
    if lesson.key == "spike":
        _neuron_drawn(result)


def _doors(lesson: Lesson, result: Segmentation) -> None:
    """The way to the pages that the task needs, and one button that sets a run up."""
    with st.container(horizontal=True):
        for page in lesson.pages:
            st.page_link(f"app_pages/{page}.py", icon=":material/arrow_forward:")
        found = _next_run(lesson.key, result.settings)
        if found is not None:
            label, settings = found
            st.button(
                label,
                icon=":material/play_arrow:",
                on_click=bench.adopt,
                args=(settings,),
                disabled=settings == st.session_state.settings,
                # by its aim: a click that was on its way may not become another wish
                key=f"set-up-{settings.key()[:12]}",
                help="Moves the controls; you can undo it in the sidebar.",
            )


def _next_run(key: str, now: Settings) -> tuple[str, Settings] | None:
    """The second run that a lesson needs, made from the one on screen."""
    if key == "rates":
        steps = now.timesteps * 2 if now.timesteps <= 250 else now.timesteps // 2
        return f"Run with {steps} timesteps", now.replace(timesteps=max(1, steps))
    if key == "few":
        # the last preset is the one that fails
        preset = presets(lab.cards(), now)[-1]
        return preset.name, preset.settings
    if key == "reset":
        other = "zero" if now.reset == "subtraction" else "subtraction"
        return f"Run with {RESETS[other]}", now.replace(reset=other)
    if key == "bounds":
        lower, upper = (max(1.0, round(hertz / 2, 1)) for hertz in (now.lower_hz, now.upper_hz))
        return "Run at half the rates", now.replace(lower_hz=lower, upper_hz=upper)
    return None


def _say(lesson: Lesson, verdict: Verdict | None, learned: set[str]) -> None:
    if verdict is None:
        if lesson.key in learned:
            st.caption(f":material/check: Completed. {lesson.moral}")
        return
    if verdict.right is None:
        st.info(verdict.text, icon=":material/hourglass_top:")
    elif verdict.right:
        if lesson.key not in learned:
            learned.add(lesson.key)
            st.rerun()  # the count above was drawn before
        st.success(f"**Right.** {verdict.text} {lesson.moral}", icon=":material/check_circle:")
    else:
        st.warning(f"**Not yet.** {verdict.text}", icon=":material/replay:")


def _judged(key: str, result: Segmentation) -> Verdict | None:
    """What is to be said of the visitor's last answer; None until there is one."""
    given: dict[str, tuple] = st.session_state.setdefault("given", {})
    ask, facts, judge = _ASKED[key]
    with st.form(f"form-{key}", border=False):
        answers = ask()
        if st.form_submit_button("Check", type="primary", icon=":material/done:"):
            if None in answers:
                given.pop(key, None)
                return UNANSWERED
            # the facts are those of the run that was on screen when the answer was given
            answers = answers, facts(result)
            given[key] = *answers, judge(*answers)
    if key in given and given[key][2].right is None:
        # it lacked a run, which may have come since
        answers = given[key][:2]
        given[key] = *answers, judge(*answers)
    return given[key][2] if key in given else None


# nothing is answered before the visitor does: a guess is theirs


def _choice(label: str, options: dict[str, str], key: str) -> str | None:
    return st.radio(label, list(options), None, format_func=options.get, key=f"answer-{key}")


def _number(label: str, key: str, whole: bool = False) -> float | None:
    key = f"answer-{key}"
    if whole:
        return st.number_input(label, 0, 1_000_000, None, key=key)
    return st.number_input(label, 0.0, 1e9, None, format="%.10g", step=1.0, key=key)


# ---- the lessons' questions -----------------------------------------------------


def _spike_asked() -> tuple:
    return (
        _number("Spikes of the neuron below", "count", whole=True),
        _number("Its firing rate (Hz)", "rate"),
    )


def _spike_facts(result: Segmentation) -> tuple[int, float]:
    layer, neuron = _countable(result)
    sent = int(result.recording[layer].counts().ravel()[neuron])
    return sent, result.timesteps * result.recording.dt


def _spike(answers: tuple[int, float], facts: tuple[int, float]) -> Verdict:
    return learn_checks.spike(*answers, *facts)


def _countable(result: Segmentation) -> tuple[str, int]:
    """A neuron of the last layers with a few spikes; always the same one of a run."""

    def found() -> tuple[str, int]:
        for trains in reversed(result.recording.populations):
            counts = trains.counts().ravel()
            few = np.flatnonzero((counts >= COUNTABLE.start) & (counts < COUNTABLE.stop))
            if len(few):
                return trains.name, int(few[len(few) // 2])
        busiest = max(result.recording.populations, key=lambda trains: trains.total())
        return busiest.name, int(busiest.counts().ravel().argmax())

    return views.of(result, "learn/countable", found)


def _neuron_drawn(result: Segmentation) -> None:
    layer, neuron = _countable(result)
    try:
        found = views.of(
            result,
            f"traces/{layer}/{[neuron]}",
            lambda: lab.traces(result, layer, np.array([neuron])),
        )
    except LabError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.plotly_chart(
        inside.figure(["this neuron"], found, result.recording.dt),
        key="learn-neuron",
        config=plots.config(),
        alt="Spikes, membrane potential and input current of one neuron",
    )
    trains = result.recording[layer]
    initial = found.initial[0]
    begins = f" Its potential begins at {initial:.3g}, not empty." if initial > 0 else ""
    st.caption(
        f"A neuron of {layer}: {views.place(trains, neuron)}, over {result.timesteps} timesteps of"
        f" 1 ms.{begins} {inside.drawn(trains)}"
    )


def _rates_asked() -> tuple:
    return (
        _number("Two rungs are apart by (Hz)", "apart"),
        _choice("With more timesteps, the error of the last layer gets", CHANGES, "change"),
    )


def _rates_facts(result: Segmentation) -> tuple[int, float]:
    read = result.timesteps - window_start(result.timesteps, result.settings)
    return read, result.recording.dt


def _rates(answers: tuple[float, str], facts: tuple[int, float]) -> Verdict:
    runs = learn_checks.by_timesteps(st.session_state.runs)
    return learn_checks.rungs(*answers, *facts, runs)


def _few_asked() -> tuple:
    return (_number("95 % for good from step", "step", whole=True),)


def _few(answers: tuple[int], _: None) -> Verdict:
    return learn_checks.too_few(*answers, st.session_state.runs)


def _reset_asked() -> tuple:
    return (
        _choice("More spikes are sent with", RESETS, "more"),
        _choice("More of what they say is lost by", WHO, "who"),
    )


def _reset(answers: tuple[str, str], _: None) -> Verdict:
    return learn_checks.reset(*answers, learn_checks.by_reset(st.session_state.runs))


def _bounds_asked() -> tuple:
    return (
        _number("So many times fewer spikes", "factor"),
        _choice("The agreement with the ANN", AGREEMENT, "agreement"),
    )


def _bounds(answers: tuple[float, str], _: None) -> Verdict:
    return learn_checks.bounds(*answers, learn_checks.by_bounds(st.session_state.runs))


def _chips_asked() -> tuple:
    made = st.session_state.get("mapped")
    model, tile = (
        (made.of.settings.model, made.of.tile) if made else (lab_chips.MODEL, lab_chips.TILE)
    )
    st.caption(
        f"Of the mapping that Chips {'shows now' if made else 'opens with'}: the model"
        f" *{words.plain(model)}* on {tile} × {tile} pixels, whatever the sidebar says."
    )
    return (
        _number("So many times fewer than round-robin", "chips-factor"),
        _number("Messages that leave their chip (%)", "chips-share"),
    )


def _chips(answers: tuple[float, float], _: None) -> Verdict:
    made = st.session_state.get("mapped")
    if made is None:
        return Verdict(
            None, "Open the page Chips first: it is about the mapping that you see there."
        )
    found = made.mapping.partitions
    if "round-robin" not in found:
        return Verdict(None, "The mapping on Chips lacks *round-robin*; make one that has it.")
    # only those of the same cores can be held against each other
    same = {
        name: one
        for name, one in found.items()
        if one.layout == found["round-robin"].layout and one.chips == found["round-robin"].chips
    }
    return learn_checks.chips(
        *answers,
        {name: one.interchip for name, one in same.items()},
        {name: one.intrachip for name, one in same.items()},
    )


def _energy_asked() -> tuple:
    return (
        _number("The GPU needs so many times the energy", "energy-factor"),
        _choice("In 45 nm arithmetic, less is needed by", WINNERS, "winner"),
    )


def _energy_facts(result: Segmentation) -> dict[str, float]:
    def joules() -> dict[str, float]:
        found = {e.device.name: e for e in lab_energy.estimates(lab_energy.work_of(result))}
        return {name: found[device].joules for name, device in DEVICES.items()}

    return views.of(result, "learn/joules", joules)


def _energy(answers: tuple[float, str], joules: dict[str, float]) -> Verdict:
    return learn_checks.energy(*answers, joules)


def _none(_: Segmentation) -> None:
    """Of lessons that look at two runs, or at another page."""


# what is asked, what is true of the run on screen, and the judgement of both
_ASKED: dict[str, tuple[Callable, Callable, Callable]] = {
    "spike": (_spike_asked, _spike_facts, _spike),
    "rates": (_rates_asked, _rates_facts, _rates),
    "few": (_few_asked, _none, _few),
    "reset": (_reset_asked, _none, _reset),
    "bounds": (_bounds_asked, _none, _bounds),
    "chips": (_chips_asked, _none, _chips),
    "energy": (_energy_asked, _energy_facts, _energy),
}

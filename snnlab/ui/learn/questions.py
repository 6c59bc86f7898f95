"""How an answer to a lesson's questions is held against the visitor's runs."""

import math
from collections.abc import Callable

import numpy as np
import streamlit as st

from snnlab.chips.board import Mapping
from snnlab.energy.estimate import Estimate
from snnlab.errors import LabError
from snnlab.export import partitions as chips_tables
from snnlab.figures.numbers import many
from snnlab.images.resampling import MODEL_NM
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.results import read_rates, summary
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.simulation.recording import NO_TIMES
from snnlab.simulation.traces import Traces
from snnlab.ui.chips import mapped as chips
from snnlab.ui.learn import asked
from snnlab.ui.learn import checks as learn_checks
from snnlab.ui.learn import runs as learn_runs
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.learn import texts as learn_texts
from snnlab.ui.learn.checks import Verdict
from snnlab.ui.learn.texts import Lesson
from snnlab.ui.shared import bench, views, words

COUNTABLE = range(3, 10)  # spikes of the neuron that is to be counted
DEVICES = {
    "gpu": "gpu-online",
    "chip": "loihi-davies",
    "ann": "ann-45nm-int",
    "snn": "snn-45nm-int",
}

# ---- the lessons' questions -----------------------------------------------------


def picture_facts(result: Segmentation) -> tuple[float, int]:
    """Width in µm, and how often the net halves it."""
    nm = result.picture.nm or MODEL_NM
    across = nm if isinstance(nm, float | int) else nm[1]
    tall = [layer.shape[0] for layer in result.layers]
    return result.image.shape[1] * across / 1000, round(math.log2(max(tall) / min(tall)))


def _picture(answers: tuple[float, int, str], facts: tuple[float, int]) -> Verdict:
    return learn_checks.picture(*answers, *facts)


def spike_facts(result: Segmentation) -> tuple[int, float]:
    """Spikes of the neuron that is counted, and seconds of the run."""
    layer, neuron = countable(result)
    sent = int(result.recording[layer].counts().ravel()[neuron])
    return sent, result.timesteps * result.recording.dt


def _spike(answers: tuple[int, float], facts: tuple[int, float]) -> Verdict:
    return learn_checks.spike(*answers, *facts)


def about(lesson: Lesson, result: Segmentation) -> str:
    """The idea of a lesson, as it is in the run on screen."""
    if lesson.key != "spike":
        return lesson.idea
    initial = result.settings.initial
    try:
        layer, neuron = countable(result)
        initial = float(traced(result, layer, neuron).initial[0])
    except LabError:
        pass  # the figure says why
    return learn_texts.about_spikes(lesson.idea, result.settings.reset, initial)


def traced(result: Segmentation, layer: str, neuron: int) -> Traces:
    """What went on in a neuron.

    Raises
    ------
    LabError
        If that is not known.
    """
    if not result.recording.timed:
        raise LabError(NO_TIMES)
    chosen = np.array([neuron])
    return views.of(result, f"traces/{layer}/{[neuron]}", lambda: lab.traces(result, layer, chosen))


def countable(result: Segmentation) -> tuple[str, int]:
    """A neuron of the last layers with a few spikes; always the same one of a run."""

    def found() -> tuple[str, int]:
        for trains in reversed(result.recording.populations):
            if trains.name not in result.sampled:  # gates and those that draw have no potential
                continue
            counts = trains.counts().ravel()
            few = np.flatnonzero((counts >= COUNTABLE.start) & (counts < COUNTABLE.stop))
            if len(few):
                return trains.name, int(few[len(few) // 2])
        busiest = max(result.recording.populations, key=lambda trains: trains.total())
        return busiest.name, int(busiest.counts().ravel().argmax())

    return views.of(result, "learn/countable", found)


def _rates_told() -> str:
    result = bench.shown()
    steps, read = many(result.timesteps, "timestep"), read_rates.steps_read(result)
    counted = "all are" if read == result.timesteps else f"only the last {read} are"
    return (
        f"The first question is about the run on screen: of its {steps} {counted} read out and"
        " counted."
    )


def _rates_facts(result: Segmentation) -> tuple[int, float]:
    return read_rates.steps_read(result), result.recording.dt


def _rates(answers: tuple[float, str], facts: tuple[int, float]) -> Verdict:
    runs = learn_runs.by_timesteps(st.session_state.runs)
    return learn_checks.rungs(*answers, *facts, runs)


def _few_told() -> str:
    result, found = bench.shown(), learn_checks.settling(_runs_here())
    cell = float(np.mean(result.ann >= result.settings.ann_at))
    told = (
        f"A picture that is all cell agrees with the ANN on {100 * cell:.0f} % of the pixels here."
    )
    if found is None:
        return f"No run on this image gets to 95 % yet. {told}"
    of = found[0].settings
    run = ", ".join(
        (f"*{words.plain(of.model)}*", many(of.timesteps, "timestep"), *summary.held(of))
    )
    which = "the run on screen"
    if found[0] is not bench.summed():
        whose = "your latest run that gets to 95 %"
        if found[0].settings == bench.opened_with().settings:
            whose = "the run that the lab opened with"
        which = f"{whose}, since the one on screen does not get there"
    return f"This is about {which}: {run}. {told}"


def _few(answers: tuple[int], _: None) -> Verdict:
    return learn_checks.too_few(*answers, _runs_here())


def _runs_here() -> list[Summary]:
    return learn_setups.on_image(st.session_state.runs)


def _reset(answers: tuple[str, str], _: None) -> Verdict:
    return learn_checks.reset(*answers, learn_runs.by_reset(st.session_state.runs))


def _bounds(answers: tuple[float, str], _: None) -> Verdict:
    return learn_checks.bounds(*answers, learn_runs.by_bounds(st.session_state.runs))


def mapped() -> tuple[chips.Wanted, Mapping]:
    """The mapping that Chips shows, or opens with; and what it is of."""
    made = st.session_state.get("mapped") or chips.first()
    return made.of, made.mapping


def partitions(mapping: Mapping) -> tuple[str, str] | None:
    """The best partition of a mapping, and round-robin's; None if it has none of the latter."""
    if "round-robin" not in mapping.partitions:
        return None
    return chips_tables.partitions(mapping)[0][0], "round-robin"


def _chips_told() -> str:
    of, _ = mapped()
    does = "shows now" if st.session_state.get("mapped") else "opens with"
    return (
        f"This is about the mapping that Chips {does}: the model *{words.plain(of.settings.model)}*"
        f" on {of.tile} × {of.tile} pixels, whatever the sidebar says."
    )


def _chips(answers: tuple[float, float], _: None) -> Verdict:
    _, mapping = mapped()
    compared = partitions(mapping)
    if compared is None:
        return Verdict(None, "The mapping on Chips has no *round-robin*; make one that has it.")
    best, dealt = (mapping.partitions[name] for name in compared)
    spikes = {"between": best.interchip, "within": best.intrachip, "dealt": dealt.interchip}
    return learn_checks.chips(*answers, chips.label(mapping, compared[0]), spikes)


def estimates(result: Segmentation) -> dict[str, Estimate]:
    """Energy of an image on the devices that are asked for, by the names of `DEVICES`."""

    def found() -> dict[str, Estimate]:
        known = {e.device.name: e for e in lab_energy.estimates(lab_energy.work_of(result))}
        return {name: known[device] for name, device in DEVICES.items()}

    return views.of(result, "learn/joules", found)


def energy_facts(result: Segmentation) -> dict[str, float]:
    """Joules by the names of `DEVICES`."""
    return {name: one.joules for name, one in estimates(result).items()}


def _energy(answers: tuple[float, str], joules: dict[str, float]) -> Verdict:
    return learn_checks.energy(*answers, joules)


def _none(_: Segmentation) -> None:
    """Of lessons that look at two runs, or at another page."""


def _nothing() -> str:
    """Of questions that need no word before them."""
    return ""


# what is said before the questions, what is true of the run on screen, and the judgement
JUDGED: dict[str, tuple[Callable, Callable, Callable]] = {
    "picture": (_nothing, picture_facts, _picture),
    "spike": (_nothing, spike_facts, _spike),
    "rates": (_rates_told, _rates_facts, _rates),
    "few": (_few_told, _none, _few),
    "reset": (_nothing, _none, _reset),
    "bounds": (_nothing, _none, _bounds),
    "chips": (_chips_told, _none, _chips),
    "energy": (_nothing, energy_facts, _energy),
}


def ask(lesson: str) -> tuple:
    """Draw a lesson's questions; the answers, None where there is none yet."""
    if told := JUDGED[lesson][0]():
        st.caption(told)
    return tuple(asked.draw(question) for question in asked.QUESTIONS[lesson])

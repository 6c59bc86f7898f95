"""What the lessons ask, and how an answer is held against the visitor's runs."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from snnlab.export import partitions as chips_tables
from snnlab.figures.numbers import many
from snnlab.lab import chips as lab_chips
from snnlab.lab import energy as lab_energy
from snnlab.results import read_rates, summary
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.ui.chips import mapped as chips
from snnlab.ui.learn import checks as learn_checks
from snnlab.ui.learn import runs as learn_runs
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.learn.checks import Verdict
from snnlab.ui.learn.setups import RESETS
from snnlab.ui.shared import bench, views, words

COUNTABLE = range(3, 10)  # spikes of the neuron that is to be counted
CHANGES = {"smaller": "smaller", "same": "about the same", "larger": "larger"}
AGREEMENT = {"fell": "fell by more than a point", "same": "stayed", "rose": "rose"}
WHO = {"busy": "busy neurons", "quiet": "quiet neurons"}
WINNERS = {"snn": "the spiking net", "ann": "the ANN"}
DEVICES = {
    "gpu": "gpu-online",
    "chip": "loihi-davies",
    "ann": "ann-45nm-int",
    "snn": "snn-45nm-int",
}

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
    layer, neuron = countable(result)
    sent = int(result.recording[layer].counts().ravel()[neuron])
    return sent, result.timesteps * result.recording.dt


def _spike(answers: tuple[int, float], facts: tuple[int, float]) -> Verdict:
    return learn_checks.spike(*answers, *facts)


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


def _rates_asked() -> tuple:
    steps = many(bench.shown().timesteps, "timestep")
    st.caption(f"The first question is about the run on screen, of {steps}.")
    return (
        _number("Distance between two rungs (Hz)", "apart"),
        _choice("With more timesteps, the error of the last layer gets", CHANGES, "change"),
    )


def _rates_facts(result: Segmentation) -> tuple[int, float]:
    return read_rates.steps_read(result), result.recording.dt


def _rates(answers: tuple[float, str], facts: tuple[int, float]) -> Verdict:
    runs = learn_runs.by_timesteps(st.session_state.runs)
    return learn_checks.rungs(*answers, *facts, runs)


def _few_asked() -> tuple:
    result, found = bench.shown(), learn_checks.settling(_runs_here())
    cell = float(np.mean(result.ann >= result.settings.ann_at))
    told = (
        f"A picture that is all cell agrees with the ANN on {100 * cell:.0f} % of the pixels here."
    )
    if found is None:
        told = f"None of your runs on this image gets to 95 %. {told}"
    else:
        of = found[0].settings
        run = ", ".join((many(of.timesteps, "timestep"), *summary.held(of)))
        told = (
            f"This is about your latest run that gets there: *{words.plain(of.model)}*, {run}."
            f" {told}"
        )
    st.caption(told)
    return (_number("They agree on 95 % for good from step", "step", whole=True),)


def _few(answers: tuple[int], _: None) -> Verdict:
    return learn_checks.too_few(*answers, _runs_here())


def _runs_here() -> list[Summary]:
    return learn_setups.on_image(st.session_state.runs)


def _reset_asked() -> tuple:
    return (
        _choice("More spikes are sent with", RESETS, "more"),
        _choice("More of what they say is lost by", WHO, "who"),
    )


def _reset(answers: tuple[str, str], _: None) -> Verdict:
    return learn_checks.reset(*answers, learn_runs.by_reset(st.session_state.runs))


def _bounds_asked() -> tuple:
    return (
        _number("How many times fewer spikes?", "factor"),
        _choice("The agreement with the ANN", AGREEMENT, "agreement"),
    )


def _bounds(answers: tuple[float, str], _: None) -> Verdict:
    return learn_checks.bounds(*answers, learn_runs.by_bounds(st.session_state.runs))


def _chips_asked() -> tuple:
    made = st.session_state.get("mapped")
    model, tile = (
        (made.of.settings.model, made.of.tile) if made else (lab_chips.MODEL, lab_chips.TILE)
    )
    st.caption(
        f"This is about the mapping that Chips {'shows now' if made else 'opens with'}: the model"
        f" *{words.plain(model)}* on {tile} × {tile} pixels, whatever the sidebar says."
    )
    return (
        _number("How many times fewer than round-robin?", "chips-factor"),
        _number("Share of its spikes that leave their chip (%)", "chips-share"),
    )


def _chips(answers: tuple[float, float], _: None) -> Verdict:
    made = st.session_state.get("mapped")
    if made is None:
        return Verdict(
            None, "Open the page Chips first: the question is about the mapping that you see there."
        )
    dealt = made.mapping.partitions.get("round-robin")
    if dealt is None:
        return Verdict(None, "The mapping on Chips has no *round-robin*; make one that has it.")
    name, best = chips_tables.partitions(made.mapping)[0]
    spikes = {"between": best.interchip, "within": best.intrachip, "dealt": dealt.interchip}
    return learn_checks.chips(*answers, chips.label(made.mapping, name), spikes)


def _energy_asked() -> tuple:
    return (
        _number("How many times the energy does the GPU need?", "energy-factor"),
        _choice("In 45 nm arithmetic, less energy is needed by", WINNERS, "winner"),
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
ASKED: dict[str, tuple[Callable, Callable, Callable]] = {
    "spike": (_spike_asked, _spike_facts, _spike),
    "rates": (_rates_asked, _rates_facts, _rates),
    "few": (_few_asked, _none, _few),
    "reset": (_reset_asked, _none, _reset),
    "bounds": (_bounds_asked, _none, _bounds),
    "chips": (_chips_asked, _none, _chips),
    "energy": (_energy_asked, _energy_facts, _energy),
}

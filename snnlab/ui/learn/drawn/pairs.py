"""Figures of two runs that differ in the one thing that a lesson is about, and their table."""

from collections.abc import Callable

import streamlit as st

from snnlab.figures import agreement as agreement_figure
from snnlab.figures import compare as compare_figure
from snnlab.figures.numbers import many
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.rates import charts
from snnlab.ui.shared import bench, blocks, words
from snnlab.ui.shared.plots import draw

# what the runs of a lesson are called by
CALLED: dict[str, Callable[[Summary], str]] = {
    "rates": lambda run: many(run.settings.timesteps, "timestep"),
    "reset": lambda run: learn_setups.RESETS_IN_FULL[run.settings.reset],
    "bounds": lambda run: f"{run.settings.lower_hz:g} to {run.settings.upper_hz:g} Hz",
}
Row = tuple[str, Callable[[Summary], str]]


def shown(lesson: str) -> list[Summary]:
    """The lesson's two runs, the smaller value first; or the one on screen."""
    pair = learn_setups.PAIRS[lesson](st.session_state.runs)
    return [bench.summed()] if pair is None else [pair.low, pair.high]


def table(lesson: str, *rows: Row) -> None:
    """Numbers of these runs side by side."""
    runs, now = shown(lesson), bench.summed()
    columns = {"": [name for name, _ in rows]}
    for run in runs:
        here = ", on screen" * (run is now and len(runs) > 1)
        columns[CALLED[lesson](run) + here] = [value(run) for _, value in rows]
    st.table(columns, hide_index=True, border="horizontal", alt="The runs of this lesson")
    if len(runs) == 1:
        st.caption("Your second run will stand beside it.")


def errors(result: Segmentation) -> None:
    """How far the spikes are from the ANN, in runs of two lengths; and in all layers of one."""
    table("rates", ("Error of the last layer", lambda run: blocks.percent(run.layers[-1].error)))
    found = bench.summed().layers
    figure = agreement_figure.layers([one.name for one in found], [one.error for one in found])
    draw(figure, "learn-errors", "Difference between SNN and ANN in every layer")
    st.caption(
        "The bars are of the run on screen: the mean difference between what a layer's spikes say"
        " and what the ANN says, as a share of the mean activation. The last bar is the last layer."
    )


def lost(result: Segmentation) -> None:
    """Spikes, and what busy and quiet neurons say, with either reset; dots of the first layer."""
    first = result.layers[0].name
    table(
        "reset",
        ("Spikes", lambda run: f"{run.spikes:,}"),
        ("Signal of busy neurons", lambda run: blocks.percent(run.layers[0].busy)),
        ("Signal of quiet neurons", lambda run: blocks.percent(run.layers[0].quiet)),
    )
    st.caption(
        f"The two lower rows are of {words.plain(first)}, the first layer: what the spikes say, as"
        " a share of what the ANN says. Busy: the quarter that the ANN drives most."
    )
    charts.ann_against_snn(result, first)
    st.caption(f"The dots are of the run on screen: {CALLED['reset'](bench.summed())}.")


def spent(result: Segmentation) -> None:
    """Spikes and agreement with two pairs of bounds, and where the spikes are."""
    table(
        "bounds",
        ("Spikes", lambda run: f"{run.spikes:,}"),
        ("SNN = ANN", lambda run: blocks.percent(run.agreement)),
    )
    st.caption("*SNN = ANN*: pixels on which both networks say the same, at the end of the run.")
    runs = shown("bounds")
    if len(runs) < 2:
        return
    by_name = [{layer.name: layer.spikes for layer in run.layers} for run in runs]
    names = list(dict.fromkeys([*by_name[0], *by_name[1]]))
    figure = compare_figure.spikes(
        names,
        *([found.get(name, 0) for name in names] for found in by_name),
        called=[CALLED["bounds"](run) for run in runs],
    )
    draw(figure, "learn-spent", "Spikes of each layer in both runs")

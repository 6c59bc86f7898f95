"""Two runs side by side: settings that differ, scores, spikes, pictures."""

import numpy as np
import streamlit as st

from snnlab import conversion
from snnlab.figures import compare as figures
from snnlab.figures.numbers import many, ratio, short
from snnlab.images.tissue import told_blank
from snnlab.results import summary
from snnlab.results.scores import Scores
from snnlab.results.summary import Summary
from snnlab.ui.shared import bench, blocks, keep, plots, trained, words

_NEITHER = "Neither image has labels"


def draw() -> None:
    """The page."""
    pins = st.session_state.pins
    if not pins:
        words.look_for(
            "**Pin a run, change something, and compare.** The button *Pin* above keeps the scores,"
            " counts and pictures of the run on screen."
        )
        st.info("No run is pinned yet.", icon=":material/keep:")
        st.button(
            "Pin the run on screen", icon=":material/keep:", type="primary", on_click=keep.pin
        )
        return
    head = st.container()
    words.look_for(
        "**Fewer spikes for the same scores: that is the bargain.** The first table shows what"
        " differs between the two runs; the last picture shows where it matters."
    )
    one, other = _chosen([*pins, bench.summed()], head)
    _settings(one, other)
    if one.file == other.file and one.image != other.image:
        words.look_for(
            "**The same section at two pixel sizes.** Both runs are scored and drawn in the file's"
            " own pixels, so you can compare their scores. Which one is better depends on the"
            " tissue: the nets know a membrane by its width in pixels."
        )
    left, right = st.columns(2, gap="large")
    with left:
        _scores("SNN", one.snn_scores, other.snn_scores)
        if one.ann_scores != other.ann_scores:
            _scores("ANN", one.ann_scores, other.ann_scores)
        for letter, run in zip("AB", (one, other), strict=True):
            if run.snn_scores is not None:
                called = f"{letter}: "
                trained.told(run.settings.model, run.settings.source, run.file, called=called)
    with right:
        _counts(one, other)
    st.subheader("Spikes by layer", anchor=False)
    words.look_for(
        "**Where a bar shrinks, energy is saved.** A's bars are hatched. A layer that falls silent"
        " passes nothing on."
    )
    _layers(one, other)
    _pictures(one, other)
    st.button("Forget all pinned runs", icon=":material/keep_off:", on_click=_forget)


def _forget() -> None:
    st.session_state.pins = []


def _chosen(runs: list[Summary], head) -> tuple[Summary, Summary]:
    """What the visitor compares; the heading names it."""
    called = [f"Pin {place}" for place in range(1, len(runs))] + [keep.NOW]
    names = [f"{name}: {_short(run)}" for name, run in zip(called, runs, strict=True)]
    state = st.session_state
    columns = st.columns(2, gap="large")
    found = []
    shown = runs[-1].settings, runs[-1].image
    other = next((i for i, run in enumerate(runs) if (run.settings, run.image) != shown), 0)
    for column, letter, first in zip(columns, "AB", (other, len(runs) - 1), strict=True):
        with column:
            kept = state.get(f"compared-{letter}")
            index = st.selectbox(
                letter,
                range(len(runs)),
                called.index(kept) if kept in called else first,
                format_func=names.__getitem__,
                # the browser keeps the words of what was chosen, so other words are another box
                key=f"compare-{letter}-{hash(tuple(names))}",
            )
        state[f"compared-{letter}"] = called[index]
        found.append(index)
    a, b = (called[index] for index in found)
    head.subheader(f"A: {a} · B: {b}", anchor=False)
    return runs[found[0]], runs[found[1]]


def _short(run: Summary) -> str:
    settings = run.settings
    lower, upper = conversion.bounds_hz(settings)
    bounds = () if lower is None else (f"{lower:g}–{upper:g} Hz",)
    steps = many(settings.timesteps, "step")
    return ", ".join((run.name, settings.model, steps, *bounds, *words.unusual(settings)))


def _settings(one: Summary, other: Summary) -> None:
    st.subheader("What differs", anchor=False)
    without = ("source", "section")
    differing = summary.differing(one.settings, other.settings, without)
    rows = [
        (summary.NAMES[name], summary.shown(a), summary.shown(b))
        for name, (a, b) in differing.items()
    ]
    if one.image != other.image:
        rows.insert(0, ("image", words.plain(one.name), words.plain(other.name)))
    if not rows:
        st.info("Nothing: these are the same settings on the same image.", icon=":material/equal:")
        return
    _table(("", "A", "B"), rows, "Settings that differ")


def _table(heads, rows, alt: str) -> None:
    columns = {head: [row[place] for row in rows] for place, head in enumerate(heads)}
    st.table(columns, hide_index=True, border="horizontal", alt=alt)


def _scores(network: str, one: Scores | None, other: Scores | None) -> None:
    st.subheader(f"Scores of the {network}", anchor=False)
    if one is None or other is None:
        bare = [letter for letter, scores in zip("AB", (one, other), strict=True) if scores is None]
        which = f"The image of {bare[0]} has no labels" if len(bare) == 1 else _NEITHER
        st.info(f"{which}, so there is nothing to compare.", icon=":material/label_off:")
        return
    a, b = one.as_dict(), other.as_dict()
    rows = [
        (name, f"{a[key]:.4f}", f"{b[key]:.4f}", blocks.apart(a[key], b[key], 4))
        for key, (name, _) in words.SCORES.items()
    ]
    _table(("", "A", "B", "B − A"), rows, f"Scores of both runs, {network}")


def _counts(one: Summary, other: Summary) -> None:
    st.subheader("Activity", anchor=False)
    rows = []
    for name, key in (
        ("Spikes", "spikes"),
        ("Synaptic events", "synaptic_events"),
        ("Neurons", "neurons"),
        ("Mean rate (Hz)", "mean_rate_hz"),
    ):
        a, b = getattr(one, key), getattr(other, key)
        times = f"× {ratio(b / a)}" if a else "–"
        rows.append((name, short(round(a, 1)), short(round(b, 1)), times))
    agree = [run.agreement for run in (one, other)]
    by = blocks.apart(*(100 * value for value in agree), 2)
    by += " points" * (by != blocks.NONE)
    rows.append(("SNN = ANN", *map(blocks.percent, agree), by))
    _table(("", "A", "B", "B to A"), rows, "Activity of both runs")
    for letter, run in zip("AB", (one, other), strict=True):
        if np.isnan(run.agreement):
            st.caption(f"{letter}: {told_blank(run.settings.section)}")


def _layers(one: Summary, other: Summary) -> None:
    by_name = [{layer.name: layer.spikes for layer in run.layers} for run in (one, other)]
    names = list(dict.fromkeys([*by_name[0], *by_name[1]]))
    figure = figures.spikes(names, *([found.get(name, 0) for name in names] for found in by_name))
    plots.draw(figure, key="compare-layers", alt="Spikes of each layer")


def _pictures(one: Summary, other: Summary) -> None:
    st.subheader("Pictures", anchor=False)
    shown = [("A: SNN", one.pictures["snn"]), ("B: SNN", other.pictures["snn"])]
    if one.pictures["snn"].shape == other.pictures["snn"].shape and one.file == other.file:
        shown.insert(0, ("Image", one.pictures["image"]))
        difference = figures.difference(one.pictures["snn"], other.pictures["snn"])
        shown.append(("B − A", difference))
    with st.grid(len(shown), min_column_width=220, gap="small"):
        for name, pixels in shown:
            with st.container():
                st.markdown(f"**{name}**")
                st.image(np.asarray(pixels), width="stretch", alt=name)
    told = ["Last picture: purple where A says cell, green where B does."] * (len(shown) > 2)
    told += ["Hatched: not tissue."] * (one.beside or other.beside)
    if told:
        st.caption(" ".join(told))

"""What the page Methods shows: the grid of pictures, figures, the table, each method by itself."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from snnlab import conversion
from snnlab.figures import compare as differences
from snnlab.figures import methods as figures
from snnlab.figures.numbers import many
from snnlab.lab import methods as lab_methods
from snnlab.studies.methods import drawn
from snnlab.ui.methods import (
    charts as methods_charts,
)
from snnlab.ui.methods import (
    controls as methods,
)
from snnlab.ui.methods import (
    grid as methods_grid,
)
from snnlab.ui.methods import (
    texts as methods_texts,
)
from snnlab.ui.shared import bench, docs_site, long_work, plots, trained, words

LEVELS = 15  # of grey in a small picture
SILENT = "no spike has reached the readout yet"


def draw() -> None:
    """All of it, drawn again and again while a comparison is under way."""
    long_work.watched(lambda: methods.desk().job is not None, page)


def page() -> None:
    """The job's line and the figures."""
    methods.follow()
    if methods.collect():
        st.rerun()
    now = methods.now()
    if now.note:
        st.warning(words.plain(now.note), icon=":material/info:")
    if methods.desk().job is not None:
        methods.bar(())
    compared = list(now.compared)
    if compared:
        st.caption(_about(now))
        if now.picture is not None and now.picture.labels is not None:
            for model in dict.fromkeys(one.contender.model for one in compared):
                trained.told(model, now.place[0], now.picture.in_the_file)
        _grid(compared)
        done = [one for one in compared if one.cells]
        if done:
            methods_charts.quality(done)
            methods_charts.errors(done)
            _table(done)
    else:
        st.info("The first method takes a few seconds.", icon=":material/hourglass_top:")
    _one_by_one()


def _about(now: methods.Shown) -> str:
    parts = [now.about, many(len(now.compared), "method")]
    shown = bench.shown().settings.model
    for own, told in ((False, "converted: model"), (True, "trained for their method: models")):
        found = [one.contender.model for one in now.compared if one.contender.own == own]
        if found:
            parts.append(f"{told} " + ", ".join(f"*{name}*" for name in dict.fromkeys(found)))
            if not own and shown not in found:
                parts[-1] += f" (on screen above is *{shown}*)"
    at = dict.fromkeys(words.thresholds(one.contender.settings) for one in now.compared)
    parts += [f"cell: probability above {', or '.join(at)}"] if at else []
    parts += ["8-bit weights", "the last half of the steps is read out (with a synapse 30 %)"]
    return " · ".join(parts)


# ---- the grid ---------------------------------------------------------------------


def _grid(compared: Sequence[lab_methods.Compared]) -> None:
    st.subheader("Method by timesteps", anchor=False)
    words.look_for(
        "**From which step on does each method look like its ANN, the last picture?** Before that"
        " step, look for missing membranes: each one merges two cells. Click or tap a picture to"
        " open it in the viewer, where it forms step by step."
    )
    shows = st.segmented_control(
        "Pictures",
        ("Segmentation", "Difference from the ANN"),
        default="Segmentation",
        required=True,
        key="methods-shows",
        label_visibility="collapsed",
        persist_state="session",
    )
    differs = shows != "Segmentation"
    columns = [many(steps, "step") for steps in lab_methods.TIMESTEPS] + ["ANN"]
    height, width = compared[0].ann.shape
    rows = [_row(one, differs) for one in compared]
    _mark_best(compared, rows)
    methods_grid.show(columns, rows, width / height, methods.opened)
    text = "White is cell. " if not differs else "Purple: the ANN says cell; green: the SNN does. "
    first = compared[0].ann_scores
    text += (
        "Below each picture: pixel accuracy, and V_Rand at its best threshold (larger is better)."
        if first
        else "Below each picture: the share of pixels on which SNN and ANN agree."
    )
    if first:
        text += (
            " On a single section, V_Rand jumps when one gap opens or closes, so a worse SNN may"
            " happen to beat its ANN. Means over six real sections, in"
            f" {docs_site.to('methods#measured', 'the documentation')}, say more."
        )
    st.caption(f"{text} ★: the best at that number of steps.")


def _mark_best(compared: Sequence[lab_methods.Compared], rows: list[dict]) -> None:
    """A star before the best of each number of timesteps, by the first number below it."""
    for place, steps in enumerate(lab_methods.TIMESTEPS):
        found = [
            (cell.scores.get("pixel_accuracy", cell.agreement), row["cells"][place])
            for one, row in zip(compared, rows, strict=True)
            if "cells" in row and not (cell := one.cell(steps)).silent
        ]
        best = max((value for value, _ in found), default=None)
        for value, cell in found:
            if value == best:
                cell["first"] = f"★ {cell['first']}"
                cell["label"] = f"Best after {many(steps, 'step')}: {cell['label']}"


def _row(one: lab_methods.Compared, differs: bool) -> dict:
    contender = one.contender
    about = f"model {contender.model}" + (
        ", trained for it, so compared with its own ANN" if contender.own else ""
    )
    lower, upper = conversion.bounds_hz(contender.settings)
    if lower is not None:
        about += f", {lower:g}–{upper:g} Hz"
    made_for = contender.settings.timesteps
    if made_for > lab_methods.TIMESTEPS[-1]:
        about += f", made for {many(made_for, 'step')}"
    about += f" · Loihi 1: {'no, ' + contender.loihi if contender.loihi else 'yes'}"
    if contender.loihi and not contender.loihi_2:
        about += "; Loihi 2: possible"
    row = {"title": contender.title, "about": about}
    if one.error:
        return row | {"error": one.error}
    cells = []
    for steps in lab_methods.TIMESTEPS:
        cell = one.cell(steps)
        first, second = _lines(cell.scores, cell.agreement)
        label = f"{contender.title}, {many(steps, 'step')}: "
        label += SILENT if cell.silent else f"{first}, {second}"
        cells.append(
            {
                "picture": "" if cell.silent else _picture(cell.small, one.ann, differs),
                "note": f"{SILENT[:1].upper()}{SILENT[1:]}" if cell.silent else "",
                "first": "–" if cell.silent else first,
                "second": "" if cell.silent else second,
                "label": f"{label}. Open in the viewer",
                "opens": f"{contender.key} {steps}",
            }
        )
    first, second = _lines(one.ann_scores, 1.0)
    cells.append(
        {
            "picture": _picture(one.ann, one.ann, False),
            "note": "",
            "first": first if one.ann_scores else "",
            "second": second if one.ann_scores else "",
            "label": f"ANN of model {contender.model}",
            "opens": None,
        }
    )
    return row | {"cells": cells}


def _lines(scores: dict[str, float], agreement: float) -> tuple[str, str]:
    if scores:
        return f"{100 * scores['pixel_accuracy']:.2f} %", f"V_Rand {scores['v_rand']:.3f}"
    return f"{100 * agreement:.2f} %", "as the ANN"


def _picture(small: np.ndarray, ann: np.ndarray, differs: bool) -> str:
    one, other = (part * np.uint8(255 // LEVELS) for part in (ann, small))
    return methods_grid.url(differences.difference(one, other) if differs else other)


# ---- table --------------------------------------------------------------------------

_COLUMNS = {
    "method": "method",
    "model": "model",
    "timesteps": "steps",
    "pixel_accuracy": "pixel accuracy",
    "pixel_accuracy_from_ann": "− own ANN's",
    "v_rand": "V_Rand",
    "v_rand_from_ann": "− own ANN's V_Rand",
    "agreement_with_ann": "SNN = ANN",
    "spikes": "spikes",
    "synaptic_events": "synaptic events",
    "millijoules": "mJ, as on Loihi 1",
    "wrong_share": "inactive that spiked",
    "wrong_spikes": "their spikes",
    "loihi_1": "Loihi 1 can",
    "loihi_2": "Loihi 2 can",
}


def _table(compared: Sequence[lab_methods.Compared]) -> None:
    st.subheader("All numbers", anchor=False)
    words.look_for(
        "**Press a heading to sort.** *Inactive that spiked* is the share of neurons that the ANN"
        " leaves at zero and that sent a spike anyway (spikes of inactivated neurons). Good is"
        " near 0, which is what bistable neurons are made for."
    )
    rows = [row | {"millijoules": 1e3 * row["joules"]} for row in lab_methods.rows(compared)]
    names = [name for name in _COLUMNS if all(name in row for row in rows)]
    fine = ("pixel_accuracy", "v_rand", "agreement_with_ann")
    signed = ("pixel_accuracy_from_ann", "v_rand_from_ann")
    forms = dict.fromkeys(fine, "%.4f") | dict.fromkeys(signed, "%+.4f")
    forms |= dict.fromkeys(("spikes", "synaptic_events", "wrong_spikes"), "localized")
    forms |= {"millijoules": "%.2f", "wrong_share": "percent"}
    st.dataframe(
        {_COLUMNS[name]: [row[name] for row in rows] for name in names},
        hide_index=True,
        height=360,
        key="methods-table",
        column_config={"method": st.column_config.Column(pinned=True, width=150)}
        | {
            _COLUMNS[name]: st.column_config.NumberColumn(format=form)
            for name, form in forms.items()
            if name in names
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download all numbers (CSV)",
            lab_methods.csv_of(compared),
            "methods.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="methods-download",
        )
        st.caption("With errors by part, and the ANN's scores.")


# ---- the methods themselves ---------------------------------------------------------


def _one_by_one() -> None:
    st.subheader("The methods", anchor=False)
    about = {one.name: one for one in methods_texts.ABOUT}
    name = st.segmented_control(
        "Method",
        list(about),
        default=next(iter(about)),
        required=True,
        key="methods-one",
        label_visibility="collapsed",
        persist_state="session",
    )
    one, known = about[name], {item.name: item for item in conversion.METHODS}
    text, picture = st.columns((1, 1), gap="large")
    with text:
        st.markdown(f"**{one.title}**. {one.text}")
        st.latex(one.equation)
        st.caption(one.where)
        if name in known:
            st.markdown(f"**Assumes.** {known[name].assumes}")
            st.markdown(f"**Needs.** {known[name].needs}")
        st.markdown(f"**Loihi 1.** {one.loihi}")
        st.caption(f"Source: {one.source}")
    with picture:
        _drawing(one.drawing, one.look_for)
        if one.second:
            _drawing(*one.second)


@st.cache_data(show_spinner=False)
def _drawn(name: str) -> drawn.Drawing:
    return drawn.DRAWINGS[name]()


def _drawing(name: str, look_for: str) -> None:
    made = _drawn(name)
    words.look_for(look_for)
    if made.steps:
        figure = figures.course(made.lines, made.across)
    else:
        figure = figures.drawing(made.lines, made.across, made.up)
    plots.draw(figure, key=f"methods-drawn-{name}", alt=f"How {name} works")
    st.caption("Computed with the lab's own neurons, one at a time.")

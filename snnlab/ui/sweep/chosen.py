"""The point of a sweep that was clicked: kept, described, loaded into the lab."""

import streamlit as st

from snnlab.figures.numbers import many, short
from snnlab.lab import sweeping as lab_sweep
from snnlab.ui.shared import bench, plots
from snnlab.ui.sweep import controls as sweep
from snnlab.ui.sweep.names import KNOBS, SCORES


def clickable(figure, key: str, alt: str) -> None:
    """A figure whose points have the index of a row as custom data."""
    plots.draw(
        figure,
        key=key,
        alt=alt,
        on_select=lambda: _clicked(key),
    )


def _clicked(key: str) -> None:
    points = st.session_state[key].selection.points
    for point in points:
        index = point.get("customdata")
        index = index[0] if isinstance(index, list) else index
        if index is not None:
            _choose(int(index))


def taken() -> None:
    """Take the row that was selected in the table."""
    for index in st.session_state["sweep-table"].selection.rows:
        _choose(index)


def _choose(index: int) -> None:
    rows = st.session_state.get("sweep_view", [])
    if 0 <= index < len(rows):
        st.session_state.sweep_chosen = identity(rows[index])


def identity(row: dict) -> tuple:
    """What names a point, however many points there are by then."""
    return tuple(row[knob] for knob in KNOBS)


def place(rows: list[dict]) -> int | None:
    """Index of the chosen point among the rows."""
    chosen = st.session_state.get("sweep_chosen")
    return next((i for i, row in enumerate(rows) if identity(row) == chosen), None)


def described(row: dict) -> str:
    """A point in words."""
    return (
        f"{row['model']}, {row['method']}, {row['percentile']:g}th percentile,"
        f" {row['lower']:g}–{row['upper']:g} Hz, {many(row['timesteps'], 'step')}"
    )


def panel(now: sweep.Sweep, rows: list[dict]) -> None:
    """The chosen point, and the button that loads it."""
    index = place(rows)
    with st.container(border=True, key="sweep-chosen"):
        said, load = st.columns((5, 2), vertical_alignment="center")
        if index is None:
            said.markdown(":material/touch_app: Click or tap a cell, a dot or a row to choose it.")
            return
        row = rows[index]
        scores = ", ".join(f"{SCORES[n]} {row[n]:.4f}" for n in ("v_rand", "agreement_with_ann")
                           if n in row)  # fmt: skip
        said.markdown(
            f"**{described(row)}**: {scores}, {short(row['synaptic_events'])} synaptic"
            f" events, {row['joules']:.2g} J."
            + " It is mute: no spike reached the readout."
            * row["mute"]
        )
        load.button(
            "Load into the lab",
            type="primary",
            icon=":material/open_in_new:",
            on_click=_load,
            args=(now, row),
            width="stretch",
        )


def _load(now: sweep.Sweep, row: dict) -> None:
    settings = lab_sweep.settings_of(row, now.base)
    if now.pictures:
        # sections are looked for where the picture on screen is from
        settings = settings.replace(source=now.base.source, section=now.pictures[0].section)
    bench.adopt(settings)
    st.session_state.sweep_loaded = True

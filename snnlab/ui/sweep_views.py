"""What the Sweep page shows: heat map, front, sensitivities, table, the chosen point."""

import numpy as np
import streamlit as st

from snnlab import lab_sweep
from snnlab.figures import sweep as figures
from snnlab.ui import bench, blocks, plots, sweep, words

KNOBS = {
    "percentile": "percentile",
    "upper": "upper bound (Hz)",
    "timesteps": "timesteps",
    "model": "model",
    "method": "method",
}
SCORES = {
    "v_rand": "V_Rand",
    "v_info": "V_Info",
    "pixel_accuracy": "pixel accuracy",
    "dice": "Dice",
    "iou": "IoU",
    "agreement_with_ann": "agreement with the ANN",
}
COSTS = {
    "joules": "energy (J, Loihi 1)",
    "synaptic_events": "synaptic events",
    "spikes": "spikes",
    "mean_rate_hz": "mean rate (Hz)",
}
SHORT = KNOBS | {"upper": "upper (Hz)"}
FROM_BEST = 0.25  # of quality: what is worse by more is below the axis of the front
SPREAD = 0.1  # of a score: what is worse than the best by more is as pale as it gets


@st.fragment
def _still() -> None:
    page()


@st.fragment(run_every=sweep.POLL)
def _moving() -> None:
    if sweep.desk().job is None:  # paused or dropped: the line above is to be drawn anew
        st.rerun()
    page()


def draw() -> None:
    """All of it, drawn again and again while a sweep is under way."""
    (_moving if sweep.desk().job is not None else _still)()


def page() -> None:
    """The job's line and the figures."""
    if st.session_state.pop("sweep_loaded", False):
        st.switch_page("app_pages/segment.py")
    if sweep.collect():
        st.rerun()
    now = sweep.now()
    if now.error:
        st.warning(now.error, icon=":material/info:")
    if sweep.desk().job is not None:
        sweep.bar(None)
    rows = lab_sweep.over_sections(list(now.rows))
    st.session_state.sweep_view = rows
    if not rows:
        if sweep.desk().job is not None:
            st.info("The first points take a few seconds.", icon=":material/hourglass_top:")
        return
    scored = [name for name in SCORES if all(name in row for row in rows)]
    st.caption(_about(now, rows))
    measure = st.selectbox(
        "Measure",
        [*scored, *COSTS],
        format_func=(SCORES | COSTS).get,
        key=f"sweep-measure-{'labels' if 'v_rand' in scored else 'none'}",
        width=340,
        help="Of the heat map. Without labels the agreement with the ANN stands for quality.",
    )
    st.subheader("Heat map", anchor=False)
    words.look_for(
        "**Look for the lowest, leftmost cell that is still full green.** Low bounds and few"
        " timesteps are cheap. At a sharp edge spikes have not come through the network yet; a"
        " plateau means that more of them gain nothing."
        if measure in SCORES
        else "**Pale is cheap.** Compare with the map of a score: the best cell is full green there"
        " and pale here."
    )
    _heat_map(rows, measure)
    _chosen(now, rows)
    quality = measure if measure in SCORES else scored[0]
    st.subheader("Quality against cost", anchor=False)
    words.look_for(
        "**The green diamonds are the points to choose from.** Any other is beaten in quality,"
        " spikes and energy by one of them. Good is where the front bends: left of it quality falls"
        " fast, right of it it only costs."
    )
    _pareto(rows, quality)
    st.subheader("Which knob matters", anchor=False)
    words.look_for(
        "**Long bars are knobs worth turning.** The full bar is what the knob explains by itself;"
        " where the faint one is much longer, its best value depends on the other knobs, and they"
        " have to be tuned together."
    )
    _sensitivity(rows, quality)
    st.subheader("All points", anchor=False)
    _table(now, rows)


def _about(now: sweep.Sweep, rows: list[dict]) -> str:
    base = now.base
    parts = [
        now.about[:1].upper() + now.about[1:],
        f"{len(rows)} points",
        "model " + ", ".join(f"*{name}*" for name in dict.fromkeys(row["model"] for row in rows)),
        f"lower bound {100 * base.lower_hz / base.upper_hz:.0f} % of the upper",
        "reset to zero" if base.reset == "zero" else "reset by subtraction",
        f"synapse {base.synapse_ms:g} ms" if base.synapse_ms else "no synapse",
        f"simulator *{base.simulator}*",
    ]
    return " · ".join(parts)


def _values(rows: list[dict], knob: str) -> list:
    found = {row[knob] for row in rows}
    return sorted(found) if knob not in ("model", "method") else list(dict.fromkeys(found))


def _shown(value) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _heat_map(rows: list[dict], measure: str) -> None:
    axes = {knob: _values(rows, knob) for knob in KNOBS}
    turned = [knob for knob in KNOBS if len(axes[knob]) > 1]
    down, across = "upper", "timesteps"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rest = [knob for knob in turned if knob not in (down, across)]
        fixed = {
            knob: st.segmented_control(
                KNOBS[knob][:1].upper() + KNOBS[knob][1:],
                axes[knob],
                default=_usual(rows, knob, axes[knob], measure),
                required=True,
                format_func=_shown,
                key=f"sweep-fixed-{knob}-{'/'.join(map(_shown, axes[knob]))}",
            )
            for knob in rest
        }
    values = np.full((len(axes[down]), len(axes[across])), np.nan)
    places = np.full(values.shape, -1)
    for index, row in enumerate(rows):
        if all(row[knob] == value for knob, value in fixed.items()):
            cell = axes[down].index(row[down]), axes[across].index(row[across])
            values[cell], places[cell] = row[measure], index
    texts = [["" if np.isnan(v) else _written(v, measure) for v in line] for line in values]
    everywhere = np.array([row[measure] for row in rows], float)
    if measure in COSTS:
        values, everywhere = (np.log10(np.maximum(part, 1e-12)) for part in (values, everywhere))
        limits = float(everywhere.min()), float(everywhere.max()) + 1e-9
    else:
        top = float(everywhere.max())
        limits = min(max(float(everywhere.min()), top - SPREAD), top - 1e-6), top
    figure = figures.heat_map(
        [_shown(value) for value in axes[across]],
        [_shown(value) for value in axes[down]],
        values,
        texts,
        places.tolist(),
        (KNOBS[across], KNOBS[down], (SCORES | COSTS)[measure]),
        limits,
        measure in COSTS,
        _index(rows),
    )
    _clickable(figure, "sweep-heat", "Heat map of the sweep")
    st.caption(
        "Click a cell to choose it."
        + (f" Colour from {limits[0]:.3f} (and below) to {limits[1]:.3f}." * (measure in SCORES))
    )


def _usual(rows: list[dict], knob: str, values: list, measure: str):
    """The value at which the best point is."""
    name = measure if measure in SCORES else "agreement_with_ann"
    found = lab_sweep.best(rows, name)
    return rows[found][knob] if found is not None else values[0]


def _written(value: float, measure: str) -> str:
    if measure in SCORES:
        return f"{value:.3f}"
    return f"{value:.2g}" if measure == "joules" else blocks.short(value)


def _pareto(rows: list[dict], quality: str) -> None:
    cost = st.segmented_control(
        "Cost",
        list(COSTS)[:3],
        default="joules",
        required=True,
        format_func=COSTS.get,
        key="sweep-cost",
        label_visibility="collapsed",
        persist_state="session",
    )
    front = lab_sweep.pareto(rows, (quality,), (cost, "spikes", "joules"))
    shown = bench.shown()
    ann = None
    if shown.ann_scores is not None and sweep.now().about.startswith(shown.picture.name):
        ann = shown.ann_scores.as_dict().get(quality)
    values = [row[quality] for row in rows]
    lowest = max(min(values), max(values) - FROM_BEST)
    below = sum(value < lowest for value in values)
    figure = figures.pareto(
        [row[cost] for row in rows],
        values,
        [_settings(row) for row in rows],
        front,
        (COSTS[cost], SCORES[quality]),
        _index(rows),
        ann,
        lowest,
    )
    _clickable(figure, "sweep-pareto", "Pareto front of the sweep")
    st.caption(
        f"{len(front)} of {len(rows)} points on the front of {SCORES[quality]}, spikes and energy."
        " Energy: Loihi 1 by Davies et al. (2018), every neuron busy in every step and the least"
        " messages that a partition could need; the page Energy has the assumptions."
        + (f" {below} points lie below the axis." if below else "")
    )


def _sensitivity(rows: list[dict], quality: str) -> None:
    found = lab_sweep.sensitivity(rows, quality)
    if not found:
        st.info(
            "This needs every point of the sweep, and a knob with two values or more.",
            icon=":material/hourglass_top:",
        )
        return
    left, right = st.columns((2, 3), gap="large")
    names = [KNOBS[item.knob] for item in found]
    with left:
        figure = figures.sensitivity(
            names, [item.alone for item in found], [item.together for item in found]
        )
        st.plotly_chart(
            figure, key="sweep-bars", config=plots.config(), alt="Variance explained by each knob"
        )
    with right:
        means = {SHORT[item.knob]: item.means for item in found}
        st.plotly_chart(
            figures.effects(means, f"mean {SCORES[quality]}"),
            key="sweep-effects",
            config=plots.config(),
            alt="Mean of the measure at each value of each knob",
        )
    st.caption(
        f"Variance of {SCORES[quality]} over the points of this sweep (Sobol's first-order and"
        " total indices of the grid): it holds for the values chosen, and changes with them."
    )


def _table(now: sweep.Sweep, rows: list[dict]) -> None:
    names = [name for name in (*KNOBS, *SCORES, *COSTS) if all(name in row for row in rows)]
    titles = KNOBS | SCORES | COSTS
    table = {titles[name]: [row[name] for row in rows] for name in names}
    st.dataframe(
        table,
        hide_index=True,
        height=320,
        on_select=_taken,
        selection_mode="single-row",
        key="sweep-table",
        column_config={
            titles[name]: st.column_config.NumberColumn(format="%.4f" if name in SCORES else None)
            for name in names
            if name in SCORES or name in COSTS
        },
    )
    st.download_button(
        "All points (CSV)",
        lab_sweep.csv_of(now.rows),
        "sweep.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="sweep-download",
    )


# ---- the chosen point -------------------------------------------------------


def _clickable(figure, key: str, alt: str) -> None:
    st.plotly_chart(
        figure,
        key=key,
        config=plots.config(),
        alt=alt,
        on_select=lambda: _clicked(key),
        selection_mode="points",
    )


def _clicked(key: str) -> None:
    points = st.session_state[key].selection.points
    for point in points:
        index = point.get("customdata")
        index = index[0] if isinstance(index, list) else index
        if index is not None:
            _choose(int(index))


def _taken() -> None:
    for index in st.session_state["sweep-table"].selection.rows:
        _choose(index)


def _choose(index: int) -> None:
    rows = st.session_state.get("sweep_view", [])
    if 0 <= index < len(rows):
        st.session_state.sweep_chosen = _identity(rows[index])


def _identity(row: dict) -> tuple:
    return tuple(row[knob] for knob in KNOBS)


def _index(rows: list[dict]) -> int | None:
    chosen = st.session_state.get("sweep_chosen")
    return next((i for i, row in enumerate(rows) if _identity(row) == chosen), None)


def _settings(row: dict) -> str:
    return (
        f"{row['model']}, {row['method']}, {row['percentile']:g}th percentile,"
        f" {row['lower']:g}–{row['upper']:g} Hz, {row['timesteps']} steps"
    )


def _chosen(now: sweep.Sweep, rows: list[dict]) -> None:
    index = _index(rows)
    with st.container(border=True, key="sweep-chosen"):
        said, load = st.columns((5, 2), vertical_alignment="center")
        if index is None:
            said.markdown(":material/touch_app: Click a cell, a dot or a row to choose a point.")
            return
        row = rows[index]
        scores = ", ".join(f"{SCORES[n]} {row[n]:.4f}" for n in ("v_rand", "agreement_with_ann")
                           if n in row)  # fmt: skip
        said.markdown(
            f"**{_settings(row)}**: {scores}, {blocks.short(row['synaptic_events'])} synaptic"
            f" events, {row['joules']:.2g} J."
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

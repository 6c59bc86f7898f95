"""What the Sweep page shows: heat map, front, sensitivities, table, the chosen point."""

import numpy as np
import streamlit as st

from snnlab.figures import heat_map
from snnlab.figures import sweep as figures
from snnlab.figures.numbers import joules, many, short
from snnlab.lab import sweeping as lab_sweep
from snnlab.ui.shared import bench, long_work, plots, trained, words
from snnlab.ui.sweep import chosen as sweep_chosen
from snnlab.ui.sweep import controls as sweep
from snnlab.ui.sweep.names import AXES, COSTS, KNOBS, SCORES, SHORT

FROM_BEST = 0.25  # of quality: what is worse by more is below the axis of the front
SPREAD = 0.1  # of a score: what is worse than the best by more is as pale as it gets


def draw() -> None:
    """All of it, drawn again and again while a sweep is under way."""
    long_work.watched(lambda: sweep.desk().job is not None, page)


def page() -> None:
    """The job's line and the figures."""
    if st.session_state.pop("sweep_loaded", False):
        st.switch_page("pages/segment.py")
    if sweep.collect():
        st.rerun()
    now = sweep.now()
    if now.error:
        st.warning(words.plain(now.error), icon=":material/info:")
    if sweep.desk().job is not None:
        sweep.bar(None)
    rows = lab_sweep.over_sections(list(now.rows))
    st.session_state.sweep_view = rows
    if not rows:
        if sweep.desk().job is not None:
            st.info("The first points take a few seconds.", icon=":material/hourglass_top:")
        return
    scored = [name for name in SCORES if all(name in row for row in rows)]
    elsewhere = sweep.others(now, rows)
    if elsewhere:
        st.info(elsewhere, icon=":material/compare_arrows:")
    st.caption(_about(now, rows))
    if scored != ["agreement_with_ann"]:
        for model in dict.fromkeys(row["model"] for row in rows):
            sections = [picture.in_the_file for picture in now.pictures]
            trained.told(model, now.base.source, *sections)
    measure = st.selectbox(
        "Measure",
        [*scored, *COSTS],
        format_func=(SCORES | COSTS).get,
        key=f"sweep-measure-{'labels' if 'v_rand' in scored else 'none'}",
        width=340,
        help="For the heat map. Without labels, agreement with the ANN stands for quality.",
    )
    st.subheader("Heat map", anchor=False)
    words.look_for(
        "**Look for the lowest, leftmost cell that is still full green.** Low bounds and few"
        " timesteps are cheap. At a sharp edge, spikes have not come through the network yet; on a"
        " plateau, more spikes gain nothing."
        if measure in SCORES
        else "**Pale is cheap.** Compare with the map of a score: the best cell is full green there"
        " and pale here."
    )
    _heat_map(rows, measure)
    sweep_chosen.panel(now, rows)
    quality = measure if measure in SCORES else scored[0]
    st.subheader("Quality against cost", anchor=False)
    words.look_for(
        "**The green diamonds are the points to choose from.** Every other point is beaten by one"
        " of them in quality, spikes and energy. Good is where the front bends: to the left,"
        " quality falls fast; to the right, more energy gains little."
    )
    _pareto(rows, quality)
    st.subheader("Which knob matters", anchor=False)
    words.look_for(
        "**Long bars are knobs worth turning.** The solid bar is what the knob explains by itself."
        " Where the faint bar is much longer, the knob's best value depends on the other knobs, so"
        " they have to be tuned together."
    )
    _sensitivity(rows, quality)
    st.subheader("All points", anchor=False)
    _table(now, rows)


def _about(now: sweep.Sweep, rows: list[dict]) -> str:
    base = now.base
    parts = [
        now.about[:1].upper() + now.about[1:],
        many(len(rows), "point"),
        "model " + ", ".join(f"*{name}*" for name in dict.fromkeys(row["model"] for row in rows)),
        f"lower bound {100 * base.lower_hz / base.upper_hz:.0f} % of the upper",
        "reset to zero" if base.reset == "zero" else "reset by subtraction",
        f"synapse {base.synapse_ms:g} ms" if base.synapse_ms else "no synapse",
        f"simulator *{base.simulator}*",
        f"cell: probability above {words.thresholds(base)}",
    ]
    return " · ".join(parts)


def _axes(turned: list[str]) -> tuple[str, str]:
    """The two knobs of the heat map; the visitor's to choose where more were turned."""
    order = [knob for knob in AXES if knob in turned]
    order += [knob for knob in AXES if knob not in turned]
    # as everybody draws it, where they were turned: bounds down, time across
    across = "timesteps" if "timesteps" in order[:2] or len(turned) > 2 else order[1]
    down = next(knob for knob in order if knob != across)
    if len(turned) < 3:
        return down, across
    name = "/".join(turned)
    found = []
    for label, first in (("Down", down), ("Across", across)):
        options = [knob for knob in turned if knob not in found]
        first = first if first in options else options[0]
        found.append(
            st.selectbox(
                label,
                options,
                options.index(first),
                format_func=KNOBS.get,
                width=170,
                key=f"sweep-axis-{label}-{name}-{'/'.join(found)}",
            )  # fmt: skip
        )
    return found[0], found[1]


def _values(rows: list[dict], knob: str) -> list:
    found = {row[knob] for row in rows}
    return sorted(found) if knob not in ("model", "method") else list(dict.fromkeys(found))


def _shown(value) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _heat_map(rows: list[dict], measure: str) -> None:
    axes = {knob: _values(rows, knob) for knob in KNOBS}
    turned = [knob for knob in KNOBS if len(axes[knob]) > 1]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        down, across = _axes(turned)
        rest = [knob for knob in turned if knob not in (down, across)]
        fixed = {
            knob: st.segmented_control(
                KNOBS[knob][:1].upper() + KNOBS[knob][1:],
                axes[knob],
                default=_usual(knob, axes[knob]),
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
    mute = 0
    for cell, index in np.ndenumerate(places):
        if index >= 0 and rows[index]["mute"] and measure in SCORES:
            texts[cell[0]][cell[1]], mute = "mute", mute + 1
    everywhere = np.array([row[measure] for row in rows], float)
    low, top = float(everywhere.min()), float(everywhere.max())
    if measure in COSTS:
        values = np.log10(np.maximum(values, 1e-12))
        limits = np.log10(max(low, 1e-12)), np.log10(max(top, 1e-12)) + 1e-9
        palest = _written(low, measure)
    else:
        limits = min(max(low, top - SPREAD), top - 1e-6), top
        palest = "≤ " * (limits[0] > low) + _written(limits[0], measure)
    figure = heat_map.draw(
        [_shown(value) for value in axes[across]],
        [_shown(value) for value in axes[down]],
        values,
        texts,
        places.tolist(),
        (KNOBS[across], KNOBS[down], (SCORES | COSTS)[measure]),
        limits,
        (palest, _written(top, measure)),
        measure in COSTS,
        sweep_chosen.place(rows),
    )
    sweep_chosen.clickable(figure, "sweep-heat", "Heat map of the sweep")
    st.caption("Click or tap a cell to choose it." + _nearest(rows, axes, fixed))
    if mute:
        st.caption(
            f":material/volume_off: {many(mute, 'cell')} mute: no spike reached the readout in its"
            " window, every pixel has the same value, and the score is that of a constant. More"
            " timesteps or higher bounds make it speak."
        )


def _usual(knob: str, values: list):
    """The value nearest to that of the run on screen."""
    settings = bench.shown().settings
    here = getattr(settings, {"upper": "upper_hz"}.get(knob, knob))
    if knob in ("model", "method"):
        return here if here in values else values[0]
    # of bounds and steps twice as many are as far as half
    far = abs if knob == "percentile" else lambda apart: abs(np.log(here + apart) - np.log(here))
    return min(values, key=lambda value: far(value - here))


def _nearest(rows: list[dict], axes: dict[str, list], fixed: dict) -> str:
    """Which cell to hold against the run on screen, and what they differ in; a sentence."""
    now, shown = sweep.now(), bench.shown()
    if now.images != (bench.named(shown.picture),):
        return ""
    wanted = {knob: _usual(knob, values) for knob, values in axes.items()} | fixed
    row = next((row for row in rows if all(row[k] == v for k, v in wanted.items())), None)
    if row is None:
        return ""
    apart = bench.in_words(shown.settings, lab_sweep.settings_of(row, now.base))
    told = f"; what differs: {'; '.join(apart)}" if apart else ": the same settings"
    return (
        f" The nearest to the run on screen is {row['upper']:g} Hz,"
        f" {many(row['timesteps'], 'step')}{told}."
    )


def _written(value: float, measure: str) -> str:
    if measure in SCORES:
        return f"{value:.3f}"
    return joules(value) if measure == "joules" else short(value)


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
    same = sweep.now().images == (bench.named(shown.picture),) and {shown.settings.model} == {
        row["model"] for row in rows
    }
    if shown.ann_scores is not None and same:
        ann = shown.ann_scores.as_dict().get(quality)
    values = [row[quality] for row in rows]
    lowest = max(min(values), max(values) - FROM_BEST)
    below = sum(value < lowest for value in values)
    figure = figures.pareto(
        [row[cost] for row in rows],
        values,
        [sweep_chosen.described(row) for row in rows],
        front,
        (COSTS[cost], SCORES[quality]),
        sweep_chosen.place(rows),
        ann,
        lowest,
    )
    sweep_chosen.clickable(figure, "sweep-pareto", "Pareto front of the sweep")
    st.caption(
        f"{len(front)} of {many(len(rows), 'point')} on the front of {SCORES[quality]}, spikes and"
        " energy. Energy: Loihi 1 by Davies et al. (2018), with every neuron busy in every step"
        " and the fewest messages that a partition could need; the page Energy lists the"
        " assumptions."
        + (
            (f" {many(below, 'point')} {'lies' if below == 1 else 'lie'} below the axis.")
            if below
            else ""
        )
    )


def _sensitivity(rows: list[dict], quality: str) -> None:
    found = lab_sweep.sensitivity(rows, quality)
    if not found:
        st.info(
            "This needs every point of the sweep, each model with each method, and a knob with two"
            " values or more.",
            icon=":material/hourglass_top:",
        )
        return
    left, right = st.columns((2, 3), gap="large")
    names = [KNOBS[item.knob] for item in found]
    with left:
        figure = figures.sensitivity(
            names, [item.alone for item in found], [item.together for item in found]
        )
        plots.draw(figure, key="sweep-bars", alt="Variance explained by each knob")
    with right:
        means = {SHORT[item.knob]: item.means for item in found}
        plots.draw(
            figures.effects(means, f"mean {SCORES[quality]}"),
            key="sweep-effects",
            alt="Mean of the measure at each value of each knob",
        )
    st.caption(
        f"Variance of {SCORES[quality]} over the points of this sweep (Sobol's first-order and"
        " total indices of the grid). It holds for the values chosen, and changes with them."
    )


def _table(now: sweep.Sweep, rows: list[dict]) -> None:
    names = [name for name in (*KNOBS, *SCORES, *COSTS) if all(name in row for row in rows)]
    titles = KNOBS | SCORES | COSTS
    table = {titles[name]: [row[name] for row in rows] for name in names}
    st.dataframe(
        table,
        hide_index=True,
        height=320,
        on_select=sweep_chosen.taken,
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

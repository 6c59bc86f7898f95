"""What the page Stack shows: sections to leaf through, their table and curve, cells, downloads."""

import numpy as np
import streamlit as st

from snnlab.data import seen
from snnlab.figures import stack as figures
from snnlab.figures.numbers import many
from snnlab.lab import stack as lab_stack
from snnlab.ui.shared import bench, kept, long_work, plots, specimen, trained, unfamiliar, words
from snnlab.ui.stack import controls, given, pictures, slices, taking, through
from snnlab.ui.stack.desk import Desk, desk, held_more, take_up

NAMES = {"ann": "ANN", "snn": "SNN"}
MESSAGE = 1_200_000  # letters of pictures that travel together, about
BLOCK = (2, 16)  # sections at least, and at most
HEADS = {
    "section": "Section",
    "snn_pixel_accuracy": "SNN pixel accuracy",
    "ann_pixel_accuracy": "ANN pixel accuracy",
    "snn_v_rand": "SNN V_Rand",
    "ann_v_rand": "ANN V_Rand",
    "snn_v_rand_best": "SNN V_Rand, best",
    "ann_v_rand_best": "ANN V_Rand, best",
    "agreement_with_ann": "SNN agrees with ANN",
    "snn_cells": "SNN cells",
    "ann_cells": "ANN cells",
    "spikes": "Spikes",
    "mean_rate_hz": "Mean rate (Hz)",
}
MEASURES = {
    "V_Rand": ("snn_v_rand", "ann_v_rand"),
    "V_Rand, best threshold": ("snn_v_rand_best", "ann_v_rand_best"),
    "Pixel accuracy": ("snn_pixel_accuracy", "ann_pixel_accuracy"),
    "Agreement": ("agreement_with_ann",),
    "Cells": ("snn_cells", "ann_cells"),
    "Mean rate (Hz)": ("mean_rate_hz",),
}


def draw() -> None:
    """All of it, drawn again and again while sections are under way."""
    take_up()
    on_screen = given.here()
    want = None
    if on_screen is None:
        _no_stack()
    else:
        want = controls.asked(on_screen)
        shown = bench.shown()
        unfamiliar.warn(shown, f"**Section {shown.picture.section}**, the one on screen: ")
    if desk().job is None:
        controls.bar(want)
    long_work.watched(lambda: desk().job is not None, _page, want)


def _no_stack() -> None:
    if kept.say_awaited():
        return
    asked = st.session_state.settings.source
    held = specimen.on_screen()
    if asked == "isbi" or (held is not None and held.sections > 1):
        under_way = bench.desk().job is not None
        then = "its section is being run, see above" if under_way else "press **Run** above"
        st.info(
            f"The stack in the sidebar is not on screen yet: {then}. Its section on"
            " screen shows whether the settings suit it.",
            icon=":material/layers:",
        )
        return
    st.info(
        "There is only a single image on screen. In the sidebar, choose **Upload** and give a stack"
        " (TIFF, OME-Zarr, MRC and others), or **ISBI** where its folder is there; then this page"
        " segments all of its sections.",
        icon=":material/layers:",
    )


def _page(want: controls.Asked | None) -> None:
    here = desk()
    if controls.collect() or held_more():
        st.rerun()
    if here.note:
        text = words.plain(here.note)
        st.warning(f"{text[:1].upper()}{text[1:]}", icon=":material/info:")
    if here.job is not None:
        controls.bar(None)
    sections = here.done()
    if not sections:
        words.look_for(
            "**If something is wrong in one section only**, it is the section's fault: a fold,"
            " dirt, poor contrast. If it is wrong in all of them, it is the net's."
        )
        if here.job is not None:
            st.info("The first section takes a moment.", icon=":material/hourglass_top:")
        return
    if want is not None and here.job is None and here.key != controls.identity(want):
        st.info("Below are sections of an earlier run.", icon=":material/history:")
    st.caption(_about(here, sections))
    if here.job is None:
        _kept()
    rows = [one.row() for one in sections]
    words.look_for(
        "**Turn pages with the arrow keys.** A cell keeps its colour from section to section as"
        " long as it is followed; where colours change though the cell goes on, it was lost."
    )
    left, right = st.columns((3, 2), gap="large")
    with left:
        st.fragment(_slices)()
    with right:
        _curve(rows)
    _table(rows)
    _together(here, sections)
    if any(one.marks for one in sections):
        places = (seen.numbered(here.stack.image, one.place) for one in sections)
        trained.told(here.stack.settings.model, here.stack.settings.source, *places)
    if here.job is None:
        found = through.draw(here, sections)
        taking.buttons(here, sections, rows, found)


def _kept() -> None:
    """Whether a reload loses what is here."""
    if trouble := kept.trouble():
        st.warning(words.plain(trouble), icon=":material/save:")
    else:
        st.caption(kept.told("What is done is"))


def _about(here: Desk, sections: list[lab_stack.Section]) -> str:
    stack = here.stack
    settings = stack.settings
    parts = [
        f"{words.plain(stack.name)}: {many(len(sections), 'section')}",
        f"model *{words.plain(settings.model)}*",
        many(settings.timesteps, "timestep"),
        f"cell: probability above {words.thresholds(settings)}",
    ]
    if stack.region is not None:
        top, left, height, width = stack.region
        parts.append(f"region of {width} × {height} px from row {top}, column {left}")
    return " · ".join(parts)


# ---- leafing --------------------------------------------------------------------


def _slices() -> None:
    here = desk()
    sections = here.done()
    if not sections:
        return
    tables = {name: chain.upto(sections) for name, chain in here.chains.items()}
    versions = "-".join(str(chain.version) for chain in here.chains.values())
    places = [one.place for one in sections]
    cell = through.chosen(here)
    wish = _wished(places, cell)
    at = places.index(here.at) if here.at in places else 0

    def drawn(index: int) -> dict[str, str]:
        return _pictures(here, sections[index], tables, versions, cell)

    one = sum(map(len, drawn(0).values()))  # letters: the others have about as many
    block = int(np.clip(MESSAGE // one, *BLOCK))
    near = range(at - at % block, min(at - at % block + block, len(places)))
    height, width = sections[0].grey.shape
    slices.show(
        f"{id(here.stack)}/{places[0]}/{versions}/{cell}",
        places,
        [_says(one) for one in sections],
        width / height,
        {places[index]: drawn(index) for index in near},
        wish,
        _asked,
    )


def _asked(place: int) -> None:
    desk().at = place


def _wished(places: list[int], cell: tuple[str, int, int] | None) -> tuple[int, int] | None:
    """The section whose row was chosen last, or where the cell begins whose row was."""
    picked = st.session_state.get(_table_key(places))
    rows = picked["selection"]["rows"] if picked else []
    place = places[rows[0]] if rows and rows[0] < len(places) else None
    now = {"section": (place, place), "cell": (cell, cell and cell[2])}
    serial, wanted, seen = st.session_state.get("stack_wish", (0, None, {}))
    for name, (value, goal) in now.items():
        if value is not None and value != seen.get(name):
            serial, wanted = serial + 1, goal
            desk().at = goal
    seen = {name: value for name, (value, _) in now.items()}
    st.session_state["stack_wish"] = serial, wanted, seen
    return None if wanted is None else (serial, wanted)


def _pictures(
    here: Desk,
    section: lab_stack.Section,
    tables: dict,
    versions: str,
    cell: tuple[str, int, int] | None,
) -> dict:
    settings, place = here.stack.settings, section.place
    numbers = {name: lambda name=name: tables[name][place][section.cells[name]] for name in tables}
    made = {
        ("em",): lambda: pictures.grey(section),
        ("snn",): lambda: pictures.membranes(section, "snn", settings),
        ("ann",): lambda: pictures.membranes(section, "ann", settings),
        ("snn_cells", versions): lambda: pictures.cells(numbers["snn"]()),
        ("ann_cells", versions): lambda: pictures.cells(numbers["ann"]()),
    }
    if cell is not None:
        made["mark", versions, cell] = lambda: pictures.mark(numbers[cell[0]](), cell[1])
    return {key[0]: here.picture((place, *key), make) for key, make in made.items()}


def _says(section: lab_stack.Section) -> str:
    row = section.row()
    parts = []
    for name, title in (("snn", "SNN"), ("ann", "ANN")):
        score = f"V_Rand {row[f'{name}_v_rand']:.3f}, " if f"{name}_v_rand" in row else ""
        parts.append(f"{title} {score}{many(row[f'{name}_cells'], 'cell')}")
    return " · ".join(parts)


# ---- numbers --------------------------------------------------------------------


def _curve(rows: list[dict]) -> None:
    there = [name for name, keys in MEASURES.items() if any(keys[0] in row for row in rows)]
    measure = st.selectbox("Over the sections", there, key=f"stack-measure-{there[0]}", width=300)
    lines = {key: [row.get(key) for row in rows] for key in MEASURES[measure]}
    places = [row["section"] for row in rows]
    plots.draw(
        figures.over_sections(places, lines, measure),
        "stack-curve",
        f"{measure} of each section",
    )


def _table_key(places: list[int]) -> str:
    return f"stack-table-{places[0]}-{len(places)}"


def _table(rows: list[dict]) -> None:
    names = [name for name in HEADS if any(name in row for row in rows)]
    column = st.column_config
    forms = {name: "%.4f" for name in names if "rand" in name or "acc" in name or "agree" in name}
    forms |= {"spikes": "localized", "mean_rate_hz": "%.1f", "section": "%d"}
    st.dataframe(
        {HEADS[name]: [row.get(name) for row in rows] for name in names},
        hide_index=True,
        height=min(38 + 35 * len(rows), 320),
        key=_table_key([row["section"] for row in rows]),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            HEADS[name]: column.NumberColumn(format=form)
            for name, form in forms.items()
            if name in names
        },
    )


def _together(here: Desk, sections: list[lab_stack.Section]) -> None:
    """Scores of the set, one threshold for all."""
    scores = lab_stack.together(sections)
    if not scores:
        st.caption("Choose a row to see its section. Without labels there are no scores.")
        return
    settings = here.stack.settings
    judged = sum(bool(one.marks) for one in sections)
    at = {"ann": settings.ann_at, "snn": settings.threshold}
    table = {
        "All sections": [NAMES[name] for name in scores],
        "Pixel accuracy": [f"{one.pixel_accuracy:.4f}" for one in scores.values()],
        "V_Rand as shown": [
            f"{one.v_rand_at_threshold:.4f} at {at[name]:g}" for name, one in scores.items()
        ],
        "V_Rand at the best one threshold": [
            f"{one.v_rand:.4f} at {one.best_threshold:g}" for one in scores.values()
        ],
    }
    st.table(table, hide_index=True, border="horizontal", alt="Scores of all sections together")
    st.caption(
        "Choose a row above to see its section. In the upper table, *best* is at each section's"
        " own threshold; here it is at one threshold for all, as in the challenge. Of"
        f" {many(judged, 'section')} with labels."
    )

"""The page Cells: how many there are, pictures, the table, sizes, downloads."""

import numpy as np
import streamlit as st

from snnlab.figures import cells as figures
from snnlab.figures.numbers import many, short
from snnlab.lab.cells import Cells
from snnlab.results.segmentation import Segmentation
from snnlab.ui.cells import counted, taking
from snnlab.ui.shared import plots, trained, unfamiliar, words

NAMES = {"ann": "ANN", "snn": "SNN"}
AROUND = 24  # pixels around a cell in its close-up, at least


def draw(result: Segmentation) -> None:
    """All of it; what is moved here draws this part of the page alone."""
    st.markdown(
        "**Count, and see where the two differ.** The same cell has the same colour in both"
        " pictures. Choose a row of the table, and its cell lights up."
    )
    unfamiliar.warn(result)
    st.fragment(_page)(result)


def _page(result: Segmentation) -> None:
    answer = st.container(key="of-cells")  # above the rule that it depends on
    asked = counted.rule()
    cells = counted.of(result, asked)
    of, chosen = _asked(cells)
    with answer:
        _numbers(result, cells)
        _pictures(result, cells, of, chosen)
    left, right = st.columns((3, 2), gap="large")
    with left:
        _table(result, cells[of], of)
    with right:
        if chosen is not None:
            _close_up(result, cells, of, chosen)
        _sizes(cells)
    taking.buttons(result, cells)


def _asked(cells: dict[str, Cells]) -> tuple[str, int | None]:
    """Whose table is shown, and the line of it that was chosen."""
    of = st.session_state.get("cells-of", "snn")
    picked = st.session_state.get(_table_key(cells[of], of))
    rows = picked["selection"]["rows"] if picked else []
    chosen = rows[0] if rows and rows[0] < len(cells[of]) else None
    return of, chosen


def _table_key(cells: Cells, of: str) -> str:
    # of other cells it is another table, in which nothing is chosen
    return f"cells-table-{of}-{len(cells)}-{int(cells.table.area.sum())}"


# ---- how many ----------------------------------------------------------------


def _numbers(result: Segmentation, cells: dict[str, Cells]) -> None:
    judged = {name: one.errors for name, one in cells.items()}
    if judged["ann"] is None or judged["snn"] is None:
        for column, (name, one) in zip(st.columns((1, 1, 4)), cells.items(), strict=False):
            column.metric(f"Cells, {NAMES[name]}", f"{len(one):,}")
        return
    labelled = judged["ann"]
    rows = [
        (NAMES[name], f"{one.cells:,}", f"{one.splits:,}", f"{one.merges:,}", f"{one.missed:,}",
         f"{one.v_rand:.4f}")
        for name, one in judged.items()
    ]  # fmt: skip
    rows.append(("Labels", f"{labelled.true:,}", "", "", "", ""))
    heads = ("", "Cells", "Split", "Merged", "Missed", "V_Rand")
    table = {head: [row[place] for row in rows] for place, head in enumerate(heads)}
    st.table(table, hide_index=True, border="horizontal", alt="Cells found, and errors")
    if labelled.small:
        st.caption(
            f"{many(labelled.small, 'labelled region')} of the {labelled.true:,} are smaller than"
            " the smallest cell that is looked for, so they do not count as missed."
            if labelled.small > 1
            else f"One labelled region of the {labelled.true:,} is smaller than the smallest cell"
            " that is looked for, so it does not count as missed."
        )
    trained.told(result.settings.model, result.settings.source, result.picture.in_the_file)


# ---- pictures ----------------------------------------------------------------


def _pictures(result: Segmentation, cells: dict[str, Cells], of: str, chosen: int | None) -> None:
    sides = st.container(key="of-run-cells").columns(2, gap="medium")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        opacity = st.slider(
            "Colours over the image", 0.0, 1.0, 0.35, 0.05, key="cells-opacity",
            persist_state="session", width=280, help="0 is the image alone.",
        )  # fmt: skip
        wrong = False
        if cells["ann"].errors is not None:
            wrong = st.toggle("Mark errors", True, key="cells-errors", persist_state="session")
    image = _grey(result)
    alike = counted.colours(cells)
    for column, (name, one) in zip(sides, cells.items(), strict=True):
        marked = _marks(one, wrong)
        if chosen is not None:
            marked[figures.CHOSEN] = _same(cells, of, chosen, name)
        with column:
            said = many(len(one), "cell")
            st.image(
                figures.painted(image, one.numbers, alike[name], opacity, marked),
                caption=f"**{NAMES[name]}**, {said}",
                width="stretch",
                alt=f"The image with {said} of the {NAMES[name]} in colour",
            )
    if cells["ann"].errors is None:
        return
    best = f"{result.ann_scores.v_rand:.4f} (ANN) and {result.snn_scores.v_rand:.4f} (SNN)"
    outlines = (
        "Wide outlines are errors against the labels. **Orange**: parts of one cell that was"
        " split. **Blue**: several cells in one. **Yellow**: the chosen cell. "
    )
    st.caption(
        (outlines if wrong else "")
        + "Split: cells in the labels that were found in several parts. Merged: cells found that"
        " are several in the labels. Missed: cells in the labels that were not found. Without the"
        " rule that finds cells, the regions of the plain mask reach at best a V_Rand of"
        f" {best}."
    )


def _marks(one: Cells, wrong: bool) -> dict:
    if not wrong or one.errors is None:
        return {}
    return {figures.SPLIT: one.errors.split, figures.MERGED: one.errors.merged}


def _same(cells: dict[str, Cells], of: str, chosen: int, name: str) -> np.ndarray:
    """The chosen cell in one of the pictures: itself, or those that it is of the other network."""
    number = cells[of].table.number[chosen]
    if name == of:
        return np.array([number])
    inside = cells[name].numbers[cells[of].numbers == number]
    sizes = np.bincount(inside)
    sizes[0] = 0
    return np.flatnonzero(sizes > 0.2 * len(inside))


def _grey(result: Segmentation) -> np.ndarray:
    """As the viewer shows it: a dim exposure fills the range of the screen."""
    pixels = result.picture.pixels
    low, high = np.percentile(pixels, (0.5, 99.5))
    return (pixels - low) / max(float(high - low), 1e-6)


def _close_up(result: Segmentation, cells: dict[str, Cells], of: str, chosen: int) -> None:
    table = cells[of].table
    number = int(table.number[chosen])
    top, left, bottom, right = (int(value) for value in table.box[chosen])
    around = max(AROUND, (bottom - top) // 3, (right - left) // 3)
    part = (
        slice(max(0, top - around), bottom + around),
        slice(max(0, left - around), right + around),
    )
    st.subheader(f"Cell {number} of the {NAMES[of]}", anchor=False)
    image = _grey(result)[part]
    sides = st.container(key="of-run-close-up").columns(2, gap="small")
    for column, (name, one) in zip(sides, cells.items(), strict=True):
        marked = {figures.CHOSEN: _same(cells, of, chosen, name)}
        alike = counted.colours(cells)[name]
        with column:
            st.image(
                figures.painted(image, one.numbers[part], alike, 0.2, marked),
                caption=NAMES[name],
                width="stretch",
                alt=f"Close-up of the cell, {NAMES[name]}",
            )
    unit = table.unit
    each = table.nm or 1.0
    st.caption(
        f"Area {short(table.area[chosen] * each**2)} {unit}², perimeter"
        f" {short(table.perimeter[chosen] * each)} {unit}, as large as a circle"
        f" {short(table.diameter[chosen] * each)} {unit} wide."
        + " It touches the border, so part of it may be missing."
        * bool(table.border[chosen])
    )


# ---- table and sizes -----------------------------------------------------------


def _table(result: Segmentation, one: Cells, of: str) -> None:
    st.segmented_control(
        "Cells of the", list(NAMES), default="snn", required=True, format_func=NAMES.get,
        key="cells-of", persist_state="session",
    )  # fmt: skip
    found = one.table.columns()
    area, perimeter, diameter = list(found)[1:4]
    unit = one.table.unit
    column = st.column_config
    st.dataframe(
        found,
        hide_index=True,
        height=420,
        key=_table_key(one, of),
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "cell": column.NumberColumn("Cell", format="%d"),
            area: column.NumberColumn(f"Area ({unit}²)", format="localized"),
            perimeter: column.NumberColumn(f"Perimeter ({unit})", format="%.0f"),
            diameter: column.NumberColumn(
                f"Diameter ({unit})", format="%.0f", help="Of a circle of the same area."
            ),
            "eccentricity": column.NumberColumn(
                "Eccentricity", format="%.2f", help="0 is a circle; near 1 it is a line."
            ),
            "touches_border": column.CheckboxColumn(
                "At the border", help="Part of the cell may be missing."
            ),
            "row": None,
            "column": None,
        },
    )
    if one.table.nm is None:
        st.caption("Sizes are in pixels: give the size of a pixel in the sidebar for nanometres.")
    elif result.picture.file_nm is not None:
        st.caption(f"Measured in pixels of {one.table.nm:g} nm, as the networks saw them.")


def _sizes(cells: dict[str, Cells]) -> None:
    st.subheader("How large they are", anchor=False)
    words.look_for(
        "**The two curves should lie on top of each other.** Where the SNN's is higher on the"
        " left, cells fell apart; where it is higher on the right, cells ran together."
    )
    nm = cells["snn"].table.nm
    areas = {NAMES[name]: one.table.area * (nm or 1.0) ** 2 for name, one in cells.items()}
    unit = f"{cells['snn'].table.unit}²"
    plots.draw(figures.sizes(areas, unit), "cells-sizes", "How many cells there are of each area")

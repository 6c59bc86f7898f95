"""Cells through the sections: their table."""

import streamlit as st

from snnlab.figures.numbers import many
from snnlab.lab import stack as lab_stack
from snnlab.lab.stack import Section, Through
from snnlab.results.cells.linking import LEAST
from snnlab.ui.stack.desk import Desk

NAMES = {"snn": "SNN", "ann": "ANN"}


def draw(here: Desk, sections: list[Section]) -> tuple[str, Through, float | None]:
    """Ask of which network, and how thick sections are; show what they come to.

    Returns
    -------
    str
        The network.
    Through
    float or None
        From section to section, nanometres.
    """
    st.subheader("Cells through the sections", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        network = st.segmented_control(
            "Cells of the", list(NAMES), default="snn", required=True, format_func=NAMES.get,
            key="stack-of", persist_state="session",
        )  # fmt: skip
        thick = st.number_input(
            "Thickness of a section (nm)", 0.0, 10_000.0, here.thickness or 0.0, 5.0,
            key=f"stack-thick-{here.stack.name}-{id(here.stack)}", width=220,
            help="From one section to the next. 0 means not known; volumes are then in voxels.",
        )  # fmt: skip
    found = of(here, sections, network, thick or None)
    table = found.table
    several = int((table.sections > 1).sum())
    st.markdown(
        f"**{many(len(table), 'cell')}**, {several:,} of them in several sections,"
        f" {int((table.sections == len(sections)).sum()):,} in all {len(sections)}."
    )
    columns, column = table.columns(), st.column_config
    here.cells = f"stack-cells-{network}-{len(table)}-{sections[0].place}-{bool(thick)}", network
    st.dataframe(
        columns,
        hide_index=True,
        height=320,
        key=here.cells[0],
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "cell": column.NumberColumn("Cell", format="%d"),
            "voxels": column.NumberColumn("Voxels", format="localized"),
            "volume_nm3": column.NumberColumn("Volume (nm³)", format="scientific"),
            "sections": column.NumberColumn("Sections", format="%d"),
            "first_section": column.NumberColumn("First", format="%d"),
            "last_section": column.NumberColumn("Last", format="%d"),
            "touches_border": column.CheckboxColumn(
                "At the border", help="Of the image or of the stack: part of it may be missing."
            ),
            "row": None,
            "column": None,
        },
    )
    size = "" if table.voxel else " For volumes in nm³ give the size of a pixel (sidebar) and the"
    size += "" if table.voxel else " thickness of a section."
    st.caption(
        "Choose a row to see the cell above. Cells are found in each section as on the page"
        " *Cells*, and then linked: two are the same if each is the one that the other overlaps"
        f" most, and at least {100 * LEAST:g} % of the smaller lies in the other. Where a cell"
        f" splits, one branch keeps its number and the other gets a new one.{size}"
    )
    return network, found, thick or None


def chosen(here: Desk) -> tuple[str, int, int] | None:
    """The cell whose row was chosen: its network, its number, and the section where it begins."""
    key, network = here.cells
    picked, known = st.session_state.get(key), here.measured.get(network)
    rows = picked["selection"]["rows"] if picked else []
    if not rows or known is None or rows[0] >= len(known[1].table):
        return None
    table = known[1].table
    return network, int(table.number[rows[0]]), int(table.first[rows[0]])


def of(here: Desk, sections: list[Section], network: str, thick: float | None) -> Through:
    """The cells of a network, linked and measured once."""
    key = tuple(one.place for one in sections), here.chains[network].version, thick
    held = here.measured.get(network)
    if held is None or held[0] != key:
        made = lab_stack.through(sections, network, here.stack.nm, thick, here.chains[network])
        key = *key[:1], here.chains[network].version, thick
        held = here.measured[network] = key, made
    return held[1]

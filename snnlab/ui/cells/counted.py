"""The cells of what is on screen: found once, by the rule that the controls say."""

import numpy as np
import streamlit as st

from snnlab.lab import cells as lab_cells
from snnlab.lab.cells import Cells, Rule
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench

LARGE = 1024 * 1024  # pixels from which on it is said that it takes a moment


def rule() -> Rule:
    """What counts as a cell, as the visitor says."""
    usual = Rule()
    with st.expander("How cells are found", icon=":material/tune:"):
        with st.grid(3, min_column_width=220, gap="medium"):
            core = st.slider(
                "Surely cell above", 0.5, 0.99, usual.core, 0.01, key="cells-core",
                persist_state="session",
                help="Each region above this probability is the core of a cell. If you raise it,"
                " fewer cells run together and more fall apart.",
            )  # fmt: skip
            edge = st.slider(
                "A cell goes on down to", 0.05, 0.95, usual.edge, 0.05, key="cells-edge",
                persist_state="session",
                help="Cells grow from their cores, the surest pixels first, down to this"
                " probability or until they meet.",
            )  # fmt: skip
            smallest = st.number_input(
                "Smallest cell (pixels)", 1, 1_000_000, usual.smallest, key="cells-smallest",
                persist_state="session", help="Anything smaller is left out.",
            )  # fmt: skip
        st.caption(
            "Cells grow from their cores by a watershed on the probability. These values were"
            " chosen on sections 15 to 17 of ISBI 2012, for all shipped models together."
        )
    return Rule(core, min(edge, core), min(usual.basin, int(smallest)), int(smallest))


def of(result: Segmentation, asked: Rule) -> dict[str, Cells]:
    """The cells of both networks, found once and not again on every draw."""
    key = bench.identity(result.picture, result.settings), asked
    held = st.session_state.get("cells_found")
    if held is None or held[0] != key:
        with _said(result.image.size):
            held = st.session_state["cells_found"] = key, lab_cells.found(result, asked)
    return held[1]


def _said(pixels: int):
    if pixels < LARGE:
        return st.container()
    return st.spinner("Finding the cells", show_time=True)


def colours(cells: dict[str, Cells]) -> dict[str, np.ndarray]:
    """By network and number, what a colour goes by: the same cell has the same one in both."""
    ann, snn = cells["ann"].numbers, cells["snn"].numbers
    return {"ann": np.arange(int(ann.max(initial=0)) + 1), "snn": lab_cells.alike(snn, ann)}

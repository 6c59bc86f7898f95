"""Cells to take away: pictures of numbers, and tables."""

import streamlit as st

from snnlab.export import cells as export
from snnlab.lab import cells as lab_cells
from snnlab.lab.cells import Cells
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import downloads


def buttons(result: Segmentation, cells: dict[str, Cells]) -> None:
    """A label TIFF and a CSV for each network."""
    st.subheader("Download", anchor=False)
    picture, settings = result.picture, result.settings
    with st.container(horizontal=True):
        for network, one in cells.items():
            for label, ending, make in (
                (f"{network.upper()} cells", "tif", lambda one=one: export.label_tiff(
                    lab_cells.in_file(picture, one.numbers), picture.nm_in_file)),
                (f"{network.upper()} cells", "csv", lambda one=one, network=network:
                    export.cells_csv(one.table, network, picture, settings)),
            ):  # fmt: skip
                downloads.offered(downloads.stem(result), "cells", label, ending, make)
    resampled = picture.file_shape is not None
    st.caption(
        "TIFF: one number per cell, as in the table; 0 is no cell. Fiji opens it, and the lab"
        " reads it as labels. CSV: the table, with the row and column of each centre"
        + (
            ", both in the file's pixels. Sizes are those of the table, measured in the resampled"
            " image: counted in the TIFF, they differ a little."
            if resampled
            else "."
        )
    )

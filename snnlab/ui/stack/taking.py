"""A stack to take away: made when its button is pressed."""

import re
from functools import partial

import streamlit as st

from snnlab.export import stack as export
from snnlab.export import tables
from snnlab.lab import stack as lab_stack
from snnlab.lab.stack import Section, Through
from snnlab.ui.shared import downloads
from snnlab.ui.stack.desk import Desk


def buttons(
    here: Desk,
    sections: list[Section],
    rows: list[dict],
    found: tuple[str, Through, float | None],
) -> None:
    """TIFFs, tables and an OME-Zarr of the sections that are there."""
    network, cells, thick = found
    stack, title = here.stack, network.upper()
    stem = _stem(stack, sections)
    shape = (len(sections), *sections[0].grey.shape)
    voxel = export.calibration(stack.nm, thick)
    about = _about(stack)

    def probabilities():
        return (one.probability[network] for one in sections)

    def numbers():
        return (cells.numbers(one, network) for one in sections)

    st.subheader("Download", anchor=False)
    offered = partial(downloads.offered, stem, "stack")
    with st.container(horizontal=True):
        offered(f"{title} probabilities", "tif", lambda: export.tiff(
            probabilities(), shape, voxel, "uint8", 255, values=export.PROBABILITY))  # fmt: skip
        offered(f"{title} OME-Zarr", "zip", lambda: lab_stack.zipped.packed(
            probabilities(), shape, voxel, f"{stem}-{network}.ome.zarr"),
            name=f"{network}-ome-zarr")  # fmt: skip
        offered(f"{title} cells", "tif", lambda: export.labels_tiff(
            numbers, shape, voxel, len(cells.table)))  # fmt: skip
        offered(f"{title} cells", "csv", lambda: export.cells_csv(cells.table, network, about))
        offered("Sections", "csv", lambda: export.sections_csv(rows, about))
    there = [one.place for one in sections]
    gaps = "" if there == list(range(there[0], there[-1] + 1)) else " (some are left out)"
    st.caption(
        f"Sections {there[0]} to {there[-1]}{gaps}, in the pixels that the networks saw."
        " Probabilities: 8 bits, 1 (membrane) to 255 (cell), 0 is not tissue; the OME-Zarr"
        " is zipped. Cells: one number per cell, the same in all sections; 0 is no cell."
    )


def _stem(stack: lab_stack.Stack, sections: list[Section]) -> str:
    name = re.sub("[^A-Za-z0-9]+", "-", stack.name.rsplit(".", 1)[0]).strip("-") or "snnlab"
    first, last = sections[0].place, sections[-1].place
    return f"{name}-sections-{first}-{last}-{stack.settings.model}-{stack.settings.timesteps}-steps"


def _about(stack: lab_stack.Stack) -> dict:
    """What holds for every line of the tables."""
    region = "" if stack.region is None else "-".join(map(str, stack.region))
    return {"image": stack.name, "region": region} | tables.of_settings(stack.settings)

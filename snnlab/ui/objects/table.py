"""Box by box: a table whose rows lead to the picture, and a click there back to a row."""

import streamlit as st

from snnlab.images.pixel_size import pair
from snnlab.ui.objects import choosing
from snnlab.ui.objects.running import Shown

NAMES = {"ann": "ANN", "snn": "SNN"}


def show(shown: Shown, box: tuple[str, int] | None) -> None:
    """Boxes of one network from the chosen score on."""
    st.subheader("Box by box", anchor=False)
    st.session_state.setdefault(choosing.OF, "snn")
    network = st.segmented_control(
        "Boxes of the", list(NAMES), required=True, format_func=NAMES.get, key=choosing.OF,
        persist_state="session",
    )  # fmt: skip
    found, known = shown.found.of(network).above(shown.score), shown.picture.nm_in_file
    if not len(found):
        best = shown.found.of(network).scores
        surest = f" The surest has {best[0]:.2f}." if len(best) else ""
        st.info(f"No box of the {NAMES[network]} has that score.{surest}", icon=":material/search:")
        return
    unit, (down, across) = ("nm", pair(known)) if known else ("px", (1.0, 1.0))
    x0, y0, x1, y1 = found.boxes.T
    column, digits = st.column_config.NumberColumn, "%.0f"
    told = {
        "x": x0 * across, "y": y0 * down, "width": (x1 - x0) * across, "height": (y1 - y0) * down,
        "score": found.scores,
    }  # fmt: skip
    if network == "snn":
        told["settled"] = shown.found.settled[: len(found)]
    at = [box[1]] if box is not None and box[0] == network and box[1] < len(found) else []
    st.dataframe(
        told,
        hide_index=True,
        key=choosing.table_key(shown, network),
        on_select=lambda: choosing.row_chosen(shown, network),
        selection_mode="single-row",
        selection_default={"selection": {"rows": at, "columns": [], "cells": []}},
        column_config={
            "x": column(f"Left ({unit})", format=digits, help="From the image's left edge."),
            "y": column(f"Top ({unit})", format=digits, help="From the image's top edge."),
            "width": column(f"Width ({unit})", format=digits),
            "height": column(f"Height ({unit})", format=digits),
            "score": column("Score", format="%.2f"),
            "settled": column(
                "Settled at step", format="%d",
                help="From this step on, the score is within 0.1 of the last one, and the box"
                " overlaps the last one by three quarters.",
            ),
        },
    )  # fmt: skip
    where = "" if known else " Give the size of a pixel in the sidebar for nanometres."
    st.caption(f"Choose a row, and the picture goes to its box.{where}")

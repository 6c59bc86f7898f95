"""Spikes: rasters, membrane potentials and currents, and the time between spikes."""

import streamlit as st

from snnlab.ui.segment import pointing
from snnlab.ui.shared import looked, untimed, words
from snnlab.ui.shared.charts import layer_chosen
from snnlab.ui.spikes import charts

result = looked.shown()


def page() -> None:
    """Spikes in time, from all layers down to single neurons."""
    st.subheader("Raster", anchor=False)
    words.look_for(
        "**One dot, one spike; one row, one neuron.** The first steps are uneven: a neuron has to"
        " be charged by spikes before it can send its own. After that, rows should tick evenly."
        " Rows without dots are neurons with nothing to say; they cost little."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.segmented_control(
            "Neurons per layer",
            (8, 16, 32),
            default=8,
            required=True,
            key="rows",
            persist_state="session",
        )
        active = st.toggle("Only neurons that spiked", key="active", persist_state="session")
        here = st.toggle("Only at the chosen place", key="of-place", persist_state="session")
    left, right = st.columns((2, 7), gap="medium")
    with left:
        pointing.picture(
            result,
            "Click or tap a place, and the neurons that cover it are traced below. Choose a dot in"
            " the raster, and its neuron's place lights up here.",
        )
    with right:
        charts.raster(result, count, active, here)

    st.subheader("Inside a few neurons", anchor=False)
    layer = layer_chosen(result)
    charts.traces(result, layer)

    st.subheader("Time between spikes", anchor=False)
    words.look_for(words.fitting(words.INTERVALS, result.settings))
    charts.intervals(result, layer)


if not untimed.told(result, "rasters, potentials and intervals need spikes with times"):
    page()

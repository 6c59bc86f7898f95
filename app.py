"""The lab in a browser: the page map, and the sidebar that all pages share."""

import streamlit as st

from snnlab.ui.classroom import doors
from snnlab.ui.shared import frame

# what has no group stays in sight; the others open from the name of theirs
PAGES = {
    "": [
        st.Page(
            "pages/segment.py",
            title="Segment",
            icon=":material/image_search:",
            default=True,
            help="The image, both segmentations and how the spiking one forms over time.",
        ),
        st.Page(
            "pages/learn.py",
            title="Learn",
            icon=":material/school:",
            help="Eight short lessons on the live lab, for anyone new to spiking nets.",
        ),
    ],
    "Explore": [
        st.Page(
            "pages/cells.py",
            title="Cells",
            icon=":material/bubble_chart:",
            help="The cells that each network finds: counted, measured, compared with the labels.",
        ),
        st.Page(
            "pages/objects.py",
            title="Objects",
            icon=":material/select_all:",
            help="Mitochondria in boxes, by a detector and its spiking version, step by step.",
        ),
        st.Page(
            "pages/stack.py",
            title="Stack",
            icon=":material/layers:",
            help="All sections of a stack: scores for each, cells followed through them, files.",
        ),
        st.Page(
            "pages/sweep.py",
            title="Sweep",
            icon=":material/grid_on:",
            help="Many settings at once: heat map, Pareto front, which knob matters.",
        ),
        st.Page(
            "pages/compare.py",
            title="Compare",
            icon=":material/compare:",
            help="Two runs side by side: settings, scores, spikes, pictures.",
        ),
        st.Page(
            "pages/networks.py",
            title="Networks",
            icon=":material/hub:",
            help="Drop in a Keras classifier of your own and see its answer form, spike by spike.",
        ),
    ],
    "Understand": [
        st.Page(
            "pages/spikes.py",
            title="Spikes",
            icon=":material/grain:",
            help="Rasters, membrane potentials and the time between spikes.",
        ),
        st.Page(
            "pages/rates.py",
            title="Rates",
            icon=":material/bar_chart:",
            help="Firing rates layer by layer, and how close they come to the ANN.",
        ),
        st.Page(
            "pages/chips.py",
            title="Chips",
            icon=":material/developer_board:",
            help="The network on Loihi's cores and chips, and the spikes between them.",
        ),
        st.Page(
            "pages/energy.py",
            title="Energy",
            icon=":material/bolt:",
            help="Joules per image on each device, where spikes stop winning, and what is assumed.",
        ),
        st.Page(
            "pages/methods.py",
            title="Methods",
            icon=":material/view_module:",
            help="Conversion methods side by side: pictures, cost, where errors come from.",
        ),
    ],
    "Train": [
        st.Page(
            "pages/train.py",
            title="Train",
            icon=":material/model_training:",
            help="A net of your own, from scratch, on your own labelled images.",
        ),
        st.Page(
            "pages/finetune.py",
            title="Tune",
            icon=":material/tune:",
            help="Move the firing-rate bounds and watch the net being trained to keep to them.",
        ),
    ],
}

if doors.admitted(PAGES):
    frame.run(frame.open(PAGES))
    frame.foot()
    doors.foot()

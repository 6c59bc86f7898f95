"""Many settings at once: where quality is lost, what it costs, which knob matters."""

import streamlit as st

from snnlab.ui import sweep, sweep_views, words

words.look_for(
    "**Where is the same quality to be had for less?** A sweep tries all combinations below on the"
    " section on screen. What has been computed once is kept on disk and costs nothing again."
)
asked = sweep.controls()
if sweep.desk().job is None:
    sweep.bar(asked)
st.divider()
sweep_views.draw()

"""Many settings at once: where quality is lost, what it costs, which knob matters."""

import streamlit as st

from snnlab.ui.shared import words
from snnlab.ui.sweep import controls as sweep
from snnlab.ui.sweep import views as sweep_views

words.look_for(
    "**Where can you get the same quality for less?** A sweep tries all combinations of some"
    " percentiles, bounds and timesteps on the section on screen. What has been computed once is"
    " kept on disk and takes no time again."
)
bar = st.container()  # what the controls below it ask for
asked = sweep.controls()
if sweep.desk().job is None:
    with bar:
        sweep.bar(asked)
st.divider()
sweep_views.draw()

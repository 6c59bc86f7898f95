"""The whole stack: every section, cells linked through all of them."""

import streamlit as st

from snnlab.ui.stack import views

st.markdown(
    "**All sections, one after the other, with the settings of the run on screen.** When you stop,"
    " what is done is kept. Cells are followed from section to section."
)
views.draw()

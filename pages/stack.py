"""The whole stack: every section, cells linked through all of them."""

import streamlit as st

from snnlab.ui.stack import views

st.subheader("Stack", anchor=False)
st.markdown(
    "**All sections, one after the other, as the one on screen.** What is done is kept when you"
    " stop; cells are followed from section to section."
)
views.draw()

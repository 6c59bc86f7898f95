"""Any Keras net, dropped in: its layers, and, of a classifier, what it answers spike by spike."""

import streamlit as st

from snnlab.ui.networks import controls, desk, views

st.markdown(
    "**Bring your own network: any Keras CNN becomes spikes.** A small one that reads digits is"
    " here to start with."
)
desk.follow()
controls.net()
controls.test()
st.divider()
views.draw()

"""Conversion methods side by side: pictures, quality against cost, errors, and what each is."""

import streamlit as st

from snnlab.ui.methods import controls as methods
from snnlab.ui.methods import views as methods_views

st.markdown(
    "**Which error does each method fix, and at what price?** All of them convert the same net and"
    " see the same section; methods that need training bring their own weights."
)
bar = st.container()  # what the controls below it ask for
chosen = methods.controls()
if methods.desk().job is None:
    with bar:
        methods.bar(chosen)
st.divider()
methods_views.draw()

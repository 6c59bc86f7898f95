"""Cells: counted, coloured, measured, and held against the labels."""

import streamlit as st

from snnlab.ui.cells import views
from snnlab.ui.shared import bench

st.subheader("Cells", anchor=False)
views.draw(bench.shown())

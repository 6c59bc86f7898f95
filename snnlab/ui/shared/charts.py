"""What the pages that draw a result's layers have in common: the layer looked at."""

import streamlit as st

from snnlab.results.segmentation import Segmentation


def layer_chosen(result: Segmentation) -> str:
    """Let the visitor choose a layer; the same one on all pages."""
    names = [layer.name for layer in result.layers]
    shapes = {layer.name: " × ".join(map(str, layer.shape)) for layer in result.layers}
    kept = st.session_state.get("layer")
    # put there each time: on another page the browser has a box of its own, which shows the
    # first layer unless it is told which one is kept
    st.session_state["layer"] = kept if kept in names else names[-1]
    return st.selectbox(
        "Layer",
        names,
        key="layer",
        persist_state="session",
        width=340,
        format_func=lambda name: f"{name} ({shapes[name]})",
        help="In the order of the network: stride and down lead to coarser resolution, up leads"
        " back. Sizes are height × width × channels.",
    )

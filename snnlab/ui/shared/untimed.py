"""What a page says that shows spikes in time, of a run that only counted them."""

import streamlit as st

from snnlab.results.segmentation import Segmentation


def told(result: Segmentation, what: str) -> bool:
    """Whether a run has no spikes in time; then the page says that ``what`` needs them."""
    if result.recording.timed:
        return False
    st.info(
        f"**There is nothing to show here: {what}.** The run on screen is not a simulation. The"
        " closed form works out how many spikes each neuron would send, not when. Choose another"
        " simulator under *More* in the sidebar, such as *event*.",
        icon=":material/timer_off:",
    )
    return True

"""What the pages say about their figures: what to look for, and what good looks like."""

import re

import streamlit as st


def look_for(text: str) -> None:
    """A note above a figure."""
    st.markdown(f":material/visibility: {text}")


def plain(name: str) -> str:
    """A name that somebody else gave, so that Markdown takes nothing in it for its own."""
    return re.sub(r"([^\w\s.,])", r"\\\1", name)


SCORES = {
    "pixel_accuracy": (
        "Pixel accuracy",
        "Share of pixels whose class, cell or membrane, is right. High even when cells merge.",
    ),
    "dice": ("Dice (cell)", "Overlap of the cell pixels with the labels', 2|A∩B| / (|A| + |B|)."),
    "iou": ("IoU (cell)", "The same overlap, |A∩B| / |A∪B|; stricter."),
    "v_rand_at_threshold": (
        "V_Rand at the threshold",
        "Do pixels of one cell stay together, and of two apart? One gap in a membrane costs much.",
    ),
    "v_rand": (
        "V_Rand, best threshold",
        "The largest over the thresholds 0, 0.1 … 1, which is how ISBI 2012 ranked its entries.",
    ),
    "v_info_at_threshold": (
        "V_Info at the threshold",
        "The same question, in shared information; small cells weigh more than in V_Rand.",
    ),
    "v_info": ("V_Info, best threshold", "As ISBI 2012 ranked."),
}

COUNTS = {
    "spikes": ("Spikes", "Sent by all neurons over the whole run."),
    "synaptic_events": (
        "Synaptic events",
        "Spikes times the synapses that each reaches. The largest part of a neuromorphic chip's"
        " energy goes with these.",
    ),
    "neurons": (
        "Neurons",
        "Over all layers. Each is updated once a timestep, at a cost of its own.",
    ),
    "mean_rate_hz": ("Mean rate", "Of all neurons. Low is thrifty; too low needs many timesteps."),
    "timesteps": ("Timesteps", "Of 1 ms each."),
    "agreement": (
        "SNN = ANN",
        "Share of pixels that both call cell, or both membrane, at the end.",
    ),
}

"""Energy: joules by device, what they go into, where spikes stop winning, and what was assumed."""

import streamlit as st

from snnlab.ui.energy import asked as energy
from snnlab.ui.energy import assumptions, jobs, parts
from snnlab.ui.shared import bench, blocks, untimed, words
from snnlab.ui.shared.said import said

result = bench.shown()


@st.fragment
@said
def page() -> None:
    """All of it, so that a slider moves the figures at once."""
    answer = st.container()  # above the sliders that it depends on
    asked = energy.controls(result, jobs.machine_errand().result)
    assumptions.told(asked)
    parts.headline(asked, answer)

    st.subheader("Joules per image", anchor=False)
    words.look_for(
        "**Where green dots lie to the left of purple ones, spikes win.** Each step on the axis is"
        " a factor of ten. Compare like with like: a chip with a processor, 45 nm arithmetic with"
        " 45 nm arithmetic; 8 bits with 8 bits."
    )
    parts.devices(asked)

    st.subheader("Where the energy goes", anchor=False)
    parts.counts(asked)
    parts.breakdown(asked)

    st.subheader("Where spikes stop winning", anchor=False)
    words.look_for(
        "**Below a line, the SNN wins against that ANN; above the line, it loses.** The star is"
        " the run on screen: fewer timesteps move it left along the dotted line, lower rates move"
        " it down."
    )
    parts.break_even(asked)

    st.subheader("Quality against energy", anchor=False)
    jobs.pareto(asked)

    st.subheader("NeuroBench", anchor=False)
    parts.neurobench(asked)

    st.subheader("On this machine", anchor=False)
    jobs.machine(asked)

    st.subheader("Assumptions", anchor=False)
    assumptions.panel(asked)


if not blocks.blank(result) and not untimed.told(
    result, "what a chip does depends on when spikes come"
):
    page()

"""The panel of the page Energy that shows each constant, its source, and a place to change it."""

import streamlit as st

from snnlab.energy import spotter
from snnlab.energy.constants import Constant, Device
from snnlab.figures.numbers import digits, joules, short
from snnlab.lab import energy as lab_energy
from snnlab.ui.energy import asked as energy
from snnlab.ui.shared import heard


def told(asked: energy.Asked) -> None:
    """A line above the figures as long as a constant is not the published one."""
    own = energy.values()
    if not own:
        return
    named = ", ".join(
        f"{constant.name.lower()} of {device.title}"
        for device in asked.devices
        for constant in device.constants
        if (device.name, constant.key) in own
    )
    st.warning(f"**Not published, but yours:** {named}.", icon=":material/edit:")


def panel(asked: energy.Asked) -> None:
    """One device's constants to look at and to change; then all."""
    state = st.session_state
    round_ = state.setdefault("energy_round", 0)
    names = {one.name: one.title for one in asked.devices}
    head, back = st.columns((3, 2), vertical_alignment="bottom", gap="large")
    with head:
        name = st.selectbox(
            "Device model",
            list(names),
            list(names).index(asked.chip),
            format_func=names.get,
            key="energy-shown",
            persist_state="session",
        )
    device = next(one for one in asked.devices if one.name == name)
    with back:
        st.button(
            "Back to the published constants",
            icon=":material/restart_alt:",
            on_click=_restore,
            disabled=not energy.values(),
            width="stretch",
        )
    st.markdown(device.summary)
    for sentence in device.assumptions:
        st.caption(f"- {sentence}")
    for constant in device.constants:
        _row(device, constant, round_)
    _held(device, asked)
    with st.expander("All constants of all devices", icon=":material/table:"):
        st.dataframe(
            [
                {
                    "device": one.title,
                    "constant": c.name,
                    "value": digits(c.value, 4),
                    "low": digits(c.low, 4),
                    "high": digits(c.high, 4),
                    "unit": c.unit,
                    "source": c.source,
                    "note": c.note,
                }
                for one in asked.devices
                for c in one.constants
            ],
            hide_index=True,
        )


def _held(device: Device, asked: energy.Asked) -> None:
    """What the model says of the one network that was measured on Loihi."""
    found = lab_energy.held_against(device.name, asked.devices)
    if found is None:
        return
    checks, growth = found
    if not all(one.predicted[1] for one in checks) or growth.hz == float("inf"):
        return  # with the visitor's own constants it costs nothing
    st.markdown(
        "**Compared with a measurement.** The keyword spotter of the paper's authors (390, 256,"
        f" 256, 29; 10 steps) took {joules(spotter.TABLE['loihi'].joules)} per inference on Loihi"
        f" according to their table, and {joules(spotter.SPOTTER.joules)} above what the board"
        " takes with a network loaded. How often its neurons fire is not published."
    )
    st.table(
        [
            {
                "if its neurons are": one.rate,
                "this model says": joules(one.predicted[1]),
                "too little, compared with the table": f"{short(one.of_table)} times",
                "compared with the loaded board": f"{short(one.above_loaded)} times",
            }
            for one in checks
        ],
        hide_index=True,
        border="horizontal",
        alt="The model of Loihi against the keyword spotter's measurement",
    )
    st.caption(
        "What the model leaves out is mostly the board's x86 processors, which the authors put at"
        " some 70 of 81 mW. Idle power, which you can count above, comes closest to it. Another"
        f" 25,600 neurons add {joules(growth.joules)} to an inference. The model says the same at"
        f" a mean rate of {growth.hz:.0f} Hz, so events and updates have the right size."
    )


def _row(device: Device, constant: Constant, round_: int) -> None:
    left, right = st.columns((2, 5), vertical_alignment="center", gap="medium")
    key = f"constant-{device.name}-{constant.key}-{round_}"
    with left:
        value = st.number_input(
            f"{constant.name} ({constant.unit})",
            0.0,
            None,
            constant.value,
            format="%.4g",
            key=key,
            on_change=_change,
            args=(device.name, constant.key, key),
        )
        heard.drawn(key, value)
    with right:
        band = ""
        if constant.low != constant.high:
            band = (
                f" Range {digits(constant.low, 4)} to {digits(constant.high, 4)} {constant.unit}."
            )
        note = f" {constant.note[:1].upper()}{constant.note[1:]}." if constant.note else ""
        st.caption(f"{constant.source}.{band}{note}")


def _change(device: str, key: str, widget: str) -> None:
    value = st.session_state[widget]
    if not heard.moved(widget):
        return
    if value is None:
        energy.values().pop((device, key), None)
    else:
        energy.values()[device, key] = value


def _restore() -> None:
    energy.values().clear()
    st.session_state.energy_round += 1  # the fields fill anew

"""The panel of the page Energy that shows each constant, its source, and a place to change it."""

import streamlit as st

from snnlab.energy.constants import Constant, Device
from snnlab.figures.numbers import digits
from snnlab.ui.energy import asked as energy


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
        st.caption(f"— {sentence}")
    for constant in device.constants:
        _row(device, constant, round_)
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


def _row(device: Device, constant: Constant, round_: int) -> None:
    left, right = st.columns((2, 5), vertical_alignment="center", gap="medium")
    key = f"constant-{device.name}-{constant.key}-{round_}"
    with left:
        st.number_input(
            f"{constant.name} ({constant.unit})",
            0.0,
            None,
            constant.value,
            format="%.4g",
            key=key,
            on_change=_change,
            args=(device.name, constant.key, key),
        )
    with right:
        band = ""
        if constant.low != constant.high:
            band = f" Band {digits(constant.low, 4)} to {digits(constant.high, 4)} {constant.unit}."
        note = f" {constant.note[:1].upper()}{constant.note[1:]}." if constant.note else ""
        st.caption(f"{constant.source}.{band}{note}")


def _change(device: str, key: str, widget: str) -> None:
    value = st.session_state[widget]
    if value is None:
        energy.values().pop((device, key), None)
    else:
        energy.values()[device, key] = value


def _restore() -> None:
    energy.values().clear()
    st.session_state.energy_round += 1  # the fields fill anew

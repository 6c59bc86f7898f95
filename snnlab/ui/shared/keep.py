"""Keeping and sharing: undo, presets, the address to pass on, pinned runs."""

from urllib.parse import urlencode, urlsplit

import streamlit as st

from snnlab import simulation
from snnlab.lab import segmenting as lab
from snnlab.lab.presets import presets
from snnlab.results.summary import Summary
from snnlab.ui.shared import bench, session_dialog
from snnlab.ui.shared import downloads as take
from snnlab.ui.shared.session import PINS

NOW = "the run on screen"  # as Compare calls it, beside the pins


def history() -> None:
    """Undo, redo and presets, on top of the sidebar."""
    state = st.session_state
    with st.container(horizontal=True, gap="xsmall", key="history"):
        # closed by the frame's script once one is chosen: it lies over page and sliders
        menu = st.popover("Presets", icon=":material/auto_awesome:", key="preset-menu")
        with menu.container(key="presets"):
            _presets()
        st.button(
            "Undo",
            icon=":material/undo:",
            on_click=bench.undo,
            disabled=not state.past,
            key="undo",
            help=_told("Back to", state.past) or "Nothing to undo yet.",
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            on_click=bench.redo,
            disabled=not state.future,
            key="redo",
            help=_told("Again", state.future) or "Nothing was undone.",
        )


def _told(verb: str, line: list) -> str:
    """What a step through the history would change, in words."""
    if not line:
        return ""
    changed = bench.in_words(st.session_state.settings, line[-1])
    return f"{verb}: {'; '.join(changed) or 'another image'}."


def _presets() -> None:
    now = st.session_state.settings
    names = [item.name for item in simulation.SIMULATORS]
    for preset in presets(lab.cards(), now, names):
        active = preset.settings == now
        st.button(
            preset.name,
            key=f"preset-{preset.name}",
            icon=":material/check:" if active else None,
            on_click=bench.adopt,
            args=(preset.settings,),
            width="stretch",
        )
        st.caption(preset.summary)


def tools() -> None:
    """Pin, share, download: on every page."""
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="tools"
    ):
        kept = pinned(bench.summed()) is not None
        st.button(
            "Pinned" if kept else "Pin",
            key="pin",
            icon=":material/keep:",
            type="tertiary",
            disabled=kept,
            on_click=pin,
            help="Keeps this run's scores and pictures, so that you can compare it with another on"
            f" the page Compare. {len(st.session_state.pins)} of {PINS} kept; the oldest makes"
            " room for a new one.",
        )
        with st.popover("Share", icon=":material/link:", type="tertiary"):
            _share()
        if st.button("Session", key="session", icon=":material/work_history:", type="tertiary"):
            session_dialog.draw()
        if st.button("Download", key="take", icon=":material/download:", type="tertiary"):
            _taken()


def pin() -> None:
    """Keep the run that is shown, for comparison."""
    state = st.session_state
    state.pins = [*state.pins, bench.summed()][-PINS:]


def compared_with_next() -> None:
    """Keep the run that is shown, and let Compare set whatever comes next beside it."""
    run = bench.summed()
    if pinned(run) is None:
        pin()
    st.session_state["compared-A"] = f"Pin {pinned(run)}"
    st.session_state["compared-B"] = NOW


def pinned(run: Summary) -> int | None:
    """Which pin holds a run, from 1; None if none does."""
    pins = [(pin.settings, pin.image) for pin in st.session_state.pins]
    of = run.settings, run.image
    return pins.index(of) + 1 if of in pins else None


# drawn anew when it is closed: figures may be saved in another format then
@st.dialog("Download", width="large", icon=":material/download:", on_dismiss="rerun")
def _taken() -> None:
    take.draw(bench.shown(), "dialog")


def _share() -> None:
    settings = st.session_state.settings
    st.markdown("**This address brings all settings back**, for you or for anyone else:")
    st.code(address(), language=None, wrap_lines=True)
    missing = {
        "upload": "It does not hold your image: anyone who opens it must upload the file too.",
        "isbi": "It does not hold the ISBI 2012 sections: anyone who opens it needs the files and"
        " must name their folder.",
        "sample": "The image is one of the shipped samples, so it comes along.",
    }
    st.caption(
        f"{missing[settings.source]} Pinned runs are not included: *Session* saves them in a file."
    )


def address() -> str:
    """The page's address with every setting that is not the model's own, and the chosen place."""
    settings = st.session_state.settings
    query = bench.in_address(settings, shared=True) or bench.to_query(settings)
    parts = urlsplit(st.context.url or "")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else ""
    return f"{base}?{urlencode(query)}"

"""The image that was chosen, wherever it comes from."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from snnlab.images.pictures import Picture
from snnlab.ui.shared import bench


@dataclass(frozen=True)
class Picked:
    """What was chosen; see `snnlab.ui.shared.bench.Wanted`."""

    source: str
    section: int
    picture: Picture | None
    missing: str = ""
    wrong: bool = False


def within(section: int, count: int) -> int:
    """The section, or the last if there is no such one."""
    state = st.session_state
    if section >= count and state.get("lost") != state.generation:
        state.lost = state.generation
        bench.note(f"There is no section {section} here; the last, {count - 1}, is shown.", False)
    return min(section, count - 1)


def kept(key: tuple, load: Callable[[], tuple[Picture, str]]) -> tuple[Picture, str]:
    """The visitor's picture, decoded once and not again on every draw; and what was wrong."""
    held = st.session_state.get("kept")
    if held is None or held[0] != key:
        held = st.session_state.kept = (key, *load())
    return held[1], held[2]

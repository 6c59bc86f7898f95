"""What is chosen on the page Objects, kept in its address: sliders, the step, the box.

Each is a value of the session that a control has by its key, or, for the step and the box, that the
picture tells. What an address holds is taken once; what is chosen later is written into it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from snnlab.ui.shared import bench

_WRITTEN = "objects-written"  # session: what of the address is known here
BOX = re.compile(r"(ann|snn)-([0-9]{1,3})")
STEPS = (8, 16, 32, 48, 64, 100, 128, 200, 256)
DRAWN, BENCH = "drawn", "bench"


@dataclass(frozen=True)
class Kept:
    """A value of the page.

    Attributes
    ----------
    key : str
        In the session.
    read : callable
        A value from the address's text; ValueError if it is none.
    written : callable
        The other way.
    """

    key: str
    read: Callable[[str], Any]
    written: Callable[[Any], str] = str


def _share(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = round(float(text), 2)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return read


def _steps(text: str) -> int:
    if int(text) not in STEPS:
        raise ValueError(text)
    return int(text)


def _box(text: str) -> tuple[str, int]:
    network, number = BOX.fullmatch(text).groups()
    return network, int(number)


KEPT = {
    "look": Kept("objects-section", str),
    "ran": Kept("objects-steps", _steps),
    "score": Kept("objects-score", _share(0.05, 0.99), "{:g}".format),
    "overlap": Kept("objects-overlap", _share(0.1, 0.9), "{:g}".format),
    "right": Kept("objects-right", _share(0.3, 0.9), "{:g}".format),
    "step": Kept("objects-step", int),
    "box": Kept("objects-box", _box, lambda box: f"{box[0]}-{box[1]}"),
}


def follow() -> None:
    """Take what the address holds, if it was typed, passed on or gone back to."""
    state = st.session_state
    known = state.setdefault(_WRITTEN, {})
    for name, kept in KEPT.items():
        found = bench.beside(name)
        if found is None or found[0] == known.get(name):
            continue
        known[name] = found[0]
        try:
            state[kept.key] = kept.read(found[0])
        except ValueError:
            bench.put_beside(name, None, None)  # no value that the control has


def write(usual: dict[str, Any]) -> None:
    """Put into the address what differs from what the page opens with.

    Parameters
    ----------
    usual : dict
        By name, as in `KEPT`.
    """
    state, changed = st.session_state, False
    known = state.setdefault(_WRITTEN, {})
    for name, kept in KEPT.items():
        value, there = state.get(kept.key), bench.beside(name)
        text = None if value is None or value == usual.get(name) else kept.written(value)
        if text != (there[0] if there else None):
            bench.put_beside(name, text, None)
            known[name], changed = text, True
    if changed:
        bench.write_address(state.settings)

"""Whether a control was moved, or only drawn anew.

Streamlit forgets what a control said when a page is not drawn to its end. If the browser then
sends it once more, that passes for a move: the control's callback is called with nothing new,
even for a control that the page no longer has.
"""

from typing import Any

import streamlit as st

KEPT = 200  # controls that are remembered; those of the last few draws are enough


def drawn(key: str, value: Any) -> Any:
    """Note what a control says, and give that back."""
    known = st.session_state.setdefault("heard", {})
    known.pop(key, None)  # the last one heard of is kept longest
    known[key] = value
    while len(known) > KEPT:
        del known[next(iter(known))]
    return value


def moved(key: str) -> bool:
    """Whether a control says something else than it was last known to say; for its callback."""
    known, value = st.session_state.get("heard", {}), st.session_state[key]
    if key in known and known[key] == value:
        return False
    drawn(key, value)
    return True

"""Which folder of the ISBI 2012 volumes a visitor named.

It is a path on the server, so in a class the teacher alone may name one; all others have the one
that the server was started with.
"""

import streamlit as st

from snnlab.ui.shared import classroom

KEY = "isbi-folder"


def may_name() -> bool:
    """Whether this visitor may name a folder."""
    return classroom.room() is None or bool(st.session_state.get(classroom.TEACHER))


def given() -> str | None:
    """The folder that was named; None for the server's."""
    named = st.session_state.get(KEY) if may_name() else None
    return (named or "").strip() or None

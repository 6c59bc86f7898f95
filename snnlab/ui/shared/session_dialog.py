"""The dialog Session: save it as a file, open one, see and forget what the browser keeps."""

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import session_file
from snnlab.ui.shared import kept, mine, session, words

_FIELD = "session-open"


@st.dialog("Session", icon=":material/work_history:", on_dismiss="rerun")
def draw() -> None:
    """Draw it."""
    state = st.session_state
    if state.pop("session_taken", False) or "kept_said" in state:
        st.rerun()  # which closes it; and the browser hears of it
    st.markdown(
        "**Save.** One ZIP with your image and labels, settings, pinned runs, models and results."
    )
    now = session.gathered()
    st.download_button(
        "Session file (ZIP)",
        lambda: session_file.pack(session_file.parts(now)),
        "session.snnlab.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="session-save",
    )
    st.markdown("**Open.** It replaces what is here now.")
    st.file_uploader(
        "Open a session file",
        "zip",
        key=_field(),
        on_change=_given,
        label_visibility="collapsed",
        max_upload_size=kept.MEGABYTES,
    )
    if not mine.may_load():
        st.caption("Models in it are left out: loading models is switched off on this server.")
    refused = state.pop("session_refused", "")
    if refused:
        st.error(words.plain(refused), icon=":material/error:")
    st.markdown("**In this browser.**")
    _kept()


def _kept() -> None:
    if not kept.may():
        st.caption(
            "On this server nothing is kept in your browser. What is here is gone when you close"
            " the page."
        )
        return
    if kept.off():
        st.caption("Nothing is kept in this tab. What is here is gone when you close it.")
        st.button("Keep it from now on", icon=":material/save:", on_click=kept.keep_again)
        return
    trouble = kept.trouble()
    if trouble:
        st.warning(words.plain(trouble), icon=":material/warning:")
    st.caption(
        "Your image and labels, settings, pinned runs, models and lessons are kept in this browser"
        f" for {kept.DAYS} days, up to {kept.MEGABYTES} MB, and not on the server: anyone who uses"
        " this browser after you can open them."
    )
    st.button(
        "Forget what this browser keeps",
        icon=":material/delete:",
        on_click=kept.forget,
        key="session-forget",
    )


def _field() -> str:
    return f"{_FIELD}-{st.session_state.get('sessions_opened', 0)}"


def _given() -> None:
    state = st.session_state
    file = state.get(_field())
    if file is None:
        return
    try:
        session.open_file(file.getvalue())
        state["session_taken"] = True
    except LabError as error:
        state["session_refused"] = str(error)
    state["sessions_opened"] = state.get("sessions_opened", 0) + 1

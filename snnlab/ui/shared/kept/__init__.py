"""A visitor's session is kept in the visitor's own browser, and taken up again from there.

An invisible component (``keeper.js``) is told with every draw whether something has changed. It
then fetches the parts of the session file that it does not have (`post`) and puts them into
IndexedDB; when a session begins it hands them back, and they are read as a session file is. So
a reload, a lost connection and a server that was started anew lose nothing, and the server's disk
holds nothing of it. ``SNNLAB_KEEP=no`` switches it off.
"""

import os
import time
from functools import cache
from pathlib import Path

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import session_file
from snnlab.lab.session_file import Session
from snnlab.ui.shared import bench, mine, session, visitors, words
from snnlab.ui.shared.kept.post import Post, opened

VARIABLE = "SNNLAB_KEEP"
DAYS, MEGABYTES = 30, 200  # as in keeper.js
_KEY = "keeper-link"
BACK = "Bringing back what you had…"
GIVEN = ("upload", "isbi")  # sources whose images somebody gave
PATIENCE = 60.0  # seconds from the beginning of a session, after which nothing more is waited for
_NO = ("0", "no", "off", "false")
TROUBLE = {
    "large": f"This session is larger than {MEGABYTES} MB, too large to keep in the browser. Save"
    " it under Session.",
    "stack": "The sections computed on *Stack* are too large to keep in the browser: all together"
    f" may take {MEGABYTES} MB. Your image, labels and settings are kept. Download what you need"
    " before you leave.",
    "unavailable": "This browser does not let the lab keep anything; is this a private window? Save"
    " your work under Session before you leave.",
}


def may() -> bool:
    """Whether this server lets browsers keep sessions."""
    return os.environ.get(VARIABLE, "").strip().lower() not in _NO


def off() -> bool:
    """Whether nothing is kept: by the server, or by the visitor."""
    return not may() or bool(st.session_state.get("kept_off"))


def told(what: str) -> str:
    """A sentence on how long something is kept."""
    if off():
        return f"{what} kept until this page is closed or reloaded."
    return f"{what} kept in this browser for {DAYS} days."


def awaited() -> bool:
    """Whether the image that the address is of is about to come back, if the browser has it.

    Right after a reload the page knows of no file and no folder; what it says then must not be
    that there is none.
    """
    state = st.session_state
    known = state.get("files") or state.get("kept_trouble")
    if known or off() or state.get("arrived", {}).get("source") not in GIVEN:
        return False
    begun = state.setdefault("kept_since", time.monotonic())
    return _post().open and time.monotonic() - begun < PATIENCE


def say_awaited() -> bool:
    """The same, and it is said."""
    if here := awaited():
        st.info(BACK, icon=":material/hourglass_top:")
    return here


def forget() -> None:
    """Delete what the browser keeps, and keep nothing from now on in this tab."""
    _switch(True, "Forgotten. From now on nothing is kept in this tab.")


def keep_again() -> None:
    """Keep the session from now on."""
    _switch(False, "Your session is kept in this browser again.")


def _switch(off: bool, said: str) -> None:
    state = st.session_state
    state["kept_off"], state["kept_said"] = off, said


@visitors.own(Post.close)
def _post() -> Post:
    """The visitor's own."""
    return opened()


def mount() -> None:
    """Tell the browser what there is to keep; once a draw, after the controls."""
    state = st.session_state
    post, now = _post(), session.gathered()
    post.offer(now, _fingerprint(now), _heavy(now))
    if said := state.pop("kept_said", ""):
        st.toast(
            words.plain(said),
            icon=":material/delete:" if state.get("kept_off") else ":material/save:",
        )
    _component()(
        data={
            "keep": may(),
            "off": bool(state.get("kept_off")),
            "address": post.address,
            "open": post.open,
            "awaited": awaited(),
            "serial": post.serial,
            "heavy": post.heavy,
            "worth": session.worth(now) or _unkept(now),
            "unkept": _unkept(now),
        },
        key=_KEY,
        on_arrived_change=_arrived,
        on_switched_change=_switched,
        on_trouble_change=_trouble,
    )


def _unkept(now: Session) -> bool:
    """Whether something is here that no browser can give back."""
    # models may come back only where they may be loaded; fields for many files know their own
    state = st.session_state
    given = state.get("training_images") or state.get("stack_under_way")
    return bool(now.models and not mine.may_load() or given)


def _arrived() -> None:
    """The browser has handed a session in."""
    post, state = _post(), st.session_state
    found = post.taken()
    if not found:
        return
    try:
        session.take_up(session_file.unpack_parts(found, mine.may_load()), state.get("arrived"))
    except LabError as error:
        bench.note(f"What this browser had kept cannot be used: {error}", mistake=False)


def _switched() -> None:
    """A tab in which nothing is to be kept was loaded again."""
    st.session_state["kept_off"] = True


def _trouble() -> None:
    kind = st.session_state[_KEY].trouble
    st.session_state["kept_trouble"] = kind if kind in TROUBLE else ""


def trouble() -> str:
    """Why the session is not kept although it is to be; one sentence, or nothing."""
    return "" if off() else TROUBLE.get(st.session_state.get("kept_trouble", ""), "")


def _fingerprint(now: Session) -> tuple:
    """Changes whenever there is something else to keep."""
    return now.settings, tuple(now.said.items()), len(st.session_state.runs), *_heavy(now)


def _heavy(now: Session) -> tuple:
    """Changes whenever something that was given, made or kept does."""
    # by identity: a file or a pin is never changed in its place
    files = tuple((key, name, id(data)) for key, (name, data) in now.files.items())
    models = tuple(model.name for model in now.models)
    sections = () if now.stack is None else tuple(map(id, now.stack.sections()))
    return files, tuple(map(id, now.pins)), models, now.learned, sections


@cache
def _script() -> str:
    return (Path(__file__).parent / "keeper.js").read_text("utf-8")


@st.cache_resource(show_spinner=False)
def _component():
    return st.components.v2.component(
        "snnlab_kept", css=":host {\n  display: none;\n}", js=_script()
    )

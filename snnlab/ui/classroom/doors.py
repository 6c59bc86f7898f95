"""Who sees what on a server that serves a class: the board, the lab, or the page to join by.

Nothing of the lab is drawn for who has neither the code of the class nor the teacher's address. A
student's token, and the teacher's, are kept in a cookie, so that a reload, or a phone that was put
away, comes back as the same.
"""

import streamlit as st

from snnlab.lab.classroom.register import HOURS, Classroom
from snnlab.ui.classroom import board, join
from snnlab.ui.shared import classroom, words

BOARD, CODE = "board", "class"  # parameters of an address
OPEN = "open"  # that of the board, once the browser has the token
COOKIES = {classroom.SEAT: "snnlab-seat", classroom.TEACHER: "snnlab-board"}
EVERY = 10.0  # seconds after which a page looks again whether the class goes on


def admitted(pages) -> bool:
    """Whether this visitor sees the lab; if not, what they see instead is drawn.

    Parameters
    ----------
    pages : list or dict
        For ``st.navigation``: an address of a page leads there once one has joined.
    """
    room = classroom.room()
    if room is None:
        return True
    state = st.session_state
    teacher = _is_teacher(room)
    if BOARD in st.query_params:
        if teacher:
            _keep(classroom.TEACHER, room.board)
            st.query_params.from_dict({BOARD: OPEN})
        board.draw(room, teacher)
        return False
    former = room.was_in(_token())
    if not teacher and _seat(room) is None and not state.get(join.INSIDE):
        join.draw(room, pages, st.query_params.get(CODE, ""), former)
        return False
    state[join.INSIDE] = True
    if classroom.SEAT in state:
        _keep(classroom.SEAT, state[classroom.SEAT])
    if CODE in st.query_params:
        del st.query_params[CODE]
    return True


def _is_teacher(room: Classroom) -> bool:
    """Whether the address, the cookie or the session has the board's token."""
    given = (st.query_params.get(BOARD, ""), _cookie(classroom.TEACHER))
    if any(room.is_teacher(token) for token in given):
        st.session_state[classroom.TEACHER] = True
    return bool(st.session_state.get(classroom.TEACHER))


def _seat(room: Classroom) -> str | None:
    """The student's label, by the session or by the cookie; None if they are not in the class."""
    state, token = st.session_state, _token()
    label = room.label_of(token)
    if label is None:
        state.pop(classroom.SEAT, None)
    else:
        state[classroom.SEAT] = token
    return label


def _token() -> str:
    return st.session_state.get(classroom.SEAT) or _cookie(classroom.SEAT)


def _cookie(name: str) -> str:
    return st.context.cookies.get(COOKIES[name], "")


def _keep(name: str, token: str) -> None:
    """Have the browser keep a token; its letters are those of `secrets.token_urlsafe`."""
    if _cookie(name) == token:
        return
    kept = f"{COOKIES[name]}={token}; path=/; max-age={3600 * HOURS}; samesite=strict"
    with st.container(key="class-cookie"):
        st.html(
            "<style>.st-key-class-cookie { display: none; }</style>"
            f'<script>document.cookie = "{kept}"</script>',
            unsafe_allow_javascript=True,
        )


def foot() -> None:
    """What stands below every page of the lab in a class: who one is, and what is shared."""
    room = classroom.room()
    if room is None:
        return
    if st.session_state.get(classroom.TEACHER):
        st.caption(f"You are the teacher of this class: [open the board](?{BOARD}={OPEN}).")
        return
    # what it says must not be said for longer than it holds, whether anybody presses a key or not
    st.fragment(_seated, run_every=EVERY if _seat(room) else None)(room)


def _seated(room: Classroom) -> None:
    """A student's foot, which looks by itself whether the class goes on."""
    label = _seat(room)
    if label is None:
        st.caption("Your class is over. Nothing that you do here is shown on a board any more.")
        out = st.button("Join a class", key="class-again")
    else:
        st.caption(f"In class you are **{words.plain(label)}**. {join.SHARED}")
        out = st.button(
            "Leave the class",
            key="class-leave",
            help="Your row on the board is deleted. To use the lab again, join once more.",
        )
    if out:
        _out()
        st.rerun()  # all of the page, not this part of it


def _out() -> None:
    room, state = classroom.room(), st.session_state
    if room is not None and classroom.SEAT in state:
        room.leave(state[classroom.SEAT])
    for name in (classroom.SEAT, join.INSIDE, join.CHOSEN):
        state.pop(name, None)

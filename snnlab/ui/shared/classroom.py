"""The class that this server was started for, and who of it draws just now.

There is one only where ``make class`` set `VARIABLE`; elsewhere `room` is None, and `note` does
nothing. Pages tell with `note` what a student does; the class's own pages are
`snnlab.ui.classroom`.
"""

import os
import threading

import streamlit as st

from snnlab.lab.classroom import invitation
from snnlab.lab.classroom.events import Event
from snnlab.lab.classroom.register import HOURS, Classroom, shown

VARIABLE = "SNNLAB_CLASS"
SEAT, TEACHER = "class-seat", "class-teacher"  # session: a student's token; whether it is the board
_YES = ("1", "yes", "true", "on")

_guard = threading.Lock()
_room: Classroom | None = None
_hosts: tuple[str, ...] | None = None


def is_on() -> bool:
    """Whether this server serves a class."""
    return os.environ.get(VARIABLE, "").strip().lower() in _YES


def room() -> Classroom | None:
    """The class; None on a server of which nobody said that it serves one."""
    global _room
    if not is_on():
        return None
    with _guard:
        if _room is None:
            _room = Classroom()
        return _room


def note(event: Event) -> None:
    """Tell the class what this visitor did; nothing happens outside one.

    Parameters
    ----------
    event : Event
        See `snnlab.lab.classroom.events`.
    """
    found = room()
    seat = st.session_state.get(SEAT) if found is not None else None
    if seat is not None:
        found.note(seat, event)


def hosts() -> tuple[str, ...]:
    """Addresses that a class finds this computer by, as they were when the server began.

    Empty where there is no class.
    """
    global _hosts
    if not is_on():
        return ()
    with _guard:
        if _hosts is None:
            _hosts = invitation.addresses()
        return _hosts


def reached() -> tuple[str, ...]:
    """Those of `hosts` that the computer still has: at any other the server answers nobody."""
    now = invitation.addresses()
    return tuple(address for address in hosts() if address in now)


def tidy() -> None:
    """Forget a class whose time is over; to be called now and then."""
    found = room()
    if found is not None:
        found.tidy()


def announce() -> None:
    """Print how to join and where the board is; nothing where there is no class."""
    found = room()
    if found is not None:
        print(told(found, hosts(), st.get_option("server.port")), flush=True)


def told(found: Classroom, addresses: tuple[str, ...], port: int) -> str:
    """What the terminal says when a class begins.

    Parameters
    ----------
    found : Classroom
    addresses : tuple of str
        Of this computer; that of the QR code first.
    port : int
    """
    board = invitation.board(port, found.board)
    teacher = (
        f"  Your board, for you alone:   {board}\n"
        "  (On this computer. Do not show this address: it opens the board to whoever has it.)\n"
        f"  The class is forgotten after {HOURS} hours, or when you end it on the board.\n"
        "  Stop the lab with Ctrl-C.\n"
    )
    if not addresses:
        return (
            "\n  This computer is on no network, so students cannot reach it. Connect it to theirs,"
            f" stop this with Ctrl-C and start it again.\n\n{teacher}"
        )
    here, *others = addresses
    more = "".join(f"\n  or, on another network:       http://{one}:{port}" for one in others)
    return (
        f"\n{invitation.drawn(invitation.join(here, port, found.code))}\n\n"
        f"  Students scan this, or open  http://{here}:{port}{more}\n"
        f"  and type the code            {shown(found.code)}\n\n{teacher}"
    )

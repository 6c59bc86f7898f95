"""How pages show work that takes minutes: the line with its buttons, and drawing it again."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

POLL = 1.5  # seconds
_PRESSED = "pressed-"  # session: keys of buttons whose press is still to be heeded
NARROW, WIDE = 1.4, 1.8  # of a button, where what is said beside it has 6


@dataclass(frozen=True)
class Button:
    """A button beside what is said.

    Attributes
    ----------
    label, icon : str
    work : callable
        What it does.
    key : str or None
        Where two on a page have the same label.
    primary : bool
    """

    label: str
    icon: str
    work: Callable[[], None]
    key: str | None = None
    primary: bool = False

    def put(self, place: DeltaGenerator) -> None:
        """Draw it."""
        place.button(
            self.label,
            key=self.key,
            type="primary" if self.primary else "secondary",
            icon=f":material/{self.icon}:",
            on_click=self.work,
            width="stretch",
        )


def start(
    place: DeltaGenerator,
    label: str,
    key: str,
    begin: Callable[..., None],
    *asked,
    icon: str = "play_arrow",
    disabled: bool = False,
) -> None:
    """Draw a button that begins work, with what is asked for in the draw that heeds the press.

    Who moves a control and presses at once presses a button of the draw before, which knows
    nothing of it.

    Parameters
    ----------
    place : DeltaGenerator
    label, key : str
    begin : callable
    *asked
        Of `begin`: what the controls say now.
    icon : str
    disabled : bool
    """
    place.button(
        label,
        type="primary",
        icon=f":material/{icon}:",
        on_click=_press,
        args=(_PRESSED + key,),
        width="stretch",
        key=key,
        disabled=disabled,
    )
    if st.session_state.pop(_PRESSED + key, False):
        begin(*asked)
        st.rerun()


def _press(mark: str) -> None:
    st.session_state[mark] = True


def forget() -> None:
    """A draw that is complete has heeded every press, or had no button for it any more."""
    for key in [key for key in st.session_state if str(key).startswith(_PRESSED)]:
        del st.session_state[key]


def pause(work: Callable[[], None], key: str | None = None) -> Button:
    """Stop, and keep what is done."""
    return Button("Pause", "pause", work, key)


def cancel(work: Callable[[], None], key: str | None = None) -> Button:
    """Stop for good."""
    return Button("Cancel", "close", work, key)


def go_on(work: Callable[[], None], key: str | None = None) -> Button:
    """Go on with what was paused."""
    return Button("Go on", "play_arrow", work, key, primary=True)


def discard(work: Callable[[], None], key: str | None = None) -> Button:
    """Forget what was paused."""
    return Button("Discard", "delete", work, key)


def line(*buttons: Button | None, width: float = NARROW) -> DeltaGenerator:
    """A line with buttons at its end; None leaves the place of one free.

    Returns
    -------
    DeltaGenerator
        Where to say what it is about.
    """
    said, *places = st.columns((6, *(width for _ in buttons)), vertical_alignment="center")
    for place, button in zip(places, buttons, strict=True):
        if button is not None:
            button.put(place)
    return said


def watched(under_way: Callable[[], bool], page: Callable[..., None], *arguments) -> None:
    """Draw a part of a page, again and again while work is under way.

    Parameters
    ----------
    under_way : callable
        Whether it is.
    page : callable
        Draws the part.
    *arguments
        Of `page`.
    """
    before = under_way()

    def part() -> None:
        if under_way() != before:  # begun, paused or dropped from within: all is to be drawn anew
            st.rerun()
        page(*arguments)

    st.fragment(part, run_every=POLL if before else None)()

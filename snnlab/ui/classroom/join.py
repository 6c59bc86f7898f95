"""The page by which students join: the code, and what they want to be called."""

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab.classroom import labels
from snnlab.lab.classroom.register import HOURS, Classroom
from snnlab.ui.classroom import dressed
from snnlab.ui.shared import classroom, words

CHOSEN = "class-chosen"  # session: whether a label was suggested
INSIDE = "class-inside"  # session: was let in, and stays so when the class is over
FIRST = "pages/learn.py"
SHARED = (
    "Your teacher sees that name, the page and lesson you are on, your answers in the lessons, and"
    " of your last run the timesteps, firing rate, spikes per neuron and accuracy. No image, no"
    " file and no other name is shown."
)


def draw(room: Classroom, pages, code: str, former: bool = False) -> None:
    """The page.

    Parameters
    ----------
    room : Classroom
    pages : list or dict
        For ``st.navigation``.
    code : str
        That of the address, if it has one.
    former : bool
        Whether this browser was in a class that has ended: it may go on without one.
    """
    dressed.page("Join the class", "centered")
    page = st.navigation(pages, position="hidden")
    st.title("Join the class", anchor=False)
    if not room.code:
        st.info("This class has ended. Ask your teacher whether another one begins.")
        if former:
            _alone()
        return
    _suggest(room)
    with st.form("class-join", border=False):
        typed = st.text_input(
            "Code of the class",
            code[:20],
            key="class-code",
            max_chars=20,
            autocomplete="off",
            help="Six letters and digits; your teacher shows them.",
        )
        st.markdown("**What you are called.** Keep it, or choose another colour and animal.")
        left, right = st.columns(2)
        colour = left.selectbox("Colour", labels.COLOURS, key="class-colour")
        animal = right.selectbox("Animal", labels.ANIMALS, key="class-animal")
        asked = st.form_submit_button("Join", type="primary", icon=":material/login:")
    st.button("Pick another name for me", on_click=_again, icon=":material/casino:")
    if asked:
        try:
            st.session_state[classroom.SEAT] = room.join(typed, colour, animal, _address())
        except LabError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
        else:
            _enter(page)
    st.caption(
        f"{SHARED} It is all forgotten when your teacher ends the class, after {HOURS} hours at"
        " most."
    )
    if former:
        st.divider()
        _alone()


def _alone() -> None:
    """A way on for who was in a class."""
    st.markdown(
        "The class that you were in is over. You can use the lab without one: your images, settings"
        " and lessons are as you left them, and nothing that you do is shown on a board."
    )
    st.button("Go on by yourself", on_click=_let_in, icon=":material/arrow_forward:")


def _let_in() -> None:
    st.session_state[INSIDE] = True


def _address() -> str:
    """The address on the network that this comes from, which counts wrong codes."""
    return st.context.ip_address or "here"


def _enter(page) -> None:
    """On to the lessons, or to the page whose address the student came by."""
    if page.url_path:
        st.rerun()
    st.switch_page(FIRST)


def _suggest(room: Classroom) -> None:
    """Put a free colour and animal into the boxes, once."""
    state = st.session_state
    if not state.get(CHOSEN):
        state["class-colour"], state["class-animal"] = room.suggested()
        state[CHOSEN] = True


def _again() -> None:
    st.session_state.pop(CHOSEN, None)

"""What cannot be done is said in its place, as a sentence, and the rest of the page is there."""

import functools
from collections.abc import Callable

import streamlit as st

from snnlab.errors import LabError
from snnlab.ui.shared import words


def said(draw: Callable) -> Callable:
    """Make a function that draws show a `LabError` where it would have drawn.

    For a page as a whole, and within ``st.fragment``, which lets no error out.
    """

    @functools.wraps(draw)
    def drawn(*arguments, **named):
        try:
            return draw(*arguments, **named)
        except LabError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
            return None

    return drawn

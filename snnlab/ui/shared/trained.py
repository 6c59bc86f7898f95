"""Said beside scores: that the model was trained on what is scored."""

from collections.abc import Iterable

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.results import flattering
from snnlab.ui.shared import words


def told(model: str, source: str, *sections: str, called: str = "") -> None:
    """A caption, if a model was trained on the section that is scored, or on some of several.

    Parameters
    ----------
    model : str
    source : str
        Of the sections, as in the settings.
    *sections : str
        `Picture.in_the_file` of each, or `Summary.file`.
    called : str
        Which run it is of, where there are two.
    """
    text = said(model, source, sections)
    if text:
        st.caption(f":material/warning: {called}{text}")


def said(model: str, source: str, sections: Iterable[str]) -> str:
    """The same as text."""
    try:
        card = lab.about(model).card
    except LabError:  # it is in the lists no more
        return ""
    name, sections = f"*{words.plain(model)}*", tuple(sections)
    if len(sections) == 1:
        return flattering.told(name, card, source, sections[0])
    return flattering.of_several(name, card, source, sections)

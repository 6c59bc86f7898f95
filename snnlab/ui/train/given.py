"""Labelled sections that a visitor gave: read from files, or those that are on screen."""

from dataclasses import dataclass

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import training as lab_training
from snnlab.ui.shared import files, specimen, words
from snnlab.ui.shared.specimen import Specimen
from snnlab.ui.shared.upload import on_page

ON_SCREEN = "What is on screen"


@dataclass(frozen=True)
class Given:
    """A visitor's sections as they were read.

    Attributes
    ----------
    own : OwnData
    about : str
        Where they are from, in words.
    pairs : tuple of str
        Which labels were taken for which image.
    """

    own: lab_training.OwnData
    about: str
    pairs: tuple[str, ...] = ()


def labelled() -> Specimen | None:
    """The upload on screen, if it came with labels that could be read."""
    held = specimen.on_screen()
    return held if held is not None and held.labelled else None


def from_screen(held: Specimen) -> Given | None:
    """What is on screen, all sections of it; read once. None, and a sentence, if that fails."""
    known = st.session_state.get("training_screen")
    if known is None or known[0] != held:
        st.session_state["training_screen"] = known = held, *_read(held)
    _, given, wrong = known
    if wrong:
        text = on_page(wrong)
        st.error(words.plain(text[:1].upper() + text[1:]), icon=":material/error:")
    return given


def _read(held: Specimen) -> tuple[Given | None, str]:
    said = held.inverted, held.nm, held.ignore, held.negative, held.choice, held.labels_choice
    if held.scribbles:  # what was said of the file's labels is not said of these
        said = False, held.nm, (), held.negative, held.choice, None
    try:
        truth = held.truth()
        pair = (held.name, held.data), truth
        own = files.reading(held.name, held.data, lambda: lab_training.read([pair], *said))
    except LabError as error:
        return None, str(error)
    about = f"{held.name} with {'your scribbles' if held.scribbles else truth[0]}"
    return Given(own, f"On screen: {words.plain(about)}", (about,)), ""

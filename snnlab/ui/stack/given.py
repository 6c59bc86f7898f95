"""The stack that is on screen: the visitor's own, or ISBI's."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import streamlit as st

from snnlab.data import isbi
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab import stack as lab_stack
from snnlab.ui.shared import bench, files, isbi_folder, specimen
from snnlab.ui.shared.specimen import Specimen


@dataclass(frozen=True)
class Given:
    """A stack whose sections can be had one by one.

    Attributes
    ----------
    name : str
        For people.
    source : str
        ``"isbi"`` or ``"upload"``.
    mark : str
        Tells it from others, labels and pixel size included, in every session.
    picture : Picture
        The section that is on screen.
    load : callable
        Gives a section by its number, on any thread.
    thickness : float or None
        From section to section, nanometres, where it is known.
    """

    name: str
    source: str
    mark: str
    picture: Picture
    load: Callable[[int], Picture]
    thickness: float | None

    @property
    def sections(self) -> int:
        """How many there are."""
        return self.picture.sections


def here() -> Given | None:
    """What is on screen, if it is a stack."""
    shown = bench.shown()
    source, picture = shown.settings.source, shown.picture
    if picture.sections < 2:
        return None
    if source == "isbi":
        folder = isbi_folder.given()
        load = partial(lab.isbi_picture, folder)
        return Given("ISBI 2012", source, f"isbi {folder}", picture, load, isbi.THICKNESS)
    held = specimen.here()
    if source != "upload" or held is None or not held.holds(picture):
        return None
    load = partial(_section, held)
    return Given(picture.name, source, _mark(held), picture, load, _thick(held))


def _mark(held: Specimen) -> str:
    """What it is and what was said of it; files by their content."""
    truth = None if held.labels is None else files.digest(held.labels)
    said = {
        item.name: getattr(held, item.name)
        for item in fields(held)
        if item.name not in ("name", "data", "labels_name", "labels")
    }
    return repr((truth, said))


def _section(held: Specimen, place: int) -> Picture:
    try:
        return held.section(place)
    except LabError:
        if not held.labelled:
            raise
        # labels that do not fit are no reason to refuse the image
        return held.section(place, labelled=False)


def _thick(held: Specimen) -> float | None:
    """As the file says; read once."""
    known = st.session_state.get("stack_thick")
    if known is None or known[0] != (held.digest, held.choice):
        try:
            found = lab_stack.thickness(held.data, held.name, held.choice)
        except LabError:  # the sidebar tells what is wrong with it
            found = None
        known = st.session_state["stack_thick"] = (held.digest, held.choice), found
    return known[1]

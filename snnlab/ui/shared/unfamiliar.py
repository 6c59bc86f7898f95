"""Said wherever a segmentation is counted or scored: that the model hardly knows such tissue."""

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import trying
from snnlab.results import familiar
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import sidebar, views, words


def warn(result: Segmentation, called: str = "") -> None:
    """A sentence, and what to try, if an image is unusual or foreign to the model; else nothing.

    Parameters
    ----------
    result : Segmentation
    called : str
        What is spoken of, where that is not all that is on the page.
    """
    found = result.familiarity
    if found is None or found.word == "familiar":
        return
    text = familiar.told(found, result.picture, familiar.ON_PAGE)
    best = next(iter(_known_to(result)), None)
    if best is None:
        st.warning(f"{called}{text}", icon=":material/help:")
        return
    name = words.plain(best.way)
    st.warning(
        f"{called}{text} **{familiar.known_to(f'*{name}*', best.found.value)}**",
        icon=":material/help:",
    )
    st.button(f"Use the model {name}", key="familiar-model", icon=":material/swap_horiz:",
              on_click=sidebar.take_model, args=(best.way,))  # fmt: skip


def _known_to(result: Segmentation) -> tuple[trying.Tried, ...]:
    try:
        return views.of(
            result,
            "known-to",
            lambda: trying.known_to(result.picture, result.settings.model),
            everywhere=True,
        )
    except LabError:  # nothing of the lab's own is there
        return ()

"""Said wherever a segmentation is counted or scored: that the model hardly knows such tissue."""

import streamlit as st

from snnlab.results import familiar
from snnlab.results.segmentation import Segmentation


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
    st.warning(f"{called}{text}", icon=":material/help:")

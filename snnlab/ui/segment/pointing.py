"""The viewer as one small picture, to point at and to be pointed to, on pages beside Segment."""

import streamlit as st

from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment import viewer
from snnlab.ui.shared import places


def picture(result: Segmentation, hint: str) -> None:
    """The small viewer, with the place and what was marked.

    Parameters
    ----------
    result : Segmentation
    hint : str
        What a click does on this page.
    """
    viewer.show(result, compact=True, follow=True, spots=places.marked(result))
    st.caption(hint)

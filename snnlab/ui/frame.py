"""What stands around every page: title, logo, navigation, sidebar, status."""

from pathlib import Path

import streamlit as st

from snnlab.ui import bench, sidebar, status

_ASSETS = Path(__file__).parents[2] / "assets"

# Streamlit has no setting for these: the status keeps its height, so that the page does not jump
_CSS = """
<style>
.st-key-status { min-height: 1.9rem; }
.st-key-cancel button { white-space: nowrap; }
</style>
"""


def open(pages: list):
    """Draw what all pages share.

    Parameters
    ----------
    pages : list of streamlit.Page

    Returns
    -------
    streamlit.Page
        The one that the visitor is on; run it.
    """
    st.set_page_config("SNN Lab", str(_ASSETS / "logo.svg"), "wide")
    st.logo(str(_ASSETS / "logo.svg"), size="large")
    st.html(_CSS)
    page = st.navigation(pages, position="top")
    bench.begin()
    status.draw(sidebar.draw())
    return page

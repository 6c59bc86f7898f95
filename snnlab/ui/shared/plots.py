"""How a visitor's figures behave in the browser.

Plotly looks among the modules that are there for pandas. Streamlit loads that at the first table;
a figure that another visitor's page makes just then finds half of it, and fails. So it is loaded
here, whole, before the first page is drawn.
"""

from typing import Any

import pandas  # noqa: F401
import streamlit as st

from snnlab.figures import style

FORMAT = "figure-format"  # session: what the camera above a figure saves
_PNG_SCALE = 3  # pixels a pixel of the screen: 300 dots per inch in print


def config() -> dict[str, Any]:
    """For Plotly: `snnlab.figures.style.CONFIG`, with the file format that the visitor chose."""
    kind = st.session_state.get(FORMAT, "svg")
    options = style.CONFIG["toImageButtonOptions"] | {"format": kind}
    if kind == "png":
        options |= {"scale": _PNG_SCALE}
    return style.CONFIG | {"toImageButtonOptions": options}

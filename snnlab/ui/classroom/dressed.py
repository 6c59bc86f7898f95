"""What the class's pages look like: the lab's logo and colours, and none of its controls."""

from pathlib import Path

import streamlit as st

_LOGO = str(Path(__file__).parents[3] / "assets" / "logo.svg")
# On a phone there is no room for the page beside all lessons, and a table that is scrolled sideways
# cannot be with keys. White on these is read at 4.5 to 1 and more, in both themes; a caption keeps
# that too.
_CSS = """
<style>
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"] {
  background: #0b6e5f; border-color: #0b6e5f; }
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.78; }
.js-plotly-plot .main-svg text:not(.hovertext text) { fill: currentColor !important; }
.class-large { font: 600 clamp(1.1rem, 4vw, 2.6rem)/1.4 var(--st-code-font, monospace); }
@media (max-width: 640px) {
  [data-testid="stTable"] :is(th, td) { padding: 0.25rem 0.2rem; font-size: 0.8rem; }
  .st-key-class-places :is(th, td):nth-child(2) { display: none; }
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
}
</style>
"""


def page(title: str, layout: str) -> None:
    """Begin a page.

    Parameters
    ----------
    title : str
        For the browser's tab.
    layout : {"centered", "wide"}
    """
    st.set_page_config(f"{title} · SNN Lab", _LOGO, layout)
    st.logo(_LOGO, size="large")
    st.html(_CSS)

"""What a finger needs: pages that scroll under it, and things that are large enough for it."""

import streamlit as st

# A swipe that begins on a slider's line is meant for the page: there only the slider's handle can
# be moved, and has room around it. So have the marks that explain a control, what takes a choice
# out of a list, and answers that stand one below the other.
_CSS = """
<style>
@media (pointer: coarse) {
  [data-testid="stSlider"] [role="group"] > div {
    pointer-events: none; touch-action: auto !important; }
  [data-testid="stSlider"] [role="group"] > div > div:has(input) { pointer-events: auto; }
  [data-testid="stSlider"] [role="group"] > div > div:has(input)::after {
    content: ""; position: absolute; inset: -14px -10px; }
  [data-testid="stTooltipIcon"] button, [data-tag] button { position: relative; }
  [data-testid="stTooltipIcon"] button::after { content: ""; position: absolute; inset: -9px; }
  [data-tag] button::after { content: ""; position: absolute; inset: -6px -5px; }
  [data-testid="stRadio"] label { padding-top: 0.3rem; padding-bottom: 0.3rem; }
}
</style>
"""

# Plotly takes every touch on a figure whose points can be chosen for the beginning of a pan.
# A finger that only taps still chooses: the browser makes a mouse's press of it. Whoever takes the
# figure's own tool for zooming has it.
_SCRIPT = """
<script>
if (!window.snnlabFingers) {
  window.snnlabFingers = true
  document.addEventListener("touchstart", event => {
    const layer = event.target.closest?.(".js-plotly-plot .draglayer")
    const tool = layer?.closest(".js-plotly-plot")._fullLayout?.dragmode
    if (layer && event.touches.length === 1 && tool !== "zoom") event.stopPropagation()
  }, { capture: true, passive: true })
}
</script>
"""


def mount() -> None:
    """Draw it, once on every page; within a container that is not seen."""
    st.html(_CSS)
    st.html(_SCRIPT, unsafe_allow_javascript=True)

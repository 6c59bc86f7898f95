"""Which of the sidebar's controls a page heeds; the others are out of sight there.

They are drawn all the same: a control that is not drawn forgets what it said, and the settings are
those of the run on screen, on whichever page one is.
"""

from dataclasses import dataclass

import streamlit as st

# as the sidebar keys its parts and controls
RUN = ("of-history", "of-model", "of-spikes", "more", "defaults")
MORE = ("of-simulator", "of-method", "input", "synapse", "initial", "threshold", "ann-threshold",
        "seed")  # fmt: skip


@dataclass(frozen=True)
class Heed:
    """What a page does not heed.

    Attributes
    ----------
    hidden : tuple of str
        Parts and controls of the sidebar.
    instead : str
        Where its own controls are; one sentence, as Markdown.
    """

    hidden: tuple[str, ...] = ()
    instead: str = ""


_ALL = Heed()
_OWN = "This page has its own controls."
_PAGES = {
    "sweep": Heed(("timesteps", "percentile"), "Timesteps and percentiles are chosen on the page."),
    "energy": Heed(("timesteps", "of-bounds"), "Timesteps and bounds are on the page."),
    "methods": Heed(
        # thresholds and seed are the comparison's too
        tuple(one for one in RUN if one != "more") + MORE[:5],
        "Model and methods are chosen on the page; each method has settings of its own.",
    ),
    "train": Heed((*RUN, "auto"), _OWN),
    "finetune": Heed((*RUN, "auto"), _OWN),
    "objects": Heed(RUN, _OWN),
    "networks": Heed((*RUN, "auto", "of-image"), _OWN),
}
# Chips: a model of its own, or the one in the sidebar, of which Loihi 1 knows no other reset
_CHIP = Heed(RUN, "The model *loihi* comes with its own settings.")
_BENCH = Heed(("reset", "threshold", "ann-threshold"), "On Loihi 1, the reset is to zero.")


def here() -> Heed:
    """What the page that is open does not heed."""
    state = st.session_state
    if state.page == "chips":
        return _BENCH if state.get("network") == "bench" else _CHIP
    return _PAGES.get(state.page, _ALL)


def style(heed: Heed) -> str:
    """HTML that takes out of sight what a page does not heed, for keyboards and readers too."""
    if not heed.hidden:
        return ""
    # a key may end with the number of the controls' generation
    parts = [
        f'.st-key-{name}, [data-testid="stLayoutWrapper"]:has(> .st-key-{name}),'
        f' [class*=" st-key-{name}-"]'
        for name in heed.hidden
    ]
    inside = ", ".join(parts)
    return f'<style>[data-testid="stSidebar"] :is({inside}) {{ display: none; }}</style>'

"""A stack to leaf through, in the browser: a section, what lies over it, and how strongly.

Pictures of a few sections travel at a time; the browser keeps those that it has, and asks for the
next ones before they are needed.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
KEY = "stack-slices"
OVER = {"snn": "SNN", "ann": "ANN", "snn_cells": "SNN cells", "ann_cells": "ANN cells"}
"""What may lie over the image, and how it is called."""


def show(
    run: str,
    places: Sequence[int],
    says: Sequence[str],
    ratio: float,
    pictures: dict[int, dict[str, str]],
    goto: tuple[int, int] | None,
    asked: Callable[[int], None],
) -> None:
    """Put it on the page.

    Parameters
    ----------
    run : str
        Names the pictures; of another one nothing is kept.
    places, says : sequence
        Numbers of the sections, and a line on each.
    ratio : float
        Width over height.
    pictures : dict of int to dict
        Of some sections, as addresses: ``em`` and, by name in `OVER`, what lies over it; and
        ``mark``, if something is to be marked.
    goto : tuple of int or None
        Which wish it is, and the section that the page wishes to be shown.
    asked : callable
        Given the number of a section whose pictures are wanted.
    """

    def told() -> None:
        place = st.session_state[KEY].ask
        if isinstance(place, int) and not isinstance(place, bool):
            asked(place)

    data = {
        "run": run,
        "places": list(places),
        "says": list(says),
        "ratio": f"{ratio:.4f}",
        "over": OVER,
        "pictures": {str(place): found for place, found in pictures.items()},
        "goto": list(goto) if goto else None,
    }
    _component()(data=data, key=KEY, on_ask_change=told)


@st.cache_resource(show_spinner=False)
def _component():
    html, css, js = (
        (_HERE / f"slices.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    return st.components.v2.component("snnlab_stack_slices", html=html, css=css, js=js)

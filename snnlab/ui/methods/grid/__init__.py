"""The grid of small pictures on the page Methods, in the browser; a click tells which."""

import base64
import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

_HERE = Path(__file__).parent
KEY = "methods-grid"


def show(columns: Sequence[str], rows: Sequence[dict], ratio: float, opened: Callable) -> None:
    """Put the grid on the page.

    Parameters
    ----------
    columns : sequence of str
        Titles.
    rows : sequence of dict
        ``title``, ``about`` and ``cells``, one a column: ``picture`` (see `url`) or else ``note``,
        what stands in its place; ``first`` and ``second``, the lines below; ``label``, for who
        does not see it; ``opens``, what `opened` is told on a click, or None. Or ``error``, in
        place of cells.
    ratio : float
        Width over height of a picture.
    opened : callable
        Given ``opens`` of the cell that was clicked, before the page is drawn again.
    """

    def clicked() -> None:
        chosen = st.session_state[KEY].open
        if chosen:
            opened(chosen)

    data = {"columns": list(columns), "rows": list(rows), "ratio": f"{ratio:.4f}"}
    _component()(data=data, key=KEY, on_open_change=clicked)


@st.cache_resource(show_spinner=False)
def _component():
    css, js = ((_HERE / f"grid.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return st.components.v2.component(
        "snnlab_methods_grid", html='<div class="grid"></div>', css=css, js=js
    )


def url(pixels: np.ndarray) -> str:
    """A small picture as an address that holds it.

    Parameters
    ----------
    pixels : numpy.ndarray
        uint8, ``(height, width)`` grey, or ``(height, width, 4)`` with opacity.
    """
    return _url(pixels.tobytes(), pixels.shape)


@lru_cache(maxsize=1024)
def _url(pixels: bytes, shape: tuple[int, ...]) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.frombuffer(pixels, np.uint8).reshape(shape)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()

"""A visitor's figures: how they are put on a page, and how they behave in the browser.

Plotly looks among the modules that are there for pandas. Streamlit loads that at the first table;
a figure that another visitor's page makes just then finds half of it, and fails. So it is loaded
here, whole, before the first page is drawn.

Streamlit's chart hands Plotly the same figure a second time once it is mounted (to apply the theme,
and once more where points can be chosen), and Plotly draws all of it again: without a
``datarevision`` it takes every array for a new one, and any template for a changed one. So each
figure carries a revision, which goes by what is in it, and the modes that Streamlit would set
afterwards, and no template: it brings its style along (`snnlab.figures.style`). Then nothing is
found to have changed, and a figure is drawn once.
"""

import hashlib
from typing import Any

import numpy as np
import pandas  # noqa: F401
import streamlit as st

from snnlab.figures import style

FORMAT = "figure-format"  # session: what the camera above a figure saves
LONG = 20_000  # values: beyond it an array travels as bytes, and is drawn twice
_PNG_SCALE = 3  # pixels a pixel of the screen: 300 dots per inch in print


def config() -> dict[str, Any]:
    """For Plotly: `snnlab.figures.style.CONFIG`, with the file format that the visitor chose."""
    kind = st.session_state.get(FORMAT, "svg")
    options = style.CONFIG["toImageButtonOptions"] | {"format": kind}
    if kind == "png":
        options |= {"scale": _PNG_SCALE}
    return style.CONFIG | {"toImageButtonOptions": options}


def draw(figure, key: str, alt: str, on_select="ignore") -> None:
    """Put a figure on the page, with the camera's format and a text for who cannot see it.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    key, alt : str
    on_select : str or callable
        As of `streamlit.plotly_chart`; points are what can be chosen.
    """
    if on_select != "ignore":
        figure.update_layout(clickmode="event+select", hovermode="closest", dragmode="pan")
    figure.update_layout(datarevision=revision(figure))
    for trace in figure.data:
        write_out(trace._props)
    st.plotly_chart(
        figure,
        key=key,
        config=config(),
        alt=alt,
        on_select=on_select,
        selection_mode="points",
        theme=None,
    )


def revision(figure) -> str:
    """Of a figure's content, 16 characters; the same for figures that look the same.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    """
    made = hashlib.blake2b(digest_size=8)
    for trace in figure.data:
        _add(trace._props, made)
    left_out = "template", "datarevision"
    _add({name: of for name, of in figure.layout._props.items() if name not in left_out}, made)
    return made.hexdigest()


def _add(part, made) -> None:
    """What a figure is made of, down to the bytes of its arrays."""
    if isinstance(part, dict):
        for name, inner in part.items():
            made.update(f"{name}{{".encode())
            _add(inner, made)
        made.update(b"}")
    elif isinstance(part, np.ndarray) and part.dtype != object:
        made.update(f"{part.dtype}{part.shape}".encode())
        made.update(np.ascontiguousarray(part).data)
    elif isinstance(part, np.ndarray | list | tuple):
        for inner in part:
            _add(inner, made)
        made.update(b"]")
    else:
        made.update(f"{type(part).__name__} {part!r};".encode())


def write_out(part: dict) -> None:
    """Write arrays out in place: Plotly.py sends typed ones, whose revision Plotly ignores."""
    for name, inner in part.items():
        if isinstance(inner, dict):
            write_out(inner)
        elif isinstance(inner, np.ndarray) and inner.size <= LONG:
            part[name] = _numbers(inner)


def _numbers(array: np.ndarray) -> list:
    if array.dtype == np.float32:  # not the digits that it has not
        flat = [float(f"{value:.7g}") for value in array.ravel().tolist()]
        return flat if array.ndim == 1 else np.reshape(flat, array.shape).tolist()
    return array.tolist()

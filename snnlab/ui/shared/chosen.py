"""Pixels that the visitor chose, the same on all pages and in the address."""

import streamlit as st

from snnlab.images.pictures import Picture
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench

Place = tuple[int, int]  # row and column of a pixel
_BOX = "viewer-box"
AT = "at"  # the chosen places in the address, as rows and columns: 12-80 or 12-80-40-3


def chosen(result: Segmentation) -> tuple[Place, ...]:
    """Pixels that the visitor chose in this picture: none, one, or two to compare."""
    text, image = bench.beside(AT) or ("", "")
    if image is None and _is_asked_for(result):
        image = bench.named(result.picture)  # an address brought it, and here is its image
        bench.put_beside(AT, text, image)
    if image != bench.named(result.picture):
        return ()
    values = [int(value) for value in text.split("-")]
    height, width = result.image.shape
    places = zip(values[::2], values[1::2], strict=True)
    return tuple((r, c) for r, c in places if r < height and c < width)


def choose(result: Segmentation, *places: Place) -> None:
    """Make these pixels the chosen ones, on all pages and in the address."""
    text = "-".join(str(int(value)) for place in places for value in place)
    bench.put_beside(AT, text or None, bench.named(result.picture))


def put_box(result: Segmentation, box: tuple[int, int, int, int]) -> None:
    """Keep the box that the visitor drew last: top, left, height, width, in pixels."""
    st.session_state[_BOX] = result.picture.content, box


def box(picture: Picture) -> tuple[int, int, int, int] | None:
    """The box that was drawn last, if it was in this image, or in another section of it."""
    content, found = st.session_state.get(_BOX, ("", None))
    return found if content == picture.content else None


def _is_asked_for(result: Segmentation) -> bool:
    asked, shown = st.session_state["settings"], result.settings
    return (asked.source, asked.section) == (shown.source, shown.section)

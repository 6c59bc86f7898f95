"""The linked image viewer: image, both segmentations, errors and spikes as one picture.

The pictures of a result are packed once (`packing.pack`) and travel once; the
browser scrubs, plays, zooms and pans without the server. What it cannot know
(the neurons behind a pixel, a channel's spikes) it asks for; see `answers`.

Any page may show it::

    viewer.show(result)                                 # everything
    viewer.show(result, compact=True)                   # one small picture, to point at
    viewer.show(result, boxes=[viewer.Box(0, 0, 64, 32, "core 5", "#2a9d5c")])
    viewer.show(result, spots=[(12, 80), (40, 3)])      # pixels to mark
    viewer.show(result, paint=True)                     # with a brush for labels
    viewer.show(result, over=viewer.Over(name, p, 0.5)) # with another network's picture

and talk about places with the others: `chosen` says which pixels the visitor
chose, on whatever page, and `choose` lights one up. With ``follow=True`` the
page is drawn again when the visitor chooses another pixel.

The visible component holds the pictures and nothing else, so that its message
stays the same, byte by byte, from draw to draw; places, boxes and answers go
through a second, invisible one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st

from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment.viewer import answers, bundle, packing, painting
from snnlab.ui.shared import bench, looked, messages, views, words
from snnlab.ui.shared.chosen import Place, choose, chosen

__all__ = ["Box", "Over", "Place", "choose", "chosen", "show"]

_LINK = "viewer-link"  # key of the invisible component
_ASKED, _ANSWER = "viewer-asked", "viewer-answer"


@dataclass(frozen=True)
class Box:
    """A part of the image to outline, such as a core's patch.

    Attributes
    ----------
    top, left, height, width : float
        In pixels of the image.
    label : str
        Written beside it; empty for none.
    colour : str
        Hexadecimal; empty for the viewer's own.
    """

    top: float
    left: float
    height: float
    width: float
    label: str = ""
    colour: str = ""


@dataclass(frozen=True, eq=False)
class Over:
    """What another network says of the same image: a layer of the pictures.

    Attributes
    ----------
    name : str
        Tells it from others.
    probability : numpy.ndarray
        Of cell, float32, of the image's shape.
    at : float
        Cell is above it.
    """

    name: str
    probability: np.ndarray
    at: float


def show(
    result: Segmentation,
    *,
    place: Place | None = None,
    boxes: Sequence[Box] = (),
    spots: Sequence[Place] = (),
    compact: bool = False,
    follow: bool = False,
    paint: bool = False,
    over: Over | None = None,
) -> None:
    """Put the viewer on the page; once a page.

    Parameters
    ----------
    result : Segmentation
    place : tuple of int, optional
        A pixel ``(row, column)`` to choose, in place of the visitor's choice.
    boxes : sequence of Box
        Parts of the image to outline: a core's patch, a tile, a region.
    spots : sequence of tuple of int
        Pixels to mark with a dot, such as those of the neurons of a bar.
    compact : bool
        One picture with a switch of layers, without tools: to point at.
    follow : bool
        Draw the page again when the visitor chooses another place.
    paint : bool
        Offer the brush; the page is drawn again when something was painted.
    over : Over, optional
        A layer more, which is shown at once when it is new.
    """
    if place is not None:
        choose(result, place)
    called = result.picture.called
    blob = views.of(
        result, f"pictures/{called}", lambda: packing.pack(result, called), everywhere=True
    )
    name = packing.identity(blob)
    picture = _component()
    picture(data=blob, key="viewer")
    extras = {
        "result": name,
        "compact": compact,
        "boxes": [asdict(box) for box in boxes],
        "spots": [list(map(int, spot)) for spot in spots],
        # not among the pictures, which stay as they are when another part is looked into
        "region": list(result.region),
        "learned": None if over is None else {"name": over.name, "at": over.at},
    }
    st.fragment(_link)(result, name, extras, follow, paint, over)


def _link(
    result: Segmentation, name: str, extras: dict, follow: bool, paint: bool, over: Over | None
) -> None:
    """Answer what was asked, and tell the pictures what the page knows."""
    state = st.session_state
    asked = state.pop(_ASKED, None)
    before, painted = chosen(result), None
    if paint:
        painted = painting.take(result, asked, name)
        extras = extras | {"brush": painting.told(result)}
    if painted is not None:
        state[_ANSWER] = name, painted[0]
    elif asked is not None:
        layer = None if over is None else (over.name, over.probability)
        found = answers.take(result, asked, name, layer)
        if chosen(result) != before:
            bench.write_address(state.settings)
        if found is not None:
            state[_ANSWER] = name, found
    kept = state.get(_ANSWER)
    answer = kept[1] if kept is not None and kept[0] == name else b""
    told = messages.headed(extras | {"places": [list(place) for place in chosen(result)]})
    _side()(data=told + answer, key=_LINK, on_ask_change=_asked)
    looks = not extras["boxes"]  # a page that outlines cores or tiles is not about spikes
    moved = asked is not None and chosen(result) != before
    if painted is not None and painted[1]:
        st.rerun()  # what is kept in the browser, and what is said of it, are drawn elsewhere
    if moved and (follow or (looks and looked.leads_away(result))):
        st.rerun()
    if looks and not result.whole:
        st.caption(words.part(result))


def _asked() -> None:
    asked = st.session_state.get(_LINK)
    # what was asked may arrive when the page has no pictures any more: nobody waits for it then
    if asked is not None:
        st.session_state[_ASKED] = asked.ask


@st.cache_resource(show_spinner=False)
def _component():
    return st.components.v2.component(
        "snnlab_viewer", html=bundle.markup(), css=bundle.style(), js=bundle.script()
    )


@st.cache_resource(show_spinner=False)
def _side():
    return st.components.v2.component(
        "snnlab_viewer_link", css=":host {\n  display: none;\n}", js=bundle.script("side.js")
    )

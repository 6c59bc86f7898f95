"""The brush's half on the server: what was painted is checked and kept, and told again.

The browser sends all strokes of a section each time, and which it knows the server to have. So
a message that was lost or came late does no harm, nothing is overwritten that it has not heard
of, and undo and clear need no words of their own.
"""

from typing import Any

import streamlit as st

from snnlab.errors import LabError
from snnlab.images import scribbles
from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment.viewer import packing
from snnlab.ui.shared import scribbled

WANTS = ("paint", "painted")  # take these strokes; tell which there are


def told(result: Segmentation) -> dict[str, Any]:
    """What the viewer has to know with each draw."""
    return {"revision": scribbled.revision(result.picture), "held": scribbled.held()}


def take(result: Segmentation, asked: Any, name: str) -> tuple[bytes, bool] | None:
    """Heed what the brush sends.

    Parameters
    ----------
    result : Segmentation
    asked : object
        As it came from the browser, which may send anything.
    name : str
        Of the packed result, from `snnlab.ui.segment.viewer.packing.identity`.

    Returns
    -------
    bytes
        The answer; a mistake becomes a sentence in its header.
    bool
        Whether something has changed that the rest of the page shows.

    None, if that is no message of the brush, or none about this result.
    """
    if not isinstance(asked, dict) or asked.get("want") not in WANTS or asked.get("result") != name:
        return None
    serial = asked.get("serial")
    if type(serial) is not int:
        return None
    picture, scale = result.picture, scribbles.scale_of(result.picture)
    about = {"result": name, "serial": serial, "want": asked["want"]}
    changed = False
    if asked["want"] == "paint":
        before = scribbled.revision(picture), scribbled.held()
        try:
            made = scribbles.read(asked.get("strokes"), scale)
            known = scribbled.strokes(picture)
            if made != known and asked.get("base") == before[0]:
                scribbled.put(picture, made)
            elif made != known:  # it knew of other strokes below: it puts both together
                about["strokes"] = scribbles.written(known, scale)
        except LabError as error:
            about["error"] = str(error)
        scribbled.hold(st.session_state.get("page", "") if asked.get("held") is True else None)
        changed = before != (scribbled.revision(picture), scribbled.held())
    else:
        about["strokes"] = scribbles.written(scribbled.strokes(picture), scale)
    about["revision"] = scribbled.revision(picture)
    return packing.container(about, {}), changed

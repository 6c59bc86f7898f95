"""The picture of the page Objects, in the browser: the image, and boxes that form step by step.

Boxes of all steps travel at once, so that scrubbing, playing and zooming need no server.
"""

import base64
import io
from pathlib import Path

import numpy as np
import streamlit as st

from snnlab.figures import palette
from snnlab.images.pictures import Picture
from snnlab.lab.detecting import Found
from snnlab.nets.detector.boxes import Detections
from snnlab.results.detection import matched
from snnlab.ui.objects import choosing
from snnlab.ui.objects.own import Truth
from snnlab.ui.objects.place import KEPT
from snnlab.ui.objects.running import Shown

KEY = "objects-picture"
WIDE = 1536  # pixels of the longer side, at most
FAINT = 0.4  # of the score from which boxes count: those above it are drawn thin
SAME = 0.3  # overlap from which on a box of an early step is taken for a later one
_HERE = Path(__file__).parent


def show(shown: Shown, truth: Truth | None, chosen: tuple[str, int] | None) -> None:
    """Put it on the page.

    Parameters
    ----------
    shown : Shown
    truth : Truth, optional
    chosen : (str, int), optional
        A network and which of its boxes to go to.
    """
    height, width = shown.picture.file_shape or shown.picture.pixels.shape
    found = shown.found
    score, least = shown.score, FAINT * shown.score
    snn = [] if found is None else [_frame(found, one.above(least)) for _, one in found.frames]
    if snn:  # of the last step it is known when each box settled
        snn[-1] = [
            [*row, number, step]
            for number, (row, step) in enumerate(
                zip(rows(found.snn, least), found.settled.tolist(), strict=False)
            )
        ]
    ann = [] if found is None else rows(found.ann, score)
    data = {
        "run": shown.name if found is not None else "",
        "image": _image(shown.picture),
        "called": shown.picture.called,
        "size": [width, height],
        "nm": _nm(shown.picture),
        "score": score,
        "colours": {"ann": palette.ANN, "snn": palette.SNN, "own": palette.TRUTH},
        "ann": [[*row, number] for number, row in enumerate(ann)],
        "steps": [] if found is None else [step for step, _ in found.frames],
        "snn": snn,
        "own": None if truth is None else np.round(truth.boxes, 1).tolist(),
        "whose": "Yours" if truth is None or truth.own else "Drawn",
        "goto": None if chosen is None else _goto(shown, chosen),
        "step": st.session_state.get(KEPT["step"].key),
    }
    _component()(data=data, key=KEY, on_chosen_change=lambda: _box(shown), on_scrubbed_change=_step)


def _box(shown: Shown) -> None:
    """A box was clicked, or let go."""
    told = st.session_state[KEY].chosen
    if not told:
        return
    network, number = told
    fits = network in ("ann", "snn") and shown.found is not None and type(number) is int
    fits = fits and 0 <= number < len(shown.found.of(network))
    choosing.choose(shown, (network, number) if fits else None)


def _step() -> None:
    """Another step is looked at."""
    told = st.session_state[KEY].scrubbed
    if type(told) is int:
        st.session_state[KEPT["step"].key] = told


def _frame(found: Found, now: Detections) -> list[list[float]]:
    """Boxes of a step, each with the number of the box that it becomes; -1 for none."""
    becomes = matched(now, found.snn.boxes, SAME)
    return [[*row, int(n)] for row, n in zip(rows(now, 0.0), becomes, strict=True)]


def rows(found: Detections, least: float) -> list[list[float]]:
    """Boxes of at least a score: x0, y0, x1, y1, score."""
    kept = found.above(least)
    return np.column_stack([np.round(kept.boxes, 1), np.round(kept.scores, 3)]).tolist()


def _goto(shown: Shown, chosen: tuple[str, int]) -> list:
    network, at = chosen
    row = rows(shown.found.of(network), 0.0)[at]
    return [network, *row, at, *([int(shown.found.settled[at])] if network == "snn" else [])]


def _nm(picture: Picture) -> list[float] | None:
    """Width and height of a pixel of the file."""
    known = picture.nm_in_file
    if known is None:
        return None
    down, across = known if isinstance(known, tuple) else (known, known)
    return [float(across), float(down)]


def _image(picture: Picture) -> str:
    """As an address; made once, its contrast as the viewer shows it."""
    key = picture.content, picture.section
    held = st.session_state.get("objects_image")
    if held is None or held[0] != key:
        held = st.session_state["objects_image"] = key, _url(picture.pixels)
    return held[1]


def _url(pixels: np.ndarray) -> str:
    from PIL import Image

    each = -(-max(pixels.shape) // WIDE)
    values = pixels[::each, ::each]
    low, high = np.percentile(values, (0.5, 99.5))
    grey = np.clip((values - low) / max(float(high - low), 1e-6), 0, 1) * 255
    file = io.BytesIO()
    Image.fromarray(np.rint(grey).astype(np.uint8)).save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


@st.cache_resource(show_spinner=False)
def _component():
    html, css, js = (
        (_HERE / f"picture.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    return st.components.v2.component("snnlab_objects", html=html, css=css, js=js)

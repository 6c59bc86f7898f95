"""True boxes of what is on screen, a visitor's own or drawn ones, and how well they are found."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from snnlab.errors import LabError
from snnlab.export import boxes as export
from snnlab.export import tables
from snnlab.figures import objects
from snnlab.images.pictures import Picture
from snnlab.lab import detecting as lab
from snnlab.results.detection import OVERLAPS
from snnlab.ui.objects.place import KEPT
from snnlab.ui.objects.running import Shown
from snnlab.ui.shared import bench, downloads, files, words
from snnlab.ui.shared.plots import draw

NAMES = ("ann", "snn")
RIGHT = KEPT["right"].key
KEY = "objects-own-"  # and which image they are of
_TYPES = ("json", "csv", *files.TYPES)


@dataclass(frozen=True)
class Truth:
    """Boxes that are held to be right.

    Attributes
    ----------
    boxes : numpy.ndarray
        ``(n, 4)``.
    own : bool
        Whether they are the visitor's.
    """

    boxes: np.ndarray
    own: bool

    @property
    def name(self) -> str:
        """For a number and a button."""
        return "Your boxes" if self.own else "Drawn boxes"

    @property
    def whose(self) -> str:
        """The same in a sentence."""
        return "your boxes" if self.own else "the boxes of what was drawn"


def given(shown: Shown) -> Truth | None:
    """Let the visitor give boxes; those that are known, if there are none that can be read."""
    boxes = _given(shown.picture)
    if boxes is not None:
        return Truth(boxes, True)
    return Truth(lab.drawn.truth(), False) if shown.drawn else None


def _given(picture: Picture) -> np.ndarray | None:
    ident = picture.content  # of all its sections
    files.only(KEY, ident)
    with st.expander("Your own boxes", icon=":material/upload_file:", key="objects-own"):
        file = files.take(
            "Boxes of this image (optional)",
            KEY + ident,
            "COCO JSON, a CSV table with x, y, width and height, or a mask in which each"
            " mitochondrion has a number; in pixels of the image's file.",
            _TYPES,
        )
        if file is None:
            st.caption("They are drawn over the image, and both networks are scored against them.")
            return None
        try:
            own = _read(file, picture, bench.named(picture))
        except LabError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
            return None
        files.notes(own.notes)
        st.caption(f"{len(own.boxes):,} boxes from {words.plain(file[0])} ({own.form}).")
    return own.boxes


def file_of(picture: Picture) -> tuple[str, bytes] | None:
    """The file of boxes that was given, for all sections of a picture's file."""
    return st.session_state.get("files", {}).get(KEY + picture.content)


def _read(file: tuple[str, bytes], picture: Picture, ident: str):
    """Read once, and not again on every draw."""
    name, data = file
    held = st.session_state.get("objects_own")
    if held is None or held[0] != (name, ident) or held[1] is not data:
        found = lab.own(data, name, picture)
        held = st.session_state["objects_own"] = (name, ident), data, found
    return held[2]


def scores(shown: Shown, truth: Truth) -> None:
    """Both networks against the boxes: a table, and precision and recall over the scores."""
    found, score = shown.found, shown.score
    st.session_state.setdefault(RIGHT, OVERLAPS[0])
    overlap = st.slider(
        "A box is right from this overlap", 0.3, 0.9, step=0.05, key=RIGHT,
        persist_state="session", width=300,
        help="With a true box, as intersection over union. Precision, recall and the curves depend"
        " on it; AP50 and AP75 have their own.",
    )  # fmt: skip
    judged = {name: lab.scored(found.of(name), truth.boxes, score, overlap) for name in NAMES}
    counts = {name: len(found.of(name).above(score)) for name in judged}
    many = len(truth.boxes)
    told = {
        "": [name.upper() for name in judged],
        "AP50": [_share(one.average_precision_50) for one in judged.values()],
        "AP75": [_share(one.average_precision_75) for one in judged.values()],
        "Precision": [_share(one.precision) for one in judged.values()],
        "Recall": [_share(one.recall) for one in judged.values()],
        "Found": [f"{counts[name]} of {many}" for name in judged],
    }
    st.table(told, hide_index=True, border="horizontal", alt=f"Both networks against {truth.whose}")
    st.caption(
        "AP50: average precision over all scores, where a box counts as right if it overlaps a true"
        " one by half (intersection over union), as COCO computes it; AP75: by three quarters. The"
        " others count boxes above the score that is chosen above, at the overlap that is chosen"
        " here."
    )
    curves = lab.curves(found, truth.boxes, overlap)
    draw(
        objects.precision_recall(curves, score), "objects-precision",
        "Precision against recall of both networks, over all scores",
    )  # fmt: skip
    st.caption(
        "From left to right the score falls and more boxes count; rings: at the chosen score."
    )
    settings = found.settings.replace(threshold=score)
    downloads.offered(
        downloads.named(shown.picture, settings), "objects", "Precision and recall", "csv",
        lambda: export.curves(curves, overlap, tables.run(shown.picture, settings)),
    )  # fmt: skip


def _share(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:.3f}"

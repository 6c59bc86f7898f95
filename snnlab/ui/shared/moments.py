"""The moments of a run that travel to the browser, and V_Rand at some of them."""

import contextlib
import time

import numpy as np
import streamlit as st

from snnlab.lab import viewing as lab_viewer
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench

FRAMES = 64  # planes sent at most
FRAME_BYTES = 64 * 1024 * 1024  # of all planes together, unpacked
MOMENT = 1.0  # seconds that scores of segments may keep a visitor's other questions waiting


def spread(steps: tuple[int, ...], most: int = FRAMES) -> tuple[int, ...]:
    """Which steps to send: all, or ever fewer of the later ones, where less happens."""
    if len(steps) <= most:
        return steps
    wanted = np.geomspace(1, len(steps), most)
    # the first few of a geometric series fall on the same step: take one each instead
    index = np.maximum(np.rint(wanted).astype(int), np.arange(1, most + 1)) - 1
    return tuple(steps[i] for i in np.unique(np.minimum(index, len(steps) - 1)))


def sent(result: Segmentation) -> tuple[int, ...]:
    """The steps whose pictures are sent."""
    most = max(2, min(FRAMES, FRAME_BYTES // result.image.size))
    return spread(result.steps_shown, most)


def rands(result: Segmentation) -> list[tuple[int, float]]:
    """V_Rand by step: as many as a moment allows, and those of earlier moments."""
    own, begun, found = bench.identity(result.picture, result.settings), time.monotonic(), []
    for step in lab_viewer.scored_steps(result, sent(result)):
        found.append((step, _rand(f"{own}/{step}", result, step)))
        if time.monotonic() - begun > MOMENT:
            break
    return found


def known_rands(result: Segmentation) -> dict[int, float]:
    """V_Rand by step, as far as the viewer has asked for it; nothing is computed."""
    own, found = bench.identity(result.picture, result.settings), {}
    for step in lab_viewer.scored_steps(result, sent(result)):
        with contextlib.suppress(LookupError):
            found[step] = _rand(f"{own}/{step}", None, step)
    return found


@st.cache_data(max_entries=1000, show_spinner=False)
def _rand(key: str, _result: Segmentation | None, _step: int) -> float:
    if _result is None:
        raise LookupError(key)  # nobody has asked before; mistakes are not kept
    return round(lab_viewer.segments_score(_result, _step), 6)

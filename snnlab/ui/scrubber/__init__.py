"""The linked pictures: image, ANN, SNN over time and their difference, in the browser.

The server packs a result once (`pack`); the browser unpacks it and needs no
server to scrub, play, zoom or pan. The format::

    uint32 little-endian   length of the header
    header                 JSON: height, width, steps, agreement, threshold, dt, name, truth and
                           picture (which tells whether it is another one)
    zlib stream            uint8 planes of height * width: image, ANN, [labels], then a plane for
                           each of ``steps``: the SNN there, minus the plane before it (mod 256)

The spikes' probability changes less and less from step to step, so the
differences compress to about a quarter of the frames.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import streamlit as st

from snnlab.result import Segmentation

FRAMES = 64  # planes sent at most
_HERE = Path(__file__).parent


def pack(result: Segmentation, name: str) -> bytes:
    """Pack a result for the browser.

    Parameters
    ----------
    result : Segmentation
    name : str
        What the picture is called there.

    Returns
    -------
    bytes
        As the module's text says. Probabilities are rounded to 1/255; the
        agreement is of the exact ones.
    """
    steps = moments(result.steps_shown)
    at = result.settings.threshold
    decided = result.ann >= at
    frames, agreement = [], []
    for probability in result.snn_over_time(steps):
        agreement.append(round(float(np.mean((probability >= at) == decided)), 6))
        frames.append(_grey(probability))
    planes = [_grey(_stretched(result.picture.pixels)), _grey(result.ann)]
    if result.picture.labels is not None:
        planes.append(result.picture.labels.astype(np.uint8) * 255)
    height, width = result.image.shape
    about = {
        "height": height,
        "width": width,
        "steps": list(steps),
        "agreement": agreement,
        "threshold": at,
        "dt": result.recording.dt,
        "name": name,
        "truth": result.picture.labels is not None,
        "picture": f"{result.picture.sha256}/{result.picture.section}",
    }
    changes = [frames[0], *(new - old for old, new in zip(frames, frames[1:], strict=False))]
    header = json.dumps(about).encode()
    stream = zlib.compress(np.stack(planes + changes).tobytes(), 1)
    return struct.pack("<I", len(header)) + header + stream


def moments(steps: tuple[int, ...], most: int = FRAMES) -> tuple[int, ...]:
    """Which steps to send: all, or ever fewer of the later ones, where less happens."""
    if len(steps) <= most:
        return steps
    wanted = np.geomspace(1, len(steps), most)
    # the first few of a geometric series fall on the same step: take one each instead
    index = np.maximum(np.rint(wanted).astype(int), np.arange(1, most + 1)) - 1
    return tuple(steps[i] for i in np.unique(np.minimum(index, len(steps) - 1)))


def show(blob: bytes, key: str = "scrubber") -> None:
    """Put the pictures on the page.

    Parameters
    ----------
    blob : bytes
        From `pack`.
    key : str
    """
    _component()(data=blob, key=key)


@st.cache_resource(show_spinner=False)
def _component():
    html, css, js = (
        (_HERE / f"scrubber.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    return st.components.v2.component("snnlab_scrubber", html=html, css=css, js=js)


def _grey(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _stretched(pixels: np.ndarray) -> np.ndarray:
    """For the eye only: a dim exposure fills the range of the screen."""
    low, high = np.percentile(pixels, (0.5, 99.5))
    return (pixels - low) / max(float(high - low), 1e-6)

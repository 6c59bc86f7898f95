"""A page that travels: one HTML file with the viewer, a run's pictures and some of its spikes.

It opens from disk, without a server and without a network: the viewer's own scripts are inside,
and `travel.js` answers what they would ask the server, as far as the page holds it. That is the
last layer's spikes within a window, or everywhere in a large file.
"""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import streamlit as st

from snnlab import __version__
from snnlab.errors import many
from snnlab.export import provenance
from snnlab.images import pixel_size
from snnlab.lab import windows
from snnlab.results import summary
from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment.viewer import bundle, packing
from snnlab.ui.shared import downloads, glossary, messages, moments, words
from snnlab.ui.shared.chosen import chosen

FOLDER = Path(__file__).parent
SIDE = 128  # pixels of the window, whose spikes fit into five megabytes beside the pictures
LIMIT = 3_600_000  # bytes, which base64 makes to five megabytes with all else
SHADES = 8  # of 255, that are one where the pictures would be too large
_LEVEL = 6  # of zlib: a higher one takes three times as long for 1 %
_COLOUR = "#b0006d"


def offer(result: Segmentation) -> None:
    """A button that makes the page, and what is in it."""
    st.markdown("**Interactive page**")
    if not result.recording.timed:
        st.caption("There is none of the closed form, whose spikes have no times.")
        return
    everywhere = st.checkbox("With the spikes of every pixel (a larger file)", key="travel-all")
    place = next(iter(chosen(result)), None)
    make = lambda: html(result, place, everywhere, moments.known_rands(result))  # noqa: E731
    stem = downloads.stem(result)
    downloads.offered(stem, "travel", "Interactive page", "html", make)
    where = "around the pixel that you chose" if place else "in the middle of the image"
    sent = len(moments.sent(result))
    steps = many(result.timesteps, "step")
    steps = "every step" if sent == result.timesteps else f"{sent} of {steps}"
    st.caption(
        "One file for slides, supplements and homework. It opens with a double click, without the"
        f" lab and without a network: ANN and SNN at {steps}, scores, rates, and the spikes of"
        f" the last layer {'everywhere' if everywhere else where}."
    )


def html(
    result: Segmentation,
    place: tuple[int, int] | None = None,
    everywhere: bool = False,
    scored: dict[int, float] | None = None,
) -> bytes:
    """The page.

    Parameters
    ----------
    result : Segmentation
    place : tuple of int or None
        The pixel ``(row, column)`` that the window is around; the middle, if not given.
    everywhere : bool
        Keep the spikes of the whole recorded part.
    scored : dict of int to float or None
        V_Rand by step, as far as it is known.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    window = None
    if result.recording.timed:
        side = max(result.image.shape) if everywhere else SIDE
        window = windows.window(result, windows.around(result, place, side))
    told, arrays = packing.opened(packing.pack(result, result.picture.called))
    told |= {"layers": told["layers"][-1:], "maps": False, "rand": len(scored or {})}
    pieces = {
        "pictures": packing.container(told, arrays, ("frames",), _LEVEL),
        "told": messages.headed(_told(result, told["id"], window)),
        "kept": _kept(window, scored or {}),
    }
    coarse = not everywhere and sum(map(len, pieces.values())) > LIMIT
    if coarse:
        arrays["frames"] = _coarser(arrays["frames"], result.settings.threshold)
        pieces["pictures"] = packing.container(told, arrays, ("frames",), _LEVEL)
    loader = FileSystemLoader(FOLDER)
    # autoescape: a file's name is whatever a visitor called it
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return (
        environment.get_template("page.html")
        .render(
            **_about(result, window),
            coarse=coarse,
            everywhere=everywhere,
            pieces={key: base64.b64encode(piece).decode() for key, piece in pieces.items()},
            viewer_style=bundle.style(),
            markup=bundle.markup(),
            script=script(),
        )
        .encode()
    )


def _coarser(frames: np.ndarray, at: float) -> np.ndarray:
    """Fewer shades, each on the side of the threshold where it was; the last frame stays."""
    cut = int(at * 255)  # as the viewer takes it: what is above is cell
    middle = frames // SHADES * SHADES + SHADES // 2
    above = frames > cut
    coarse = np.where(above, np.maximum(middle, cut + 1), np.minimum(middle, cut)).astype(np.uint8)
    coarse[-1] = frames[-1]
    return coarse


def script() -> str:
    """The viewer's modules and `travel.js` as one module, which asks for no other."""
    viewer = re.sub(r"^export default ", "const component = ", bundle.script(), flags=re.M)
    text = viewer + "\n" + (FOLDER / "travel.js").read_text("utf-8")
    if "</script" in text:
        raise ValueError("a script in a page cannot hold its own end")
    return text


def _told(result: Segmentation, identity: str, window: windows.Window | None) -> dict:
    boxes = []
    if window is not None and window.box != result.region:
        top, left, height, width = window.box
        boxes = [{"top": top, "left": left, "height": height, "width": width,
                  "label": f"spikes of {window.layer}", "colour": _COLOUR}]  # fmt: skip
    return {"result": identity, "compact": False, "boxes": boxes, "spots": [],
            "region": list(result.region), "places": []}  # fmt: skip


def _kept(window: windows.Window | None, scored: dict[int, float]) -> bytes:
    header: dict = {"rand": sorted(scored.items()), "window": None}
    if window is None:
        return packing.container(header, {}, level=_LEVEL)
    largest = float(np.nanmax(window.activation, initial=0.0)) or 1.0
    known = not np.isnan(window.activation).any()
    header["window"] = {
        "layer": window.layer,
        "box": list(window.box),
        "shape": list(window.shape),
        "first": list(window.first),
        "sizes": list(window.sizes),
        "unit": window.unit_hz,
        "extra": window.extra.tolist(),
        "down": [list(one) for one in window.down],
        "along": [list(one) for one in window.along],
        "activation": largest / 65535 if known else None,
    }
    arrays = {"bits": window.bits, "rate": window.rate_hz}
    if known:
        arrays["activation"] = np.rint(window.activation / largest * 65535).astype(np.uint16)
    return packing.container(header, arrays, level=_LEVEL)


def _about(result: Segmentation, window: windows.Window | None) -> dict:
    settings, picture = result.settings, result.picture
    height, width = result.image.shape
    return {
        "name": picture.title,
        "made": datetime.now(UTC).strftime("%d %B %Y"),
        "version": __version__,
        "width": width,
        "height": height,
        "nm": picture.nm and pixel_size.told(picture.nm),
        "settings": settings,
        "window": window,
        "agreement": result.agreement(),
        "scores": summary.SCORES,
        "of": (result.ann_scores, result.snn_scores),
        "layers": result.layers,
        "fastest": max((layer.mean_rate_hz for layer in result.layers), default=0.0) or 1.0,
        "command": provenance.command(result),
        "meanings": _meanings(result),
    }


def _meanings(result: Segmentation) -> dict[str, str]:
    """What the page's words mean, for a reader who has nothing but the page.

    Returns
    -------
    dict of str to str
        A sentence or two by word, in the order in which a reader meets them.
    """
    scored = ("pixel_accuracy", "dice", "iou")
    told = {words.SCORES[name][0].split(" (")[0]: words.SCORES[name][1] for name in scored}
    terms = {term.name: term.meaning for term in glossary.TERMS}
    named = any(re.fullmatch(glossary.LAYER_NAME, layer.name) for layer in result.layers)
    return {
        "ANN, SNN": f"{terms['ANN']} {terms['SNN']}",
        "V_Rand": terms["V_Rand"],
        "V_Info": terms["V_Info"],
        **told,
        f"{result.settings.percentile:g}th percentile": (
            f"The rate that {result.settings.percentile:g} % of a layer's neurons stay below:"
            " nearly the fastest, but no single outlier."
        ),
        **({", ".join(_ends(result)): terms["layer name"]} if named else {}),
        "Hz": terms["Hz"],
    }


def _ends(result: Segmentation) -> tuple[str, str]:
    return result.layers[0].name, result.layers[-1].name

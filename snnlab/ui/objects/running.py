"""The search for things in what is on screen: begun, watched, taken."""

from dataclasses import dataclass, replace

import streamlit as st

from snnlab.images.pictures import Picture
from snnlab.lab import detecting as lab
from snnlab.lab.detecting import Found
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.ui.shared import bench, errands, specimen, status, visitors, words
from snnlab.ui.shared.errands import Errand

STEPS = (8, 16, 32, 48, 64, 100, 128, 200, 256)
_STAGES = {"ANN": "ANN", "conversion": "conversion", "done": "done"}
DRAWN, BENCH = "drawn", "bench"
FIRST = 0.8  # seconds that a draw waits for a search, so that a short one needs no second draw


@dataclass(frozen=True)
class Shown:
    """What the page shows.

    Attributes
    ----------
    picture : Picture
        In the pixels of its file, where these can be had.
    settings : Settings
        Of the detector.
    found : Found or None
        None until the first search of this picture is over.
    name : str
        Tells it from other searches.
    score : float
        From which on boxes count.
    drawn : bool
        Whether it is the lab's own section with mitochondria, whose boxes are known.
    """

    picture: Picture
    settings: Settings
    found: Found | None
    name: str
    score: float
    drawn: bool = False


@visitors.own(Errand.clear)
def errand() -> Errand:
    """The visitor's own search."""
    return Errand()


def pictured(result: Segmentation) -> Picture:
    """What is on screen, as it was before it was resampled for the U-Net.

    The detector learned from pixels of another size: resampled once they stay sharper.
    """
    picture, held = result.picture, specimen.here()
    if picture.file_nm is None or held is None or not held.holds(picture):
        return picture
    own = replace(held, nm=None).section(picture.section, labelled=False)
    if own.file_nm is not None:  # no squares, as the file says
        return picture
    return own if picture.asked_nm is None else replace(own, nm=picture.asked_nm)


def chosen(result: Segmentation) -> tuple[Picture, bool]:
    """Let the visitor choose what is looked at; a fly's shipped tissue would be an empty page.

    Returns
    -------
    picture : Picture
    drawn : bool
        Whether it is the lab's own section with mitochondria.
    """
    source = result.settings.source
    bench_picture = pictured(result)
    names = {DRAWN: "Drawn mitochondria", BENCH: f"Sidebar: {words.plain(bench_picture.called)}"}
    picked = st.segmented_control(
        "Section", list(names), default=DRAWN if source == "sample" else BENCH, required=True,
        format_func=names.get, key=f"objects-section-{source}", persist_state="session",
        help="A section with mitochondria that the lab's own program drew, with their true boxes;"
        " or the image that is chosen in the sidebar.",
    )  # fmt: skip
    if picked == DRAWN:
        return lab.drawn.picture(), True
    return bench_picture, False


def look(picture: Picture, settings: Settings, progress, cancel) -> Found:
    """Search, for the worker."""

    def told(share: float, stage: str) -> None:
        progress(share, _STAGES.get(stage, f"spikes of {stage}"))

    at = lab.moments(settings.timesteps)
    return lab.detect(picture, settings, progress=told, cancel=cancel, at=at)


def here(result: Segmentation) -> Shown:
    """Draw what a search is made with, follow it, and give what is to be shown meanwhile."""
    doing, usual = errand(), lab.defaults(lab.DEFAULT)
    picture, drawn = chosen(result)
    with st.container(horizontal=True, gap="medium", key="objects-with"):
        steps = st.select_slider(
            "Timesteps", sorted({*STEPS, usual.timesteps}), usual.timesteps, key="objects-steps",
            persist_state="session", width=340,
            help="How long the spiking detector runs, in steps of 1 ms. With few steps scores come"
            " out too low, and boxes are lost.",
        )  # fmt: skip
        score = st.slider(
            "Boxes count from this score", 0.05, 0.99, round(usual.threshold, 2), 0.01,
            key="objects-score", persist_state="session", width=340,
            help="How sure a network has to be. At the value that it starts at, both networks came"
            " closest to the right number of boxes in sections that were set aside for that"
            " choice; on other tissue another one may be better.",
        )  # fmt: skip
    settings = usual.replace(timesteps=steps, source=result.settings.source)
    image = f"{bench.named(picture)}/{picture.nm}"
    key = f"{image}/{settings.key(without=('source', 'section'))}"
    doing.collect()
    if _unasked(doing, key, picture, settings):
        doing.start(look, picture, settings, owner=st.session_state.owner, key=key)
        if doing.job is not None and doing.job.wait(FIRST):
            doing.collect()
    with st.container(key="objects-work"):  # always there, so that nothing below is drawn anew
        if doing.job is None and (doing.made != key or doing.error):
            errands.offer("Find mitochondria", doing, look, picture, settings, key=key)
        errands.watch(doing, "objects")
    of_this = doing.made is not None and doing.made.startswith(f"{image}/")
    found = doing.result if of_this else None
    known = settings if found is None else found.settings
    return Shown(picture, known, found, doing.made or "", score, drawn)


def _unasked(doing: Errand, key: str, picture: Picture, settings: Settings) -> bool:
    """Whether to search at once: it is quick, wished for, and was not tried just now."""
    quick = picture.pixels.size * settings.timesteps <= status.QUICK
    wished = st.session_state.get("auto", True) and not picture.blank
    return quick and wished and doing.of != key and doing.made != key

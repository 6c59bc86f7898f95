"""The search for things in what is on screen: begun, watched, taken."""

from dataclasses import dataclass, replace

import streamlit as st

from snnlab.figures.numbers import many
from snnlab.images.pictures import Picture
from snnlab.images.pixel_size import Size
from snnlab.lab import detecting as lab
from snnlab.lab.detecting import Found
from snnlab.nets.detector.boxes import OVERLAP
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.ui.objects import place
from snnlab.ui.objects.place import BENCH, DRAWN, STEPS
from snnlab.ui.shared import bench, errands, specimen, status, visitors, words
from snnlab.ui.shared.errands import Errand
from snnlab.ui.shared.specimen import Specimen

_STAGES = {"ANN": "ANN", "conversion": "conversion", "done": "done"}
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
    return section_of(held, picture.asked_nm, picture.section)


def section_of(held: Specimen, asked_nm: Size | None, section: int) -> Picture:
    """A section of a file in its own pixels; resampled only where these are no squares."""
    own = replace(held, nm=None).section(section, labelled=False)
    if own.file_nm is not None:  # no squares, as the file says
        return held.section(section, labelled=False)
    return own if asked_nm is None else replace(own, nm=asked_nm)


def chosen(result: Segmentation) -> tuple[Picture, bool]:
    """Let the visitor choose what is looked at; a fly's shipped tissue would be an empty page.

    Returns
    -------
    picture : Picture
    drawn : bool
        Whether it is the lab's own section with mitochondria.
    """
    key, own = place.KEPT["look"].key, pictured(result)
    names = {DRAWN: "Drawn mitochondria", BENCH: "Image in the sidebar"}
    if st.session_state.get(key) not in names:
        st.session_state[key] = first(result)
    picked = st.segmented_control(
        "Section", list(names), required=True, format_func=names.get, key=key,
        persist_state="session",
        help="A section with mitochondria that the lab's own program drew, with their true boxes;"
        " or the image that is chosen in the sidebar.",
    )  # fmt: skip
    return (lab.drawn.picture(), True) if picked == DRAWN else (own, False)


def first(result: Segmentation) -> str:
    """What is looked at first: on a fly's shipped tissue the page would be empty."""
    return DRAWN if result.settings.source == "sample" else BENCH


def look(picture: Picture, settings: Settings, progress, cancel) -> Found:
    """Search, for the worker."""

    def told(share: float, stage: str) -> None:
        progress(share, _STAGES.get(stage, f"spikes of {stage}"))

    at = lab.moments(settings.timesteps)
    return lab.detect(picture, settings, progress=told, cancel=cancel, at=at)


def here(result: Segmentation) -> Shown:
    """Draw what a search is made with, follow it, and give what is to be shown meanwhile."""
    doing, usual, state = errand(), lab.defaults(lab.DEFAULT), st.session_state
    place.follow()
    _another(result)
    picture, drawn = chosen(result)
    for name, value in opens_with(usual).items():
        state.setdefault(place.KEPT[name].key, value)
    options, key = sorted({*STEPS, usual.timesteps}), place.KEPT["ran"].key
    if state[key] not in options:  # of a session file
        state[key] = usual.timesteps
    with st.container(horizontal=True, gap="medium", key="objects-with"):
        steps = st.select_slider(
            "Timesteps", options, key=key, persist_state="session", width=300,
            help="How long the spiking detector runs, in steps of 1 ms. With few steps scores come"
            " out too low, and boxes are lost.",
        )  # fmt: skip
        score = st.slider(
            "Boxes count from this score", 0.05, 0.99, step=0.01, key=place.KEPT["score"].key,
            persist_state="session", width=300,
            help="How sure a network has to be. At the value that it starts at, both networks came"
            " closest to the right number of boxes in sections that were set aside for that"
            " choice; on other tissue another one may be better.",
        )  # fmt: skip
        overlap = st.slider(
            "Boxes are one from this overlap", 0.1, 0.9, step=0.05,
            key=place.KEPT["overlap"].key, persist_state="session", width=300,
            help="Of two boxes of a network that overlap by more (intersection over union), only"
            " the surer one stays. Lower: fewer boxes on one thing; higher: things that touch are"
            " told apart.",
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
    found = _suppressed(doing, overlap) if of_this else None
    known = settings if found is None else found.settings
    shown = Shown(picture, known, found, doing.made or "", score, drawn)
    status.headline(_headline(shown))
    return shown


def opens_with(usual: Settings) -> dict[str, float]:
    """Where the controls stand at first, by name as in `place.KEPT`."""
    return {"ran": usual.timesteps, "score": round(usual.threshold, 2), "overlap": OVERLAP}


def _another(result: Segmentation) -> None:
    """Another kind of image in the sidebar is what the visitor wants to see."""
    state, source = st.session_state, result.settings.source
    before = state.get("objects-source")
    if before not in (None, source):
        state.pop(place.KEPT["look"].key, None)
    state["objects-source"] = source


def _suppressed(doing: Errand, overlap: float) -> Found:
    """What was found, with the suppression that is chosen; worked out once."""
    key, held = (doing.made, overlap), st.session_state.get("objects_suppressed")
    if held is None or held[0] != key:
        found = doing.result if overlap == OVERLAP else doing.result.suppressed(overlap)
        held = st.session_state["objects_suppressed"] = key, found
    return held[1]


def _headline(shown: Shown) -> str:
    """One line on what is shown, in place of that on the U-Net's run."""
    height, width = shown.picture.file_shape or shown.picture.pixels.shape
    settings = shown.settings
    return " · ".join(
        (
            words.plain(shown.picture.title), f"{width} × {height} px",
            f"detector *{words.plain(settings.model)}*", many(settings.timesteps, "timestep"),
        )
    )  # fmt: skip


def _unasked(doing: Errand, key: str, picture: Picture, settings: Settings) -> bool:
    """Whether to search at once: it is quick, wished for, and was not tried just now."""
    quick = picture.pixels.size * settings.timesteps <= status.QUICK
    wished = st.session_state.get("auto", True) and not picture.blank
    return quick and wished and doing.of != key and doing.made != key

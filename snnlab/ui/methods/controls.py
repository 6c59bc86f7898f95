"""The page Methods: what to compare, the job, and what is kept of it in the session."""

import contextlib
from dataclasses import dataclass, field

import streamlit as st

from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.images.pictures import Picture
from snnlab.lab import methods as lab_methods
from snnlab.ui.shared import bench, long_work, visitors, words
from snnlab.ui.shared.remaining import spoken
from snnlab.work.jobs import Worker

PAGE = "pages/segment.py"
# seconds, measured on two cores of an AMD EPYC: to start the ANN; a contender and megapixel
START, MEGAPIXEL = 4.0, 45.0


@dataclass
class Shown:
    """The comparison on the page, and what is under way of it.

    Attributes
    ----------
    about : str
        The image, in words; Markdown.
    place : tuple
        Source and section that the image is from, to be found again.
    compared : list of Compared
        Appended to by the worker while it computes.
    chosen : tuple of Contender
        What was asked for.
    picture : Picture or None
        None of the comparison that is shipped.
    note : str
        What went wrong, or is to be known.
    """

    about: str
    place: tuple[str, int]
    compared: list[lab_methods.Compared] = field(default_factory=list)
    chosen: tuple[lab_methods.Contender, ...] = ()
    picture: Picture | None = None
    note: str = ""


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for comparisons alone: they take a minute, and the lab stays usable meanwhile."""
    return Worker(capacity=8)


@visitors.own(bench.Desk.clear)
def desk() -> bench.Desk:
    """The visitor's comparison under way."""
    return bench.Desk()


def now() -> Shown:
    """The comparison on the page; there always is one."""
    state = st.session_state
    if "methods" not in state:
        state.methods = _ready_made()
    return state.methods


def _ready_made() -> Shown:
    try:
        compared, about = lab_methods.ready_made()
    except LabError as error:
        return Shown("", ("sample", 0), note=str(error))
    height, width = about["shape"]
    shown = Shown(
        f"{about['image'].capitalize()}, {width} × {height} px",
        ("sample", about["section"]),
        list(compared),
    )
    if lab_methods.outdated(about):
        shown.note = (
            "This comparison came with the lab and was made with earlier weights; press Compare to"
            " make one with today's weights."
        )
    return shown


def controls() -> tuple[lab_methods.Contender, ...]:
    """Let the visitor say what to compare."""
    try:
        names = lab_methods.models()
    except LabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return ()
    # closed at first: what comes of the methods is to be seen without going past their names
    with st.expander("What is compared", icon=":material/tune:", key="methods-of"):
        left, right = st.columns((1, 3), gap="medium")
    with left:
        model = st.selectbox(
            "Model to convert",
            names,
            format_func=words.model,
            key="methods-model",
            persist_state="session",
            help="Every method that needs no training of its own gets these weights, so that only"
            " the method differs. Methods that need training bring their own weights.",
        )
    every = {one.key: one for one in lab_methods.entrants(model, st.session_state.settings)}
    with right:
        keys = st.multiselect(
            "Methods",
            list(every),
            default=list(every),
            format_func=lambda key: every[key].title,
            key=f"methods-chosen-{model}",
            persist_state="session",
        )
    return tuple(every[key] for key in keys)


def bar(chosen: tuple[lab_methods.Contender, ...]) -> None:
    """The line with the button: what it would take, or how far it is."""
    job = desk().job
    if job is not None:
        status = job.status
        said = long_work.line(long_work.cancel(_drop, "cancel-methods"))
        left = status.seconds_left
        text = f"{len(now().compared)} of {many(len(now().chosen), 'method')}: {status.stage}"
        if status.state == "queued":
            text = "waiting for another comparison"
        elif left is not None:
            text += f", about {spoken(left)} left"
        said.progress(status.fraction, text=text)
        return
    picture = bench.shown().picture
    height, width = picture.pixels.shape
    said, start = st.columns((6, 1.6), vertical_alignment="center")
    if not chosen:
        said.error("Choose at least one method.", icon=":material/error:")
        return
    text = f"On the section on screen, **{words.plain(picture.called)}**, {width} × {height} px"
    if max(height, width) > lab_methods.MOST:
        text += f" (its middle {lab_methods.MOST} × {lab_methods.MOST})"
    missing = sum(lab_methods.remembered(one, picture) is None for one in chosen)
    said.markdown(
        f"{text}: " + (_cost(picture, missing) if missing else ("everything is known already."))
    )
    long_work.start(start, "Compare", "start-methods", _start, chosen, picture)


def _cost(picture: Picture, missing: int) -> str:
    height, width = (min(side, lab_methods.MOST) for side in picture.pixels.shape)
    seconds = START + missing * MEGAPIXEL * height * width / 1e6
    return f"about {spoken(seconds)} on this machine."


def _start(chosen: tuple[lab_methods.Contender, ...], picture: Picture) -> None:
    height, width = (min(side, lab_methods.MOST) for side in picture.pixels.shape)
    part = ", its middle" if (height, width) != picture.pixels.shape else ""
    settings = bench.shown().settings
    shown = Shown(
        f"{words.plain(picture.title)}{part}, {width} × {height} px",
        (settings.source, settings.section),
        chosen=chosen,
        picture=picture,
    )
    before, st.session_state.methods = now(), shown
    try:
        desk().job = worker().submit(
            lab_methods.compare,
            chosen,
            picture,
            owner=st.session_state.owner,
            found=shown.compared.append,
        )
    except LabError as error:
        before.note = str(error)
        st.session_state.methods = before


def _drop() -> None:
    """Stop, and keep what is there; without anything, the shipped comparison comes back."""
    desk().clear()
    shown = now()
    if shown.compared:
        shown.note = f"Stopped after {len(shown.compared)} of {many(len(shown.chosen), 'method')}."
    else:
        st.session_state.pop("methods", None)


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    job = desk().job
    if job is None or not job.status.over:
        return False
    shown = now()  # a draw may be broken off here, but not below
    if job.status.state == "done":
        with contextlib.suppress(LabError):  # others' took its place; all was told on the way
            shown.compared = list(job.result)
    elif job.status.error:
        shown.note = job.status.error
    desk().job = None
    return True


def opened(what: str) -> None:
    """Make the settings of a cell the lab's, and go where they are seen.

    Parameters
    ----------
    what : str
        Key of the contender and timesteps, as ``"ecc 16"``.
    """
    key, _, steps = what.rpartition(" ")
    shown = now()
    for one in shown.compared:
        if one.contender.key == key and one.cell(int(steps)) is not None:
            source, section = shown.place
            bench.adopt(
                one.contender.settings.replace(timesteps=int(steps), source=source, section=section)
            )
            st.session_state.methods_opened = True


def follow() -> None:
    """Go to the lab's first page, if a cell was opened."""
    if st.session_state.pop("methods_opened", False):
        st.switch_page(PAGE)

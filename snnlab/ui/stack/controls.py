"""The page Stack: which sections and which part of them, and the line with the button."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from snnlab.data import seen
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.lab import stack as lab_stack
from snnlab.settings import Settings
from snnlab.ui.shared import bench, chosen, long_work, status, trained, words
from snnlab.ui.shared.remaining import spoken
from snnlab.ui.stack import pictures
from snnlab.ui.stack.desk import desk, hold, worker
from snnlab.ui.stack.given import Given

SIDES = ("Top", "Left", "Height", "Width")


@dataclass(frozen=True)
class Asked:
    """What the controls ask for.

    Attributes
    ----------
    given : Given
    places : range
    region : Region or None
    settings : Settings
    """

    given: Given
    places: range
    region: lab_stack.Region | None
    settings: Settings

    @property
    def shape(self) -> tuple[int, int]:
        """Of what is computed of each section."""
        return self.given.picture.pixels.shape if self.region is None else self.region[2:]


def identity(asked: Asked) -> str:
    """What a stack is of: two with the same have the same sections, in another session too."""
    digest = lab.model(asked.settings.model).digest
    settings = asked.settings.key(without=("source", "section"))
    told = repr((asked.given.mark, asked.region, digest, settings))
    return hashlib.sha256(told.encode()).hexdigest()


def asked(given: Given) -> Asked | None:
    """Let the visitor choose; None if that makes no sense, which is said."""
    last, name = given.sections - 1, given.picture.content
    st.markdown(
        f"**{words.plain(given.name)}**, {given.sections} sections of"
        f" {_size(given.picture.pixels.shape)} px, with the settings of the run on screen"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        first = st.number_input(
            "From section", 0, last, 0, key=f"stack-from-{name}", persist_state="session", width=130
        )
        to = st.number_input(
            "To section", 0, last, last, key=f"stack-to-{name}", persist_state="session", width=130
        )
        part = st.toggle(
            "Only a region",
            key=f"stack-part-{name}",
            persist_state="session",
            help=(
                "It is cut out before anything is computed, so its edge becomes the edge of the"
                " image."
            ),
        )
    if first > to:
        st.error("The first section comes after the last one: swap them.", icon=":material/error:")
        return None
    region = None
    try:
        if part:
            region = lab_stack.checked(_region(given), given.picture.pixels.shape)
        made = Asked(given, range(first, to + 1), region, bench.shown().settings)
        lab_stack.check(len(made.places), made.shape)
    except LabError as error:
        text = words.plain(str(error))
        st.error(f"{text[:1].upper()}{text[1:]}", icon=":material/error:")
        return None
    return made


def _size(shape: tuple[int, int]) -> str:
    return f"{shape[1]} × {shape[0]}"


def _region(given: Given) -> lab_stack.Region:
    """Four numbers; at first the box that was drawn in the viewer, or the middle."""
    height, width = given.picture.pixels.shape
    keys = [f"stack-{side}-{given.picture.content}" for side in SIDES]
    middle = (height // 4, width // 4, max(height // 2, 32), max(width // 2, 32))
    box = chosen.box(given.picture)
    state = st.session_state
    for key, value in zip(keys, box or middle, strict=True):
        state.setdefault(key, value)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        found = [
            st.number_input(f"{side} (px)", 0, most, key=key, persist_state="session", width=130)
            for side, key, most in zip(SIDES, keys, (height, width, height, width), strict=True)
        ]
        st.button(
            "Use the box from Segment",
            icon=":material/select:",
            disabled=box is None,
            on_click=lambda: state.update(zip(keys, box, strict=True)),
            help="The box that you last drew on this image, with Box on the page Segment.",
            key="stack-box",
        )
    region = tuple(int(value) for value in found)
    st.image(
        pictures.framed(given.picture.pixels, region),
        width=220,
        caption="The region, in the section on screen",
        alt="The section on screen, and the region as a frame",
    )
    return region


def bar(want: Asked | None) -> None:
    """The line with the button: what it would take, or how far it is."""
    here = desk()
    if here.job is not None:
        now = here.job.status
        said = long_work.line(long_work.cancel(_stop, "cancel-stack"))
        text = f"{len(here.done())} of {many(len(here.places), 'section')}: {now.stage}"
        if now.state == "queued":
            text = "waiting for another stack"
        elif now.seconds_left is not None:
            text += f", about {spoken(now.seconds_left)} left"
        said.progress(now.fraction, text=text)
        return
    if want is None:
        return
    same = here.stack is not None and here.key == identity(want)
    there = len(here.stack.among(want.places)) if same else 0
    waiting = len(want.places) - there
    said, start = st.columns((6, 1.6), vertical_alignment="center")
    voxels = len(want.places) * want.shape[0] * want.shape[1]
    text = f"{many(len(want.places), 'section')}, {voxels:,} voxels (at most"
    text += f" {lab_stack.MOST / 1e6:.0f} million): "
    if there:
        text += f"{there} done, "
    text += f"{_cost(want, waiting)}." if waiting else "nothing is left to do."
    said.markdown(text)
    long_work.start(
        start,
        "Go on" if there and waiting else "Start",
        "start-stack",
        _start,
        want,
        disabled=not waiting and here.places == want.places,
    )
    if not here.done() and want.given.picture.labels is not None:  # later it is beside the scores
        image = want.given.picture.in_the_file
        places = (seen.numbered(image, place) for place in want.places)
        trained.told(want.settings.model, want.given.source, *places)


def _cost(want: Asked, sections: int) -> str:
    """How long it will take, roughly."""
    picture = want.given.picture
    one = status.expected(bench.Wanted(want.settings, picture))
    share = want.shape[0] * want.shape[1] / picture.pixels.size
    return status.duration(one * max(share, 0.1) * sections) + " on this machine"


def _start(want: Asked) -> None:
    here, key = desk(), identity(want)
    stack = here.stack
    if stack is None or here.key != key:
        stack = lab_stack.Stack(
            want.given.name, want.settings, want.region, image=want.given.picture.in_the_file
        )
    try:
        lab_stack.reserve(stack, want.places, want.shape)
        job = worker().submit(
            lab_stack.run, stack, want.given.load, want.places, owner=st.session_state.owner
        )
    except LabError as error:
        here.note = str(error)
        return
    if stack is not here.stack:
        here.begin()
        here.at, here.thickness = want.places[0], want.given.thickness
    here.stack, here.key, here.places, here.job, here.note = stack, key, want.places, job, ""
    hold()


def _stop() -> None:
    """Stop, and keep what is done."""
    here = desk()
    if here.job is not None:
        here.job.cancel()
        here.job = None
    here.note = f"Stopped after {len(here.done())} of {many(len(here.places), 'section')}; Go on"
    here.note += " takes up where it was."
    hold()


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    here = desk()
    if here.job is None or not here.job.status.over:
        return False
    if here.job.status.error:
        here.note = here.job.status.error
    here.job = None
    hold()
    return True

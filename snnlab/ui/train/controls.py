"""Train on your own images: what to train on, what to train, the job."""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import training as lab_training
from snnlab.ui.shared import bench, mine, visitors, words
from snnlab.ui.shared.remaining import Remaining
from snnlab.ui.shared.source import TYPES, pixel_size
from snnlab.work.jobs import Worker

NAMED = "mine"


@dataclass(frozen=True)
class Given:
    """A visitor's sections as they were read.

    Attributes
    ----------
    own : OwnData
    about : str
        Where they are from, in words.
    """

    own: lab_training.OwnData
    about: str


@dataclass
class Run:
    """The training on the page.

    Attributes
    ----------
    order, given
        What is trained, and on what.
    heard : list
        Appended to by the worker; see `snnlab.training.own.running.Heard`.
    times : tuple
        The estimate, once it is there.
    left : Remaining
    timing : bool
        Whether the job under way only measures.
    paused : bool
    model : Model or None
        What came of it, under the name that it has in the visitor's lists.
    error : str
    """

    order: lab_training.Order
    given: Given
    heard: list = field(default_factory=list)
    times: tuple = ()
    left: Remaining = field(default_factory=Remaining)
    timing: bool = False
    paused: bool = False
    model: object = None
    error: str = ""

    @cached_property
    def nothing(self) -> dict:
        """Scores of a net that has learnt nothing, on what the curves are of."""
        return lab_training.constant(self.given.own)

    @property
    def steps(self) -> int:
        """Of all stages."""
        return sum(lab_training.steps(self.order, self.given.own))


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for trainings alone: they take minutes or hours, and the lab stays usable."""
    return Worker(capacity=8)


@visitors.own(bench.Desk.clear)
def desk() -> bench.Desk:
    """The visitor's training under way."""
    return bench.Desk()


def now() -> Run | None:
    """What was timed or started last."""
    return st.session_state.get("training")


# ---- the sections -----------------------------------------------------------


def sections() -> Given | None:
    """Let the visitor choose images and labels; what was chosen stays for the session."""
    left, right = st.columns(2, gap="medium")
    with left:
        images = st.file_uploader(
            "Images or stacks", TYPES, accept_multiple_files=True, key="training-images",
            help="PNG, JPEG or TIFF; a TIFF may hold many sections.",
        )  # fmt: skip
    with right:
        labels = st.file_uploader(
            "Their labels", TYPES, accept_multiple_files=True, key="training-labels",
            help="As many files, of the same sizes. Files are paired in the order of their names.",
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        black = st.segmented_control(
            "Black in the labels is",
            ("membrane", "cell"),
            default="membrane",
            required=True,
            key="training-polarity",
            persist_state="session",
        )
        nm = pixel_size(
            "training-nm",
            "Sections with pixels of another size are resampled to that. What learned so is used"
            " so: give the pixel size in the sidebar too.",
            220,
        )
        st.button(
            "Try it with synthetic sections", icon=":material/science:", on_click=_example,
            key="training-example",
        )  # fmt: skip
    if images or labels:
        _read(images, labels, black == "cell", nm)
    return _facts()


def _natural(file) -> list:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", file.name.lower())]


def _read(images: list, labels: list, invert: bool, nm: float | None) -> None:
    """Read what lies in the two fields, once."""
    state = st.session_state
    if len(images) != len(labels):
        state.training_wrong = (
            f"{len(images)} files of images and {len(labels)} of labels: each needs its own."
        )
        return
    images, labels = sorted(images, key=_natural), sorted(labels, key=_natural)
    digest = hashlib.sha256(f"{invert} {nm}".encode())
    for file in (*images, *labels):
        digest.update(file.name.encode() + hashlib.sha256(file.getvalue()).digest())
    if state.get("training_read") == digest.hexdigest():
        return
    state.training_read, state.training_wrong = digest.hexdigest(), ""
    state.pop("training_given", None)
    pairs = [
        ((image.name, image.getvalue()), (truth.name, truth.getvalue()))
        for image, truth in zip(images, labels, strict=True)
    ]
    try:
        own = lab_training.read(pairs, invert, nm)
    except LabError as error:
        state.training_wrong = str(error)
        return
    about = ", ".join(f"{image.name} with {truth.name}" for image, truth in
                      zip(images[:3], labels[:3], strict=True))  # fmt: skip
    more = f" and {len(images) - 3} more pairs" if len(images) > 3 else ""
    state.training_given = Given(own, words.plain(about) + more)


def _example() -> None:
    state = st.session_state
    state.training_wrong, state.training_read = "", None
    state.training_given = Given(lab_training.example(), "Synthetic sections, made by the lab")


def _facts() -> Given | None:
    """Say what was read, and what is wrong or doubtful about it."""
    state = st.session_state
    if state.get("training_wrong"):
        text = state.training_wrong
        st.error(text[:1].upper() + text[1:], icon=":material/error:")
    given: Given | None = state.get("training_given")
    if given is None:
        return None
    own = given.own
    st.markdown(
        f"{given.about}: **{len(own.train)}** section{'s' * (len(own.train) != 1)} to train on,"
        f" {own.pixels / 1e6:.2f} million pixels; {own.split}, to validate on."
    )
    for note in own.notes:
        st.warning(note, icon=":material/info:")
    return given


def instead(given: Given | None) -> None:
    """Where there is little to learn from, offer the page Tune, with these sections as its data."""
    if given is not None and given.own.little:
        tune_button("above")
    follow()


def tune_button(where: str) -> None:
    """Leads to the page Tune."""
    st.button("Fine-tune a trained model on these", icon=":material/tune:", on_click=_leave,
              key=f"training-tune-{where}")  # fmt: skip


def _leave() -> None:
    state = st.session_state
    # the control there is a new one, which begins with the visitor's own
    state.tune_arrivals = state.get("tune_arrivals", 0) + 1
    state.training_left = True


def follow() -> None:
    """Turn to the page Tune if that was asked for."""
    if st.session_state.pop("training_left", False):
        st.switch_page("pages/finetune.py")


# ---- what to train ----------------------------------------------------------


def order(given: Given) -> lab_training.Order | None:
    """Let the visitor say what to train; None while that makes no sense."""
    first, second, third = st.columns((2, 2, 2), gap="medium")
    kinds = lab_training.kinds()
    with first:
        kind = st.selectbox(
            "Recipe", kinds, key="training-kind", persist_state="session",
            help="How a shipped model of that name was trained; here from random weights, on your"
            " sections.",
        )  # fmt: skip
    with second:
        usual = sum(lab_training.steps(lab_training.Order(kind), given.own))
        steps = st.number_input(
            "Steps", 10, 200_000, usual, step=100, key=f"training-steps-{kind}",
            help=f"About {usual} are what the shipped model took. Fewer are quicker and worse.",
        )  # fmt: skip
    with third:
        seed = st.number_input(
            "Seed", 0, 999, 0, key="training-seed",
            help="Of the first weights and the crops: another one, another net as good.",
        )  # fmt: skip
    st.caption(lab_training.summary(kind))
    asked = _bounds(kind)
    try:
        return lab_training.Order(kind, NAMED, int(steps), None, *asked, int(seed))
    except LabError as error:
        text = str(error)
        st.error(text[:1].upper() + text[1:], icon=":material/error:")
        return None


def _bounds(kind: str) -> tuple[float | None, float | None, float | None]:
    usual = lab_training.bounded(kind)
    if usual is None:
        return None, None, None
    columns = st.columns((2, 2, 2), gap="medium")
    labels = ("Percentile", "Lower bound (Hz)", "Upper bound (Hz)")
    limits = ((50.0, 100.0), (1.0, 1000.0), (1.0, 1000.0))
    found = []
    for column, label, value, (low, high) in zip(columns, labels, usual, limits, strict=True):
        with column:
            found.append(
                st.number_input(label, low, high, float(value), key=f"training-{label}-{kind}")
            )
    return tuple(None if one == own else one for one, own in zip(found, usual, strict=True))


# ---- the job ----------------------------------------------------------------


def measure(asked: lab_training.Order, given: Given) -> None:
    """Time a few steps."""
    st.session_state.training = Run(asked, given, timing=True)
    _submit(lab_training.estimate, asked, given.own)


def go_on() -> None:
    """Start, or go on from the last checkpoint."""
    run = now()
    run.timing, run.paused, run.error, run.model = False, False, "", None
    run.heard = []  # what was before comes again from the checkpoint
    to_do = 1 - lab_training.begun(run.order, run.given.own) / run.steps
    run.left = Remaining(to_do * sum(stage.seconds for stage in run.times) or None)
    _submit(lab_training.train, run.order, run.given.own, heard=run.heard.append)


def _submit(work, *args, **more) -> None:
    run = now()
    try:
        desk().job = worker().submit(work, *args, owner=st.session_state.owner, **more)
    except LabError as error:
        run.timing, run.error = False, str(error)


def pause() -> None:
    """Stop; the checkpoint stays."""
    run = now()
    run.paused = not run.timing
    desk().clear()
    if run.timing:
        st.session_state.pop("training", None)


def drop() -> None:
    """Stop, and forget how far it got."""
    run = now()
    desk().clear()
    if run is not None and not run.timing:
        lab_training.discard(run.order, run.given.own)
    st.session_state.pop("training", None)


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    job, run = desk().job, now()
    if job is None or not job.status.over:
        return False
    if job.status.state == "done":
        _take(run, job)
    else:
        run.paused = not run.timing and bool(run.heard)
        run.error = job.status.error or ""
        run.timing = False
    desk().job = None  # last: a draw may be broken off before the model is put away
    return True


def _take(run: Run, job) -> None:
    if run.timing:
        run.times, run.timing = job.result, False
        return
    try:
        run.model = mine.put(job.result)
        lab_training.discard(run.order, run.given.own)
    except LabError as error:
        # the checkpoint is still there: going on ends at once, once there is room
        run.paused, run.error = True, str(error)

"""The training on the page Train: timed, started, paused, gone on with, opened by its address."""

from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import reopening
from snnlab.lab import training as lab_training
from snnlab.ui.shared import courses, mine, visitors
from snnlab.ui.shared.remaining import Remaining
from snnlab.ui.train.given import Given
from snnlab.work.jobs import Worker

PARAMETER = "training"  # of the address
A_STEP = 30.0  # seconds that the step under way, and its checkpoint, take at most


@dataclass
class Run:
    """The training on the page.

    Attributes
    ----------
    order, given
        What is trained, and on what.
    token : str or None
        Its id, once it was started; None if what it takes to go on could not be kept.
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
    error, note : str
        What went wrong, and what is only to be known.
    """

    order: lab_training.Order
    given: Given
    token: str | None = None
    heard: list = field(default_factory=list)
    times: tuple = ()
    left: Remaining = field(default_factory=Remaining)
    timing: bool = False
    paused: bool = False
    model: object = None
    error: str = ""
    note: str = ""

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


@visitors.own(courses.Desk.leave)
def desk() -> courses.Desk:
    """The visitor's training under way."""
    return courses.Desk()


def now() -> Run | None:
    """What was timed or started last."""
    return st.session_state.get("training")


def arrive() -> None:
    """Open the training that the address names."""
    state, run = st.session_state, now()
    token = courses.arrived(PARAMETER, run.token if run is not None else None)
    if token is None:
        return
    try:
        found = courses.opened(token)
        if not isinstance(found.asked, lab_training.Order):
            raise LabError("this is the address of a fine-tuning; open it on the page Tune.")
    except LabError as error:
        courses.noted(PARAMETER, run.token if run is not None else None)
        state.training_wrong = str(error)
        return
    desk().leave()
    given = Given(found.own, found.about)
    state.training_given, state.training_wrong = given, ""
    run = state.training = Run(found.asked, given, token, paused=found.paused)
    course = desk().join(token)
    if course is not None:
        run.heard, run.paused = course.seen, False
    elif not run.paused:
        go_on()


def measure(asked: lab_training.Order, given: Given) -> None:
    """Time a few steps."""
    run = st.session_state.training = Run(asked, given, timing=True)
    courses.noted(PARAMETER, None)
    owner = st.session_state.owner
    try:
        job = worker().submit(lab_training.estimate, asked, given.own, owner=owner)
    except LabError as error:
        run.timing, run.error = False, str(error)
    else:
        desk().begin(None, job, None)


def go_on() -> None:
    """Start, or go on from the last checkpoint."""
    run, owner = now(), st.session_state.owner
    run.timing, run.paused, run.error, run.note, run.model = False, False, "", "", None
    run.heard = heard = []  # what was before comes again from the checkpoint
    to_do = 1 - lab_training.begun(run.order, run.given.own) / run.steps
    run.left = Remaining(to_do * sum(stage.seconds for stage in run.times) or None)
    _keep(run)
    courses.noted(PARAMETER, run.token)
    token, tickets = run.token, reopening.tickets()

    def hear(what) -> None:
        heard.append(what)
        if token is not None:
            tickets.used(token)

    try:
        job = worker().submit(lab_training.train, run.order, run.given.own, heard=hear, owner=owner)
    except LabError as error:
        run.paused, run.error = True, str(error)
    else:
        desk().begin(token, job, heard)


def _keep(run: Run) -> None:
    """Keep what it takes to go on; where that cannot be, it is said and training begins anyway."""
    tickets = reopening.tickets()
    if run.token is not None and tickets.has(run.token):
        tickets.pause(run.token, False)
        return
    try:
        run.token = reopening.keep_training(run.order, run.given.own, run.given.about)
    except LabError as error:
        run.token, run.note = None, f"This training has no address to come back to: {error}"


def pause() -> None:
    """Stop; what is done is kept."""
    run, job = now(), desk().job
    if run.token is not None:
        reopening.tickets().pause(run.token)
    desk().clear()
    if run.timing:
        st.session_state.pop("training", None)
        return
    run.paused = True
    if job is not None:
        job.wait(A_STEP)  # or the page would tell of fewer steps than are kept


def drop() -> None:
    """Stop, and forget how far it got."""
    run, job = now(), desk().job
    desk().clear()
    st.session_state.pop("training", None)
    courses.noted(PARAMETER, None)
    if run is None or run.timing:
        return
    if run.token is not None:
        reopening.tickets().drop(run.token)
    if job is not None:
        job.wait(A_STEP)  # or it would write its checkpoint after all
    lab_training.discard(run.order, run.given.own)


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    job, run = desk().job, now()
    if job is None or not job.status.over:
        return False
    if job.status.state == "done":
        _take(run, job)
    else:
        run.paused = not run.timing
        run.error = job.status.error or ""
        run.timing = False
    desk().done()  # last: a draw may be broken off before the model is put away
    return True


def _take(run: Run, job) -> None:
    try:
        if run.timing:
            run.times, run.timing = job.result, False
        else:
            run.model = mine.put(job.result)
    except LabError as error:
        # the checkpoint is still there: going on ends at once, once there is room
        run.paused, run.timing, run.error = not run.timing, False, str(error)

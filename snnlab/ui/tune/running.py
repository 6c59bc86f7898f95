"""The fine-tuning on the page Tune: started, paused, gone on with, opened by its address."""

from dataclasses import dataclass, field, replace

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import reopening
from snnlab.lab.finetuning import Live, Tuned, Wish
from snnlab.ui.shared import bench, courses, mine, visitors
from snnlab.ui.tune.controls import Asked
from snnlab.work.jobs import Worker

AFTER = 45.0  # seconds, about, that finishing and scores take
A_STEP = 30.0  # seconds that the step under way, and its checkpoint, take at most
PARAMETER = "tuning"  # of the address


@dataclass
class Tuning:
    """The fine-tuning on the page.

    Attributes
    ----------
    asked : Asked
    token : str or None
        Its id; None if what it takes to go on could not be kept.
    live : Live
        What is seen of it; written by the worker.
    planned : float
        Seconds that the job under way is to take.
    paused : bool
    tuned : Tuned or None
        What came of it; its model has the name that it has in the lists.
    error, note : str
        What went wrong, and what is only to be known.
    """

    asked: Asked
    token: str | None = None
    live: Live = field(default_factory=Live)
    planned: float = 0.0
    paused: bool = False
    tuned: Tuned | None = None
    error: str = ""
    note: str = ""


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for fine-tuning alone: it takes minutes, and the lab stays usable meanwhile."""
    return Worker(capacity=8)


@visitors.own(courses.Desk.leave)
def desk() -> courses.Desk:
    """The visitor's fine-tuning under way."""
    return courses.Desk()


def now() -> Tuning | None:
    """What was started last."""
    return st.session_state.get("tuning")


def arrive() -> None:
    """Open the fine-tuning that the address names."""
    state, tuning = st.session_state, now()
    token = courses.arrived(PARAMETER, tuning.token if tuning is not None else None)
    if token is None:
        return
    try:
        found = courses.opened(token)
        if not isinstance(found.asked, Wish):
            raise LabError("this is the address of a training; open it on the page Train.")
        asked = Asked(found.asked, found.folder, found.own, found.about)
        planned(asked)  # refuses data that are not there any more
    except LabError as error:
        courses.noted(PARAMETER, tuning.token if tuning is not None else None)
        state.tuning_wrong = _sentence(error)
        return
    desk().leave()
    state.tuning_wrong = ""
    tuning = state.tuning = Tuning(asked, token, paused=found.paused)
    course = desk().join(token)
    if course is not None:
        tuning.live, tuning.paused, tuning.planned = course.seen, False, planned(asked)
    elif not tuning.paused:
        go_on()
    st.rerun()  # the sidebar lists the model that it starts from, if that came along


def start(asked: Asked) -> None:
    """Start what is asked for, or go on with it from its checkpoint."""
    st.session_state.tuning_wrong, st.session_state.tuning = "", Tuning(asked)
    go_on()


def go_on() -> None:
    """Go on; what was seen before comes again from the checkpoint."""
    tuning, image, owner = now(), bench.shown().image, st.session_state.owner
    tuning.paused, tuning.error, tuning.note, tuning.tuned = False, "", "", None
    tuning.live = Live(image)
    asked = tuning.asked
    _keep(tuning)
    courses.noted(PARAMETER, tuning.token)
    try:
        tuning.planned = planned(asked)
        job = worker().submit(
            lab_finetune.job, asked.wish, asked.folder, asked.own, tuning.live, owner=owner
        )
    except LabError as error:
        tuning.paused, tuning.error = True, _sentence(error)
    else:
        desk().begin(tuning.token, job, tuning.live)


def _keep(tuning: Tuning) -> None:
    """Keep what it takes to go on; where that cannot be, it is said and training begins anyway."""
    tickets, asked = reopening.tickets(), tuning.asked
    if tuning.token is not None and tickets.has(tuning.token):
        tickets.pause(tuning.token, False)
        return
    try:
        tuning.token = reopening.keep_tuning(asked.wish, asked.folder, asked.own, asked.about)
    except LabError as error:
        tuning.token = None
        tuning.note = f"This fine-tuning has no address to come back to: {error}"


def planned(asked: Asked) -> float:
    """Seconds that it will take, what was done before counted."""
    done = lab_finetune.begun(asked.wish, asked.folder, asked.own)
    return 60 * asked.wish.minutes * (1 - done) + AFTER


def pause() -> None:
    """Stop at the step that is being done, which is kept."""
    tuning, job = now(), desk().job
    if tuning.token is not None:
        reopening.tickets().pause(tuning.token)
    tuning.paused = True
    desk().clear()
    if job is not None:
        job.wait(A_STEP)  # or the page would tell of less than is kept


def drop() -> None:
    """Stop, and forget how far it came."""
    job = desk().job
    desk().clear()
    tuning = st.session_state.pop("tuning", None)
    courses.noted(PARAMETER, None)
    if tuning is None:
        return
    if tuning.token is not None:
        reopening.tickets().drop(tuning.token)
    if job is not None:
        job.wait(A_STEP)  # or it would write its checkpoint after all
    asked = tuning.asked
    lab_finetune.forget(
        tuning.live.place or lab_finetune.where(asked.wish, asked.folder, asked.own)
    )


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    job = desk().job
    if job is None or not job.status.over:
        return False
    tuning = now()
    if job.status.state != "done":
        tuning.paused, tuning.error = True, job.status.error or ""
    else:
        try:
            tuned = job.result
            tuning.tuned = replace(tuned, model=mine.put(tuned.model))
        except LabError as error:
            # the checkpoint is still there: going on ends at once, once there is room
            tuning.paused, tuning.error = True, _sentence(error)
    desk().done()  # last: a draw may be broken off before the model is put away
    return True


def _sentence(error: LabError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]

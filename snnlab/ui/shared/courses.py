"""Trainings under way: several tabs may look at one, and its address opens it again.

Who opens a training's address while it is under way sees that very training, and so goes on with
it who closed its tab by mistake. It ends when nobody is left who looks at it; what it takes to go
on later is on disk (`snnlab.lab.reopening`).
"""

import threading
import weakref
from urllib.parse import urlencode, urlsplit

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import reopening
from snnlab.ui.shared import bench
from snnlab.ui.shared.visitors import GRACE
from snnlab.work.jobs import Job

_guard = threading.Lock()


class Course:
    """A training under way.

    Attributes
    ----------
    token : str
        Its id.
    job : Job
    seen
        What is watched of it; written by its thread.
    """

    def __init__(self, token: str, job: Job, seen):
        self.token, self.job, self.seen = token, job, seen
        self.lookers: set[int] = set()


_COURSES: "weakref.WeakValueDictionary[str, Course]" = weakref.WeakValueDictionary()


class Desk(bench.Desk):
    """A visitor's training, which may be another tab's too."""

    def __init__(self):
        super().__init__()
        self._course: Course | None = None

    def begin(self, token: str | None, job: Job, seen) -> None:
        """Look at a training that was submitted just now; without an id nobody else can."""
        self.job = job
        if token is not None:
            course = Course(token, job, seen)
            with _guard:
                _COURSES[token] = course
            self._look(course)

    def join(self, token: str) -> Course | None:
        """Look at a training that is under way, if one is; else nothing changes."""
        with _guard:
            course = _COURSES.get(token)
        if course is None or course.job.status.over:
            return None
        self.job = course.job
        self._look(course)
        return course

    def done(self) -> None:
        """Take no more notice of a job that is over."""
        self._look(None)
        self.job = None

    def clear(self) -> None:
        """Stop it, whoever looks."""
        super().clear()
        self._look(None)

    def leave(self) -> None:
        """Stop it unless somebody else looks."""
        course = self._course
        self._look(None)
        with _guard:
            watched = course is not None and bool(course.lookers)
        if watched:
            self.job = None
        else:
            super().clear()

    def _look(self, course: Course | None) -> None:
        with _guard:
            if self._course is not None:
                self._course.lookers.discard(id(self))
            if course is not None:
                course.lookers.add(id(self))
            self._course = course


# ---- the address --------------------------------------------------------------


def arrived(name: str, token: str | None) -> str | None:
    """The id in the page's address, if it is another one than that of what the page shows.

    Parameters
    ----------
    name : str
        Of the parameter; see `snnlab.ui.shared.bench.BESIDE`.
    token : str or None
        Of what the page shows.
    """
    found = bench.beside(name)
    return found[0] if found is not None and found[0] != token else None


def opened(token: str) -> reopening.Reopened:
    """What an id stands for.

    Raises
    ------
    LabError
        If there is nothing any more, or it cannot go on.
    """
    from snnlab.ui.shared import mine

    found = reopening.opened(token, mine.put)
    if found is None:
        raise LabError(
            f"there is nothing at this address any more: the last {reopening.MOST} trainings are"
            f" kept, for {reopening.DAYS:.0f} days."
        )
    return found


def noted(name: str, token: str | None) -> None:
    """Keep an id in the page's address; None takes it out."""
    found = bench.beside(name)
    if (found[0] if found else None) != token:
        bench.put_beside(name, token, None)
        bench.write_address(st.session_state.settings)


def address(name: str, token: str) -> None:
    """Tell the address, and what is kept for how long."""
    parts = urlsplit(st.context.url or "")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else ""
    with st.expander("Come back to it later", icon=":material/link:", key=f"{name}-address"):
        st.markdown("**This address opens this training again and continues it:**")
        st.code(f"{base}?{urlencode({name: token})}", language=None, wrap_lines=True)
        st.caption(
            f"If you close the page, the training goes on for {GRACE / 60:.0f} minutes, then stops"
            " and keeps every step. The lab keeps your sections, the address and the steps on its"
            f" disk for {reopening.DAYS:.0f} days, of the last {reopening.MOST} trainings;"
            " *Cancel* and *Discard* delete them at once. Anyone who has the address can do with"
            " the training what you can, so treat it like a password."
        )

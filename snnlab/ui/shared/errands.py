"""Work that a page offers by a button: queued for its visitor, watched, taken when it is done."""

from collections.abc import Callable

import streamlit as st

from snnlab.errors import LabError
from snnlab.ui.shared import bench, status, words
from snnlab.ui.shared.said import said
from snnlab.work.jobs import Job

POLL = 0.5  # seconds


class Errand:
    """A job of one visitor's, ended when the visitor is gone for good.

    Attributes
    ----------
    job : Job or None
        Under way.
    of : str or None
        Key of what was started last.
    result : object
        Of what was done last; None: nothing was.
    made : str or None
        Key of what that is of.
    error : str
    """

    def __init__(self):
        self.job: Job | None = None
        self.result = None
        self.of: str | None = None
        self.made: str | None = None
        self.error = ""

    def clear(self) -> None:
        """Cancel what still runs."""
        if self.job is not None:
            self.job.cancel()
            self.job = None

    def start(self, work: Callable, *args, owner: str, key: str) -> None:
        """Queue it in place of what runs."""
        self.clear()
        self.error, self.of = "", key
        try:
            self.job = bench.worker().submit(work, *args, owner=owner, key=key)
        except LabError as error:
            self.error = str(error)

    def collect(self) -> bool:
        """Take the result of a job that is over; True if there was one."""
        job = self.job
        if job is None or not job.status.over:
            return False
        self.job, status = None, job.status
        self.error = status.error or ""
        if status.state == "done":
            try:
                self.result, self.made = job.result, self.of
            except LabError as error:
                self.error = str(error)
        return True


def watch(errand: Errand, name: str) -> None:
    """A bar with a way to stop, while a job runs."""
    if errand.job is not None:
        st.fragment(said(_bar), run_every=POLL)(errand, name)
    if errand.error:
        st.error(words.plain(errand.error), icon=":material/error:")


def _bar(errand: Errand, name: str) -> None:
    if errand.collect() or errand.job is None:
        st.rerun()  # all of the page: there is a result to show, or work to offer again
    now = errand.job.status
    text = "waiting for another run" if now.state == "queued" else now.stage + status.left(now)
    bar, stop = st.columns((5, 2), vertical_alignment="center")
    bar.progress(
        now.fraction,
        text=text,
    )
    stop.button(
        "Cancel", icon=":material/close:", on_click=errand.clear, key=f"cancel-{name}",
        width="stretch",
    )  # fmt: skip


def offer(label: str, errand: Errand, work: Callable, *args, key: str) -> None:
    """A button that starts it."""
    st.button(
        label,
        icon=":material/play_arrow:",
        key=f"start-{key[:24]}",
        on_click=errand.start,
        args=(work, *args),
        kwargs={"owner": st.session_state.owner, "key": key},
    )

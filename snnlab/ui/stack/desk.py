"""What a visitor has of a stack: the sections done, the work under way, what was linked of them."""

from collections.abc import Callable

import streamlit as st

from snnlab.lab import stack as lab_stack
from snnlab.ui.shared import visitors
from snnlab.work.jobs import Job, Worker

PICTURES = 300  # that are kept encoded, some 50 kB each


class Desk:
    """The visitor's stack; all of it ends when the visitor is gone for good.

    Attributes
    ----------
    job : Job or None
        Under way.
    stack : snnlab.lab.stack.Stack or None
    key : tuple
        What the stack is of: see `snnlab.ui.stack.controls.identity`.
    places : range
        Sections that were asked for last.
    note : str
        What went wrong, or is to be known.
    at : int
        The section that the browser asked for last.
    thickness : float or None
        From section to section, nanometres, as the file says.
    cells : tuple of str
        Key of the table of cells that was drawn last, and of which network they are.
    """

    def __init__(self):
        self.clear()

    def clear(self) -> None:
        """Cancel what runs, and let go of all."""
        job: Job | None = getattr(self, "job", None)
        if job is not None:
            job.cancel()
        self.job = None
        self.stack: lab_stack.Stack | None = None
        self.key: tuple = ()
        self.places = range(0)
        self.note = ""
        self.at = 0
        self.thickness: float | None = None
        self.begin()

    def begin(self) -> None:
        """Forget what was made of another stack."""
        self.chains = {name: lab_stack.Chain(name) for name in lab_stack.NETWORKS}
        self.pictures: dict[tuple, str] = {}
        self.measured: dict[str, tuple] = {}
        self.cells: tuple[str, str] = "stack-cells", "snn"

    def picture(self, key: tuple, make: Callable[[], str]) -> str:
        """A picture of a section, made once."""
        if key not in self.pictures:
            while len(self.pictures) >= PICTURES:
                self.pictures.pop(next(iter(self.pictures)))
            self.pictures[key] = make()
        return self.pictures[key]

    def done(self) -> list[lab_stack.Section]:
        """Sections that were asked for and are there, in their order."""
        return [] if self.stack is None else self.stack.among(self.places)


@visitors.own(Desk.clear)
def desk() -> Desk:
    """The visitor's own."""
    return Desk()


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for stacks alone: they take minutes, and the lab stays usable meanwhile."""
    return Worker(capacity=8)

"""What a visitor has of a stack: the sections done, the work under way, what was linked of them."""

import time
from collections.abc import Callable

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import stack as lab_stack
from snnlab.lab.stack_file import Held
from snnlab.ui.shared import visitors
from snnlab.ui.shared.session import ARRIVED, STACK
from snnlab.work.jobs import Job, Worker

PICTURES = 300  # that are kept encoded, some 50 kB each
EVERY = 10.0  # seconds, at least, after which the browser is told of sections of a stack under way


class Desk:
    """The visitor's stack; all of it ends when the visitor is gone for good.

    Attributes
    ----------
    job : Job or None
        Under way.
    stack : snnlab.lab.stack.Stack or None
    key : str
        What the stack is of: see `snnlab.ui.stack.controls.identity`.
    places : range
        Sections that were asked for last.
    note : str
        What went wrong, or is to be known.
    at : int
        The section that the browser asked for last.
    thickness : float or None
        From section to section, nanometres, as the file says.
    held, held_at : int, float
        How many sections the browser was told of last, and when (`time.monotonic`).
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
        self.key = ""
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
        self.held, self.held_at = 0, 0.0

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


def hold() -> None:
    """Let the browser and the session file keep what is done."""
    here, state = desk(), st.session_state
    state["stack_under_way"] = here.job is not None
    done = here.stack is not None and here.stack.sections
    state[STACK] = Held(here.key, here.stack, here.places, here.thickness) if done else None
    here.held, here.held_at = len(here.stack.sections) if done else 0, time.monotonic()


def held_more() -> bool:
    """Let the browser keep what was done since it was told last; True if there is something.

    It is told by a draw of the whole page, which a reload in the middle of a stack is worth, and a
    section of a second is not.
    """
    here = desk()
    if here.job is None or here.stack is None or len(here.stack.sections) <= here.held:
        return False
    if time.monotonic() - here.held_at < EVERY:
        return False
    hold()
    return True


def take_up() -> None:
    """Go on with a stack that was kept, unless there is one already."""
    held: Held | None = st.session_state.pop(ARRIVED, None)
    here = desk()
    if held is None or here.job is not None:
        return
    sections = held.sections()
    try:
        lab_stack.reserve(held.stack, held.places, sections[0].grey.shape)
    except LabError as error:
        here.note = f"What this browser had kept of a stack is not here: {error}"
        return
    here.begin()
    here.stack, here.key, here.places, here.note = held.stack, held.mark, held.places, ""
    here.at, here.thickness = sections[0].place, held.thickness


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for stacks alone: they take minutes, and the lab stays usable meanwhile."""
    return Worker(capacity=8)

"""The page Networks: which net and which test are on it, and what is under way."""

import contextlib
from dataclasses import dataclass, replace

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import networks
from snnlab.ui.shared import bench, courses, mine, visitors
from snnlab.work.jobs import Worker

PARAMETER = "net"  # of the address; the net that ships goes without saying
NO_FILES = f"You can upload nets only where the lab serves one person, or with {mine.VARIABLE}=yes."


@dataclass(frozen=True)
class Shown:
    """What is on the page.

    Attributes
    ----------
    name : str
        Of `networks.nets`, or, of a file that was handed in, its own.
    known : snnlab.lab.networks.Known or None
        None if it could not be looked into.
    tested : snnlab.lab.networks.Tested or None
        None before a test.
    average : bool
        Means in place of maxima.
    note : str
        What went wrong, or is to be known.
    handed : bool
        Whether it is of a file.
    """

    name: str
    known: networks.Known | None
    tested: networks.Tested | None = None
    average: bool = False
    note: str = ""
    handed: bool = False


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for nets alone, so that the lab stays usable meanwhile."""
    return Worker(capacity=8)


@visitors.own(bench.Desk.clear)
def desk() -> bench.Desk:
    """The visitor's work under way."""
    return bench.Desk()


def now() -> Shown:
    """What is on the page; there always is something."""
    if "networks" not in st.session_state:
        st.session_state.networks = shipped()
    return st.session_state.networks


def shipped() -> Shown:
    """The net that comes with the lab, tested already."""
    try:
        tested, known = networks.ready_made()
    except LabError as error:
        return Shown(networks.DEMO, None, note=str(error))
    return Shown(networks.DEMO, known, tested)


def choose(name: str) -> None:
    """Put one of the lab's nets on the page."""
    desk().clear()
    _in_address(None if name == networks.DEMO else name)
    if name == networks.DEMO:
        st.session_state.networks = shipped()
    else:
        _submit(_looked, name, False)


def follow() -> None:
    """Put the net on the page that its address names, if that is another one than before."""
    came = courses.arrived(PARAMETER, st.session_state.get("networks_named"))
    if came is None:
        return
    st.session_state.networks_named = came
    if came in networks.nets():
        if came != now().name:
            choose(came)
    else:
        _note(f"There is no net {came} here; choose another.")


def _in_address(name: str | None) -> None:
    """Keep a net's name in the page's address; None takes it out."""
    st.session_state.networks_named = name
    bench.put_beside(PARAMETER, name, None)
    bench.write_address(st.session_state.settings)


def hand_in(data: bytes, file: str, size: tuple[int, int] | None) -> None:
    """Put a visitor's own net on the page."""
    if not mine.may_load():
        _note(NO_FILES)
        return
    desk().clear()
    _in_address(None)
    _submit(_read, data, file, size)


def start(given, methods, timesteps: int, percentile: float, average: bool) -> None:
    """Test the net on the page; see `snnlab.lab.networks.measure`."""
    _submit(_tested, replace(now(), note=""), given, methods, timesteps, percentile, average)


def _submit(work, *arguments) -> None:
    try:
        desk().job = worker().submit(work, *arguments, owner=st.session_state.owner)
    except LabError as error:
        _note(str(error))


def _note(text: str) -> None:
    st.session_state.networks = replace(now(), note=text)


def _looked(name: str, average: bool, progress, cancel) -> Shown:
    progress(0.1, "looking into it")
    return Shown(name, networks.named(name, average), None, average)


def _read(data: bytes, file: str, size, progress, cancel) -> Shown:
    progress(0.1, "reading the file")
    graph = networks.given(data, file, size)
    progress(0.5, "looking into it")
    # one of the lab's own may be called so, and is still to be had
    called = f"{graph.name}-2" if graph.name in networks.nets() else graph.name
    return Shown(called, networks.known(graph), handed=True)


def _tested(
    shown: Shown, given, methods, timesteps, percentile, average, progress, cancel
) -> Shown:
    known = shown.known
    if average != shown.average:
        known = networks.known(known.graph, average)
    if known.refused:
        raise LabError(known.refused[0])
    tested = networks.measure(
        known.graph, given(), methods, timesteps, percentile, average, progress, cancel
    )
    return replace(shown, known=known, tested=tested, average=average)


def drop() -> None:
    """Stop; what is on the page stays."""
    desk().clear()
    _note("Stopped; what is shown is from before.")


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    job = desk().job
    if job is None or not job.status.over:
        return False
    if job.status.state == "done":
        with contextlib.suppress(LabError):  # others' took its place
            st.session_state.networks = job.result
    elif job.status.error:
        _note(job.status.error)
    desk().job = None
    return True

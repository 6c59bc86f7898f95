"""What a visitor has on the bench: the settings, the result shown, the work under way.

All of it is in the visitor's own session. The address of the page is read when
a session begins, and whenever the visitor goes back or pastes another one; it
is written after every change.
"""

import contextlib
import hashlib
import uuid
from dataclasses import dataclass, fields

import streamlit as st

from snnlab import conversion, lab, simulation
from snnlab.errors import LabError
from snnlab.jobs import Job, Worker
from snnlab.result import Picture, Segmentation
from snnlab.settings import Settings

# what people call the settings; in the order in which changes are listed
NAMES = {
    "source": "source",
    "section": "section",
    "model": "model",
    "timesteps": "timesteps",
    "percentile": "percentile",
    "lower_hz": "lower bound (Hz)",
    "upper_hz": "upper bound (Hz)",
    "reset": "reset",
    "method": "method",
    "simulator": "simulator",
    "synapse_ms": "synapse (ms)",
    "initial": "initial potential",
    "threshold": "threshold",
    "seed": "seed",
}


@dataclass(frozen=True)
class Wanted:
    """What the controls ask for.

    Attributes
    ----------
    settings : Settings
    picture : Picture or None
        None while there is none to segment.
    missing : str
        Why there is none; one sentence.
    wrong : bool
        Whether that is a mistake (a broken file) rather than something still to be chosen.
    """

    settings: Settings
    picture: Picture | None
    missing: str = ""
    wrong: bool = False

    @property
    def key(self) -> str:
        """Names the result that would come of it."""
        return identity(self.picture, self.settings)


def identity(picture: Picture, settings: Settings) -> str:
    """SHA-256 of a picture, its labels and the settings, to keep results apart."""
    parts = [picture.sha256, str(picture.section), settings.key(without=("source", "section"))]
    if picture.labels is not None:
        parts.append(hashlib.sha256(picture.labels.tobytes()).hexdigest())
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The lab's one background thread."""
    return Worker()


class Desk:
    """The work that a visitor has under way, ended when the visitor is gone for good."""

    def __init__(self):
        self.job: Job | None = None

    def clear(self) -> None:
        """Cancel what still runs."""
        if self.job is not None:
            self.job.cancel()
            self.job = None


@st.cache_resource(show_spinner=False, scope="session", on_release=Desk.clear)
def desk() -> Desk:
    """The visitor's own."""
    return Desk()


@st.cache_resource(show_spinner=False)
def _first() -> Segmentation:
    return lab.default_result()


def begin() -> None:
    """Set a new session up, and follow the address."""
    state = st.session_state
    if "shown" not in state:
        state.owner = uuid.uuid4().hex
        state.shown = _first()
        state.settings = state.adopted = state.shown.settings
        state.notes = []
        state.refused = None
        state.address = None
        state.generation, state.controls = 0, {}
    _follow()


def _follow() -> None:
    """Take the settings from the address if it was typed, or gone back to."""
    state, query = st.session_state, st.query_params.to_dict()
    typed = query != state.address
    # A control that was moved counts for more: its message may have left before the browser
    # heard of the last address. Turning to another page empties the address; the settings stay.
    if typed and query and state.controls == controls():
        settings, complaints = Settings.from_query(query, known_names())
        adopt(settings)
        state.notes = []
        for text in complaints:
            note(text, mistake=False)


def controls() -> dict:
    """Values of the sidebar's controls, as they are now."""
    state = st.session_state
    ending = f"-{state.generation}"
    return {name: state[name] for name in state if str(name).endswith(ending)}


def note(text: str, mistake: bool = True) -> None:
    """Say something above the page until the visitor moves something."""
    st.session_state.notes.append({"text": text, "mistake": mistake})


def known_names() -> dict[str, tuple[str, ...]]:
    """Names that an address may hold."""
    known = {
        "method": tuple(item.name for item in conversion.METHODS),
        "simulator": tuple(item.name for item in simulation.SIMULATORS),
    }
    # one damaged model file is the sidebar's to report, and no reason to show nothing
    with contextlib.suppress(LabError):
        known["model"] = tuple(name for name, _, _ in lab.models_listed())
    return known


def adopt(settings: Settings) -> None:
    """Make these the settings, on the controls too."""
    st.session_state.settings = st.session_state.adopted = settings
    st.session_state.generation += 1  # the sidebar fills its controls anew


def write_address(settings: Settings) -> None:
    """Put the settings into the address."""
    # an empty address means the first result, whatever its settings
    query = {}
    if settings != _first().settings:
        query = settings.to_query() or {"steps": str(settings.timesteps)}
    st.session_state.address, st.session_state.controls = query, controls()
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def changes(shown: Segmentation, wanted: Wanted) -> list[str]:
    """What differs between the result shown and what is asked for, in words."""
    if wanted.picture is None or identity(shown.picture, shown.settings) == wanted.key:
        return []
    old, new = shown.settings, wanted.settings
    found = []
    if (shown.picture.sha256, shown.picture.section) != (
        wanted.picture.sha256,
        wanted.picture.section,
    ):
        found.append(f"image: {shown.picture.name} → {wanted.picture.name}")
    for field in fields(Settings):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name in ("source", "section") or before == after:
            continue
        before, after = (f"{v:g}" if isinstance(v, float) else v for v in (before, after))
        found.append(f"{NAMES[field.name]}: {before} → {after}")
    return found or ["labels"]


def shown() -> Segmentation:
    """The result on the page; there always is one."""
    return st.session_state.shown

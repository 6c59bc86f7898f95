"""What a visitor has on the bench: the settings, the result shown, the work under way.

All of it is in the visitor's own session. The address of the page is read when
a session begins, and whenever the visitor goes back or pastes another one; it
is written after every change.
"""

import hashlib
import uuid
from dataclasses import dataclass, fields

import streamlit as st

from snnlab import conversion, lab, simulation
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
        state.complaints = []
        state.job = state.refused = None
        state.address = state.address_of = None
        state.generation = 0
    _follow()


def _follow() -> None:
    """Take the settings from the address if it was typed, or gone back to."""
    state, query = st.session_state, st.query_params.to_dict()
    typed = query != state.address
    # turning to another page empties the address; the settings stay
    if typed and query:
        settings, complaints = Settings.from_query(query, known_names())
        state.complaints = complaints
        adopt(settings)


def known_names() -> dict[str, tuple[str, ...]]:
    """Names that an address may hold."""
    return {
        "model": tuple(name for name, _, _ in lab.models_listed()),
        "method": tuple(item.name for item in conversion.METHODS),
        "simulator": tuple(item.name for item in simulation.SIMULATORS),
    }


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
    st.session_state.address = query
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


def job() -> Job | None:
    """The visitor's work under way, or just over."""
    return st.session_state.job

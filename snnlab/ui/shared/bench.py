"""What a visitor has on the bench: the settings, the result shown, the work under way.

All of it is in the visitor's own session. The address of the page is read when
a session begins, and whenever the visitor goes back or pastes another one; it
is written after every change.
"""

import contextlib
import hashlib
import re
import uuid
from dataclasses import dataclass, replace

import streamlit as st

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab.classroom import events
from snnlab.lab.room import Room
from snnlab.results import mute, summary
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.settings import Settings
from snnlab.ui.shared import classroom, ended, mine, visitors, words
from snnlab.work.jobs import Job, Worker
from snnlab.work.tickets import TOKEN

NAMES = summary.NAMES
QUEUE = 32  # runs that may wait
STEPS_BACK = 50  # changes that can be undone
RUNS = 40  # summaries of a visitor's runs that are kept
SHARE = re.compile(r"0(\.[0-9]{1,3})?|1(\.0)?")
# what an address may hold beside the settings: of which form, and in words
BESIDE = {
    "at": (
        re.compile(r"[0-9]{1,5}-[0-9]{1,5}(-[0-9]{1,5}-[0-9]{1,5})?"),
        "a row and a column, as 12-80",
    ),
    "training": (TOKEN, "the id of a training"),
    "tuning": (TOKEN, "the id of a fine-tuning"),
    "net": (re.compile(r"[a-z0-9][a-z0-9-]{0,39}"), "the name of a net"),
    "lesson": (re.compile(r"[0-7]"), "the number of a lesson, 0 to 7"),
    "look": (re.compile("drawn|bench"), "drawn or bench"),
    "ran": (re.compile(r"[0-9]{1,3}"), "a number of steps"),
    **dict.fromkeys(("score", "overlap", "right"), (SHARE, "a number from 0 to 1, as 0.5")),
    "step": (re.compile(r"[0-9]{1,3}"), "the number of a step"),
    "box": (re.compile(r"(ann|snn)-[0-9]{1,3}"), "a box, as snn-0"),
}
# what is in the address of one page alone, and in none that is passed on: who has it may use it,
# or it means nothing elsewhere
PRIVATE = {"training": "train", "tuning": "finetune", "net": "networks"}
# and what is in the address of one page alone, passed on or not
LOCAL = {"lesson": "learn"} | dict.fromkeys(
    ("look", "ran", "score", "overlap", "right", "step", "box"), "objects"
)


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
    key = conversion.heeded(settings).key(without=("source", "section"))
    return hashlib.sha256(f"{summary.image_key(picture)}/{key}".encode()).hexdigest()


def named(picture: Picture) -> str:
    """Tells images apart; labels and settings aside."""
    return f"{picture.content}/{picture.section}"


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The lab's one background thread; a class may wait for it, a crowd is told to come back."""
    return Worker(capacity=QUEUE)


class Desk:
    """The work that a visitor has under way, ended when the visitor is gone for good."""

    def __init__(self):
        self.job: Job | None = None

    def clear(self) -> None:
        """Cancel what still runs."""
        if self.job is not None:
            self.job.cancel()
            self.job = None


@visitors.own(Desk.clear)
def desk() -> Desk:
    """The visitor's own."""
    return Desk()


@st.cache_resource(show_spinner=False)
def _room() -> Room:
    return Room()


@visitors.own(lambda owner: _room().leave(owner))
def _looker() -> str:
    """Whose run is on a page, until the visitor is gone for good."""
    return st.session_state.owner


@st.cache_resource(show_spinner=False)
def _first() -> Segmentation:
    return lab.default_result()


@st.cache_resource(show_spinner=False)
def _first_summary() -> Summary:
    return summary.of(_first())


def opened_with() -> Segmentation:
    """The run that the lab opens with, which is shipped; the same for all visitors."""
    return _first()


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
        state.past, state.future = [], []
        state.runs, state.pins = [_first_summary()], []
        state.arrived = st.query_params.to_dict()  # for a session that is taken up again
        _follow()
        state.past = []  # where the address led is where the visitor begins
    else:
        _let_go()
        _follow()


def _let_go() -> None:
    """Show the first run where the visitor's was let go, and say so."""
    state = st.session_state
    if state.shown.recording.gone:
        state.shown, state.runs = _first(), [*state.runs, _first_summary()][-RUNS:]
        note(
            "The run on your screen was dropped, because all visitors' runs together took more"
            " memory than the lab allows. Your settings are unchanged: press Run, unless it starts"
            " by itself.",
            mistake=False,
        )
    elif state.shown is not _first():
        _room().look(_looker(), state.shown)


def _follow() -> None:
    """Take the settings from the address if it was typed, or gone back to."""
    state, query = st.session_state, st.query_params.to_dict()
    typed = query != state.address
    # A control that was moved counts for more: its message may have left before the browser
    # heard of the last address. Turning to another page empties the address; the settings stay.
    if typed and query and state.controls == controls():
        known = known_names()
        settings, complaints = Settings.from_query(query, known, suited)
        complaints = ended.gently(complaints, query, known)
        adopt(settings)
        state.notes = []
        # a place that was chosen just now counts for more than an address that left before
        if not state.pop("placed", False):
            complaints += _follow_beside(query)
        for text in complaints:
            note(text, mistake=False)


def _follow_beside(query: dict) -> list[str]:
    """Take from an address what is no setting; a sentence on each that makes no sense."""
    found, complaints = {}, []
    for name, (form, words_) in BESIDE.items():
        if name in query:
            if form.fullmatch(query[name]):
                found[name] = query[name], None
            else:
                complaints.append(f"{name} in the address is not {words_}; it is left out.")
    st.session_state["beside"] = found
    return complaints


def beside(name: str) -> tuple[str, str | None] | None:
    """What the address holds beside the settings.

    Returns
    -------
    tuple of str and (str or None), or None
        The text, and the image that it belongs to (see `named`), None if that is still to be
        found out; or nothing.
    """
    return st.session_state.get("beside", {}).get(name)


def put_beside(name: str, text: str | None, image: str | None) -> None:
    """Keep something in the address as long as this image is shown, or any; None takes it out."""
    kept = dict(st.session_state.get("beside", {}))
    kept.pop(name, None)
    if text is not None:
        kept[name] = text, image
    st.session_state["beside"] = kept


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
        known["model"] = tuple(mine.listed())
    return known


def adopt(settings: Settings) -> None:
    """Make these the settings, on the controls too; it can be undone."""
    _remember(settings)
    _put(settings)


def _put(settings: Settings) -> None:
    st.session_state.settings = st.session_state.adopted = settings
    st.session_state.generation += 1  # the sidebar fills its controls anew


def settle(settings: Settings) -> None:
    """Take what the controls say as the visitor's settings, and remember those before."""
    _remember(settings)
    st.session_state.settings = settings


def _remember(settings: Settings) -> None:
    state = st.session_state
    if settings != state.settings:
        state.past = [*state.past, state.settings][-STEPS_BACK:]
        state.future = []


def undo() -> None:
    """Go back to the settings before the last change."""
    _travel("past", "future")


def redo() -> None:
    """Take the last undo back."""
    _travel("future", "past")


def _travel(here: str, there: str) -> None:
    state = st.session_state
    if state[here]:
        *left, target = state[here]
        state[here], state[there] = left, [*state[there], state.settings]
        _put(target)


def write_address(settings: Settings) -> None:
    """Put the settings into the address, and what else is to be found again."""
    query = in_address(settings)
    st.session_state.address, st.session_state.controls = query, controls()
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def in_address(settings: Settings, shared: bool = False) -> dict[str, str]:
    """Parameters that bring the settings and the place back.

    Parameters
    ----------
    settings : Settings
    shared : bool
        Whether the address is to be passed on: then without what is the visitor's alone.
    """
    image, now = named(shown().picture), st.session_state.get("page")
    page = None if shared else now
    more = {
        name: text
        for name, (text, of) in st.session_state.get("beside", {}).items()
        if of in (None, image) and PRIVATE.get(name, page) == page and LOCAL.get(name, now) == now
    }
    # an empty address means the first result, whatever its settings
    if settings == _first().settings and not more.keys() - LOCAL:
        return more
    return to_query(settings) | more


def suited(model: str) -> Settings:
    """As suits a model; the defaults, if it is there no more."""
    try:
        return lab.defaults(model)
    except LabError:
        return Settings(model=model)


def to_query(settings: Settings) -> dict[str, str]:
    """Parameters that bring the settings back: what is not as suits the model, never nothing."""
    written = settings.to_query(suited(settings.model))
    return written or {"steps": str(settings.timesteps)}


def changes(shown: Segmentation, wanted: Wanted) -> list[str]:
    """What differs between the result shown and what is asked for, in words."""
    if wanted.picture is None or identity(shown.picture, shown.settings) == wanted.key:
        return []
    old, new = shown.settings, wanted.settings
    found = []
    if (shown.picture.content, shown.picture.section) != (
        wanted.picture.content,
        wanted.picture.section,
    ):
        names = (words.plain(one.picture.called) for one in (shown, wanted))
        found.append("image: " + " → ".join(names))
    idle = conversion.unread(new.method)  # moving these changed nothing
    new = new.replace(**{name: getattr(old, name) for name in idle})
    return found + in_words(old, new) or ["labels"]


def in_words(old: Settings, new: Settings) -> list[str]:
    """What changed between two settings, the image apart."""
    changed = summary.differing(old, new, without=("source", "section"))
    return [
        f"{summary.NAMES[name]}: {summary.shown(before)} → {summary.shown(after)}"
        for name, (before, after) in changed.items()
    ]


def compute(picture: Picture, settings: Settings, progress=None, cancel=None):
    """A run and its summary, for the worker."""
    result = lab.segment(picture, settings, progress, cancel)
    made = summary.of(result)
    if not picture.blank and mute.is_mute(result):
        said = mute.told(lab.model(settings.model), result.image, settings, cancel)
        made = replace(made, silence=said)
    return result, made


def take(result: Segmentation, made: Summary) -> None:
    """Show a run, and note it among the visitor's."""
    state = st.session_state
    state.shown = result
    _room().look(_looker(), result)
    # pictures are kept of the one that is shown, and of those that were pinned
    state.runs = [*(replace(run, pictures={}) for run in state.runs), made][-RUNS:]
    classroom.note(events.ran(made))


def summed() -> Summary:
    """The summary of the run on the page."""
    return st.session_state.runs[-1]


def shown() -> Segmentation:
    """The result on the page; there always is one."""
    return st.session_state.shown

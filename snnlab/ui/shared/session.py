"""What of a visitor's session is kept, and how a kept one is taken up again.

The state of a session is Streamlit's, and whoever hands in a session file may have it from
anybody: what comes back goes through the same checks as what a visitor gives by hand, and
choices are taken only under the names and with the values that the controls here can have.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from snnlab.errors import LabError
from snnlab.images.resampling import COARSEST, FINEST
from snnlab.lab import session_file
from snnlab.lab.session_file import Said, Session
from snnlab.settings import Settings
from snnlab.ui.shared import bench, ended, files, mine, scribbled

PINS = 6  # runs that a visitor may pin; each takes up to a megabyte
UPLOAD = "upload"  # key of the image
STACK = "stack-held"  # key of the stack that was segmented: a snnlab.lab.stack_file.Held
ARRIVED = "stack-arrived"  # the same, until the page Stack has taken it up
# of choices that belong to an image, "#" is its sha256
_SAID: tuple[tuple[str, Callable[[Said], bool]], ...] = (
    ("polarity-#", lambda value: value in ("membrane", "cell")),
    ("negative-#", lambda value: type(value) is bool),
    ("ignore-#", lambda value: isinstance(value, str) and len(value) <= 200),
    ("pixel-size-#", lambda value: type(value) is float and FINEST <= value <= COARSEST),
    ("pixel-sides-#", lambda value: type(value) is bool),
    ("(upload|labels-#)-(channel|frame|dataset)-[0-9a-f]{16}", lambda v: type(v) in (int, str)),
    ("auto", lambda value: type(value) is bool),
    ("lesson", lambda value: isinstance(value, str)),
    ("path", lambda value: value in ("short", "long")),
    ("isbi-folder", lambda value: isinstance(value, str)),
    ("objects-section", lambda value: value in ("drawn", "bench")),
    ("objects-steps", lambda value: type(value) is int and 1 <= value <= 256),
    ("objects-(score|overlap|right)", lambda value: type(value) is float and 0 < value < 1),
    ("tune-minutes", lambda value: type(value) is float and 0.1 <= value <= 30.0),
)
_BEGIN = re.compile(
    "polarity-|negative-|ignore-|pixel-si|upload-|labels-|auto$|lesson$|path$|isbi-f|"
    "objects-(section|steps|score|overlap|right)$|tune-minutes$"
)


def gathered() -> Session:
    """What the visitor would miss, as it is now; nothing is copied."""
    state = st.session_state
    kept = _files(state.get("files", {}))
    painted = scribbled.kept()
    if painted is not None:
        kept[scribbled.KEY] = painted
    said = {str(key): state[key] for key in state if _BEGIN.match(str(key))}
    return Session(
        state.settings,
        kept,
        _said(said, kept),
        tuple(state.pins),
        tuple(replace(run, pictures={}) for run in state.runs[1:]),
        mine.models(),
        tuple(sorted(state.get("learned", ()))),
        state.get(STACK),
        tuple(state.past),
    )


def worth(session: Session) -> bool:
    """Whether it holds what somebody gave, made or kept."""
    made = session.files or session.pins or session.models or session.learned or session.stack
    return bool(made)


def take_up(session: Session, arrived: Mapping[str, str] | None = None) -> None:
    """Go on from a session that was kept.

    To be called before the controls of a page are drawn: from a callback.

    Parameters
    ----------
    session : Session
    arrived : mapping of str to str, optional
        The address that the visitor came by: its settings count for more.
    """
    state = st.session_state
    told = list(session.lost)
    names = _models(session, told)
    kept = _files(session.files)
    state["files"] = dict(kept)
    files.renew()
    try:
        scribbled.take_up(session.files.get(scribbled.KEY, ("", b"[]"))[1])
    except LabError as error:
        told.append(str(error))
    for key, value in beside_the_address(_said(session.said, kept), arrived).items():
        state[key] = value
    state.pins = [_renamed(run, names) for run in session.pins][-PINS:]
    before = [_renamed(run, names) for run in session.runs]
    state.runs = [*before, state.runs[-1]][-bench.RUNS :]
    state["learned"] = set(state.get("learned", ())) | set(session.learned)
    state[STACK] = state[ARRIVED] = session.stack
    known, settings = bench.known_names(), _model_of(session.settings, names)
    if arrived:
        query = dict(arrived)
        query["model"] = names.get(query.get("model", ""), query.get("model", ""))
        query = {name: text for name, text in query.items() if text}
        settings, complaints = Settings.from_query(query, known, bench.suited)
        told += ended.gently(complaints, query, known)
    elif settings.model not in known.get("model", ()):
        settings = bench.suited(Settings().model).replace(
            source=settings.source, section=settings.section
        )
        told.append(ended.ENDED)
    state.notes = []
    bench.adopt(settings)
    steps = [_model_of(one, names) for one in (*session.before, session.settings)]
    if steps[-1] == settings:  # not so where the address says something else: that is one step more
        steps.pop()
    state.past = [one for one in steps if one.model in known.get("model", ())][-bench.STEPS_BACK :]
    state.future = []
    for text in dict.fromkeys(told):
        bench.note(text, mistake=False)


def open_file(data: bytes) -> None:
    """Go on from a session file.

    Raises
    ------
    LabError
        If it is none, or damaged; nothing has changed then.
    """
    take_up(session_file.unpack(data, mine.may_load()))


def _files(given: Mapping[str, tuple[str, bytes]]) -> dict[str, tuple[str, bytes]]:
    """The image and its labels; nothing without an image."""
    if UPLOAD not in given:
        return {}
    labels = f"labels-{files.digest(given[UPLOAD][1])}"
    return {key: given[key] for key in (UPLOAD, labels) if key in given}


def _said(given: Mapping[str, Said], kept: Mapping[str, tuple[str, bytes]]) -> dict[str, Said]:
    """Choices that the controls can make, and of no other image than this."""
    digest = files.digest(kept[UPLOAD][1]) if UPLOAD in kept else "no image"
    forms = [(re.compile(form.replace("#", digest)), fits) for form, fits in _SAID]
    return {
        key: value
        for key, value in given.items()
        if any(form.fullmatch(key) and fits(value) for form, fits in forms)
    }


def beside_the_address(
    said: Mapping[str, Said], arrived: Mapping[str, str] | None
) -> dict[str, Said]:
    """Choices that the address does not name: a link to a lesson counts for more."""
    return {key: value for key, value in said.items() if key not in (arrived or {})}


def _models(session: Session, told: list[str]) -> dict[str, str]:
    """Put the models into the visitor's lists; names that they had, to those that they have."""
    here = {model.name: model for model in mine.models()}
    names = {}
    for model in session.models:
        known = here.get(model.name)
        try:
            same = known is not None and known.digest == model.digest
            names[model.name] = model.name if same else mine.put(model).name
        except LabError as error:
            told.append(str(error))
    return names


def _model_of(settings: Settings, names: Mapping[str, str]) -> Settings:
    return settings.replace(model=names.get(settings.model, settings.model))


def _renamed(run, names: Mapping[str, str]):
    return replace(run, settings=_model_of(run.settings, names))

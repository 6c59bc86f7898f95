"""A visitor's session as parts, and as one file: images, settings, pins, models, results.

Its parts are ``session.json``, which lists the others, and those: files of the visitor's as they
were given, models as `snnlab.nets.files` writes them, pictures of pinned runs, and of each section
of a stack that was segmented, as ``.npz``. The
session file is a zip of them; a browser keeps the same parts one by one. Whoever opens one may
have it from anybody: names, number and sizes are checked before anything is unpacked, each part
is read on the way that the lab reads such files everywhere, and there are no pickles.
"""

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from snnlab.errors import LabError
from snnlab.images.formats import ENDINGS
from snnlab.lab import stack_file
from snnlab.nets import files as model_file
from snnlab.nets import shelf
from snnlab.nets.model import Model
from snnlab.results import summary_kept
from snnlab.results.summary import Summary
from snnlab.settings import Settings
from snnlab.work import stored
from snnlab.work.stored import Damaged

MOST = 500 << 20  # bytes of a session file, and of all that is in it
ABOUT = "session.json"
ABOUT_MOST = 4 << 20  # bytes of that
FILES, PINS, RUNS, SAID, BEFORE = 8, 12, 60, 64, 50  # at most
VERSION = 1
_ENTRIES = 1 + FILES + PINS + shelf.MOST + stack_file.SECTIONS
_LIST = 1 << 16  # bytes of a zip's list; a file takes some 60
_NAME = re.compile(
    r"images/[0-7]\.[a-z0-9]{1,5}|models/[0-7]\.npz|pins/[0-9]{1,2}\.npz|" + stack_file.PART
)
_KEY = re.compile(r"[a-z][a-z0-9-]{0,199}")
Said = str | float | bool


@dataclass(frozen=True, eq=False)
class Session:
    """What a visitor would miss.

    Attributes
    ----------
    settings : Settings
    files : dict of str to (str, bytes)
        What was uploaded, by what for: name and content.
    said : dict of str to (str, float or bool)
        What was said of it, and other choices, by the name of a control.
    pins, runs : tuple of Summary
        The latter without pictures.
    models : tuple of Model
    learned : tuple of str
        Lessons that were completed.
    stack : snnlab.lab.stack_file.Held or None
        Sections that were segmented on the page Stack.
    before : tuple of Settings
        What *Undo* goes back to, the latest last.
    lost : tuple of str
        When it was read: what of it cannot be used, a sentence each.
    """

    settings: Settings
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    said: Mapping[str, Said] = field(default_factory=dict)
    pins: tuple[Summary, ...] = ()
    runs: tuple[Summary, ...] = ()
    models: tuple[Model, ...] = ()
    learned: tuple[str, ...] = ()
    stack: stack_file.Held | None = None
    before: tuple[Settings, ...] = ()
    lost: tuple[str, ...] = ()


# ---- writing --------------------------------------------------------------------------------


def parts(session: Session, once: Callable = lambda thing, make: make()) -> dict[str, bytes]:
    """A session in parts.

    Parameters
    ----------
    session : Session
    once : callable, optional
        ``once(thing, make)`` gives the bytes of a model, a pin or a section; it may know them
        from before.

    Returns
    -------
    dict of str to bytes
        ``session.json`` first.
    """
    made: dict[str, bytes] = {}
    about: dict = {
        "format": "snnlab-session",
        "version": VERSION,
        "settings": asdict(session.settings),
        "said": dict(session.said),
        "learned": list(session.learned),
        "before": [asdict(settings) for settings in session.before[-BEFORE:]],
        "runs": [summary_kept.written(run) for run in session.runs[-RUNS:]],
        "files": [], "models": [], "pins": [],
    }  # fmt: skip
    for place, (key, (name, data)) in enumerate(list(session.files.items())[:FILES]):
        ending = name.rpartition(".")[2].lower()
        part = f"images/{place}.{ending if ending in ENDINGS else 'bin'}"
        made[part] = data
        shown = "".join(c if c.isprintable() else "_" for c in name)[-summary_kept.TEXT :]
        about["files"].append({"key": key, "name": shown, "part": part})
    for place, model in enumerate(session.models[-shelf.MOST :]):
        part = f"models/{place}.npz"
        made[part] = once(model, lambda model=model: model_file.pack(model))
        about["models"].append({"name": model.name, "part": part})
    for place, run in enumerate(session.pins[-PINS:]):
        part = f"pins/{place}.npz"
        made[part] = once(run, lambda run=run: _pictures(run))
        about["pins"].append({"run": summary_kept.written(run), "part": part})
    if session.stack is not None:
        about["stack"], sections = stack_file.parts(session.stack, once)
        made |= sections
    told = json.dumps(about, ensure_ascii=False, allow_nan=False)
    return {ABOUT: told.encode("utf-8", "replace")} | made


def _pictures(run: Summary) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **run.pictures)
    return file.getvalue()


def pack(made: Mapping[str, bytes]) -> bytes:
    """Parts as one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in made.items():
            # images and arrays are compressed already, as far as they can be
            way = zipfile.ZIP_DEFLATED if name == ABOUT else zipfile.ZIP_STORED
            archive.writestr(name, data, way)
    return file.getvalue()


# ---- reading --------------------------------------------------------------------------------


def unpack(data: bytes, models: bool) -> Session:
    """Read a session file that somebody hands in.

    Parameters
    ----------
    data : bytes
    models : bool
        Whether models in it may be loaded.

    Raises
    ------
    LabError
        If it is none, or damaged.
    """
    with _readable():
        if len(data) > MOST:
            raise Damaged(f"has more than {MOST >> 20} MB")
        with _archive(data) as opened:
            listed = opened.infolist()
            if any(not fits(item.filename) for item in listed):
                raise Damaged("holds files that no session has")
            if sum(item.file_size for item in listed) > MOST:
                raise Damaged(f"would unpack to more than {MOST >> 20} MB")
            found = {item.filename: _content(opened, item) for item in listed}
        return _read(found, models)


def unpack_parts(found: Mapping[str, bytes], models: bool) -> Session:
    """The same from parts that a browser kept.

    Raises
    ------
    LabError
    """
    with _readable():
        if len(found) > _ENTRIES or any(not fits(name) for name in found):
            raise Damaged("holds files that no session has")
        if sum(map(len, found.values())) > MOST:
            raise Damaged(f"has more than {MOST >> 20} MB")
        return _read(found, models)


def fits(name: str) -> bool:
    """Whether a part may have this name."""
    return name == ABOUT or bool(_NAME.fullmatch(name))


def _archive(data: bytes) -> zipfile.ZipFile:
    """The zip, once its list is known to be short; models and pins in it are zips themselves."""
    end = data.rfind(b"PK\5\6")
    if end < 0 or int.from_bytes(data[end + 12 : end + 16], "little") > _LIST:
        raise Damaged("is no zip, or holds more files than it may")
    opened = zipfile.ZipFile(io.BytesIO(data))
    listed = opened.infolist()
    if len({item.filename for item in listed}) != len(listed):
        raise Damaged("names a file twice")
    if any(item.compress_type not in (0, 8) or item.flag_bits & 1 for item in listed):
        raise Damaged("is compressed or encrypted in another way")
    return opened


def _content(opened: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    with opened.open(item) as stream:
        raw = stream.read(item.file_size + 1)
    if len(raw) != item.file_size:
        raise Damaged("is damaged")
    return raw


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    with stored.as_one_sentence(
        "this session file is damaged, or was not made by this lab; save it again in the lab that"
        " it comes from."
    ):
        try:
            yield
        except Damaged as error:
            raise LabError(
                f"this session file {error}; choose one that this lab has written."
            ) from error


def _read(found: Mapping[str, bytes], models: bool) -> Session:
    if ABOUT not in found:
        raise Damaged("lacks what says what is in it")
    if len(found[ABOUT]) > ABOUT_MOST:
        raise Damaged("says too much of itself")
    about = stored.parsed(found[ABOUT])
    if not isinstance(about, dict) or about.get("format") != "snnlab-session":
        raise Damaged("is none of a session")
    if about.get("version") != VERSION:
        raise Damaged("is of another version of the lab")
    lost: list[str] = []
    files = {}
    for one in _listed(about, "files", FILES):
        key, name = _matching(one.get("key"), _KEY), summary_kept.text(one.get("name"))
        files[key] = name, _part(found, one, "images/")
    pins = _usable(
        _listed(about, "pins", PINS), "pinned runs", lost,
        lambda one: summary_kept.read(one.get("run"), _arrays(_part(found, one, "pins/"))),
    )  # fmt: skip
    runs = _usable(_listed(about, "runs", RUNS), "runs", lost, summary_kept.read)
    return Session(
        summary_kept.settings_of(about.get("settings")),
        files,
        _said(about.get("said", {})),
        pins,
        runs,
        _models(found, _listed(about, "models", shelf.MOST), models, lost),
        tuple(_matching(one, _KEY) for one in _listed(about, "learned", 64, str)),
        _stack(found, about.get("stack"), lost),
        _usable(_listed(about, "before", BEFORE), "steps back", lost, summary_kept.settings_of),
        tuple(lost),
    )


def _listed(about: dict, name: str, most: int, kind: type = dict) -> list:
    values = about.get(name, [])
    if not isinstance(values, list) or len(values) > most:
        raise Damaged(f"lists {name} that are none, or too many")
    if not all(isinstance(value, kind) for value in values):
        raise Damaged(f"lists {name} that are none")
    return values


def _matching(value, form: re.Pattern) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise Damaged("holds a name that is none")
    return value


def _part(found: Mapping[str, bytes], one: dict, kind: str) -> bytes:
    name = one.get("part")
    if not isinstance(name, str) or not name.startswith(kind) or name not in found:
        raise Damaged("lacks a file that it names")
    return found[name]


def _arrays(data: bytes) -> dict[str, np.ndarray]:
    return stored.arrays(data, MOST, len(summary_kept.PICTURES))


def _usable(listed: list, what: str, lost: list[str], make: Callable) -> tuple:
    """What of a list can be used; how many cannot is said."""
    made, refused = [], 0
    for one in listed:
        try:
            made.append(make(one))
        except Damaged:
            refused += 1
    if refused:
        lost.append(f"{refused} of the {what} in it can no longer be used.")
    return tuple(made)


def _stack(found: Mapping[str, bytes], about, lost: list[str]) -> stack_file.Held | None:
    if about is None:
        return None
    try:
        return stack_file.read(about, lambda one: _part(found, one, stack_file.FOLDER))
    except Damaged:
        lost.append("The sections of its stack can no longer be used; run the stack again.")
        return None


def _models(found, listed: list, may: bool, lost: list[str]) -> tuple[Model, ...]:
    if listed and not may:
        lost.append("Its models are left out: loading models is switched off on this server.")
        return ()
    made: dict[str, Model] = {}
    for one in listed:
        name = one.get("name")
        try:
            shelf.check_name(name if isinstance(name, str) else "")
            made[name] = model_file.unpack(_part(found, one, "models/"), name)
        except LabError as error:
            lost.append(f"One of its models is left out: {error}")
    return tuple(made.values())


def _said(made) -> dict[str, Said]:
    if not isinstance(made, dict) or len(made) > SAID:
        raise Damaged("holds choices that are none, or too many")
    for key, value in made.items():
        _matching(key, _KEY)
        if isinstance(value, str):
            summary_kept.text(value)
        elif type(value) not in (bool, int, float) or abs(value) > 1e15:
            raise Damaged("holds a choice that is none")
    return dict(made)

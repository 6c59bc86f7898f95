"""Models that people made: a folder of them, and a shelf for those of visitors.

What the command line makes goes into a folder and is in all lists, after the
shipped models. What a visitor of the pages makes or loads is on the shelf, in
memory, in that visitor's lists alone, until the session ends.
"""

import contextlib
import os
import re
import secrets
import threading
from dataclasses import replace
from pathlib import Path

from snnlab.errors import LabError
from snnlab.nets import files as model_file
from snnlab.nets import model as models
from snnlab.nets.model import Model
from snnlab.work import stored

VARIABLE = "SNNLAB_MODELS"
MOST = 8  # models of a visitor
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

_guard = threading.Lock()
_refused: dict[Path, tuple] = {}  # stamp and sentence, by file


def folder() -> Path:
    """``SNNLAB_MODELS``, or the user's data folder; not created."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "snnlab" / "models"


def check_name(name: str) -> str:
    """A name that lists and addresses can hold.

    Raises
    ------
    LabError
    """
    if not _NAME.fullmatch(name):
        raise LabError(
            f"a model's name has 1 to 40 small letters, digits and hyphens; {name[:60]!r} is none."
        )
    return name


def named() -> tuple[str, ...]:
    """Names of the models in the folder."""
    return tuple(stamps())


def stamp(name: str) -> tuple[int, ...] | None:
    """Changes when the model's files do; None if the folder has none of that name."""
    if not _NAME.fullmatch(name) or name in models.available():
        return None
    return _stamp(folder() / f"{name}.npz")


def stamps() -> dict[str, tuple[int, ...]]:
    """`stamp` of each model in the folder, by name in alphabetical order."""
    try:
        found = sorted(folder().glob("*.npz"))
    except OSError:
        return {}
    shipped = models.available()
    seen = {
        path.stem: _stamp(path)
        for path in found
        if _NAME.fullmatch(path.stem) and path.stem not in shipped
    }
    return {name: changes for name, changes in seen.items() if changes}


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    card = ()
    with contextlib.suppress(OSError):  # it may be inside
        beside = path.with_suffix(".json").stat()
        card = beside.st_mtime_ns, beside.st_size
    return seen.st_mtime_ns, seen.st_size, *card


def load(name: str) -> Model:
    """A model of the folder.

    Raises
    ------
    LabError
    """
    path = folder() / f"{check_name(name)}.npz"
    seen = stamp(name)
    with _guard:
        known = _refused.get(path)
    if known and known[0] == seen:  # pages ask for all models, each time they are drawn
        raise LabError(known[1])
    try:
        with stored.as_one_sentence(lambda error: f"it cannot be read ({_why(error)})."):
            beside = path.with_suffix(".json")
            card = None
            if beside.exists():
                card = stored.content(beside, model_file.LARGEST).decode("utf-8")
            return model_file.unpack(stored.content(path, model_file.LARGEST), name, card)
    except LabError as error:
        said = f"{path.name} in the folder of models cannot be used: {error}"
        with _guard:
            _refused[path] = seen, said
        raise LabError(said) from error


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def save(model: Model, place: Path | None = None) -> Path:
    """Write weights and card; returns the path of the weights.

    Raises
    ------
    LabError
        If the folder cannot be written to.
    """
    place = place or folder()
    try:
        return models.save(model, place)
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(
            f"{place} cannot be written to: {reason}; fix that and give the same command again:"
            " training goes on from its last checkpoint."
        ) from error


def _same(one: Model, other: Model) -> bool:
    return one.digest == other.digest and model_file.pack(one) == model_file.pack(other)


class Shelf:
    """Visitors' models, each to be listed for its owner only."""

    def __init__(self):
        self._guard = threading.Lock()
        # one that came back with a session may be there of the session before, too
        self._kept: dict[str, tuple[set[str], Model]] = {}

    def put(self, owner: str, model: Model) -> Model:
        """Keep a model; it comes back with a name that no other has.

        That is its own with six digits added, or with those that it was given here before: a
        model that was taken away and is loaded again has the name that sweeps and addresses know.
        If the very same is here of somebody else, it is of both.

        Raises
        ------
        LabError
            If the owner has too many already.
        """
        with self._guard:
            again = _NAME.fullmatch(model.name) and re.search(r"-[0-9a-f]{6}$", model.name)
            there = self._kept.get(model.name)
            same = bool(again) and there is not None and owner not in there[0]
            same = same and _same(there[1], model)
            if sum(owner in owners for owners, _ in self._kept.values()) >= MOST:
                raise LabError(f"you already have {MOST} models here; download one and remove it.")
            if same:
                there[0].add(owner)
                return there[1]
            stem = re.sub(r"-[0-9a-f]{6}$", "", model.name)
            stem = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:32].strip("-") or "model"
            name = model.name if again else ""
            while not name or name in self._kept or stamp(name):
                name = f"{stem}-{secrets.token_hex(3)}"
            named = replace(model, name=name, card=model.card | {"name": name})
            self._kept[name] = {owner}, named
            return named

    def get(self, name: str) -> Model | None:
        """A model by name, whoever's it is: names are handed to their owners only."""
        with self._guard:
            found = self._kept.get(name)
        return found[1] if found else None

    def of(self, owner: str) -> tuple[Model, ...]:
        """An owner's models, the newest last."""
        with self._guard:
            return tuple(model for owners, model in self._kept.values() if owner in owners)

    def drop(self, owner: str, name: str | None = None) -> None:
        """Forget one of an owner's models, or all."""
        with self._guard:
            for key, (owners, _) in list(self._kept.items()):
                if name in (None, key):
                    owners.discard(owner)
                if not owners:
                    del self._kept[key]


SHELF = Shelf()

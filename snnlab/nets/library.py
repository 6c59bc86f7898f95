"""The models of this computer by name, shipped or somebody's own: read once, kept while they fit.

Pages list all models whenever they are drawn, but need the weights of one or two. So what the lists
say of all is remembered, which is small, and weights while they are no more than `ROOM` bytes; a
file that was written anew is read anew.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from snnlab.errors import LabError
from snnlab.nets import model as models
from snnlab.nets import shelf
from snnlab.nets.architecture import Layer
from snnlab.nets.model import Model

ROOM = 64_000_000  # bytes; those of 27 models like the shipped ones

Stamp = tuple[int, ...] | None  # of a model's files; None of a shipped one's, which do not change


@dataclass(frozen=True)
class About:
    """What is known of a model without its weights; attributes as `Model`'s."""

    card: dict
    layers: tuple[Layer, ...]
    digest: str


def about_of(model: Model) -> About:
    """The same of a model that is at hand."""
    return About(model.card, model.layers, model.digest)


class Library:
    """Models by name.

    Parameters
    ----------
    room : int
        Bytes that weights may take, those asked for last aside.
    """

    def __init__(self, room: int = ROOM):
        self._room = room
        self._guard = threading.Lock()
        self._models: OrderedDict[str, tuple[Stamp, Model]] = OrderedDict()
        self._about: dict[str, tuple[Stamp, About]] = {}
        self._refused: dict[str, str] = {}

    def model(self, name: str) -> Model:
        """A model by name.

        Raises
        ------
        LabError
            If there is none of that name, or its file cannot be used.
        """
        return self._model(name, shelf.stamp(name))

    def about(self, name: str) -> About:
        """What there is to know of a model but its weights.

        Raises
        ------
        LabError
            As `model`: a damaged one is not known.
        """
        return self._known(name, shelf.stamp(name))

    def all(self) -> dict[str, About]:
        """Each model that can be used, by name: the shipped ones, then the user's."""
        found, refused = {}, {}
        for name, stamp in (dict.fromkeys(models.available()) | shelf.stamps()).items():
            try:
                found[name] = self._known(name, stamp)
            except LabError as error:
                refused[name] = str(error)
        with self._guard:
            self._refused = refused
            for name in self._about.keys() - found.keys():
                del self._about[name]
        return found

    def refused(self) -> dict[str, str]:
        """A sentence on each model that `all` found unfit, by name."""
        with self._guard:
            return dict(self._refused)

    def clear(self) -> None:
        """Forget all."""
        with self._guard:
            self._models.clear()
            self._about.clear()

    def _known(self, name: str, stamp: Stamp) -> About:
        with self._guard:
            kept = self._about.get(name)
        if kept and kept[0] == stamp:
            return kept[1]
        made = self._model(name, stamp)
        found = about_of(made)
        with self._guard:
            self._about[name] = stamp, found
        return found

    def _model(self, name: str, stamp: Stamp) -> Model:
        with self._guard:
            kept = self._models.get(name)
            if kept and kept[0] == stamp:
                self._models.move_to_end(name)
                return kept[1]
        made = _read(name, stamp)
        with self._guard:
            self._models[name] = stamp, made
            self._models.move_to_end(name)
            while len(self._models) > 1 and self._bytes() > self._room:
                self._models.popitem(last=False)
        return made

    def _bytes(self) -> int:
        return sum(model.nbytes for _, model in self._models.values())


def _read(name: str, stamp: Stamp) -> Model:
    if stamp is not None:
        return shelf.load(name)
    if name.endswith(".npz"):
        raise LabError(
            f"models are named, not their files; put {Path(name).name} into"
            f" {shelf.folder()} and name it {Path(name).stem}."
        )
    return models.load(name)


LIBRARY = Library()

"""The lab's front door to trainings that an address opens again.

What it takes to go on, the sections included, is kept on disk under an id that nobody guesses
(`snnlab.work.tickets`); how far it came is in the checkpoints, under a name that the same sections
and wishes arrive at. Both are kept for seven days, the last twelve.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from snnlab.data import written
from snnlab.data.own import OwnData
from snnlab.lab.finetune_wish import Wish
from snnlab.nets import files as model_file
from snnlab.nets import shelf as model_store
from snnlab.nets.model import Model
from snnlab.studies.sweep import store
from snnlab.training.own.order import Order
from snnlab.work import stored
from snnlab.work.tickets import DAYS, MOST, TOKEN, Tickets, outdated

__all__ = ["DAYS", "MOST", "TOKEN", "Reopened", "keep_training", "keep_tuning", "opened",
           "tickets", "tidy"]  # fmt: skip

CHECKPOINTS = ("training", "finetune")  # folders of folders of them
_MODEL = "start"  # an own model that a fine-tuning starts from


@dataclass(frozen=True)
class Reopened:
    """A training as it was ordered.

    Attributes
    ----------
    asked : Order or Wish
    about : str
        Where its sections are from, in words.
    own : OwnData or None
    folder : str or None
        Of the ISBI volumes.
    paused : bool
        Whether its owner wanted it to rest.
    """

    asked: Order | Wish
    about: str
    own: OwnData | None
    folder: str | None
    paused: bool


def tickets() -> Tickets:
    """Where they are: in ``SNNLAB_CACHE`` or the user's cache folder."""
    return Tickets(store.folder().parent / "tickets")


def keep_training(order: Order, own: OwnData, about: str) -> str:
    """Keep what it takes to go on with a training from scratch; returns its id.

    Raises
    ------
    LabError
        If it is too large, or cannot be written.
    """
    told, arrays = written.to_arrays(own)
    tidy()
    return tickets().put({"order": asdict(order), "own": told, "about": about}, arrays)


def keep_tuning(wish: Wish, folder: str | None, own: OwnData | None, about: str) -> str:
    """Keep what it takes to go on with a fine-tuning; returns its id.

    Raises
    ------
    LabError
        If it is too large, or cannot be written.
    """
    told, arrays = written.to_arrays(own) if own is not None else (None, {})
    start = model_store.SHELF.get(wish.model)
    if start is not None:  # it is in its visitor's session alone
        arrays |= {_MODEL: np.frombuffer(model_file.pack(start), np.uint8)}
    tidy()
    kept = {"wish": asdict(wish), "folder": folder, "own": told, "about": about}
    return tickets().put(kept, arrays)


def opened(token: str, shelve: Callable[[Model], Model] | None = None) -> Reopened | None:
    """What an id stands for; None if there is nothing any more.

    Parameters
    ----------
    token : str
    shelve : callable, optional
        ``shelve(model) -> Model``: puts an own model that a fine-tuning starts from into the
        visitor's lists, under the name that comes back; asked only if it is nowhere any more.

    Raises
    ------
    LabError
        If it cannot go on: its model or its sections are not there any more.
    """
    place = tickets()
    found = place.get(token)
    if found is None:
        return None
    about, arrays = found
    with stored.as_one_sentence(
        "what was kept of this training is damaged, or comes from another version of the lab;"
        " start it again."
    ):
        own = None if about["own"] is None else written.from_arrays(about["own"], arrays)
        asked = Order(**about["order"]) if "order" in about else _wish(about, arrays, shelve)
        told = str(about["about"])
    place.used(token)
    return Reopened(asked, told, own, about.get("folder"), place.paused(token))


def _wish(about: dict, arrays: dict, shelve: Callable[[Model], Model] | None) -> Wish:
    """What a fine-tuning was asked to do, of a model that is there."""
    wish = about["wish"] | {"layers": tuple(map(tuple, about["wish"]["layers"]))}
    if _MODEL in arrays:
        start = model_file.unpack(arrays[_MODEL].tobytes(), wish["model"])
        there = model_store.SHELF.get(wish["model"])
        if (there is None or there.digest != start.digest) and shelve is not None:
            wish["model"] = shelve(start).name
    return Wish(**wish)


def tidy() -> None:
    """Forget what is older than seven days, and all but the last twelve of each kind."""
    tickets().tidy()
    for kind in CHECKPOINTS:
        try:
            folders = [path for path in (store.folder().parent / kind).iterdir() if path.is_dir()]
        except OSError:
            continue
        for folder in outdated(folders, time.time()):
            shutil.rmtree(folder, ignore_errors=True)

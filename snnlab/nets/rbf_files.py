"""An RBF network as one file, and the reader that trusts nothing in it.

An ``.npz`` without pickles, as the U-Nets' (`snnlab.nets.files`), and read as carefully: sizes,
names, types and shapes before anything is unpacked, then every number. It names the features
that it was trained on, since with others its centres would mean nothing.
"""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.nets import files as model_file
from snnlab.nets.model import LEVELS
from snnlab.nets.rbf import Rbf
from snnlab.nets.rbf_features import NAMES
from snnlab.work import stored
from snnlab.work.stored import Damaged

UNITS = 4096
ENTRIES = 512  # arrays that are looked at, so that a U-Net can be told
FIRST = "first/"  # before the names of the arrays of the round before
_PARTS = ("mean", "spread", "centres", "levels", "numbers")
NUMBERS = ("centre_step", "width", "a1", "a2", "step", "bias")
_SIZES = ("centre_step", "width", "step")  # of these numbers: above 0
_COUNTS = ("units", "pixels", "labelled_pixels", "rounds")
_MIXED = ("step", "a1", "a2", "euclid", "loss")  # of `snnlab.training.rbf.descent.Step`
_MOMENTS = 64  # of the mixture's history
_CHOICES = "this file holds no RBF network that this lab can run: it"


def pack(model: Rbf) -> bytes:
    """The network and its card as one file."""
    arrays = _arrays(model, "") | (_arrays(model.first, FIRST) if model.first else {})
    file = io.BytesIO()
    np.savez_compressed(
        file,
        features=np.array(json.dumps(NAMES)),
        card=np.array(json.dumps(card_of(model.card | {"name": model.name}))),
        **arrays,
    )
    return file.getvalue()


def _arrays(model: Rbf, prefix: str) -> dict[str, np.ndarray]:
    a1, a2 = model.mixture
    numbers = [model.centre_step, model.width, a1, a2, model.step, model.bias]
    found = {
        "mean": model.mean.astype("<f4"),
        "spread": model.spread.astype("<f4"),
        "centres": model.centres,
        "levels": model.levels,
        "numbers": np.array(numbers, "<f8"),
    }
    return {prefix + key: values for key, values in found.items()}


def unpack(data: bytes, name: str) -> Rbf:
    """Read a network that somebody hands in.

    Parameters
    ----------
    data : bytes
    name : str
        That it gets.

    Raises
    ------
    LabError
        If anything in the file is not as this lab writes it.
    """
    with stored.as_one_sentence(f"{_CHOICES} is damaged or none of this lab's; train it again."):
        try:
            return _read(data, name)
        except Damaged as error:
            raise LabError(f"{_CHOICES} {error}; choose one that `train` has written.") from error


def save(model: Rbf, path: Path) -> Path:
    """Write it, complete or not at all.

    Raises
    ------
    OSError
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = pack(model)
    stored.write(path, lambda stream: stream.write(data))
    return path


def load(path: Path) -> Rbf:
    """Read a file of this computer.

    Raises
    ------
    LabError
        If it is not there or holds no such network.
    """
    try:
        data = stored.content(path, model_file.LARGEST)
    except OSError as error:
        reason = (error.strerror or "no right to").lower()
        raise LabError(f"{path} cannot be read: {reason}; name another file.") from error
    except Damaged as error:
        raise LabError(f"{path} {error}; name the file of an RBF network.") from error
    return unpack(data, path.stem)


def _read(data: bytes, name: str) -> Rbf:
    if len(data) > model_file.LARGEST:
        raise Damaged(f"has more than {model_file.LARGEST >> 20} MB")
    with stored.archive(data, ENTRIES) as opened:
        there = {item.filename.removesuffix(".npy") for item in opened.infolist()}
        if "layers" in there:
            raise Damaged("is a U-Net's, which is named by --model NAME")
        wanted = {"features", "card", *_PARTS}
        rounds = 2 if there - wanted else 1
        if there != wanted | ({FIRST + key for key in _PARTS} if rounds == 2 else set()):
            raise Damaged("lacks arrays, or holds others")
        if stored.parsed(model_file.text(opened, "features")) != list(NAMES):
            raise Damaged("was trained on other features than this version of the lab computes")
        card = card_of(stored.parsed(model_file.text(opened, "card"))) | {"name": name}
        last = _network(opened, name, "", rounds * len(NAMES))
        first = _network(opened, name, FIRST, len(NAMES)) if rounds == 2 else None
    return replace(last, first=first, card=card)


def _network(opened, name: str, prefix: str, count: int) -> Rbf:
    """One round's, which sees so many features."""
    levels = _array(opened, prefix + "levels", "|i1", (None,))
    centres = _array(opened, prefix + "centres", "|i1", (len(levels), count))
    mean = _array(opened, prefix + "mean", "<f4", (count,))
    spread = _array(opened, prefix + "spread", "<f4", (count,))
    numbers = _array(opened, prefix + "numbers", "<f8", (len(NUMBERS),))
    known = dict(zip(NUMBERS, map(float, numbers), strict=True))
    _check(known, mean, spread, centres, levels)
    return Rbf(
        name, mean, spread, centres, known["centre_step"], known["width"],
        (known["a1"], known["a2"]), levels, known["step"], known["bias"],
    )  # fmt: skip


def _array(opened, key: str, dtype: str, shape: tuple) -> np.ndarray:
    most = np.dtype(dtype).itemsize * int(np.prod([UNITS if n is None else n for n in shape]))
    values = stored.array(opened, key, most)
    fits = len(values.shape) == len(shape) and all(
        1 <= there <= UNITS if asked is None else there == asked
        for there, asked in zip(values.shape, shape, strict=True)
    )
    if values.dtype.str != dtype or not fits:
        raise Damaged(f"holds a {key} of another type or shape")
    stored.usable(values, key)
    return values


def _check(known: dict[str, float], mean, spread, centres, levels) -> None:
    small, large = model_file.SMALLEST, model_file.LARGEST_NUMBER
    if any(not small <= known[key] <= large for key in _SIZES):
        raise Damaged("has a step or a width with which nothing can be computed")
    numbers = np.concatenate([mean, spread, list(known.values())])
    if (np.abs(numbers) > large).any() or (spread < small).any():
        raise Damaged("has numbers with which nothing can be computed")
    if min(centres.min(), levels.min()) < -LEVELS:
        raise Damaged(f"has a level below -{LEVELS}")


def card_of(card) -> dict:
    """What is known of a card: as a U-Net's, and the counts and mixtures of an RBF network's."""
    kept = model_file.card_of(card) | {"kind": "rbf"}
    kept |= {key: card[key] for key in _COUNTS if _is_number(card.get(key))}
    moments = card.get("mixture", [])
    if not isinstance(moments, list) or len(moments) > _MOMENTS:
        raise Damaged("has a card whose mixture is none")
    kept["mixture"] = [{key: _number(moment, key) for key in _MIXED} for moment in moments]
    return kept


def _number(moment, key: str) -> float:
    if not isinstance(moment, dict) or not _is_number(moment.get(key)):
        raise Damaged("has a card whose mixture is none")
    return moment[key]


def _is_number(value) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and abs(value) <= model_file.LARGEST_NUMBER

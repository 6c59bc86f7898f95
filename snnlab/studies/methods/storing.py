"""A comparison in one file: numbers as JSON, small pictures with four bits a pixel."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from snnlab.conversion.errors import LayerError, WrongSpikes
from snnlab.energy.work import LayerWork, Work
from snnlab.settings import Settings
from snnlab.studies.methods.contenders import Contender
from snnlab.studies.methods.measuring import Cell, Compared
from snnlab.work import stored

DIGITS = 7  # of a number


def save(compared: Sequence[Compared], about: dict, path: Path) -> None:
    """Write a comparison; see `load`.

    Parameters
    ----------
    about : dict
        Whatever else is to be kept, as JSON can.
    """
    arrays, listed = {}, []
    for index, one in enumerate(compared):
        cells = []
        for cell in one.cells:
            name = f"{index}/{cell.timesteps}"
            arrays[name] = _packed(cell.small)
            cells.append(
                {
                    "timesteps": cell.timesteps,
                    "silent": cell.silent,
                    "scores": cell.scores,
                    "agreement": cell.agreement,
                    "difference": cell.difference,
                    "work": _rows(cell.work.layers)
                    | {f.name: getattr(cell.work, f.name) for f in fields(Work)[:2]}
                    | {f.name: getattr(cell.work, f.name) for f in fields(Work)[3:]},
                    "wrong": _rows(cell.wrong),
                    "errors": _rows(cell.errors),
                }
            )
        arrays[f"{index}/ann"] = _packed(one.ann)
        contender = asdict(one.contender)
        listed.append(
            contender
            | {
                "shape": one.ann.shape,
                "ann_scores": one.ann_scores,
                "activation": one.activation,
                "error": one.error,
                "cells": cells,
            }
        )
    text = json.dumps(_short({"about": about, "compared": listed}), separators=(",", ":"))
    np.savez_compressed(path, text=np.frombuffer(text.encode(), np.uint8), **arrays)


def load(path: Path) -> tuple[tuple[Compared, ...], dict]:
    """What `save` was given.

    Returns
    -------
    compared : tuple of Compared
    about : dict

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with stored.as_one_sentence(f"{path.name} is missing or damaged; get it again."):
        return _assembled(stored.arrays(stored.content(path)))


def _assembled(arrays: dict[str, np.ndarray]) -> tuple[tuple[Compared, ...], dict]:
    told = stored.parsed(arrays["text"].tobytes())
    found = []
    for index, one in enumerate(told["compared"]):
        shape = tuple(one["shape"])
        cells = tuple(
            Cell(
                cell["timesteps"],
                _unpacked(arrays[f"{index}/{cell['timesteps']}"], shape),
                cell["silent"],
                cell["scores"],
                cell["agreement"],
                cell["difference"],
                _work(cell["work"]),
                _items(WrongSpikes, cell["wrong"]),
                _items(LayerError, cell["errors"]),
            )
            for cell in one["cells"]
        )
        settings = Settings(**one["settings"])
        contender = Contender(one["key"], one["title"], settings, one["own"], one["loihi"])
        ann = _unpacked(arrays[f"{index}/ann"], shape)
        found.append(
            Compared(contender, ann, one["ann_scores"], one["activation"], cells, one["error"])
        )
    return tuple(found), told["about"]


def _rows(items: Sequence) -> dict:
    """Data classes of one kind as lists, which repeat no names."""
    return {"rows": [list(asdict(item).values()) for item in items]}


def _items(kind: type, kept: dict) -> tuple:
    return tuple(kind(*row) for row in kept["rows"])


def _work(kept: dict) -> Work:
    rest = {name: value for name, value in kept.items() if name != "rows"}
    return Work(layers=_items(LayerWork, kept), **rest)


def _short(value):
    """The same with numbers of `DIGITS` digits: the rest is noise to a compressor."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value


def _packed(small: np.ndarray) -> np.ndarray:
    """Two pixels a byte."""
    flat = np.ravel(small)
    flat = np.append(flat, np.zeros(flat.size % 2, np.uint8))
    return (flat[::2] << 4) | flat[1::2]


def _unpacked(packed: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    flat = np.stack([packed >> 4, packed & 15], axis=1).ravel()
    return flat[: shape[0] * shape[1]].reshape(shape)

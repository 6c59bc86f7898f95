"""Where a training run stands, in one ``.npz`` without pickles."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from snnlab.errors import DAMAGES, LabError

NAME = "checkpoint.npz"


def write(folder: Path, arrays: dict[str, np.ndarray], about: dict) -> None:
    """Replace the folder's checkpoint; a run that dies meanwhile leaves the old one.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        By ``group/name``.
    about : dict
        Everything else, the recipe among it; fit for JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "checkpoint.part.npz"
    np.savez(part, about=np.array(json.dumps(about)), **arrays)
    part.replace(folder / NAME)


def read(folder: Path, recipe: dict) -> tuple[Callable[[str], dict], dict] | None:
    """Read the folder's checkpoint, if there is one.

    Returns
    -------
    group : callable
        Takes ``"group/"`` and gives its arrays by name.
    about : dict

    Raises
    ------
    LabError
        If it is of a run with another recipe, or damaged.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        about = json.loads(str(arrays.pop("about")))
    except DAMAGES as error:
        raise LabError(f"the checkpoint {path} is damaged; delete it to start afresh.") from error
    if _said(about["recipe"]) != _said(json.loads(json.dumps(recipe))):
        raise LabError(f"{folder} holds a run with other settings; name another folder with --out.")

    def group(start: str) -> dict[str, np.ndarray]:
        return {
            key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)
        }

    return group, about


def _said(recipe):
    """A recipe without what is off in it: one of before a field was there is the same."""
    if not isinstance(recipe, dict):
        return recipe
    return {key: _said(value) for key, value in recipe.items() if value}

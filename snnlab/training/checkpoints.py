"""Where a training run stands, in one ``.npz`` without pickles."""

import contextlib
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.work import stored

log = logging.getLogger(__name__)

NAME = "checkpoint.npz"
ASIDE = "checkpoint.damaged"
_NUMBERS = ("steps", "spent")  # of what is said beside the arrays


def write(folder: Path, arrays: dict[str, np.ndarray], about: dict) -> None:
    """Replace the folder's checkpoint; a run that dies meanwhile leaves the old one.

    Parameters
    ----------
    arrays : dict of str to numpy.ndarray
        By ``group/name``.
    about : dict
        Everything else, the recipe among it; fit for JSON.

    Raises
    ------
    LabError
        If it cannot be written; the old one is still there.
    """
    told = np.array(json.dumps(about))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stored.write(folder / NAME, lambda stream: np.savez(stream, about=told, **arrays))
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"the checkpoint in {folder} cannot be written: {reason}.") from error


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
    with damage(folder):
        arrays = stored.arrays(stored.content(path))
        told = _about(arrays.pop("about"))
    if _said(told["recipe"]) != _said(json.loads(json.dumps(recipe))):
        raise LabError(f"{folder} holds a run with other settings; name another folder with --out.")

    def group(start: str) -> dict[str, np.ndarray]:
        return {
            key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)
        }

    return group, told


def damage(folder: Path):
    """Context in which whatever is raised is one sentence about the folder's checkpoint."""
    return stored.as_one_sentence(
        f"the checkpoint {folder / NAME} is damaged; delete it to start again."
    )


def about(folder: Path) -> dict | None:
    """What a folder's checkpoint says beside its arrays; None if there is none, or none to read."""
    try:
        with stored.archive(stored.content(folder / NAME), stored.ENTRIES) as opened:
            return _about(stored.array(opened, "about", stored.MOST))
    except Exception:  # as good as none: whoever goes on from it will hear why
        return None


def set_aside(folder: Path) -> bool:
    """Put a checkpoint that is damaged out of the way, so that a run can begin anew.

    Returns
    -------
    bool
        Whether there was such a one.
    """
    path, aside = folder / NAME, folder / ASIDE
    try:
        if path.exists():
            with damage(folder):
                _about(stored.arrays(stored.content(path))["about"])
        return False
    except LabError as error:
        log.warning("%s It is set aside as %s, and the run starts again.", error, ASIDE)
    with contextlib.suppress(OSError):  # where nothing can be moved, the run will say why
        if aside.is_dir():
            shutil.rmtree(aside)
        aside.unlink(missing_ok=True)
        path.replace(aside)
    return not path.exists()


def _about(values: np.ndarray) -> dict:
    """What was said beside the arrays.

    Raises
    ------
    ValueError
    """
    told = stored.parsed(str(values))
    if not isinstance(told, dict) or "recipe" not in told:
        raise stored.Damaged("says nothing of its run")
    if min(told.get(name, 0) for name in _NUMBERS) < 0:
        raise stored.Damaged("says that less than nothing was done")
    return told


def _said(recipe):
    """A recipe without what is off in it: one of before a field was there is the same."""
    if not isinstance(recipe, dict):
        return recipe
    return {key: _said(value) for key, value in recipe.items() if value}

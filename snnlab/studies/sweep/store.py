"""Results kept on disk by content: a small JSON file each, named by what it depends on.

What has been computed once is never computed again, by whatever sweep, page or
command it is wanted; what was interrupted goes on where it stopped. A file is
written beside its place and then moved there, so that a reader never meets half of
one; one that cannot be read is as good as none.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from snnlab.errors import LabError
from snnlab.work import stored

LARGEST = 1 << 24  # bytes of a result


def folder() -> Path:
    """``SNNLAB_CACHE``, or the user's cache folder; not created."""
    named = os.environ.get("SNNLAB_CACHE")
    if named:
        return Path(named) / "results"
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "snnlab" / "results"


def key(**parts: Any) -> str:
    """Name a result by all that it depends on.

    Parameters
    ----------
    parts
        Strings, numbers, None, and lists or dicts of them.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """A folder of results.

    Parameters
    ----------
    place : path, optional
        `folder` if not given.
    """

    def __init__(self, place: Path | str | None = None):
        self.place = Path(place) if place else folder()

    def get(self, name: str, fits: Callable[[dict], bool] = bool) -> dict[str, Any] | None:
        """A result by its key, or None.

        Parameters
        ----------
        name : str
        fits : callable, optional
            Whether a result is what was put there; one that is not is as good as none.
        """
        try:
            found = stored.parsed(stored.content(self._path(name), LARGEST))
            return found if isinstance(found, dict) and fits(found) else None
        except Exception:  # whatever something damaged makes of its readers
            return None

    def put(self, name: str, value: dict[str, Any]) -> None:
        """Keep a result.

        Raises
        ------
        LabError
            If the folder cannot be written to.
        """
        path = self._path(name)
        text = json.dumps(value, allow_nan=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(suffix=".part", dir=path.parent)
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    stream.write(text)
                os.replace(part, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(part)
                raise
        except OSError as error:
            reason = (error.strerror or "no space or no permission").lower()
            raise LabError(
                f"the results' folder {self.place} cannot be written to: {reason}; name another"
                " in SNNLAB_CACHE."
            ) from error

    def _path(self, name: str) -> Path:
        # a folder with a hundred thousand files is slow to list
        return self.place / name[:2] / f"{name}.json"

"""The files of a Zarr: those of a folder."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images.limits import LIMITS, MIB, Limits, damaged
from snnlab.images.origin import Origin

_SAID = 16 * MIB  # of metadata in one file


class Files:
    """A folder of files by their keys."""

    def __init__(self, path: Path, name: str):
        self._path, self._name = path, name

    def get(self, key: str) -> bytes | None:
        """Bytes of a file, or None."""
        path = self._path / key
        if not path.is_file():
            return None
        if path.stat().st_size > _SAID:
            raise damaged(self._name)
        return path.read_bytes()

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        return (self._path / key).is_file()

    def folders(self, place: str) -> list[str]:
        """Names of the folders in one."""
        path = self._path / place
        return [one.name for one in path.iterdir() if one.is_dir()] if path.is_dir() else []

    def json(self, key: str) -> dict | None:
        """Metadata of a file, or None if it is not there.

        Raises
        ------
        LabError
            If it is damaged.
        """
        data = self.get(key)
        if data is None:
            return None
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise damaged(self._name) from error
        if not isinstance(found, dict):
            raise damaged(self._name)
        return found

    def store(self):
        """For zarr."""
        from zarr.storage import LocalStore

        return LocalStore(self._path, read_only=True)


@contextlib.contextmanager
def opened(origin: Origin, name: str, limits: Limits = LIMITS) -> Iterator[Files]:
    """The files of a Zarr.

    Raises
    ------
    LabError
    """
    if origin.path is None or not origin.path.is_dir():
        raise LabError("an OME-Zarr is a folder.")
    yield Files(origin.path, name)

"""The files of a Zarr: those of a folder, or of a zip of one.

A zip is checked before it is believed: how much its directory lists, that no name
leads out of it, that nothing is a link, that no file unpacks to more than its
chunk may have. Nothing is ever unpacked to disk.

References
----------
PKWARE's APPNOTE.TXT 6.3, section 4.3 (the central directory and its end).
"""

import contextlib
import json
import stat
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from snnlab.errors import LabError
from snnlab.images.limits import LIMITS, MIB, Limits, damaged, shown
from snnlab.images.origin import Origin

_SAID = 16 * MIB  # of metadata in one file
_LISTED = 32 * MIB  # of a zip's directory: some 300,000 chunks
_ROOTS = ("zarr.json", ".zattrs", ".zgroup", ".zarray")


class Files:
    """A folder of files by their keys."""

    def __init__(self, path: Path, name: str):
        self._path, self.name = path, name

    def get(self, key: str) -> bytes | None:
        """Bytes of a file, or None.

        Raises
        ------
        LabError
            If it is larger than metadata could be.
        """
        path = self._path / key
        if not path.is_file():
            return None
        if path.stat().st_size > _SAID:
            raise damaged(self.name)
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
            raise damaged(self.name) from error
        if not isinstance(found, dict):
            raise damaged(self.name)
        return found

    def size(self, key: str) -> int | None:
        """Bytes of a file, or None."""
        path = self._path / key
        return path.stat().st_size if path.is_file() else None

    def read(self, key: str, start: int = 0, count: int | None = None) -> bytes | None:
        """A part of a file of numbers, all of it if not said, or None if it is not there.

        Raises
        ------
        EOFError
            If it is shorter.
        """
        size = self.size(key)
        if size is None:
            return None
        return Origin(self._path / key).read(start, size - start if count is None else count)


class ZipFiles(Files):
    """The files of a folder in a zip.

    Parameters
    ----------
    stream : binary file
    size : int
        Of it.
    name : str
    limits : Limits

    Raises
    ------
    LabError
    """

    def __init__(self, stream: BinaryIO, size: int, name: str, limits: Limits):
        self.name, self._largest = name, 4 * limits.section_bytes
        _check_directory(stream, size, name)
        self._zip = zipfile.ZipFile(stream)
        self._last = "", b""
        self._files: dict[str, zipfile.ZipInfo] = {}
        roots = []
        for one in self._zip.infolist():
            path = one.filename
            parts = path.rstrip("/").split("/")
            if path.startswith("/") or "\\" in path or ".." in parts:
                raise LabError(f"{shown(name)} names files outside itself; zip the folder again.")
            if stat.S_ISLNK(one.external_attr >> 16):
                raise LabError(f"{shown(name)} holds links to other files; zip the folder again.")
            if one.flag_bits & 1:
                raise LabError(f"{shown(name)} is encrypted; zip the folder again.")
            if one.is_dir():
                continue
            self._files[path] = one
            if parts[-1] in _ROOTS:
                roots.append(parts[:-1])
        if not roots:
            raise LabError(
                f"{shown(name)} is a zip archive without an OME-Zarr in it; choose an image, or zip"
                " the folder of one OME-Zarr."
            )
        top = min(roots, key=len)
        self._prefix = "".join(f"{part}/" for part in top)

    def _info(self, key: str) -> zipfile.ZipInfo | None:
        return self._files.get(self._prefix + key)

    def get(self, key: str) -> bytes | None:
        """Bytes of a file of metadata, or None."""
        size = self.size(key)
        if size is not None and size > _SAID:
            raise damaged(self.name)
        return self.read(key)

    def size(self, key: str) -> int | None:
        """Bytes of a file, unpacked, or None."""
        found = self._info(key)
        return found.file_size if found is not None else None

    def read(self, key: str, start: int = 0, count: int | None = None) -> bytes | None:
        """A part of a file that unpacks to no more than is allowed, or None."""
        found = self._info(key)
        if found is None:
            return None
        if found.file_size > self._largest:
            raise damaged(self.name)
        if self._last[0] != key:  # the chunks of a shard are asked for one after the other
            # no more than the size that was checked is unpacked
            self._last = key, self._zip.read(found)
        data = self._last[1]
        stop = len(data) if count is None else start + count
        if not 0 <= start <= stop <= len(data):
            raise EOFError
        return data[start:stop]

    def has(self, key: str) -> bool:
        """Whether there is such a file."""
        return self._info(key) is not None

    def folders(self, place: str) -> list[str]:
        """Names of the folders in one."""
        start = self._prefix + (f"{place}/" if place else "")
        below = {
            path[len(start) :].split("/", 1)[0]
            for path in self._files
            if path.startswith(start) and "/" in path[len(start) :]
        }
        return sorted(below)


def _check_directory(stream: BinaryIO, size: int, name: str) -> None:
    """Bound the directory of a zip, which zipfile reads as a whole when it opens it."""
    tail = min(size, 22 + 65_535)
    stream.seek(size - tail)
    data = stream.read(tail)
    at = data.rfind(b"PK\5\6")
    if at < 0 or len(data) < at + 22:
        raise damaged(name)
    (length,) = struct.unpack_from("<I", data, at + 12)
    if length == 0xFFFFFFFF:  # the larger form, before this one
        far = data.rfind(b"PK\6\6")
        if far < 0 or len(data) < far + 48:
            raise damaged(name)
        (length,) = struct.unpack_from("<Q", data, far + 40)
    if length > _LISTED:
        raise LabError(
            f"{shown(name)} lists too many files; save the OME-Zarr with larger chunks, or one"
            " part of it."
        )


@contextlib.contextmanager
def opened(origin: Origin, name: str, limits: Limits = LIMITS) -> Iterator[Files]:
    """The files of a Zarr.

    Raises
    ------
    LabError
    """
    if origin.folder:
        yield Files(origin.path, name)
    else:
        with origin.open() as stream:
            yield ZipFiles(stream, origin.size, name, limits)

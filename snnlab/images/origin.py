"""Where the bytes of a file are: in memory, as a browser hands them over, or on this disk.

Readers ask for pieces. So a file of ten gigabytes that somebody names on the
command line costs the pieces that are looked at, and an upload costs itself.
"""

import hashlib
import io
import os
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from snnlab.errors import LabError

HASHED = 64 << 20  # bytes; larger files on disk are told apart by what is read of them
_PIECE = 1 << 20


class Origin:
    """A file's bytes.

    Parameters
    ----------
    source : bytes or path

    Attributes
    ----------
    path : pathlib.Path or None
        None: in memory, and so from a stranger.
    size : int
        Of a folder 0.
    folder : bool

    Raises
    ------
    LabError
        If a file cannot be read.
    """

    def __init__(self, source: "bytes | bytearray | str | os.PathLike"):
        self._data = bytes(source) if isinstance(source, bytes | bytearray | memoryview) else None
        self.path = None if self._data is not None else Path(source)
        self.folder = self.path is not None and self.path.is_dir()
        if self._data is not None:
            self.size = len(self._data)
            return
        if self.folder:
            self.size = 0
            return
        try:
            self.size = self.path.stat().st_size
            with self.path.open("rb"):
                pass
        except OSError as error:
            raise unreadable(self.path, error) from error

    def read(self, start: int, count: int) -> bytes:
        """Exactly `count` bytes from `start`.

        Raises
        ------
        EOFError
            If the file has fewer.
        """
        if start < 0 or count < 0:
            raise EOFError
        if self._data is not None:
            found = self._data[start : start + count]
        else:
            with self.path.open("rb", buffering=0) as file:
                file.seek(start)
                parts, missing = [], count
                while missing:
                    part = file.read(missing)
                    if not part:
                        break
                    parts.append(part)
                    missing -= len(part)
                found = parts[0] if len(parts) == 1 else b"".join(parts)
        if len(found) != count:
            raise EOFError(f"{count} bytes at {start} of {self.size}")
        return found

    @cached_property
    def head(self) -> bytes:
        """The first bytes, by which a format is told."""
        return b"" if self.folder else self.read(0, min(self.size, 2048))

    def open(self) -> BinaryIO:
        """A stream of the bytes, for a library; to be closed by the caller."""
        return io.BytesIO(self._data) if self._data is not None else self.path.open("rb")

    def whole(self) -> bytes:
        """All bytes, for formats that cannot be read in pieces."""
        return self._data if self._data is not None else self.read(0, self.size)

    def sibling(self, name: str) -> "Origin | None":
        """Another file of the same folder; None for an upload, which has none, or if it is absent.

        Only a bare name is followed: a file may not point at others of this machine.
        """
        if self.path is None or name != os.path.basename(name) or name in ("", ".", ".."):
            return None
        other = self.path.parent / name
        return Origin(other) if other.is_file() else None

    @cached_property
    def digest(self) -> str | None:
        """sha256 of the bytes, in hexadecimal; None for a large file or folder on disk."""
        if self._data is not None:
            return hashlib.sha256(self._data).hexdigest()
        if self.folder or self.size > HASHED:
            return None
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def unreadable(path, error: OSError) -> LabError:
    """Make the error for a file that the user named and that cannot be read."""
    reason = (error.strerror or "it cannot be read").lower()
    return LabError(f"{path} cannot be read: {reason}; name another file.")

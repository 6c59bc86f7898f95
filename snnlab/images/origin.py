"""Where the bytes of a file are: in memory, as a browser hands them over, or on this disk.

Readers ask for pieces. So a file of ten gigabytes that somebody names on the
command line costs the pieces that are looked at, and an upload costs itself.
"""

import hashlib
import io
import os
import stat
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from snnlab.errors import LabError
from snnlab.images.limits import fit, shown

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
        self.folder = False
        if self._data is not None:
            self.size = len(self._data)
            return
        self.folder, self.size = looked_at(self.path)

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


_OTHERS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a device"}


def looked_at(path: Path) -> tuple[bool, int]:
    """Whether something on this disk is a folder, and its size in bytes; nothing of it is read.

    Raises
    ------
    LabError
        If it is neither a folder nor a file, or cannot be read.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            return True, 0
        # before it is opened: a pipe would be waited for, and a device has no end
        if not stat.S_ISREG(about.st_mode):
            what = _OTHERS.get(stat.S_IFMT(about.st_mode), "a device")
            raise LabError(f"{_called(path)} is {what}, not a file; name a file.")
        with path.open("rb"):
            return False, about.st_size
    except (OSError, ValueError) as error:  # the latter of a name with a NUL in it
        raise unreadable(path, error) from error


def unreadable(path, error: OSError | ValueError) -> LabError:
    """Make the error for a file that the user named and that cannot be read."""
    reason = (getattr(error, "strerror", None) or "it cannot be read").lower()
    return LabError(f"{_called(path)} cannot be read: {reason}; name another file.")


def _called(path) -> str:
    text = str(path)
    return fit(text) if len(text) <= 80 else shown(text)

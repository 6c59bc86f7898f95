"""Where a command is to write: looked at before the work, which may take hours.

What is asked is the file system itself, by a file without a name that is gone at once: rights,
a disk that may only be read and one that is full all look different otherwise.
"""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from snnlab.errors import LabError

_ABSENT = (errno.ENOENT, errno.ENOTDIR)
BLOCK = 4096  # bytes; a full disk takes an empty file


def folder(named: str | os.PathLike, names: Iterable[str] = (), option: str = "--out") -> Path:
    """A folder that is there or can be made, and takes files.

    Parameters
    ----------
    named : path
    names : iterable of str
        Of the files that are to come into it.
    option : str
        Which names it.

    Raises
    ------
    LabError
        If there is something else, or nothing can be written.
    """
    path = Path(named)
    here = _nearest(path, option)
    if not here.is_dir():
        what = (
            "is not a folder"
            if here == _absolute(path)
            else (f"cannot be a folder: {here} is not one")
        )
        raise LabError(f"{path} {what}; name another {option}.")
    for name in names:
        if (path / name).is_dir():
            raise LabError(
                f"{path / name} is a folder, but a file of that name has to be written; name"
                f" another {option}."
            )
    _tried(here, path, option)
    return path


def file(named: str | os.PathLike, option: str) -> Path:
    """A file that is there or can be made, and takes text; nothing of it is changed yet.

    Raises
    ------
    LabError
    """
    path = Path(named)
    here = _nearest(path, option)
    if here == _absolute(path):
        if here.is_dir():
            raise LabError(f"{path} is a folder; name a file in {option}.")
        if here.exists() and not stat.S_ISREG(here.stat().st_mode):
            return path  # a terminal, or a pipe to another program
    elif here != _absolute(path).parent or not here.is_dir():
        raise LabError(f"{path.parent} is not a folder; name another {option}.")
    if here.is_file():
        try:
            with here.open("ab"):
                return path
        except OSError as error:
            raise _refused(path, error, option) from error
    _tried(here if here.is_dir() else here.parent, path, option)
    return path


def _nearest(path: Path, option: str) -> Path:
    """What is there of a path: itself, or the nearest folder above it."""
    here = _absolute(path)
    try:
        here.stat()
    except OSError as error:
        if error.errno not in _ABSENT:  # a name that is too long, links in a circle
            raise _refused(path, error, option) from error
    except ValueError as error:
        raise LabError(f"{path!r} is not the name of a file; name another {option}.") from error
    while not os.path.lexists(here):
        here = here.parent
    return here


def _tried(here: Path, path: Path, option: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=here, buffering=0) as made:
            made.write(bytes(BLOCK))
    except OSError as error:
        raise _refused(path, error, option) from error


def _refused(path: Path, error: OSError, option: str) -> LabError:
    return LabError(f"{path} cannot be written: {_reason(error)}; name another {option}.")


def _reason(error: OSError) -> str:
    return (error.strerror or "no space or no permission").lower()


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))

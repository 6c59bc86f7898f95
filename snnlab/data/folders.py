"""Folders of data sets that the user names, and the volumes in them."""

import os
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images.limits import check_file
from snnlab.images.reading import open_stack
from snnlab.images.stack import Stack


def find(
    folder: str | os.PathLike | None, variable: str, child: str, files: tuple[str, ...]
) -> Path | None:
    """Find a folder that holds certain files.

    Parameters
    ----------
    folder : path or None
        The folder, or the one above it; None or an empty string asks the variable.
    variable : str
        Of the environment.
    child : str
        What the folder is called in the one above it.
    files : tuple of str
        All of which it holds.

    Returns
    -------
    pathlib.Path or None
        None if neither names a folder.

    Raises
    ------
    LabError
        If a folder is named but is not there, or lacks a file.
    """
    named = os.fspath(folder) if folder is not None else ""
    source = ""
    if not named:
        named, source = os.environ.get(variable, ""), f", named by {variable},"
    if not named:
        return None
    try:
        path = Path(named).expanduser()
        for candidate in (path, path / child):
            if holds(candidate, files):
                return candidate
        exists = path.is_dir()
    except (OSError, ValueError, RuntimeError):  # no permission, a NUL, no such home
        exists = False
    said = "".join(c if c.isprintable() else "?" for c in named)
    if not exists:
        raise LabError(f"the data folder {said}{source} cannot be read; name an existing folder.")
    raise LabError(
        f"the data folder {said}{source} lacks {' or '.join(files)}; "
        f"name the folder that holds {'both' if len(files) == 2 else 'all of them'}."
    )


def holds(folder: Path, files: tuple[str, ...]) -> bool:
    """Whether all of the files are there."""
    return all((folder / name).is_file() for name in files)


def opened(path: Path, whose: str) -> Stack:
    """Open a volume of a data set.

    Parameters
    ----------
    path : pathlib.Path
        8-bit grey TIFF.
    whose : str
        The data set's name and verb, as in ``"the ISBI 2012 volumes are"``.

    Raises
    ------
    LabError
    """
    try:
        check_file(path.stat().st_size, path.name)
        data = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path.name} cannot be read; check its permissions.") from error
    stack = open_stack(data, path.name)
    if stack.kind != "8-bit grey TIFF":
        raise LabError(
            f"{path.name} is a {stack.kind}, but {whose} 8-bit grey TIFF; use the original file."
        )
    return stack

"""Long work that can be opened again by an id that nobody guesses, for seven days.

A ticket is a folder that holds all it takes to go on: what was asked for, as JSON, and arrays.
Its name is a hash of the id, so that who sees the folder cannot open what is in it from a
browser. Tickets go when they are too old, when there are too many newer ones, or when they take
too much room; so do folders of checkpoints (`outdated`).
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from snnlab.errors import LabError
from snnlab.work import stored

DAYS = 7.0
MOST = 12
LARGEST = 512 * 1024 * 1024  # bytes of one ticket
ROOM = 2 * 1024 * 1024 * 1024  # bytes of all
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_ABOUT, _ARRAYS, _PAUSED, _PART = "about.json", "arrays.npz", "paused", ".part-"
_HOUR = 60 * 60
_DAY = 24 * _HOUR


class Tickets:
    """A folder of tickets.

    Parameters
    ----------
    place : path
        Made when the first one is put there.
    clock : callable
        Seconds since 1970, as files have them.
    """

    def __init__(self, place: Path, clock: Callable[[], float] = time.time):
        self.place, self._clock = Path(place), clock

    def put(self, about: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
        """Keep what it takes to go on.

        Parameters
        ----------
        about : dict
            Fit for JSON.
        arrays : dict of str to numpy.ndarray

        Returns
        -------
        str
            The id, of 128 random bits: whoever has it may open the work.

        Raises
        ------
        LabError
            If it is too large, or cannot be written.
        """
        size = sum(values.nbytes for values in arrays.values())
        if size > LARGEST:
            raise LabError(
                f"its sections take {size >> 20} MB, and {LARGEST >> 20} MB are kept at most."
            )
        token = secrets.token_urlsafe(16)
        part = self.place / f"{_PART}{secrets.token_hex(8)}"
        try:
            part.mkdir(parents=True, mode=0o700)
            np.savez(part / _ARRAYS, **arrays)
            (part / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
            self._touch(part)
            part.rename(self._folder(token))
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            reason = (error.strerror or "no space or no permission").lower()
            raise LabError(f"{self.place} cannot be written to: {reason}.") from error
        self.tidy()
        return token

    def get(self, token: str) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """What was put there; None if there is no such ticket any more, or it is damaged."""
        if not self.has(token):
            return None
        folder = self._folder(token)
        try:
            about = stored.parsed(stored.content(folder / _ABOUT, LARGEST))
            return about, stored.arrays(stored.content(folder / _ARRAYS, 2 * LARGEST))
        except (OSError, stored.Damaged):
            return None

    def has(self, token: str) -> bool:
        """Whether the id opens something."""
        return bool(TOKEN.fullmatch(token)) and self._current(self._folder(token))

    def used(self, token: str) -> None:
        """Its seven days begin anew."""
        if self.has(token):
            self._touch(self._folder(token))

    def pause(self, token: str, paused: bool = True) -> None:
        """Note whether its owner wants it to rest, to be read by `paused`."""
        if self.has(token):
            with contextlib.suppress(OSError):
                mark = self._folder(token) / _PAUSED
                mark.touch() if paused else mark.unlink(missing_ok=True)

    def paused(self, token: str) -> bool:
        """Whether its owner wanted it to rest."""
        return self.has(token) and (self._folder(token) / _PAUSED).exists()

    def drop(self, token: str) -> None:
        """Forget one."""
        if TOKEN.fullmatch(token):
            shutil.rmtree(self._folder(token), ignore_errors=True)

    def tidy(self) -> None:
        """Forget those that are too old or too many, and what was never finished."""
        now = self._clock()
        try:
            found = [path for path in self.place.iterdir() if path.is_dir()]
        except OSError:
            return
        parts = [path for path in found if path.name.startswith(_PART)]
        gone = []
        for path in parts:
            with contextlib.suppress(OSError):  # another server has finished it meanwhile
                gone += [path] if now - path.stat().st_mtime > _HOUR else []
        for folder in (*gone, *outdated(set(found) - set(parts), now, ROOM)):
            shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, token: str) -> Path:
        return self.place / hashlib.sha256(token.encode()).hexdigest()[:40]

    def _current(self, folder: Path) -> bool:
        return (folder / _ABOUT).exists() and self._clock() - newest(folder) < DAYS * _DAY

    def _touch(self, folder: Path) -> None:
        now = self._clock()
        for name in (_ABOUT, _ARRAYS):
            with contextlib.suppress(OSError):
                os.utime(folder / name, (now, now))


def newest(folder: Path) -> float:
    """When anything below a folder was last written, in seconds since 1970; 0 if there is nothing.

    The folders themselves do not count: what is taken out of them is not work.
    """
    return max((about.st_mtime for about in _files(folder)), default=0.0)


def outdated(
    folders: Iterable[Path], now: float, room: float = float("inf"), most: int = MOST
) -> list[Path]:
    """Which folders of kept work are to go.

    Parameters
    ----------
    folders : iterable of path
    now : float
        Seconds since 1970.
    room : float
        Bytes that all may take together; the newest is kept whatever it takes.
    most : int
        How many are kept.

    Notes
    -----
    What was written in the future is of before the clock was set back. It does not become too
    old by that, but of many it goes before what was written since, which is newer.
    """
    written_in = {folder: newest(folder) or _made(folder) for folder in folders}
    aged = sorted(
        ((written, folder) for folder, written in written_in.items()),
        key=lambda one: (abs(now - one[0]), one[1]),
    )
    gone, taken = [], 0
    for index, (written, folder) in enumerate(aged):
        size = _size(folder)
        taken += size
        if index >= most or now - written >= DAYS * _DAY or (index and taken > room):
            gone.append(folder)
            taken -= size
    return gone


def _made(folder: Path) -> float:
    """When a folder was made that has nothing in it yet; 0 if it is gone."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _size(folder: Path) -> int:
    """Bytes of what is below a folder."""
    return sum(about.st_size for about in _files(folder))


def _files(folder: Path) -> Iterator[os.stat_result]:
    """What is known of each file below a folder, which others may be writing to or taking away.

    `os.walk` passes over a folder that is gone when it is looked into; `Path.rglob` raises.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                about = os.stat(os.path.join(place, name))
                if stat.S_ISREG(about.st_mode):
                    yield about

"""Machine code of numba's kernels, kept on disk by content; damage costs time, nothing else.

Numba's own cache names its files by where the source lies, so that another copy
of the same sources compiles all over again, and it runs whatever it finds: an
index that was cut short by a power failure is an error in every run, and a
changed byte of machine code is worse. Here a kernel is one file, named by the
hash of all that it depends on: the sources, the types, the processor, the
versions. It begins with the hash of its own content, and is taken only if that
is right and if the file is the user's own, since what it holds is run.

Any fault is said once in the log. A file that cannot be used is thrown away
and made anew; where nothing can be written, kernels are compiled in memory.
The files not used for longest go when all together have more than `MOST` bytes.

``NUMBA_CACHE_DIR``, if set, is where they are; else the user's cache folder, and
the folder for temporary files where that cannot be used.
"""

import contextlib
import hashlib
import inspect
import logging
import os
import pickle
import platform
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numba
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

log = logging.getLogger(__name__)

MOST = 64 << 20  # bytes of all files; those of one version of the lab have some three million
SUFFIX = ".kernel"
UNFINISHED = ".part"
ABANDONED = 3600  # seconds after which a half-written file is nobody's any more
_FORM = b"snnlab kernel 1\n"  # of the files; another one makes old files useless

_used: set[Path] = set()  # by this process; not to be removed by it
_said: set[str] = set()


def digest_of(sources: Iterator[Path], start: str = "") -> str:
    """Hash of the content of source files, wherever they lie.

    Parameters
    ----------
    sources : iterable of pathlib.Path
    start : str
        What else the hash is to cover.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    digest = hashlib.sha256(start.encode())
    for source in sorted(sources):
        content = source.read_bytes()
        digest.update(f"{source.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def keeping(sources: Callable[[], str], **options) -> Callable:
    """Make a decorator that compiles a function on its first use and keeps what came of it.

    Parameters
    ----------
    sources : callable
        Gives the hash of all sources that the kernels are made of, beside the
        module that a function is in.
    options
        Of `numba.njit`.

    Returns
    -------
    callable
    """

    def decorate(function):
        made = numba.njit(**options)(function)
        # numba has no public way to hand it another cache; with NUMBA_DISABLE_JIT there is none
        if hasattr(made, "_cache"):
            made._cache = _Kept(function, sources())
        return made

    return decorate


def folders() -> tuple[Path, ...]:
    """Where kernels may be, the usual place first; none of them need exist."""
    if numba.config.CACHE_DIR:
        return (Path(numba.config.CACHE_DIR),)
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    found = []
    with contextlib.suppress(RuntimeError):  # a user without a home
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found.append(Path(home) / "snnlab" / "kernels")
    with contextlib.suppress(OSError):  # on a full disk Python finds no folder for them
        found.append(Path(tempfile.gettempdir()) / f"snnlab-kernels-{user}")
    return tuple(found)


def used() -> tuple[Path, ...]:
    """Files of the kernels that this process has loaded or written."""
    return tuple(sorted(_used))


class _Kept(_Cache):
    """The kept machine code of one function, as numba asks for it: nothing here raises."""

    def __init__(self, function, sources: str):
        self._name = f"{function.__module__.removeprefix('snnlab.')}.{function.__qualname__}"
        self._name = "".join(c if c.isalnum() or c in "._" else "-" for c in self._name)
        self._function, self._sources = function, sources
        self._enabled = True

    @property
    def cache_path(self) -> str | None:
        """Of the first folder; numba shows it."""
        return next(map(str, folders()), None)

    def enable(self) -> None:
        """Use the files."""
        self._enabled = True

    def disable(self) -> None:
        """Use none."""
        self._enabled = False

    def flush(self) -> None:
        """Nothing to do: a file's name says what it is of."""

    def load_overload(self, sig, target_context):
        """The compiled function for these types, or None."""
        if not self._enabled:
            return None
        target_context.refresh()
        for folder in folders():
            path = folder / self._file(sig, target_context.codegen())
            try:
                content = _read(path)
                if content is None:
                    continue
                found = CompileResult._rebuild(target_context, *pickle.loads(content))
            except Exception as error:
                _tell("used", folder, error)
                _throw_away(path)
                continue
            _used.add(path)
            with contextlib.suppress(OSError):
                os.utime(path)  # those not used for longest go first
            return found
        return None

    def save_overload(self, sig, cres) -> None:
        """Keep a compiled function in the first folder that takes it."""
        # what holds addresses of this process means nothing to another
        if not self._enabled or cres.library.has_dynamic_globals:
            return
        for folder in folders():
            path = folder / self._file(sig, cres.codegen)
            try:
                _write(path, dumps(cres._reduce()))
            except Exception as error:
                _tell("written", folder, error)
                continue
            _used.add(path)
            _prune(folder)
            return

    def _file(self, sig, codegen) -> str:
        """Name of the file for some types on this processor, with these versions."""
        about = repr((
            sig, codegen.magic_tuple(), self._sources, self._name,
            numba.__version__, platform.python_version(), platform.machine(),
        ))  # fmt: skip
        return f"{self._name}-{_with_module(self._function, about)[:32]}{SUFFIX}"


def _with_module(function, about: str) -> str:
    """Hash of what is given and of the module that a function is in."""
    try:
        own = [Path(inspect.getfile(function))]
        return digest_of(own, about)
    except (OSError, TypeError):  # typed in, or generated
        return hashlib.sha256(about.encode() + function.__code__.co_code).hexdigest()


def _read(path: Path) -> bytes | None:
    """What was written; None if there is nothing.

    Raises
    ------
    ValueError
        If the file is not as it was written, or not the user's own.
    OSError
    """
    try:
        about = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(about.st_mode):
        raise ValueError("it is not a file")
    if hasattr(os, "getuid") and about.st_uid != os.getuid():
        raise ValueError("it belongs to someone else")
    if about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError("others may write to it")
    found = path.read_bytes()
    content = found[len(_head(path, b"")) :]
    if found != _head(path, content) + content:
        raise ValueError("it is damaged")
    return content


def _head(path: Path, content: bytes) -> bytes:
    """What a file begins with: it is right for this content under this name alone."""
    return _FORM + hashlib.sha256(path.name.encode() + b"\0" + content).digest()


def _write(path: Path, content: bytes) -> None:
    """Put a file into its place, complete or not at all.

    Raises
    ------
    OSError
    """
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # whoever owns a folder may put anything into it
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise PermissionError("the folder belongs to someone else")
    handle, part = tempfile.mkstemp(suffix=UNFINISHED, dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_head(path, content) + content)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _throw_away(path: Path) -> None:
    """Remove what cannot be used, if it can be removed; a new one takes its place anyway."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _prune(folder: Path) -> None:
    """Remove the files that were not used for longest, and what was left half-written."""
    now, room, others = time.time(), MOST, []
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):  # another process was faster
                seen = path.stat()
                if path in _used:
                    room -= seen.st_size
                elif path.suffix == SUFFIX:
                    others.append((seen.st_mtime, seen.st_size, path))
                elif path.suffix == UNFINISHED and now - seen.st_mtime > ABANDONED:
                    path.unlink()
    for _, size, path in sorted(others, reverse=True):
        room -= size
        if room < 0:
            _throw_away(path)


def _tell(what: str, folder: Path, error: Exception) -> None:
    """Say once that machine code could not be used, or not be written."""
    if what in _said:
        return
    _said.add(what)
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    then = "thrown away and compiled again" if what == "used" else "compiled whenever it is needed"
    log.warning("machine code in %s cannot be %s (%s); it is %s", folder, what, reason, then)

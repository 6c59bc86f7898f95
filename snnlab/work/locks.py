"""One process at a time where two would spoil each other's work.

The lock is a file beside what is written, held with ``flock``: when its process
ends, however it ends, or the machine, the system lets it go, and the file that
is left behind keeps nobody out. What stands in it is for people, and for file
systems that do not know ``flock`` (some on clusters do not): there it holds as
long as the process that it names is alive, on this machine since it was started.
"""

import contextlib
import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from snnlab.errors import LabError

_UNKNOWN = {errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}  # flock is


@contextlib.contextmanager
def held(path: Path, refusal: Callable[[str], str]) -> Iterator[None]:
    """Hold a lock.

    Parameters
    ----------
    path : pathlib.Path
        Of the lock's file, in a folder that is there; removed afterwards.
    refusal : callable
        What is said if somebody else holds it, given who: ``"process 12 on host, since 9:15"``.

    Raises
    ------
    LabError
        If somebody else holds it.
    OSError
        If the file cannot be written.
    """
    handle = _taken(path, refusal)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # while it is held: whoever waits for this file finds another one
        os.close(handle)


def _taken(path: Path, refusal: Callable[[str], str]) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            told = _read(handle)
            if not _locked(handle, told):
                raise LabError(refusal(_who(told)))
            seen = os.fstat(handle)
            if _same_file(path, seen):
                os.ftruncate(handle, 0)
                os.pwrite(handle, json.dumps(_here()).encode(), 0)
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its holder has removed it meanwhile


def _locked(handle: int, told: dict) -> bool:
    """Take the lock, if nobody has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
        return not _alive(told)


def _same_file(path: Path, seen: os.stat_result) -> bool:
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    return (now.st_dev, now.st_ino) == (seen.st_dev, seen.st_ino)


def _here() -> dict:
    """Name this process so that another one can tell whether it is alive."""
    return {
        "host": socket.gethostname(),
        "boot": _boot(),
        "process": os.getpid(),
        "started": _started(os.getpid()),
        "since": time.strftime("%Y-%m-%d %H:%M"),
    }


def _boot() -> str:
    """Tells one start of this machine from another, whatever its clock says."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _started(process: int) -> str:
    """When a process was started; on Linux in ticks since the machine was, as clocks are set.

    Raises
    ------
    psutil.Error
        If there is no such process.
    """
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return str(psutil.Process(process).create_time())


def _read(handle: int) -> dict:
    """What stands in the file; nothing if that makes no sense."""
    try:
        told = json.loads(os.pread(handle, 4096, 0))
        return told if isinstance(told, dict) else {}
    except (OSError, ValueError, RecursionError):
        return {}


def _alive(told: dict) -> bool:
    """Whether the process is alive that the file names; one elsewhere has to be believed."""
    if not told or told.get("host") != socket.gethostname():
        return bool(told)
    try:
        return told["boot"] == _boot() and told["started"] == _started(int(told["process"]))
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False


def _who(told: dict) -> str:
    """Who holds it, in words."""
    try:
        return f"process {int(told['process'])} on {told['host']}, since {told['since']}"
    except (KeyError, TypeError, ValueError):
        return "another process"

"""Uploads whose library may crash on a damaged file are read in a process of their own.

libhdf5 and the codecs of Zarr are C that trusts its input: a damaged file can end the
process, or ask for any amount of memory. So a stranger's file is read by a child
that has a bound on memory and time, writes nothing, and is started anew when it dies; what comes
back is numbers and text, checked here. Files that somebody names on the command line
are their own, and are read directly.

A message is a line of JSON, followed by as many bytes as it says.
"""

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.limits import Limits, damaged, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import Calibration
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

SECONDS = 60.0  # that a request may take
LINE = 1 << 20  # bytes of a message without its numbers
_TYPES = {"|b1", "|i1", "|u1"} | {f"<{kind}{size}" for kind in "iuf" for size in (2, 4, 8)}
_ROOT = Path(__file__).resolve().parents[2]


class _Child:
    """The process, of which there is one; requests come one after the other."""

    def __init__(self):
        self._process: subprocess.Popen | None = None
        self._lock = threading.Lock()
        self._holds = ""

    def ask(self, name: str, message: dict, origin: Origin) -> tuple[dict, bytes]:
        """Send a request about a file, and wait for the answer.

        Raises
        ------
        LabError
            If the child dies over it, or takes too long.
        """
        with self._lock:
            try:
                self._start()
                message = {**message, "file": origin.digest, "bytes": 0}
                data = b""
                if self._holds != origin.digest:
                    data = origin.whole()
                    message["bytes"] = len(data)
                ends = time.monotonic() + SECONDS
                self._send(json.dumps(message).encode() + b"\n" + data, ends)
                self._holds = origin.digest
                answer = json.loads(self._line(ends))
                return answer, self._exactly(int(answer.get("bytes", 0)), ends)
            except TimeoutError:
                self.stop()
                raise LabError(
                    f"{shown(name)} takes more than {SECONDS:.0f} s to read; save it as a TIFF."
                ) from None
            except (OSError, EOFError, ValueError) as error:
                self.stop()
                raise damaged(name) from error

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        environment = {
            key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "HOME")
        }
        environment |= {"PYTHONPATH": str(_ROOT), "HDF5_PLUGIN_PATH": os.devnull}
        environment |= {"BLOSC_NTHREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "snnlab.images.apart_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment,
            start_new_session=True,  # Ctrl-C in the terminal is for the server
        )
        os.set_blocking(self._process.stdin.fileno(), False)
        os.set_blocking(self._process.stdout.fileno(), False)
        self._holds, self._rest = "", b""

    def stop(self) -> None:
        """End it; the next request starts another."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _send(self, data: bytes, ends: float) -> None:
        pipe, sent = self._process.stdin.fileno(), memoryview(data)
        while sent:
            self._wait([], [pipe], ends)
            sent = sent[os.write(pipe, sent[: 1 << 20]) :]

    def _more(self, ends: float) -> bytes:
        pipe = self._process.stdout.fileno()
        self._wait([pipe], [], ends)
        data = os.read(pipe, 1 << 20)
        if not data:
            raise EOFError
        return data

    def _wait(self, read: list[int], write: list[int], ends: float) -> None:
        left = ends - time.monotonic()
        if left <= 0 or not any(select.select(read, write, [], left)):
            raise TimeoutError

    def _line(self, ends: float) -> bytes:
        parts = self._rest
        while b"\n" not in parts:
            if len(parts) > LINE:
                raise ValueError("too long")
            parts += self._more(ends)
        line, _, self._rest = parts.partition(b"\n")
        return line

    def _exactly(self, count: int, ends: float) -> bytes:
        if not 0 <= count <= 1 << 30:
            raise ValueError("too much")
        parts, have = [self._rest], len(self._rest)
        while have < count:
            parts.append(self._more(ends))
            have += len(parts[-1])
        data = b"".join(parts)
        self._rest = data[count:]
        return data[:count]


_CHILD = _Child()
atexit.register(_CHILD.stop)


def running() -> int | None:
    """Number of the process, if there is one."""
    process = _CHILD._process
    return process.pid if process is not None and process.poll() is None else None


class ApartReader:
    """A reader of another process.

    Parameters
    ----------
    origin : Origin
        In memory.
    name : str
    limits : Limits
    choice : Choice
    reader : str
        Which one, as `snnlab.images.formats` names it.

    Raises
    ------
    Undecided, LabError
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice, reader: str):
        self._origin, self._name = origin, name
        self._about = {
            "reader": reader,
            "name": name,
            "limits": asdict(limits),
            "choice": asdict(choice),
        }
        answer = self._ask({"what": "header"})[0]
        try:
            self.header = _header(answer["header"])
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(name) from error

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
        """
        places = [section, rows.start, rows.stop, columns.start, columns.stop]
        answer, data = self._ask({"what": "window", "places": places})
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        try:
            if answer["dtype"] not in _TYPES:
                raise ValueError(answer["dtype"])
            values = np.frombuffer(data, answer["dtype"]).reshape(shape)
            return Stored(values, int(answer["bits"]))
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(self._name) from error

    def _ask(self, message: dict) -> tuple[dict, bytes]:
        answer, data = _CHILD.ask(self._name, self._about | message, self._origin)
        if "undecided" in answer:
            raise Undecided(self._name, *answer["undecided"])
        if "error" in answer:
            raise LabError(" ".join(str(answer["error"]).split())[:500])
        return answer, data


def _header(said: dict) -> Header:
    """A header that came as JSON, its types made sure."""
    known = said["calibration"]
    triple = lambda values: tuple(map(float, values)) if values is not None else None  # noqa: E731
    calibration = Calibration(
        triple(known["scale"]),
        tuple(str(unit) for unit in known["units"]),
        triple(known["translation"]),
        str(known["where"]),
        str(known["doubt"]),
    )
    height, width = said["shape"]
    return Header(
        str(said["form"]),
        int(said["sections"]),
        (int(height), int(width)),
        int(said["bits"]),
        int(said["samples"]),
        bool(said["real"]),
        tuple((str(axis), int(length)) for axis, length in said["axes"]),
        calibration,
        tuple(map(str, said["notes"])),
        Choice(**said["choice"]),
    )

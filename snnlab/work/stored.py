"""Files that the lab wrote, read as if anybody might have written them.

A disk fills up, power fails, somebody edits a file: what was stored may be cut
short, be something else, or hold values that no run can use. The readers here
give what was written or raise `Damaged`; nothing is unpacked before its size is
known, nothing is run, and no library's own warning gets out. `as_one_sentence` is
for whoever makes something of it: *whatever* is raised there is about the file.
"""

import ast
import contextlib
import io
import json
import math
import os
import re
import stat
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from snnlab.errors import Cancelled, LabError

MOST = 1 << 30  # bytes that the arrays of one file may take
ENTRIES = 4096  # arrays of one file, at most
HEADER = 4096  # bytes in front of an array's values, at most
DEEP = 64  # lists within lists of JSON
LARGEST = 1e30  # of a number in an array: its square is none any more that float32 holds
ABANDONED = 3600  # seconds after which a half-written file is nobody's any more
_PART = ".part"
_MAGIC = b"\x93NUMPY\x01\x00"
_ENTRY = b"PK\x01\x02"  # in front of each name in a zip archive's list
# as NumPy writes it, always
_ABOUT = re.compile(
    rb"\{'descr': '([<>|=]?[a-zA-Z][0-9]*)', 'fortran_order': (True|False),"
    rb" 'shape': (\([0-9, ]*\)), \} *\n?"
)
_KINDS = "biufU"


class Damaged(ValueError):
    """What is wrong with a file, as the end of a sentence."""


@contextlib.contextmanager
def as_one_sentence(sentence: str | Callable[[Exception], str]) -> Iterator[None]:
    """Turn whatever is raised while a file is read into one sentence about that file.

    Parameters
    ----------
    sentence : str or callable
        What is said; given the exception, if it is a function.

    Raises
    ------
    LabError
        For any exception; one that is a `LabError` already, or `Cancelled`, passes unchanged.
    """
    try:
        # of forged values, NumPy would complain on the terminal
        with np.errstate(all="ignore"):
            yield
    except (LabError, Cancelled):
        raise
    except Exception as error:
        said = sentence if isinstance(sentence, str) else sentence(error)
        raise LabError(said) from error


def content(path: Path, most: int = MOST) -> bytes:
    """The bytes of a file.

    Raises
    ------
    Damaged
        If it is no regular file, or too large.
    OSError
    """
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for, a device has no end
        raise Damaged("is no file")
    if about.st_size > most:
        raise Damaged(f"has more than {most >> 20} MB")
    return path.read_bytes()


def write(path: Path, fill: Callable) -> None:
    """Put a file into its place, complete or not at all, even if power fails meanwhile.

    Parameters
    ----------
    path : pathlib.Path
    fill : callable
        ``fill(stream)`` writes the content to a binary stream.

    Raises
    ------
    OSError
        What was there is still there then.
    """
    # one of its own: two servers may keep the same run in one folder
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{_PART}")
    try:
        with part.open("wb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _tidy(path)


def _tidy(path: Path) -> None:
    """Remove what processes that were killed left half-written beside a file."""
    with contextlib.suppress(OSError):
        for part in path.parent.glob(f"{path.name}.*{_PART}"):
            if time.time() - part.stat().st_mtime > ABANDONED:
                part.unlink()


# ---- arrays ---------------------------------------------------------------------------------


def archive(data: bytes, entries: int) -> zipfile.ZipFile:
    """Open an archive of arrays, of not too many, each stored or deflated.

    Raises
    ------
    Damaged, zipfile.BadZipFile and others
    """
    # one signature an entry: so many of them would be slow to list
    if data.count(_ENTRY) > entries:
        raise Damaged("holds more arrays than it may")
    opened = zipfile.ZipFile(io.BytesIO(data))
    listed = opened.infolist()
    if len({item.filename for item in listed}) != len(listed):
        raise Damaged("names an array twice")
    if any(item.compress_type not in (0, 8) or item.flag_bits & 1 for item in listed):
        raise Damaged("is compressed or encrypted in another way")
    return opened


def array(opened: zipfile.ZipFile, name: str, most: int) -> np.ndarray:
    """One array of an archive.

    Parameters
    ----------
    name : str
        Without ``.npy``.
    most : int
        Bytes of its values, at most.

    Raises
    ------
    Damaged, zipfile.BadZipFile, zlib.error and others
    """
    member = opened.getinfo(f"{name}.npy")
    if member.file_size > most + HEADER:
        raise Damaged(f"would unpack {name} to too many bytes")
    with opened.open(member) as stream:
        raw = stream.read(most + HEADER + 1)
    if len(raw) > most + HEADER:
        raise Damaged(f"unpacks {name} to too many bytes")
    if not raw.startswith(_MAGIC):
        raise Damaged("is of another version of NumPy's format")
    start = len(_MAGIC) + 2 + int.from_bytes(raw[len(_MAGIC) : len(_MAGIC) + 2], "little")
    found = _ABOUT.fullmatch(raw[len(_MAGIC) + 2 : start])
    if found is None:
        raise Damaged(f"does not say what {name} is")
    shape = ast.literal_eval(found[3].decode())
    dtype = np.dtype(found[1].decode())
    if dtype.kind not in _KINDS or not isinstance(shape, tuple):
        raise Damaged(f"holds a {name} of another type or shape")
    if math.prod(shape) * dtype.itemsize != len(raw) - start:
        raise Damaged(f"holds a {name} that is cut short, or is of another type or shape")
    order = "F" if found[2] == b"True" else "C"
    return np.frombuffer(raw, dtype, offset=start).reshape(shape, order=order).copy()


def arrays(data: bytes, most: int = MOST, entries: int = ENTRIES) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz``: booleans, numbers and texts, numbers finite and below `LARGEST`.

    Parameters
    ----------
    data : bytes
    most : int
        Bytes that they may take.
    entries : int
        Their number, at most.

    Raises
    ------
    Damaged
        Whatever is wrong.
    """
    try:
        with archive(data, entries) as opened:
            names = [item.filename.removesuffix(".npy") for item in opened.infolist()]
            if sum(item.file_size for item in opened.infolist()) > most + HEADER * len(names):
                raise Damaged("would unpack to too many bytes")
            found = {name: array(opened, name, most) for name in names}
        for name, values in found.items():
            usable(values, name)
        return found
    except Damaged:
        raise
    except Exception as error:  # what archives, inflating and NumPy raise has no end
        raise Damaged("is damaged") from error


def usable(values: np.ndarray, name: str) -> None:
    """Refuse numbers that are none, or with which nothing can be computed.

    Raises
    ------
    Damaged
    """
    if values.dtype.kind == "f" and not (np.abs(values) < LARGEST).all():  # nor is NaN
        raise Damaged(f"holds values in {name} that are no numbers, or too large")


# ---- JSON -----------------------------------------------------------------------------------


def parsed(text: str | bytes):
    """A value from JSON that JSON can hold again: without NaN, infinities and endless nesting.

    Raises
    ------
    Damaged
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        found = json.loads(text, parse_constant=_no, parse_float=_finite, parse_int=_whole)
        _check_depth(found, DEEP)
        return found
    except Damaged:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise Damaged("is damaged") from error


def _no(text: str):
    raise Damaged(f"holds the number {text}")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no(text[:20])


def _whole(text: str) -> int:
    # what is longer is no count of anything, and a float of it overflows
    return int(text) if len(text) <= 20 else _no(text[:20])


def _check_depth(value, left: int) -> None:
    if not left:
        raise Damaged("is nested too deeply")
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, dict | list):
                _check_depth(item, left - 1)

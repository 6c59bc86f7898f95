"""What an image file may claim, in one place, and how decoders are kept quiet.

A file is judged by its header: sizes, pages and the bytes that it would decode
to are compared with `LIMITS` before any pixel is decoded, because 400 kB of
TIFF or PNG can declare 400 MB. Third-party decoders then run inside `guarded`,
which turns whatever they raise into one sentence and keeps their warnings off
the terminal.
"""

import contextlib
import logging
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from snnlab.errors import LabError

MIB = 1 << 20
WANTED = "a PNG, JPEG, TIFF, MRC, DM3, DM4, HDF5, NRRD or NIfTI file, or an OME-Zarr"

# tifffile reports odd tags through logging, whose last resort is the terminal
_TIFFFILE_LOG = logging.getLogger("tifffile")
_TIFFFILE_LOG.addHandler(logging.NullHandler())
_TIFFFILE_LOG.propagate = False

# warnings.catch_warnings swaps a list of the whole process: two threads inside
# it at once could leave warnings off for good. One decode at a time also keeps
# the memory bounded.
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True)
class Limits:
    """Bounds that a file must keep.

    Attributes
    ----------
    file_bytes : int
        Of the file as it is.
    side_min, side_max : int
        Height and width, in pixels.
    pages, disk_pages : int
        Sections of a stack each of which is described by itself: of an upload, and of a file on
        this disk, which somebody named and which is read window by window.
    sections : int
        Of a stack whose sections cost nothing until they are read.
    section_bytes : int
        One decoded section, all its channels.
    ratio : float
        Decoded bytes of the whole file over its size. Blown-up masks reach
        about 330 in PNG; a stream of zeros reaches 1032 in deflate.
    free_bytes : int
        Files that decode to no more than this may have any ratio: a blank
        page does no harm.
    segments : int
        Strips or tiles of one TIFF page (16-pixel tiles at `side_max` are a quarter of it).
    tag_bytes : int
        Bytes of TIFF tags beyond the size of the file, which pages may share.
    """

    file_bytes: int = 512 * MIB
    side_min: int = 32
    side_max: int = 4096
    pages: int = 4096
    disk_pages: int = 65_536
    sections: int = 1 << 20
    section_bytes: int = 256 * MIB
    ratio: float = 500.0
    free_bytes: int = 64 * MIB
    segments: int = 1 << 18
    tag_bytes: int = 16 * MIB

    def on_disk(self) -> "Limits":
        """As they are for a file that need not be held."""
        return replace(self, pages=max(self.pages, self.disk_pages))


LIMITS = Limits()


def shown(name: str) -> str:
    """Make a file's name fit for a sentence: its last part, printable, at most 80 characters."""
    return fit(str(name).replace("\\", "/").rstrip("/").rpartition("/")[2]) or "the file"


def fit(text: str) -> str:
    """Make what a file says fit for a sentence: printable, at most 80 characters."""
    text = "".join(c if c.isprintable() else "?" for c in str(text)).strip()
    return text if len(text) <= 80 else text[:77] + "..."


def damaged(name: str) -> LabError:
    """Make the error for a file that ends early or contradicts itself."""
    return LabError(
        f"{shown(name)} is damaged or incomplete; export it again from the program that made it."
    )


@contextlib.contextmanager
def guarded(name: str) -> Iterator[None]:
    """Run a third-party decoder: silently, and with one kind of failure.

    Raises
    ------
    LabError
        Instead of anything that is raised inside; a LabError passes unchanged.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except LabError:
            raise
        except Exception as error:  # a broken file makes decoders raise anything at all
            raise damaged(name) from error


def check_file(size: int, name: str, limits: Limits = LIMITS) -> None:
    """Refuse an empty or an overlong file.

    Parameters
    ----------
    size : int
        Bytes.

    Raises
    ------
    LabError
    """
    if size == 0:
        raise LabError(f"{shown(name)} is empty; choose {WANTED}.")
    if size > limits.file_bytes:
        raise LabError(
            f"{shown(name)} has {size / MIB:.0f} MiB, more than the {limits.file_bytes // MIB} MiB "
            "that can be opened; split the stack or crop it."
        )


def check_sides(height: int, width: int, name: str, limits: Limits = LIMITS) -> None:
    """Refuse an image that is too small or too large.

    Raises
    ------
    LabError
    """
    low, high = limits.side_min, limits.side_max
    if not (low <= height <= high and low <= width <= high):
        raise LabError(
            f"{shown(name)} is {width} pixels wide and {height} high; "
            f"crop or scale it so that each side has {low} to {high} pixels."
        )


def check_decoded(
    section_bytes: int, sections: int, file_bytes: int, name: str, limits: Limits = LIMITS
) -> None:
    """Refuse a file that would decode to too much.

    Parameters
    ----------
    section_bytes, file_bytes : int
        Bytes of one decoded section, and of the file as it is.

    Raises
    ------
    LabError
    """
    if sections > limits.pages:
        raise too_many_pages(name, limits)
    if section_bytes > limits.section_bytes:
        raise LabError(
            f"{shown(name)} decodes to {section_bytes / MIB:.0f} MiB per section, more than the "
            f"{limits.section_bytes // MIB} MiB allowed; save it as 8- or 16-bit grey."
        )
    total = section_bytes * sections
    if total > limits.free_bytes and total > limits.ratio * file_bytes:
        raise LabError(
            f"{shown(name)} would decode to {total / file_bytes:.0f} times its size, more than "
            f"the {limits.ratio:.0f} times allowed; save it without compression."
        )


def too_many_pages(name: str, limits: Limits = LIMITS) -> LabError:
    """Make the error for a stack with more sections than allowed."""
    return LabError(
        f"{shown(name)} has more than {limits.pages} pages; split it into shorter stacks."
    )

"""Reading windows of a volume that need not fit into memory, of any format that the lab reads.

What a section is, which pixel is light and how large it is, `snnlab.images.reading`
decides, for this as for every other command. Pixels of another size than the models'
are resampled window by window, as `snnlab.images.pictures.upload` does it with a section.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images import resampling
from snnlab.images.choice import Choice
from snnlab.images.limits import LIMITS
from snnlab.images.origin import unreadable
from snnlab.images.pixel_size import Calibration, Size, made, pair
from snnlab.images.reading import open_stack
from snnlab.images.stack import Stack

# a volume is read in windows, so that its sections may be larger than what a screen shows
VOLUMES = replace(
    LIMITS,
    side_max=1 << 20,
    pages=1 << 20,
    section_bytes=1 << 44,
    ratio=float("inf"),
    segments=1 << 24,
    tag_bytes=1 << 31,
)


@dataclass(frozen=True)
class Source:
    """Where a volume is; it is opened anew by whoever reads, so that this can travel.

    Attributes
    ----------
    path : str
    choice : Choice
        Of channels, times or data sets, where it has several.
    shape : tuple of int
        ``(sections, height, width)``, as the networks see it.
    file_shape : tuple of int
        The same as stored.
    calibration : Calibration
        Of the voxels of the file.
    resampled : float, (float, float) or None
        Width of the file's pixels, or their height and width, where they are resampled.
    notes : tuple of str
        What was taken for granted, a sentence each.
    negative : bool
        Whether dark and light are turned, for a volume with light membranes.
    """

    path: str
    choice: Choice
    shape: tuple[int, int, int]
    file_shape: tuple[int, int, int]
    calibration: Calibration
    resampled: Size | None = None
    notes: tuple[str, ...] = ()
    negative: bool = False

    def stored(self, section: int, rows: slice, columns: slice) -> np.ndarray:
        """Decode a window of a section in the file's own pixels.

        Returns
        -------
        numpy.ndarray
            float32 ``(rows, columns)``; see `snnlab.images.stack.Stack.window`.

        Raises
        ------
        LabError
            If the pixels are damaged.
        """
        stack = self._stack()
        values = stack.window(section, rows, columns)
        if not self.negative:
            return values
        return -values if stack.header.real else 1 - values

    def read(
        self,
        section: int,
        rows: slice,
        columns: slice,
        stored: Callable[[slice, slice], np.ndarray] | None = None,
    ) -> np.ndarray:
        """A window as the networks see it, resampled where that is wanted.

        Parameters
        ----------
        stored : callable, optional
            Gives windows in the file's pixels in place of `stored`.
        """
        stored = stored or partial(self.stored, section)
        if self.resampled is None:
            return stored(rows, columns)
        shapes = self.file_shape[1:], self.shape[1:]
        clip = not self._stack().header.real
        return resampling.window(stored, *shapes, rows, columns, clip)

    def _stack(self) -> Stack:
        stack = _opened(self.path, self.choice, stamp(self.path))
        if stack.shape != self.file_shape[1:] or stack.sections != self.file_shape[0]:
            raise LabError(f"{Path(self.path).name} has changed; begin again with another OUT.")
        return stack


def stamp(path: str) -> int:
    """Changes when the file does; of a folder, only when a file comes or goes in it."""
    return os.stat(path).st_mtime_ns


def fingerprint(path: str) -> str:
    """Changes when the file does, or any file in the folder: by their sizes and times."""
    found, waiting = [], [path] if os.path.isdir(path) else []
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    state = entry.stat()
                    name = os.path.relpath(entry.path, path)
                    found.append(f"{name}\0{state.st_size}\0{state.st_mtime_ns}")
    if not found:
        return str(stamp(path))
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


@lru_cache(maxsize=4)
def _opened(path: str, choice: Choice, _stamp: int) -> Stack:
    return open_stack(path, Path(path).name, VOLUMES, choice)


def open_source(
    path: str | Path,
    choice: Choice | None = None,
    nm: Size | None = None,
    negative: bool = False,
) -> Source:
    """Look at a volume's header.

    Parameters
    ----------
    path : path
    choice : Choice, optional
    nm : float or (float, float), optional
        Of its pixels, to be resampled to the models'.
    negative : bool
        Turn dark and light.

    Raises
    ------
    Undecided, LabError
        If there is no such file, it is of another kind, or it is too small.
    """
    path = Path(path)
    try:
        path.stat()
    except FileNotFoundError as error:
        raise LabError(
            f"{path} does not exist; name an image stack or an OME-Zarr folder."
        ) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    path, choice = path.resolve(), choice or Choice()
    stack = open_stack(path, path.name, VOLUMES, choice)
    wanted, _, note = resampling.planned(stack.shape, nm, stack.calibration.nm, VOLUMES)
    calibration = stack.calibration
    if nm is not None:
        # the person knows better than the file, but not how far apart the sections are
        height, width = pair(nm)
        calibration = made((None, height, width), "--nm", None)
        known = stack.calibration
        if known.scale is not None and known.units[0]:
            calibration = replace(
                calibration,
                scale=(known.scale[0], height, width),
                units=(known.units[0], *calibration.units[1:]),
            )
    return Source(
        str(path),
        choice,
        (stack.sections, *wanted),
        (stack.sections, *stack.shape),
        calibration,
        None if wanted == stack.shape else (nm if nm is not None else stack.calibration.nm),
        (*stack.notes, *([note] if note else [])),
        negative,
    )

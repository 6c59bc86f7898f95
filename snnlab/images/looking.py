"""What a file says of itself, before anything of it is decoded: for people to check."""

import os
from dataclasses import dataclass

from snnlab.images.choice import Choice
from snnlab.images.pixel_size import Size, plain, told
from snnlab.images.reading import open_stack


@dataclass(frozen=True)
class Look:
    """A file that was opened.

    Attributes
    ----------
    name : str
    size : int
        Bytes; 0 of a folder.
    kind : str
        Like ``"16-bit grey MRC"``.
    sections : int
    shape : tuple of int
        ``(height, width)``.
    axes : tuple of (str, int)
        What the file has along which axis, slowest first.
    choice : Choice
        What of it was chosen, or had to be.
    nm : float, (float, float) or None
        Width of a pixel, or height and width, where it is known.
    where : str
        Where in the file that was read.
    doubt : str
        Why it is not known although the file seems to say it.
    notes : tuple of str
        What was taken for granted, a sentence each.
    """

    name: str
    size: int
    kind: str
    sections: int
    shape: tuple[int, int]
    axes: tuple[tuple[str, int], ...]
    choice: Choice
    nm: Size | None
    where: str
    doubt: str
    notes: tuple[str, ...]

    @property
    def sides(self) -> str:
        """What it has, in words: ``6 sections x 2 channels of 160 x 120 pixels``."""
        height, width = self.shape
        counted = [
            f"{length} {axis}{'s' * (length != 1)}"
            for axis, length in self.axes
            if axis not in ("y", "x")
        ]
        within = f"{width} x {height} pixels"
        return f"{' x '.join(counted)} of {within}" if counted else within

    @property
    def pixel(self) -> str:
        """The size of a pixel and where it was read, or why it is not known."""
        if self.nm is not None:
            return f"{told(self.nm)} nm per pixel, from {self.where}"
        return f"pixel size unknown: {self.doubt}" if self.doubt else "pixel size unknown"


def look(
    source: bytes | str | os.PathLike, name: str | None = None, choice: Choice | None = None
) -> Look:
    """Open a file without decoding any of it.

    Raises
    ------
    Undecided, LabError
        As `snnlab.images.reading.open_stack`.
    """
    stack = open_stack(source, name, choice=choice)
    calibration = stack.calibration
    return Look(
        stack.name,
        stack.size,
        stack.kind,
        stack.sections,
        stack.shape,
        stack.header.axes,
        stack.header.choice,
        plain(calibration.nm),
        calibration.where,
        calibration.doubt,
        stack.notes,
    )

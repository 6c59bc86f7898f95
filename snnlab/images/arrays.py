"""Arrays of several axes in a file: which of them are sections, rows and columns.

What HDF5, Zarr, NRRD, NIfTI and MRC have in common: numbers along named axes. Axes
of length 1 say nothing; several channels or times are chosen from, never taken for
sections unless a person says so.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.images.choice import SECTIONS, Choice, numbered
from snnlab.images.limits import MIB, Limits, check_sides, shown

WORDS = {"t": "frame", "c": "channel", "z": "section", "y": "y", "x": "x"}


@dataclass(frozen=True)
class Layout:
    """Where the sections of an array are.

    Attributes
    ----------
    names : str
        A letter an axis, slowest first: t, c, z, y or x.
    lengths : tuple of int
    counted : str
        The axis along which sections are counted; empty if there is one section.
    fixed : tuple of (str, int)
        Where along the other axes.
    choice : Choice
        What was chosen of several.
    """

    names: str
    lengths: tuple[int, ...]
    counted: str
    fixed: tuple[tuple[str, int], ...]
    choice: Choice

    @property
    def sections(self) -> int:
        """How many."""
        return self.lengths[self.names.index(self.counted)] if self.counted else 1

    @property
    def shape(self) -> tuple[int, int]:
        """``(height, width)`` of a section."""
        return tuple(self.lengths[self.names.index(axis)] for axis in "yx")

    @property
    def axes(self) -> tuple[tuple[str, int], ...]:
        """For people."""
        return tuple(
            (WORDS[axis], length)
            for axis, length in zip(self.names, self.lengths, strict=True)
            if length > 1 or axis in "yx"
        )

    def part(self, section: int, rows: slice, columns: slice) -> tuple[int | slice, ...]:
        """Indices of a window of a section, one an axis."""
        at = dict(self.fixed) | {"y": rows, "x": columns}
        if self.counted:
            at[self.counted] = section
        return tuple(at.get(axis, 0) for axis in self.names)

    def turned(self, values: np.ndarray) -> np.ndarray:
        """What was read with `part`, as ``(rows, columns)``."""
        return values if self.names.index("y") < self.names.index("x") else values.swapaxes(0, 1)


def laid(
    names: str,
    lengths: tuple[int, ...],
    choice: Choice,
    name: str,
    channels: tuple[str, ...] = (),
) -> Layout:
    """Find the sections, for the channel and the frame that were chosen.

    Parameters
    ----------
    names : str
        A letter an axis, slowest first: t, c, z, y or x, each once at most.
    lengths : tuple of int
    choice : Choice
    name : str
        Of the file, for errors.
    channels : tuple of str
        Their names, as far as the file gives them.

    Raises
    ------
    Undecided, LabError
    """
    sizes = dict(zip(names, lengths, strict=True))
    alone = sizes.get("z", 1) == 1
    channel = numbered(
        "channel", choice.channel, sizes.get("c", 1), name, channels,
        alone and sizes.get("t", 1) == 1,
    )  # fmt: skip
    frame = numbered(
        "frame", choice.frame, sizes.get("t", 1), name, (), alone and sizes.get("c", 1) == 1
    )
    counted = "z" if "z" in sizes else ""
    fixed = []
    for axis, value in (("c", channel), ("t", frame)):
        if value == SECTIONS:
            counted = axis
        elif axis in sizes:
            fixed.append((axis, value))
    taken = Choice(
        channel if sizes.get("c", 1) > 1 else None,
        frame if sizes.get("t", 1) > 1 else None,
        choice.dataset,
    )
    return Layout(names, tuple(lengths), counted, tuple(fixed), taken)


def check(layout: Layout, dtype: np.dtype, name: str, limits: Limits) -> None:
    """Hold an array against the limits before anything is decoded.

    Raises
    ------
    LabError
    """
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        raise LabError(f"{shown(name)} holds complex numbers; save their magnitude as 32-bit grey.")
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise LabError(f"{shown(name)} holds {dtype.name}; save it as grey numbers.")
    height, width = layout.shape
    check_sides(height, width, name, limits)
    if layout.sections > limits.sections:
        raise LabError(
            f"{shown(name)} has more than {limits.sections} sections; split it into shorter stacks."
        )
    size = height * width * dtype.itemsize
    if size > limits.section_bytes:
        raise LabError(
            f"{shown(name)} has {size / MIB:.0f} MiB per section, more than the"
            f" {limits.section_bytes // MIB} MiB allowed; save it as 8- or 16-bit grey."
        )

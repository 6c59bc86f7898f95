"""What is measured of each cell of a stack: voxels, sections, volume, and whether it is cut off."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.results.cells.measuring import at_border


@dataclass(frozen=True)
class Extent:
    """The cells of a stack, a line each.

    Attributes
    ----------
    number : numpy.ndarray of int
        1, 2 ..
    voxels : numpy.ndarray of int
        Membranes not counted.
    first, last : numpy.ndarray of int
        Sections where it begins and ends, by their numbers in the file.
    sections : numpy.ndarray of int
        In how many it is seen.
    row, column : numpy.ndarray
        Its centre, pixels.
    border : numpy.ndarray of bool
        Whether it touches the border of the tissue, or the first or last section: part of it may
        be missing.
    nm, thickness : float or None
        Width of a pixel and distance of sections, nanometres.
    """

    number: np.ndarray
    voxels: np.ndarray
    first: np.ndarray
    last: np.ndarray
    sections: np.ndarray
    row: np.ndarray
    column: np.ndarray
    border: np.ndarray
    nm: float | None = None
    thickness: float | None = None

    def __len__(self) -> int:
        return len(self.number)

    @property
    def voxel(self) -> float | None:
        """Volume of a voxel, nm³, if both lengths are known."""
        if self.nm is None or self.thickness is None:
            return None
        return self.nm**2 * self.thickness

    def columns(self) -> dict[str, np.ndarray]:
        """The table: its heads, with units, and a column of each."""
        volume = {} if self.voxel is None else {"volume_nm3": self.voxels * self.voxel}
        return {
            "cell": self.number,
            "voxels": self.voxels,
            **volume,
            "sections": self.sections,
            "first_section": self.first,
            "last_section": self.last,
            "touches_border": self.border,
            "row": self.row,
            "column": self.column,
        }


def measure(
    sections: Sequence[np.ndarray],
    tables: Sequence[np.ndarray],
    places: Sequence[int],
    tissue: Sequence[np.ndarray | None] | None = None,
    nm: float | None = None,
    thickness: float | None = None,
) -> Extent:
    """Measure the cells of a stack.

    Parameters
    ----------
    sections : sequence of numpy.ndarray of int
        ``(height, width)`` each, the cells of that section; 0 is none.
    tables : sequence of numpy.ndarray of int
        Of each section, by number of a cell there: its number in the stack; see
        `snnlab.results.cells.linking.Linked`.
    places : sequence of int
        Number of each section in the file.
    tissue : sequence, optional
        bool ``(height, width)`` of each section, or None where all of it is.
    nm, thickness : float or None
        Of a pixel, which is a square, and from section to section.
    """
    count = max((int(table.max(initial=0)) for table in tables), default=0)
    voxels, seen = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    first, last = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    centre = np.zeros((2, count + 1))
    border = np.zeros(count + 1, bool)
    filled = [index for index, table in enumerate(tables) if table.any()]
    for index in filled:
        cells, table = sections[index], tables[index]
        pixels = np.bincount(cells.ravel(), minlength=len(table))
        np.add.at(voxels, table, pixels)
        for axis, length in enumerate(cells.shape):
            along = np.arange(length, dtype=float)
            weights = np.broadcast_to(along[:, None] if axis == 0 else along, cells.shape)
            np.add.at(centre[axis], table,
                      np.bincount(cells.ravel(), weights.ravel(), len(table)))  # fmt: skip
        there = np.unique(table[np.flatnonzero(pixels)])
        first[there[seen[there] == 0]] = places[index]
        last[there] = places[index]
        seen[there] += 1
        border[table[at_border(cells, tissue[index] if tissue else None)]] = True
        if index in (filled[0], filled[-1]):
            border[there] = True
    number = np.arange(1, count + 1)
    row, column = centre[:, 1:] / np.maximum(voxels[1:], 1)
    return Extent(number, voxels[1:], first[1:], last[1:], seen[1:], row, column, border[1:],
                  nm, thickness)  # fmt: skip

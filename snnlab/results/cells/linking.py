"""Cells through sections: which cell of one section goes on as which of the next.

Sections are cut tens of nanometres apart where a pixel is a few wide, so a cell of one section
lies, a little moved, over itself in the next. Two cells are linked if each is the one that the
other overlaps most, and at least `LEAST` of the smaller lies in the larger. So a cell has at most
one successor and one predecessor: where two cells ran together in a single section, they are one
there and apart again behind it, and no fault of one section merges what is apart in all others.
The price is that of two branches only the larger goes on as the same cell; the other begins a
new one.

Linked by union instead (every overlap above a limit joins), one merged cell in one section merges
its neighbours in all of them. Which is worth what, and at which limits: ``benchmarks/linking.py``.

What is the same cell does not depend on the end of the stack from which one looks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

LEAST = 0.5  # of the smaller cell's pixels that lie in the other


def links(one: np.ndarray, other: np.ndarray, least: float = LEAST) -> tuple[np.ndarray, ...]:
    """Cells of one section and those of another that are the same.

    Parameters
    ----------
    one, other : numpy.ndarray of int
        ``(height, width)``; 0 is none.
    least : float
        Share of the smaller cell, 0..1.

    Returns
    -------
    tuple of numpy.ndarray of int64
        Two of ``(n,)``: numbers in `one` and the same cells' in `other`; no number comes twice.
    """
    first, second, shared = overlaps(one, other)
    sizes, others = np.bincount(one.ravel()), np.bincount(other.ravel())
    smaller = np.minimum(sizes[first], others[second])
    kept = _most(first, second, shared) & _most(second, first, shared) & (shared >= least * smaller)
    return first[kept], second[kept]


def overlaps(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of cells that share pixels, and how many: three of ``(n,)``, int64."""
    both = (one > 0) & (other > 0)
    width = int(other.max(initial=0)) + 1
    pairs, shared = np.unique(one[both].astype(np.int64) * width + other[both], return_counts=True)
    return *np.divmod(pairs, width), shared


def _most(of: np.ndarray, other: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Which pairs are those that their first cell shares most with; of equals the lower number."""
    order = np.lexsort((other, -shared, of))
    found = np.zeros(len(of), bool)
    found[order[np.unique(of[order], return_index=True)[1]]] = True
    return found


@dataclass
class Linked:
    """The cells of a stack, section by section as it is given.

    Attributes
    ----------
    least : float
        As of `links`.
    tables : list of numpy.ndarray
        Of each section, by number of a cell there: its number in the stack, which are 1, 2 .. as
        they are met; 0 for 0.
    count : int
        Cells so far.
    """

    least: float = LEAST
    tables: list[np.ndarray] = field(default_factory=list)
    count: int = 0
    _last: tuple[np.ndarray, np.ndarray] | None = None

    def part(self) -> None:
        """End here: sections are missing, and no cell goes on behind them."""
        self._last = None

    def add(self, cells: np.ndarray) -> np.ndarray:
        """The next section's cells.

        Parameters
        ----------
        cells : numpy.ndarray of int
            ``(height, width)``; 0 is none. A section without any, as one that is blank, is passed
            over: the next one is linked to the one before it.

        Returns
        -------
        numpy.ndarray of int64
            Its table.
        """
        there = np.flatnonzero(np.bincount(cells.ravel()))
        there = there[there > 0]
        table = np.zeros(int(cells.max(initial=0)) + 1, np.int64)
        self.tables.append(table)
        if not len(there):
            return table
        if self._last is not None:
            before, known = self._last
            first, second = links(before, cells, self.least)
            table[second] = known[first]
        new = there[table[there] == 0]
        table[new] = self.count + 1 + np.arange(len(new))
        self.count += len(new)
        self._last = cells, table
        return table


def link(sections: Iterable[np.ndarray], least: float = LEAST) -> Iterator[np.ndarray]:
    """Number the cells of a stack.

    Parameters
    ----------
    sections : iterable of numpy.ndarray of int
        ``(height, width)`` each, the cells of that section.
    least : float
        As of `links`.

    Yields
    ------
    numpy.ndarray of int32
        Each section with the numbers of the stack.
    """
    linked = Linked(least)
    for cells in sections:
        yield linked.add(cells)[cells].astype(np.int32)

"""Sparse matrices, as little of them as the engine needs, so that it needs no SciPy.

Names are those of ``scipy.sparse.csr_array``: of a `Rows`, ``(data, indices, indptr)`` and
``shape`` make one.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.simulation.event.compiled import kernel


@dataclass(frozen=True)
class Rows:
    """A sparse matrix, row by row.

    Attributes
    ----------
    data : numpy.ndarray
        float64 ``(nnz,)``.
    indices : numpy.ndarray
        int64 ``(nnz,)``: columns.
    indptr : numpy.ndarray
        int64 ``(rows + 1,)``: where each row's entries begin, and the end.
    shape : tuple of int
    """

    data: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]

    @property
    def nnz(self) -> int:
        """Entries."""
        return len(self.data)

    @property
    def rows(self) -> np.ndarray:
        """The row of each entry, int64 ``(nnz,)``."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.indptr))

    def transposed(self) -> "Rows":
        """Its columns are this one's rows, in order."""
        return from_entries(self.indices, self.rows, self.data, self.shape[::-1])

    def toarray(self) -> np.ndarray:
        """All of it, float64."""
        full = np.zeros(self.shape)
        np.add.at(full, (self.rows, self.indices), self.data)
        return full

    def __matmul__(self, other):
        """Times a vector ``(columns,)``, or another `Rows`."""
        if not isinstance(other, Rows):
            found = np.zeros(self.shape[0])
            _times(self.data, self.indices, self.indptr, np.asarray(other, float), found)
            return found
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"matrices of {self.shape} and {other.shape} do not fit")
        parts = (self.indices, self.indptr, other.indices, other.indptr)
        seen, indptr = np.full(other.shape[1], -1), np.zeros(self.shape[0] + 1, np.int64)
        _count(*parts, seen, indptr)
        indices, data = np.zeros(indptr[-1], np.int64), np.zeros(indptr[-1])
        seen[:] = -1
        _product(self.data, other.data, *parts, seen, indptr, indices, data)
        there = data != 0  # what cancels is no entry, as in SciPy
        indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(there)])[indptr]
        return Rows(data[there], indices[there], indptr, (self.shape[0], other.shape[1]))


def from_entries(rows, columns, data, shape: tuple[int, int]) -> Rows:
    """A matrix from its entries, in any order; those of one place add up.

    Parameters
    ----------
    rows, columns : numpy.ndarray
        Whole numbers ``(n,)``.
    data : numpy.ndarray
        ``(n,)``.
    shape : tuple of int
    """
    shape = (int(shape[0]), int(shape[1]))
    places = np.asarray(rows, np.int64) * max(shape[1], 1) + columns
    data = np.asarray(data, float)
    if not (places[1:] > places[:-1]).all():
        order = np.argsort(places, kind="stable")
        places, data = places[order], data[order]
        first = np.ones(len(places), bool)
        first[1:] = places[1:] > places[:-1]
        if not first.all():
            data = np.bincount(np.cumsum(first) - 1, weights=data)
            places = places[first]
    rows, indices = np.divmod(places, max(shape[1], 1))
    indptr = np.searchsorted(rows, np.arange(shape[0] + 1))
    return Rows(data, indices, indptr.astype(np.int64), shape)


def from_array(values: np.ndarray) -> Rows:
    """The entries of a full matrix that are not 0."""
    rows, columns = np.nonzero(values)
    return from_entries(rows, columns, values[rows, columns], values.shape)


@kernel
def _times(data, indices, indptr, x, found):
    for row in range(found.size):
        total = 0.0
        for entry in range(indptr[row], indptr[row + 1]):
            total += data[entry] * x[indices[entry]]
        found[row] = total


@kernel
def _count(indices, indptr, other_indices, other_indptr, seen, found):
    """Entries of each row of a product (Gustavson 1978, 10.1145/355791.355796)."""
    many = 0
    for row in range(found.size - 1):
        for entry in range(indptr[row], indptr[row + 1]):
            middle = indices[entry]
            for other in range(other_indptr[middle], other_indptr[middle + 1]):
                if seen[other_indices[other]] != row:
                    seen[other_indices[other]] = row
                    many += 1
        found[row + 1] = many


@kernel
def _product(
    data, other_data, indices, indptr, other_indices, other_indptr, seen, first, found, values
):
    """The entries of a product; ``seen`` says where a column's entry in the row is."""
    filled = 0
    for row in range(first.size - 1):
        for entry in range(indptr[row], indptr[row + 1]):
            middle = indices[entry]
            for other in range(other_indptr[middle], other_indptr[middle + 1]):
                column = other_indices[other]
                if seen[column] < first[row]:
                    seen[column] = filled
                    found[filled] = column
                    filled += 1
                values[seen[column]] += data[entry] * other_data[other]

"""The engine's sparse matrices against SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from snnlab.simulation.event.sparse import from_array, from_entries


@st.composite
def entries(draw, rows=None):
    """Rows, columns, values, shape; some places come twice, some values are 0."""
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    shape = (rows or draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    many = draw(st.integers(0, 40))
    places = (random.randint(0, shape[0], many), random.randint(0, shape[1], many))
    return *places, random.randint(-3, 4, many) / 4, shape


def of_scipy(rows, columns, values, shape):
    return sparse.csr_array(sparse.coo_array((values, (rows, columns)), shape=shape))


def same(found, wanted):
    wanted = wanted.copy()
    wanted.sort_indices()
    assert found.shape == wanted.shape
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)


@given(entries())
def test_entries_make_scipys_matrix(given_):
    found, wanted = from_entries(*given_), of_scipy(*given_)
    same(found, wanted)
    same(found.transposed(), sparse.csr_array(wanted.T))
    np.testing.assert_array_equal(found.toarray(), wanted.toarray())
    same(from_array(wanted.toarray()), sparse.csr_array(wanted.toarray()))


@settings(deadline=None)
@given(st.data())
def test_products_are_scipys(data):
    one = data.draw(entries())
    other = data.draw(entries(rows=one[3][1]))
    found = from_entries(*one) @ from_entries(*other)
    # in the order in which they came up
    wanted = of_scipy(*one) @ of_scipy(*other)
    assert found.nnz == wanted.nnz
    same(from_entries(found.rows, found.indices, found.data, found.shape), wanted)
    x = np.arange(other[3][1]) / 8 - 0.5
    np.testing.assert_array_equal(found @ x, wanted @ x)


def test_matrices_that_do_not_fit_are_not_multiplied():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 3\) do not fit"):
        from_array(np.eye(2, 3)) @ from_array(np.eye(2, 3))

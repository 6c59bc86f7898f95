"""A mapping that was kept is the mapping that was made."""

import zipfile
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from scipy import sparse

from snnlab.chips import storage
from tests import chip_mappings


def assert_same(one, other):
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif sparse.issparse(one):
        assert_same(one.toarray(), other.toarray())
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    else:
        assert one == other


@pytest.fixture
def kept(tmp_path):
    mapping = chip_mappings.mapping()
    storage.save(mapping, tmp_path / "mapping.npz", "weights")
    return mapping, tmp_path / "mapping.npz"


def test_all_of_it_comes_back(kept):
    mapping, path = kept
    found, made_of = storage.load(path)
    assert made_of == "weights"
    assert_same(mapping, found)


def test_the_file_holds_arrays_and_text_only(kept):
    _, path = kept
    with np.load(path, allow_pickle=False) as stored:
        assert all(values.dtype.kind in "iufU" for values in stored.values())
    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize("values", [[0, 255], [-1, 3], [0, 1 << 40], [-(1 << 31), 0], []])
def test_numbers_are_stored_small_and_lose_nothing(values):
    given = np.array(values, np.int64)
    small = storage._small(given)
    assert np.array_equal(small, given)
    assert small.itemsize <= 8

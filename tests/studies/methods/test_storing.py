"""What is kept comes back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snnlab.conversion.errors import LayerError, WrongSpikes
from snnlab.energy.work import LayerWork, Work
from snnlab.settings import Settings
from snnlab.studies.methods import storing
from snnlab.studies.methods.contenders import Contender
from snnlab.studies.methods.measuring import Cell, Compared


@pytest.fixture
def compared():
    random = np.random.default_rng(1)
    work = Work(64, 8, (LayerWork("a", 10, 20, 3.5, 7.0, 5.0, 1.0),), 4, 1, 1, "none")
    cell = Cell(
        8,
        random.integers(0, 16, (5, 7), np.uint8),
        False,
        {"v_rand": 0.5},
        0.9,
        0.1,
        work,
        (WrongSpikes("a", 1, 2, 3),),
        (LayerError("a", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6),),
    )
    contender = Contender("ecc", "ecc, so", Settings(method="ecc", seed=5), True, "no")
    ann = random.integers(0, 16, (5, 7), np.uint8)
    scores = {"v_rand": 0.7}
    return (
        Compared(contender, ann, scores, {"a": 2.0}, (cell, replace(cell, timesteps=16))),
        Compared(contender, ann, {}, {}, (), "refused."),
    )


def same(one, other) -> bool:
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f), getattr(other, f)) for f in one.__dataclass_fields__)
    return one == other


def test_a_comparison_comes_back(compared, tmp_path):
    storing.save(compared, {"image": "x"}, tmp_path / "kept.npz")
    found, about = storing.load(tmp_path / "kept.npz")
    assert about == {"image": "x"}
    assert same(found, compared)


@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 15)
    )
)
@settings(deadline=None)
def test_four_bits_a_pixel(small):
    packed = storing._packed(small)
    assert packed.nbytes == -(-small.size // 2)
    assert (storing._unpacked(packed, small.shape) == small).all()

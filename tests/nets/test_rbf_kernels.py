"""The kernels against numbers worked by hand, and a loop that knows no matrices."""

import math

import numpy as np
import pytest

from snnlab.nets.rbf_kernels import cosine, directions, euclid


def test_by_hand():
    x = np.array([[3.0, 4.0], [1.0, 0.0]], np.float32)
    centres = np.array([[3.0, 4.0], [0.0, 2.0]], np.float32)
    # |(3,4)-(0,2)|^2 = 13, |(1,0)-(3,4)|^2 = 20, |(1,0)-(0,2)|^2 = 5; 2 width^2 = 8
    near = [[1, math.exp(-13 / 8)], [math.exp(-20 / 8), math.exp(-5 / 8)]]
    assert euclid(x, centres, 2.0) == pytest.approx(np.array(near), abs=1e-6)
    # of (3,4) with (0,2): 8 / (5 * 2); of (1,0) with (3,4): 3 / 5
    assert cosine(x, centres) == pytest.approx(np.array([[1, 0.8], [0.6, 0]]), abs=1e-6)


def test_against_a_loop():
    random = np.random.default_rng(1)
    x = random.normal(0, 1, (9, 5)).astype(np.float32)
    centres = random.normal(0, 2, (4, 5)).astype(np.float32)
    near, toward = euclid(x, centres, 1.7), cosine(x, centres)
    for i, one in enumerate(x.astype(float)):
        for k, centre in enumerate(centres.astype(float)):
            squared = sum((a - b) ** 2 for a, b in zip(one, centre, strict=True))
            assert near[i, k] == pytest.approx(math.exp(-squared / (2 * 1.7**2)), abs=1e-5)
            product = sum(a * b for a, b in zip(one, centre, strict=True))
            length = math.sqrt(sum(one**2) * sum(centre**2))
            assert toward[i, k] == pytest.approx(product / length, abs=1e-5)


def test_what_has_no_direction():
    assert not cosine(np.zeros((1, 3), np.float32), np.ones((2, 3), np.float32)).any()
    assert not directions(np.zeros((2, 3), np.float32)).any()


def test_equal_vectors_are_as_near_as_can_be():
    far_out = np.full((1, 32), 1000.3, np.float32)  # |x|^2 leaves no digit for the difference
    assert 0.9 < euclid(far_out, far_out, 1.0)[0, 0] <= 1

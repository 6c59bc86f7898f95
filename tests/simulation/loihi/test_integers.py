"""The chip's arithmetic on vectors, against Python's whole numbers."""

import numpy as np
import pytest
from numba import njit
from numba.extending import intrinsic

from snnlab.simulation.event.simd import LANES, load_lanes, store
from snnlab.simulation.loihi import integers

LARGEST = 2**23
DECAYS = (1, 2, 1023, 2048, 2935, 4094, 4095)


@intrinsic
def _in_integers(typing, current, decay):
    """What `decayed` is on processors without AVX-512."""

    def generate(context, builder, signature, arguments):
        return integers._decay_in_integers(builder, *arguments)

    return current(current, current), generate


@njit
def _any_processor(values, decays, found):
    for index in range(0, len(values), LANES):
        store(found, index, _in_integers(load_lanes(values, index), load_lanes(decays, index)))


@njit
def _this_processor(values, decays, found):
    for index in range(0, len(values), LANES):
        value = load_lanes(values, index)
        store(found, index, integers.decayed(value, load_lanes(decays, index)))


@njit
def _wrap(values, decays, found):
    for index in range(0, len(values), LANES):
        store(found, index, integers.wrapped(load_lanes(values, index)))


def currents():
    """All that a chip can hold near its bounds and near zero, and some between."""
    random = np.random.default_rng(0).integers(-LARGEST, LARGEST, 4096 - 3 * 512)
    ends = [np.arange(-LARGEST, 512 - LARGEST), np.arange(LARGEST - 512, LARGEST)]
    return np.concatenate([random, *ends, np.arange(-256, 256)]).astype(np.int32)


@pytest.mark.parametrize("way", [_any_processor, _this_processor])
@pytest.mark.parametrize("decay", DECAYS)
def test_a_current_decays_towards_zero(way, decay):
    values = currents()
    found = np.zeros_like(values)
    way(values, np.full_like(values, decay), found)
    wanted = [(abs(u) * decay // 4096) * (1 if u > 0 else -1) for u in values.tolist()]
    assert found.tolist() == wanted


def test_24_bits_wrap_around():
    values = np.array([0, 5, -5, LARGEST - 1, LARGEST, LARGEST + 3, -LARGEST, -LARGEST - 1] * 8)
    values = values.astype(np.int32)
    found = np.zeros_like(values)
    _wrap(values, values, found)
    wanted = [(v + LARGEST) % (2 * LARGEST) - LARGEST for v in values.tolist()]
    assert found.tolist() == wanted

"""Several channels of a source at once: which events are listed, with and without AVX-512."""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from snnlab.simulation.event.codes import _decode_groups

EVENT, PITCH, ROW = 1000, 352, 24 << 32
BEYOND = 8  # events that may be written behind the last


@numba.njit
def _listed(address, depth, events, together):
    return _decode_groups(address, depth, EVENT, ROW, PITCH, events, 0, together)


def check(words, together):
    """What is listed of one source pixel, against the same by NumPy."""
    events = np.zeros(64 * len(words) + BEYOND, np.int64)
    many = _listed(words.ctypes.data, len(words), events, together)
    bits = words[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)
    codes = bits.reshape(-1, together, 64) * (1 << np.arange(together))[:, None]
    expected = []
    for group, code in enumerate(codes.sum(axis=1).astype(int)):
        row = (group << together) * ROW
        for step in np.flatnonzero(code):
            expected.append(EVENT + row + step * PITCH + code[step] * ROW)
    assert events[:many].tolist() == expected


def sparse(shape):
    """Words of which many are 0, and many have few bits."""
    few = st.lists(st.integers(0, 63), max_size=5).map(lambda bits: sum({1 << n for n in bits}))
    element = st.one_of(st.just(0), few, st.integers(0, 255), st.integers(0, 2**64 - 1))
    return hnp.arrays(np.uint64, shape, elements=element)


@pytest.mark.parametrize("together", [4, 8])
@given(words=sparse(16))
@example(words=np.zeros(16, np.uint64))
@example(words=np.full(16, 2**64 - 1, np.uint64))
@example(words=np.full(16, 2**63, np.uint64))
def test_events_are_listed_step_by_step(words, together):
    check(words, together)


def test_a_processor_without_avx_512_lists_the_same():
    code = """if True:
        import numpy as np
        from snnlab.simulation.event.coding import lists_eight
        from tests.simulation.event.test_codes import check, numba
        assert not numba.njit(lambda: lists_eight())()
        random = np.random.default_rng(0)
        for share in (0.02, 0.2, 0.9):
            bits = (random.random((16, 64)) < share).astype(np.uint64)
            words = (bits << np.arange(64, dtype=np.uint64)).sum(axis=1)
            check(words, 4)
            check(words, 8)
    """
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    subprocess.run([sys.executable, "-c", code], env=os.environ | plain, check=True)

"""Freed memory goes back to the system."""

import ctypes
import subprocess
import sys

import pytest

CODE = """
import psutil
from snnlab.work import memory
process = psutil.Process()
# too small for pages of their own, and the last one keeps the heap from shrinking by itself
held = [bytearray(60_000) for _ in range(3000)]
for one in held:
    one[::4096] = b"x" * len(one[::4096])
del held[:-1]
before = process.memory_info().rss
memory.give_back()
print(before - process.memory_info().rss)
"""


def test_what_is_free_below_the_end_of_a_heap_goes_back():
    try:
        _ = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        pytest.skip("not this C library")
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 100e6  # of 180


def test_elsewhere_nothing_happens(monkeypatch):
    from snnlab.work import memory

    monkeypatch.setattr(memory, "_trim", lambda: None)
    memory.give_back()

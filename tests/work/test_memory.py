"""Freed memory goes back to the system."""

import ctypes
import os
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


# threads that stay, each with an arena of its own whose top is free in the end
THREADS = """
import sys, threading
import numpy as np, psutil
from snnlab.work import memory
if sys.argv[1] == "spare":
    memory.spare()
process = psutil.Process()
np.ones(30_000_000, np.uint8)  # from now on glibc keeps up to 64 MB at an arena's top
begun, go = threading.Barrier(13), threading.Event()
def work():
    held = [None] * 900
    begun.wait()  # what waiting and the list take is there, and will not lie above the rest
    for index in range(900):
        held[index] = bytearray(60_000)
        held[index][::4096] = b"x" * 15
    begun.wait()
    begun.wait()  # until that was looked at
    for index in reversed(range(900)):
        held[index] = None
    begun.wait()
    go.wait()
before = process.memory_info().rss
threads = [threading.Thread(target=work) for _ in range(12)]
for one in threads:
    one.start()
begun.wait()
begun.wait()
full = process.memory_info().rss
begun.wait()
begun.wait()
memory.give_back()
print(full - before, process.memory_info().rss - before)
go.set()
"""


def of_the_library(name):
    """Skip where the C library has no function of that name."""
    try:
        getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        pytest.skip("not this C library")


def ran(code, *words, **more):
    """What a process of its own prints, as numbers."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")} | more
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


def test_what_is_free_below_the_end_of_a_heap_goes_back():
    of_the_library("malloc_trim")
    assert ran(CODE)[0] > 100e6  # of 180


def test_a_process_that_spares_keeps_little_at_the_tops_of_its_heaps():
    of_the_library("mallopt")
    full, left = ran(THREADS, "spare")
    assert full > 600e6 and left < 100e6
    _, usual = ran(THREADS, "usual")
    assert usual > 200e6  # or there would be nothing to spare


def test_who_has_set_the_library_up_has_the_last_word():
    of_the_library("mallopt")
    _, left = ran(THREADS, "spare", MALLOC_TRIM_THRESHOLD_="300000000")
    assert left > 200e6


def test_elsewhere_nothing_happens(monkeypatch):
    from snnlab.work import memory

    monkeypatch.setattr(memory, "_of_the_library", lambda name: None)
    monkeypatch.setenv("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "0")
    memory.spare()
    memory.give_back()
    assert os.environ["TF_ONEDNN_USE_SYSTEM_ALLOCATOR"] == "0"


PAGES = """
import mmap
import numpy as np
import psutil
from snnlab.work import memory
pages = memory.Pages((3, 100_000))
assert (pages.array == 0).all()
pages.array[:] = np.arange(300_000).reshape(3, -1)
before = psutil.Process().memory_info().rss
pages.drop(100_000, 200_000)
print(before - psutil.Process().memory_info().rss)
flat = pages.array.reshape(-1)
# whole pages within it, and nothing outside
assert (flat[:100_000] == np.arange(100_000)).all()
assert (flat[200_000:] == np.arange(200_000, 300_000)).all()
page = mmap.PAGESIZE // 8
assert not hasattr(mmap, "MADV_DONTNEED") or not flat[100_000 + page : 200_000 - page].any()
flat[150_000] = 7  # can be written to again
assert flat[150_000] == 7
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system may wait with it")
def test_pages_hold_what_is_written_until_they_are_dropped():
    done = subprocess.run([sys.executable, "-c", PAGES], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 700_000

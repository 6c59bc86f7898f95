"""A file that ends whoever reads it does not end the command."""

import os
import signal
import sys
import threading

import h5py
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images import forked, hdf5
from snnlab.images.reading import open_stack

VALUES = np.random.default_rng(4).integers(0, 256, (3, 40, 48), np.uint8)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks here")


@pytest.fixture
def alone(monkeypatch):
    """Other tests have left threads and TensorFlow behind."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.delitem(forked.sys.modules, "tensorflow", raising=False)


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["raw"] = VALUES
    return tmp_path / "x.h5"


def crash(*_, **__):
    os.kill(os.getpid(), signal.SIGSEGV)


def test_what_dies_in_the_fork_is_one_sentence(alone):
    with pytest.raises(LabError, match="x.h5 is damaged"):
        forked.tried(crash, "x.h5")


def test_what_is_raised_or_changed_in_the_fork_stays_there(alone):
    changed = []

    def work():
        changed.append(1)
        raise ValueError

    forked.tried(work, "x.h5")
    assert changed == []


def test_with_other_threads_nothing_is_tried(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    forked.tried(lambda: os._exit(1), "x.h5")


@pytest.mark.parametrize("where", ["_walk", "_why_not"])
def test_an_hdf5_file_that_crashes_the_library_is_refused(alone, path, monkeypatch, where):
    stack = open_stack(path)
    np.testing.assert_allclose(stack.section(1).pixels * 255, VALUES[1], atol=1e-4)
    monkeypatch.setattr(hdf5, where, crash)
    with pytest.raises(LabError, match="x.h5 is damaged"):
        open_stack(path)
    with pytest.raises(LabError, match="x.h5 is damaged"):
        monkeypatch.setattr(hdf5, "_why_not", crash)
        stack.section(2)

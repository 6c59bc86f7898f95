"""One at a time; and a lock whose process is gone keeps nobody out."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from snnlab.errors import LabError
from snnlab.work import locks

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from snnlab.work import locks
with locks.held(Path(sys.argv[1]), str):
    print("held", flush=True)
    time.sleep(60)
"""


def refused(who: str) -> str:
    return f"taken by {who}."


@pytest.fixture
def holder(tmp_path):
    """Another process that holds a lock."""
    path = tmp_path / "lock"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process, path
    process.kill()
    process.wait()


def unknown(handle, how):
    raise OSError(errno.EOPNOTSUPP, "no locks here")


@pytest.fixture(params=["flock", "by name"])
def kind(request, monkeypatch):
    if request.param == "by name":
        monkeypatch.setattr(locks.fcntl, "flock", unknown)
    return request.param


def test_the_second_is_told_who_is_first(holder, kind):
    process, path = holder
    told = pytest.raises(LabError, match=rf"taken by process {process.pid} on \S+, since \d{{4}}-")
    with told, locks.held(path, refused):
        pytest.fail("both hold it")
    assert path.exists()
    # killed without a chance to tidy up, as by a power failure
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.exists()
    with locks.held(path, refused):
        assert json.loads(path.read_text())["process"] == os.getpid()
    assert not path.exists()


def test_within_one_process_too(tmp_path):
    path = tmp_path / "lock"
    told = pytest.raises(LabError, match=f"process {os.getpid()} ")
    with locks.held(path, refused), told, locks.held(path, refused):
        pytest.fail("both hold it")
    with locks.held(path, refused):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 80, b"[1]", b'{"process": "x"}', b"\xff"])
def test_what_a_reboot_left_of_one_keeps_nobody_out(tmp_path, content):
    path = tmp_path / "lock"
    path.write_bytes(content)
    with locks.held(path, refused):
        pass
    assert not path.exists()


@pytest.mark.parametrize(
    ("changed", "alive"),
    [
        ({}, True),
        ({"boot": "another"}, False),  # the machine was started anew since
        ({"started": "1"}, False),  # another process has that number now
        ({"process": 2**22 + 5}, False),
        ({"process": "x"}, False),
        ({"host": "elsewhere"}, True),  # nothing can be known of it here
    ],
)
def test_by_name_it_holds_while_its_process_is_alive(tmp_path, monkeypatch, changed, alive):
    monkeypatch.setattr(locks.fcntl, "flock", unknown)
    path = tmp_path / "lock"
    path.write_text(json.dumps(locks._here() | changed))
    if alive:
        with pytest.raises(LabError), locks.held(path, refused):
            pytest.fail("both hold it")
    else:
        with locks.held(path, refused):
            pass


def test_a_clock_that_is_set_back_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(locks.fcntl, "flock", unknown)
    path = tmp_path / "lock"
    path.write_text(json.dumps(locks._here()))
    monkeypatch.setattr(locks.psutil, "boot_time", lambda: time.time() - 7200)
    with pytest.raises(LabError), locks.held(path, refused):
        pytest.fail("both hold it")


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError), locks.held(tmp_path / "no" / "lock", refused):
        pytest.fail("held")

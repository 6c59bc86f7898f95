"""The process that strangers' files are read in: it may die, hang or lie, and the lab goes on."""

import io
import os
import signal
from pathlib import Path

import h5py
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images import apart
from snnlab.images.reading import open_stack

VALUES = np.random.default_rng(13).integers(0, 256, (3, 40, 48)).astype(np.uint8)


@pytest.fixture
def data():
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        made["data"] = VALUES
    return file.getvalue()


def pid():
    return apart._CHILD._process.pid


def test_another_process_reads_an_upload_and_this_one_a_file(data, tmp_path):
    stack = open_stack(data, "x.h5")
    assert pid() != os.getpid()
    np.testing.assert_allclose(stack.section(1).pixels, VALUES[1] / 255, atol=1e-6)
    (tmp_path / "x.h5").write_bytes(data)
    assert open_stack(tmp_path / "x.h5").header == stack.header


def test_when_it_dies_the_file_is_damaged_and_the_next_one_is_read(data):
    stack = open_stack(data, "x.h5")
    first = pid()
    os.kill(first, signal.SIGSTOP)  # so that it is alive when it is asked
    os.kill(first, signal.SIGKILL)
    apart._CHILD._process.wait()
    # it is started anew, and given the file again
    np.testing.assert_allclose(stack.section(2).pixels, VALUES[2] / 255, atol=1e-6)
    assert pid() != first


def test_when_it_dies_over_a_file_that_is_one_sentence(data, monkeypatch):
    stack = open_stack(data, "x.h5")
    monkeypatch.setattr(apart._CHILD, "_line", lambda ends: (_ for _ in ()).throw(EOFError))
    with pytest.raises(LabError, match="x.h5 is damaged or incomplete"):
        stack.section(0)
    monkeypatch.undo()
    assert stack.section(0).pixels.shape == (40, 48)


def test_one_that_hangs_is_ended(data, monkeypatch):
    stack = open_stack(data, "x.h5")
    os.kill(pid(), signal.SIGSTOP)
    monkeypatch.setattr(apart, "SECONDS", 0.3)
    with pytest.raises(LabError, match="takes more than 0 s to read"):
        stack.section(0)
    monkeypatch.undo()
    assert stack.section(0).pixels.shape == (40, 48)


@pytest.mark.parametrize(
    "answer",
    [
        ({"dtype": "|O", "bits": 8}, b"x" * 1920),
        ({"dtype": "|u1", "bits": 8}, b"x" * 1919),
        ({"dtype": "|u1"}, b"x" * 1920),
        ({}, b""),
    ],
)
def test_what_it_answers_is_checked(data, monkeypatch, answer):
    stack = open_stack(data, "x.h5")
    monkeypatch.setattr(apart._CHILD, "ask", lambda *_: answer)
    with pytest.raises(LabError, match="damaged"):
        stack.section(0)


def test_it_can_write_nothing_and_hold_no_more_than_its_share(data):
    open_stack(data, "x.h5")
    try:
        text = Path(f"/proc/{pid()}/limits").read_text()
    except OSError:
        pytest.skip("this system does not show the limits of a process")
    limits = {line[:25].strip(): line[26:].split()[0] for line in text.splitlines()[1:]}
    assert limits["Max file size"] == limits["Max core file size"] == "0"
    assert int(limits["Max data size"]) <= 3 << 30

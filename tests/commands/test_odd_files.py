"""What is no image, given to every command that takes a file: said at once, before it is read."""

import os
import resource
import signal
import socket
from pathlib import Path

import pytest

from snnlab.commands import cli

SAMPLE = Path(__file__).parents[2] / "assets" / "samples" / "1-synthetic-256.png"
LABELS = SAMPLE.with_name(f"{SAMPLE.stem}-labels.png")
SWEEP = ("--percentiles", "99", "--upper", "300", "--timesteps", "4")
HUGE = 100 << 30  # bytes
SECONDS = 120  # for a sentence: some hundredths, but the first one imports
MEMORY = 300  # MB that may be added

# by command: its words before and after the file
COMMANDS = {
    "segment": (["segment"], []),
    "segment --labels": (["segment", SAMPLE, "--labels"], []),
    "energy": (["energy"], []),
    "chips": (["chips"], []),
    "sweep": (["sweep"], SWEEP),
    "sweep --labels": (["sweep", SAMPLE, "--labels"], SWEEP),
    "volume": (["volume"], ["out.ome.zarr"]),
    "train --images": (["train", "--images"], ["--labels", LABELS, "--out", "out"]),
    "train --labels": (["train", "--images", SAMPLE, "--labels"], ["--out", "out"]),
    "train --data": (["train", "--data"], ["--out", "out"]),
    "finetune --images": (["finetune", "--images"], ["--labels", LABELS, "--out", "out"]),
    "finetune --labels": (["finetune", "--images", SAMPLE, "--labels"], ["--out", "out"]),
    "finetune --data": (["finetune", "--data"], ["--out", "out"]),
    "evaluate --data": (["evaluate", "--data"], []),
    "segment --model": (["segment", SAMPLE, "--model"], []),
    "finetune --model": (["finetune", "--model"], ["--out", "out"]),
}
# what is not there is refused by its name alone
NO_FILES = ("--data", "--model")


def pipe(path):
    os.mkfifo(path)


def written_pipe(path):
    """A pipe that somebody has open, and writes nothing to."""
    os.mkfifo(path)
    return os.open(path, os.O_RDWR)


def endpoint(path):
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def folder(path):
    path.mkdir()
    (path / "notes.txt").write_text("no image")


def circle(path):
    path.symlink_to(path)


# by name: what makes it, and what is said of it as an image
ODD = {
    "pipe.tif": (pipe, "is a pipe, not a file"),
    "written.mrc": (written_pipe, "is a pipe, not a file"),
    "socket.h5": (endpoint, "is a socket, not a file"),
    "folder": (folder, "not an OME-Zarr image|holds no image that the lab can read"),
    "circle.png": (circle, "cannot be read: too many levels|does not exist"),
    "absent.nrrd": (lambda path: None, "cannot be read: no such file|does not exist"),
}


@pytest.fixture(autouse=True)
def bounds(tmp_path, monkeypatch):
    """Nothing waits for a pipe, and nothing takes much memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SNNLAB_DATA", raising=False)

    def late(*_):
        raise TimeoutError(f"nothing was said within {SECONDS} s")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, old)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY * 1024


def said(capsys, command, path) -> str:
    before, after = COMMANDS[command]
    code = cli.main([*map(str, (*before, path, *after)), "--quiet"])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("snnlab: error: ") and err.count("\n") == 1 and err.endswith(".\n")
    assert not Path("out").exists() and not Path("out.ome.zarr").exists()
    return err


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file(capsys, tmp_path, command, name):
    make, sentence = ODD[name]
    handle = make(tmp_path / name)
    found = said(capsys, command, tmp_path / name)
    if not command.endswith(NO_FILES):
        assert any(part in found for part in sentence.split("|")), found
    if handle is not None:
        os.close(handle)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_device_without_end(capsys, command):
    found = said(capsys, command, "/dev/zero")
    if not command.endswith(NO_FILES):
        assert "/dev/zero is a device, not a file; name a file." in found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_no_disk_takes(capsys, command):
    assert len(said(capsys, command, "a" * 5000)) < 6000


# beginnings of files of every format, of which nothing follows
STARTS = {
    "none.bin": (0, b""), "none.tif": (0, b""), "none.png": (0, b""), "none.jpg": (0, b""),
    "none.mrc": (0, b""), "none.h5": (0, b""), "none.nrrd": (0, b""), "none.nii": (0, b""),
    "none.nii.gz": (0, b""), "none.dm3": (0, b""), "none.dm4": (0, b""), "none.zarr.zip": (0, b""),
    "begun.png": (0, b"\x89PNG\r\n\x1a\n"), "begun.jpg": (0, b"\xff\xd8\xff"),
    "begun.tif": (0, b"II*\0\x08\0\0\0"), "begun.tf8": (0, b"II+\0\x08\0\0\0"),
    "begun.mrc": (208, b"MAP "), "begun.h5": (0, b"\x89HDF\r\n\x1a\n"),
    "begun.mat": (512, b"\x89HDF\r\n\x1a\n"), "begun.zip": (0, b"PK\x03\x04"),
    "begun.nrrd": (0, b"NRRD0004\n"), "begun.nii": (344, b"n+1\0"),
    "begun.gz": (0, b"\x1f\x8b\x08\0"), "begun.dm3": (0, b"\0\0\0\x03"),
    "begun.dm4": (0, b"\0\0\0\x04"),
}  # fmt: skip


def huge(path, offset=0, start=b""):
    """A file of many bytes that takes no room on the disk."""
    with path.open("wb") as file:
        try:
            file.truncate(HUGE)
        except OSError:
            pytest.skip("this disk takes no file of that size")
        file.seek(offset)
        file.write(start)


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("command", ["segment", "segment --labels", "volume"])
def test_a_hundred_gigabytes_that_are_no_image(capsys, tmp_path, command, name):
    huge(tmp_path / name, *STARTS[name])
    assert name in said(capsys, command, tmp_path / name)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_hundred_gigabytes_of_nothing(capsys, tmp_path, command):
    huge(tmp_path / "none.tif")
    found = said(capsys, command, tmp_path / "none.tif")
    if not command.endswith(NO_FILES):
        assert "none.tif is no image that is known here" in found

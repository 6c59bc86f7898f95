"""Where a command is to write is looked at before anything is computed."""

import os
import subprocess
from pathlib import Path

import pytest

from snnlab.commands import cli, outputs, train_one, train_own, train_several
from snnlab.errors import LabError
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.studies.volume import running
from snnlab.work import parallel

SAMPLE = Path(__file__).parents[2] / "assets" / "samples" / "1-synthetic-256.png"
LABELS = SAMPLE.with_name(f"{SAMPLE.stem}-labels.png")

# by command: its words, the last of which takes a place to write to
COMMANDS = {
    "segment": ["segment", SAMPLE, "--out"],
    "train": ["train", "--model", "phantom", "--steps", "2", "--out"],
    "train --models": ["train", "--models", "phantom,relu", "--steps", "2", "--out"],
    "train --images": [
        *("train", "--model", "relu", "--steps", "2", "--images", SAMPLE, "--labels", LABELS),
        "--out",
    ],
    "finetune": ["finetune", "--model", "relu", "--steps", "2", "--out"],
    "volume": ["volume", SAMPLE],
    "sweep": [
        *("sweep", SAMPLE, "--percentiles", "99", "--upper", "300", "--timesteps", "4", "--csv"),
    ],
}
WORK = (
    (lab, "segment"),
    (train_one, "make"),
    (train_own, "run"),
    (train_several, "run"),
    (lab_finetune, "material"),
    (lab_sweep, "run"),
    (parallel, "run"),
    (running, "_run"),
)


@pytest.fixture(autouse=True)
def no_work(monkeypatch, tmp_path):
    """Anything that would take long."""

    def begun(*_, **__):
        raise AssertionError("the work was begun")

    for module, name in WORK:
        monkeypatch.setattr(module, name, begun)
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path / "cache"))


def said(capsys, command, place) -> str:
    named = str(place)
    if command == "volume":
        named += ".ome.zarr" if not named.endswith((".zarr", ".tif")) else ""
    code = cli.main([*map(str, COMMANDS[command]), named, "--quiet"])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "") and err.startswith("snnlab: error: ") and err.count("\n") == 1
    assert err.endswith(".\n")
    return err


def a_file(path):
    path.write_text("mine")
    return path


def below_a_file(path):
    return a_file(path) / "below" / "it"


def circle(path):
    path.symlink_to(path)
    return path / "it"


def too_long(path):
    return path.with_name("a" * 300)


PLACES = {
    "a file": (a_file, "is not a folder|exists already"),
    "below a file": (below_a_file, "is not one; name another|is not a folder|not a directory"),
    "a circle": (circle, "too many levels of symbolic links|file exists; name another"),
    "a long name": (too_long, "name too long|file name too long"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_a_folder(capsys, tmp_path, command, place):
    make, sentence = PLACES[place]
    if place == "a file" and command in ("sweep", "volume"):  # they write a file, or refuse one
        (tmp_path / "it.zarr").mkdir()
        found = said(capsys, command, tmp_path / "it.zarr")
        assert "is a folder" in found or "exists already" in found
        return
    found = said(capsys, command, make(tmp_path / "it"))
    assert any(part in found for part in sentence.split("|")), found
    if (tmp_path / "it").is_file():
        assert (tmp_path / "it").read_text() == "mine"


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_that_may_only_be_read(capsys, disk, command):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert "read-only file system; name another" in said(capsys, command, disk / "out")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "volume"])
def test_a_disk_that_is_full(capsys, disk, command):
    with (disk / "full").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    assert "no space left on device; name another" in said(capsys, command, disk / "out")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_without_the_right_to_write(capsys, tmp_path, monkeypatch, command):
    """The right is taken away, or the system asked in its place: all may write, who is root."""
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    if os.getuid() == 0:
        opened = os.open

        def refused(path, flags, *more, **options):
            within = os.fspath(path) if not isinstance(path, int) else ""
            if flags & os.O_ACCMODE and str(within).startswith(str(closed)):
                raise PermissionError(13, "Permission denied", path)
            return opened(path, flags, *more, **options)

        monkeypatch.setattr(os, "open", refused)
    assert "permission denied; name another" in said(capsys, command, closed / "out")


def test_looking_leaves_nothing_behind(tmp_path):
    assert outputs.folder(tmp_path / "new" / "out", ("a.npz",)) == tmp_path / "new" / "out"
    assert outputs.file(tmp_path / "rows.csv", "--csv") == tmp_path / "rows.csv"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "rows.csv").write_text("a,b\n")
    outputs.file(tmp_path / "rows.csv", "--csv")
    assert (tmp_path / "rows.csv").read_text() == "a,b\n"
    outputs.file("/dev/stdout", "--csv")
    (tmp_path / "a.npz").mkdir()
    with pytest.raises(LabError, match=r"a\.npz is a folder, but a file of that name"):
        outputs.folder(tmp_path, ("a.npz",))

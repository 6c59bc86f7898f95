"""Where compiled code is kept, and that a second start finds it there."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest

from snnlab.simulation.event import compiled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def unset(monkeypatch, tmp_path):
    """No folder chosen by the user, and a home of our own."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    compiled.folder.cache_clear()
    yield tmp_path
    compiled.folder.cache_clear()


def test_the_users_cache_folder_is_taken(unset):
    found = Path(compiled.folder())
    assert found.parent == unset / "home" / "numba"
    assert found.is_dir()
    assert found.stat().st_mode & 0o077 == 0


def test_numbas_own_setting_is_obeyed(unset, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "/somewhere/else")
    assert compiled.folder() == "/somewhere/else"


def test_without_a_writable_home_a_temporary_folder_is_taken(unset):
    (unset / "home").write_text("a file where the folder should be")
    assert Path(compiled.folder()).parent == unset / "tmp"
    (unset / "tmp").joinpath("more").mkdir()
    compiled.folder.cache_clear()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners are a matter of POSIX")
def test_what_belongs_to_someone_else_is_not_run(unset, monkeypatch):
    before = compiled.folder()
    compiled.folder.cache_clear()
    owner = os.getuid() + 1
    monkeypatch.setattr(compiled.os, "getuid", lambda: owner)
    after = Path(compiled.folder())
    assert str(after) != before
    assert after.name.startswith("snnlab-")


def test_a_second_start_compiles_nothing(tmp_path):
    """Once warmed up, U-Nets run and are read out on what is there; nothing is added."""
    unet = """
from snnlab.simulation import event
from snnlab.simulation.loihi import running as loihi
from snnlab.simulation.words import tally, window_sums
from tests.simulation.loihi_networks import converted, random_unet as chips
from tests.simulation.unets import random_unet
last = event.run(random_unet(16, tau=0.01), 80, threads=1).populations[-1]
tally(last), list(window_sums(last, last.shape[2] * [1.0], [(0, 80)]))
loihi.run(converted(chips((4, 4)), 8, 8), 70)
"""
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(tmp_path / "kernels"),
        "SNNLAB_CACHE": str(tmp_path / "chips"),
        "PYTHONPATH": str(ROOT),
    }
    stamps = []
    for arguments in (["-m", "snnlab.simulation"], ["-c", unet]):
        subprocess.run([sys.executable, *arguments], check=True, env=environment, cwd=ROOT)
        files = sorted((tmp_path / "kernels").rglob("*.nb[ic]"))
        stamps.append([(file.name, file.stat().st_mtime_ns) for file in files])
        time.sleep(0.01)
    assert stamps[0] == stamps[1] != []

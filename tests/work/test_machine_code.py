"""Kept machine code: shared by content, and no damage to it does more than cost time."""

import errno
import importlib.util
import logging
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numba
import numpy as np
import pytest

from snnlab.simulation.event.compiled import kernel
from snnlab.work import machine_code

SOURCE = """
def total(values):
    found = 0.0
    for value in values:
        found += value
    return found
"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No folder chosen by the user, a home of our own, and nothing said or used so far."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(machine_code.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    monkeypatch.setattr(machine_code, "_said", set())
    monkeypatch.setattr(machine_code, "_used", set())


@pytest.fixture
def usual(tmp_path):
    return tmp_path / "home" / "snnlab" / "kernels"


def made(folder: Path, text: str = SOURCE, days: float = 0.0):
    """The function of a module that lies in some folder, and is so many days old."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sums.py"
    path.write_text(text)
    os.utime(path, (time.time() - 86400 * days,) * 2)
    spec = importlib.util.spec_from_file_location("sums", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return kernel(module.total)


def compiled(function, kind=float) -> int:
    """Run it; how often it had to be compiled."""
    assert function(np.arange(5, dtype=kind)) == 10
    return sum(function.stats.cache_misses.values())


def test_the_same_sources_anywhere_share_what_was_compiled(tmp_path, usual):
    assert compiled(made(tmp_path / "one")) == 1
    assert compiled(made(tmp_path / "other" / "place", days=400)) == 0
    (path,) = usual.iterdir()
    assert path.suffix == ".kernel" and machine_code.used() == (path,)
    assert usual.stat().st_mode & 0o077 == 0 and path.stat().st_mode & 0o077 == 0
    # other sources, or other types, are something else
    assert compiled(made(tmp_path / "one", SOURCE + "# more\n")) == 1
    assert compiled(made(tmp_path / "one"), np.float32) == 1
    assert len(list(usual.iterdir())) == 3


def test_numbas_own_setting_is_obeyed(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "else" / "where"))
    assert compiled(made(tmp_path)) == 1
    assert len(list((tmp_path / "else" / "where").iterdir())) == 1
    assert not (tmp_path / "home").exists()


# ---- damage to a file ---------------------------------------------------------------------------


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_within_the_head(path):
    path.write_bytes(path.read_bytes()[:20])


def empty(path):
    path.write_bytes(b"")


def zeros(path):
    path.write_bytes(bytes(path.stat().st_size))


def noise(path):
    path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))


def one_bit(path):
    found = bytearray(path.read_bytes())
    found[len(found) * 2 // 3] ^= 4
    path.write_bytes(found)


def a_page_of_zeros(path):
    found = bytearray(path.read_bytes())
    found[512:1024] = bytes(512)
    path.write_bytes(found)


def a_folder(path):
    path.unlink()
    (path / "with").mkdir(parents=True)


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_link_to_nothing(path):
    path.unlink()
    path.symlink_to("nowhere")


def something_else(path):
    """What was written as it should be, but is no machine code."""
    machine_code._write(path, b"(lp0\nI1\na.")


def another_name(path):
    other = path.with_name("x" + path.name)
    machine_code._write(other, path.read_bytes()[48:])
    os.replace(other, path)


def open_to_all(path):
    path.chmod(0o666)


DAMAGES = (
    cut, cut_within_the_head, empty, zeros, noise, one_bit, a_page_of_zeros, a_folder, a_pipe,
    a_link_to_nothing, something_else, another_name, open_to_all,
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_thrown_away_and_compiled_anew(tmp_path, usual, damage, caplog):
    assert compiled(made(tmp_path / "one")) == 1
    (path,) = usual.iterdir()
    damage(path)
    assert compiled(made(tmp_path / "two")) == 1
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == (damage is not a_link_to_nothing)  # there, it is as if there were none
    assert list(usual.iterdir()) == [path] and path.is_file() and not path.is_symlink()
    assert compiled(made(tmp_path / "three")) == 0


def test_what_belongs_to_somebody_else_is_not_run(tmp_path, usual, monkeypatch, caplog):
    assert compiled(made(tmp_path / "one")) == 1
    owner = os.getuid() + 1
    monkeypatch.setattr(machine_code.os, "getuid", lambda: owner)
    # neither place is ours now, so nothing is written either
    (tmp_path / "temporary" / f"snnlab-kernels-{owner}").mkdir(parents=True)
    assert compiled(made(tmp_path / "two")) == 1
    assert "it belongs to someone else" in caplog.text
    assert "the folder belongs to someone else" in caplog.text
    assert not list(usual.iterdir()) and not list((tmp_path / "temporary").glob("*/*"))


def test_several_faults_are_said_once(tmp_path, usual, caplog):
    functions = [(made(tmp_path / str(n), SOURCE + f"# {n}"), n) for n in range(3)]
    for function, _ in functions:
        assert compiled(function) == 1
    for path in usual.iterdir():
        cut(path)
    for n in range(3):
        assert compiled(made(tmp_path / "again", SOURCE + f"# {n}")) == 1
    assert caplog.text.count("machine code in") == 1
    assert "cannot be used (it is damaged)" in caplog.text


# ---- where nothing can be written ---------------------------------------------------------------


def test_a_file_where_the_folder_should_be(tmp_path, usual, caplog):
    usual.parent.mkdir(parents=True)
    usual.write_text("a file")
    assert compiled(made(tmp_path / "one")) == 1
    # kept in the other place, and found there
    assert compiled(made(tmp_path / "two")) == 0
    (path,) = (tmp_path / "temporary").glob("*/*")
    assert path.parent.name == f"snnlab-kernels-{os.getuid()}"
    assert usual.read_text() == "a file" and caplog.text.count("machine code in") == 1


def refused(number):
    def refuse(*arguments, **named):
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EDQUOT])
def test_where_nothing_can_be_written_it_is_compiled_in_memory(
    tmp_path, usual, monkeypatch, caplog, number
):
    monkeypatch.setattr(machine_code.tempfile, "mkstemp", refused(number))
    for n in range(2):
        assert compiled(made(tmp_path / str(n))) == 1
    assert os.strerror(number) in caplog.text and caplog.text.count("machine code in") == 1
    # what is there is still used
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert compiled(made(tmp_path / "free")) == 1
    monkeypatch.setattr(machine_code.tempfile, "mkstemp", refused(number))
    assert compiled(made(tmp_path / "used")) == 0


def test_a_disk_that_fills_up_while_writing_leaves_nothing(tmp_path, usual, monkeypatch):
    real = os.fdopen

    class Full:
        def __init__(self, handle, mode):
            self.stream = real(handle, mode)

        def __enter__(self):
            return self

        def __exit__(self, *why):
            self.stream.close()

        def write(self, content):
            self.stream.write(content[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(machine_code.os, "fdopen", Full)
    assert compiled(made(tmp_path)) == 1
    assert not list(usual.iterdir()) and not list((tmp_path / "temporary").glob("*/*"))


def test_no_folder_for_temporary_files_and_no_home(tmp_path, monkeypatch):
    """As on a disk that is full, for a user without a home."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(machine_code.tempfile, "gettempdir", refused(errno.ENOENT))

    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(machine_code.Path, "home", homeless)
    assert machine_code.folders() == ()
    assert compiled(made(tmp_path)) == 1


# ---- how much is kept ---------------------------------------------------------------------------


def test_those_not_used_for_longest_go_first(tmp_path, usual, monkeypatch):
    assert compiled(made(tmp_path / "first")) == 1
    (real,) = usual.iterdir()
    size = real.stat().st_size
    monkeypatch.setattr(machine_code, "MOST", 4 * size + size // 2)
    others = []
    for age in range(9):
        others.append(usual / f"other-{age}.kernel")
        shutil.copy(real, others[-1])
        os.utime(others[-1], (time.time() - 1000 * age - 1000,) * 2)
    for name, age in (("new.part", 60), ("old.part", 9000), ("unknown", 90000)):
        (usual / name).write_bytes(b"")
        os.utime(usual / name, (time.time() - age,) * 2)
    # what this process uses stays even where a clock was set back
    os.utime(real, (0, 0))
    assert compiled(made(tmp_path / "more", SOURCE + "# more")) == 1
    left = {path.name for path in usual.iterdir()}
    assert {"other-0.kernel", "other-1.kernel", "new.part", "unknown", real.name} < left
    assert len(left) == 6 and sum(path.stat().st_size for path in usual.iterdir()) <= 4.5 * size


# ---- two servers with one folder ----------------------------------------------------------------


def kept_often(path):
    """Write one kernel again and again, and read it; how often it was not as it was written."""
    content, wrong = bytes(range(256)) * 64, 0
    for _ in range(60):
        machine_code._write(Path(path), content)
        wrong += machine_code._read(Path(path)) != content
    return wrong


def test_two_servers_with_one_folder(tmp_path):
    path = tmp_path / "kernels" / "one.kernel"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(kept_often, 2 * [str(path)])) == [0, 0]
    assert [one.name for one in path.parent.iterdir()] == ["one.kernel"]

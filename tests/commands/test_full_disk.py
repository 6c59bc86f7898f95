"""A disk that is full when a command is done: one sentence, and nothing is computed twice."""

import errno
import json
import os
from dataclasses import replace

import pytest

from snnlab.commands import bench, cli, train_one
from snnlab.nets import model as models
from snnlab.training import checkpoints, recipes
from tests.commands import tiny_trainings


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def run(capsys, *words):
    code = cli.main([*map(str, words), "--quiet"])
    return code, *capsys.readouterr()


def test_train_goes_on_from_its_checkpoint_when_there_is_room(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    plan = replace(tiny_trainings.PLANS["phantom"], settings={"timesteps": 4})
    monkeypatch.setitem(recipes.PLANS, "phantom", plan)
    monkeypatch.setattr(recipes, "data", tiny_trainings.data)
    monkeypatch.setattr(recipes, "held_out", tiny_trainings.stack)
    monkeypatch.setattr(recipes, "finishing_data", lambda *_: tiny_trainings.stack())
    scores = {"ann": {}, "snn": {}, "in_range": None, "sections": "s", "warning": None}
    monkeypatch.setattr(train_one, "score", lambda *_: scores)
    words = ("train", "--model", "phantom", "--steps", 8, "--out", tmp_path, "--json")
    found, make = [], recipes.trainer

    def told(*arguments):
        trainer = make(*arguments)
        found.append(trainer.done_steps)
        return trainer

    monkeypatch.setattr(recipes, "trainer", told)
    with monkeypatch.context() as patch:
        patch.setattr(models.stored, "write", full)
        # its checkpoints are written, before the disk is full
        patch.setattr(checkpoints, "stored", _Roomy())
        code, out, err = run(capsys, *words)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert "cannot be written to: no space left on device; fix that and give the same" in err
    assert found == [0] and not list(tmp_path.glob("phantom.*"))
    code, out, err = run(capsys, *words)
    assert code == 0, err
    assert json.loads(out)["model"] == "phantom" and (tmp_path / "phantom.npz").exists()
    assert found == [0, 8]  # none was done again


class _Roomy:
    """`snnlab.work.stored` as it is, on another disk."""

    def __getattr__(self, name):
        return _WRITE if name == "write" else getattr(models.stored, name)


_WRITE = models.stored.write


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.ENOENT])
def test_bench_without_room_for_temporary_files(capsys, monkeypatch, number):
    def refused(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(bench, "TemporaryDirectory", refused)
    code, out, err = run(capsys, "bench", "--simulators", "event", "--size", 32)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert f"cannot be kept ({os.strerror(number).lower()}); make room" in err

"""Several models at once: on processes here, and on a cluster that loses a worker."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from snnlab.commands import cli, train, train_several
from snnlab.errors import LabError
from snnlab.nets import model
from snnlab.training import checkpoints
from tests.clusters import local_cluster
from tests.commands import tiny_trainings

STEPS = "24"


def arguments(out, *more):
    words = ["train", "--models", "relu,phantom", "--steps", STEPS, "--out", str(out), "--quiet"]
    return cli.parser().parse_args([*words, *more])


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(train_several, "one", tiny_trainings.one)
    monkeypatch.delenv("SNNLAB_DATA", raising=False)


def beginnings(folder):
    """Of each trainer: the stage's folder, the process, the steps that it found done."""
    names = [path.name.split(".") for path in folder.iterdir() if path.name.count(".") == 2]
    return [(stage, int(pid), int(steps)) for stage, pid, steps in names]


def test_a_cluster_that_loses_a_worker_trains_what_one_process_trains(tmp_path, monkeypatch):
    alone, spread = tmp_path / "alone", tmp_path / "spread"
    monkeypatch.setattr(train_several.parallel, "threads_here", lambda: 1)  # one process for both
    expected = train.run(arguments(alone))
    monkeypatch.undo()
    monkeypatch.setattr(train_several, "one", tiny_trainings.one)
    assert len({pid for _, pid, _ in beginnings(alone)}) == 1

    killed = []

    def kill():
        """The worker of the model that is further, once there is something to go on from."""
        place = spread / "phantom-stage-1"
        while (checkpoints.about(place) or {"steps": 0})["steps"] < 3:
            time.sleep(0.02)
        killed.extend(pid for stage, pid, _ in beginnings(spread) if stage == "phantom-stage-1")
        os.kill(killed[0], signal.SIGKILL)

    with local_cluster(tmp_path / "workers") as cluster:
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        found = train.run(arguments(spread, "--scheduler", cluster.scheduler_address))
        killer.join(60)
    pids = {pid for stage, pid, _ in beginnings(spread) if stage == "phantom-stage-1"}
    resumed = [steps for stage, _, steps in beginnings(spread) if stage == "phantom-stage-1"]
    assert killed and len(pids) == 2 and max(resumed) >= 3  # it went on, and not from the start

    for one, other in zip(expected["models"], found["models"], strict=True):
        drop = ("minutes",)
        assert {k: v for k, v in one.items() if k not in drop} == {
            k: v for k, v in other.items() if k not in drop
        }
    for name in ("relu", "phantom"):
        one, other = model.load(name, alone), model.load(name, spread)
        assert one.digest == other.digest
        for layer in one.floats:
            np.testing.assert_array_equal(one.floats[layer], other.floats[layer])
        steps = [[stage["steps"] for stage in made.card["stages"]] for made in (one, other)]
        assert steps[0] == steps[1] and steps[0] == [24]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("names separated by commas", ["--models", ","]),
        ("--scheduler goes with --models", ["--scheduler", "tcp://x:1"]),
        ("--estimate goes with --images", ["--estimate"]),
        ("--name is for one model", ["--models", "relu,loihi", "--name", "x"]),
        ("there is no recipe for 'nonsense'", ["--model", "nonsense"]),
    ],
)
def test_refusals(said, words):
    with pytest.raises(LabError, match=said):
        train.run(cli.parser().parse_args(["train", "--quiet", *words]))


def test_what_is_said_of_several():
    part = {"model": "a", "minutes": 1.0, "sections": "s", "ann": {}, "snn": {}, "in_range": None}
    text = train.show({"models": [part, part | {"model": "b"}], "seconds": 120.0})
    assert "a, trained" in text and "b, trained" in text and "2 models in 2.0 minutes" in text

"""A process that trains is killed without a word; another one opens the id, and goes on."""

import json
import os
import signal
import time
from multiprocessing import get_context
from pathlib import Path

from snnlab.lab import reopening, training
from snnlab.training import checkpoints, recipes
from tests.training.own import tiny

STEPS = 18
PATIENCE = 600  # seconds; TensorFlow starts twice, on a machine that may be busy


def serve(token: str, pause: float, told: str) -> None:
    """What a server does for whoever opens the address of a training."""
    recipes.PLANS = tiny.PLANS
    found = reopening.opened(token)
    begun = training.begun(found.asked, found.own)

    def cancel() -> bool:
        time.sleep(pause)
        return False

    made = training.train(found.asked, found.own, cancel=cancel)
    stages = [stage["steps"] for stage in made.card["stages"]]
    Path(told).write_text(json.dumps({"begun": begun, "stages": stages}))


def test_a_training_whose_server_is_killed_goes_on_in_another(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    order = training.Order("relu", "mine", steps=STEPS)
    token = reopening.keep_training(order, tiny.own(), "em.png with truth.png")
    place = training.folder(order, tiny.own())
    told = tmp_path / "told.json"
    spawn = get_context("spawn")

    first = spawn.Process(target=serve, args=(token, 0.3, str(told)))
    first.start()
    ends = time.monotonic() + PATIENCE
    while not list(place.rglob(checkpoints.NAME)):
        assert first.is_alive() and time.monotonic() < ends
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    assert not told.exists()
    kept = training.begun(order, tiny.own())
    assert 0 < kept < STEPS

    second = spawn.Process(target=serve, args=(token, 0.0, str(told)))
    second.start()
    second.join(PATIENCE)
    assert second.exitcode == 0
    assert json.loads(told.read_text()) == {"begun": kept, "stages": [STEPS]}

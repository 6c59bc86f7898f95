"""Rows of whole commands, in which an older checkout and this one take turns."""

from argparse import Namespace

import pytest

from benchmarks import event_compared


@pytest.fixture
def older(tmp_path):
    models = tmp_path / "older" / "assets" / "models"
    models.mkdir(parents=True)
    (models / "regularised.json").write_text("older")
    return tmp_path / "older"


def test_memory_and_sweep_run_with_the_older_models(older, tmp_path, monkeypatch):
    here = tmp_path / "here"
    for part in event_compared.PARTS:
        (here / part / "models").mkdir(parents=True)
    for name in ("regularised.json", "relu.json"):
        (here / "assets" / "models" / name).write_text("ours")
    monkeypatch.setattr(event_compared, "HERE", here)
    copy = event_compared.with_models_of(older, tmp_path)
    read = {file.name: file.read_text() for file in (copy / "assets" / "models").iterdir()}
    assert read == {"regularised.json": "older", "relu.json": "ours"}


def test_medians_of_the_clock_and_the_least_of_the_processor(older, tmp_path, monkeypatch):
    told = {older: iter([(9.0, 4.0), (6.0, 5.0), (7.0, 6.0)])}
    told[event_compared.HERE] = iter([(2.0, 2.0), (3.5, 1.0), (4.0, 3.0)])
    turns = []

    def row(checkout, options):
        turns.append(checkout)
        return dict(zip(("seconds", "used"), next(told[checkout]), strict=True))

    monkeypatch.setitem(event_compared.WHOLE, event_compared.SERVER, row)
    options = Namespace(old=older, whole=3)
    found = event_compared.compare_whole(event_compared.SERVER, tmp_path, options)
    assert turns == [older, event_compared.HERE] * 3
    assert (found["old_seconds"], found["new_seconds"], found["times_seconds"]) == (7.0, 3.5, 2.0)
    assert (found["old_used"], found["new_used"], found["times_used"]) == (4.0, 1.0, 4.0)

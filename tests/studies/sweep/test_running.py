"""Sweeps that stop and go on, that cost nothing again, and that lose a worker."""

import errno
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from snnlab.errors import Cancelled
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.studies.sweep import measuring, running, store
from snnlab.studies.sweep.grid import Grid
from tests import small_models as small
from tests.clusters import local_cluster

BASE = Settings(model="small-0", lower_hz=200, upper_hz=400)
GRID = Grid(BASE, (99.0, 99.9), (100.0, 400.0), (4, 16, 40))
MODELS = {"small-0": small.model()}


def picture(section=0, labels=True):
    whole = lab.sample(0)
    cut = slice(64 * section, 64 * section + 64)
    return Picture(
        whole.pixels[cut, :64],
        whole.labels[cut, :64] if labels else None,
        f"crop {section}",
        section,
        3,
        "a" * 64,
    )


def ann(model, one):
    return np.asarray(one.normalised)


def sweep(place, pictures=None, **more):
    pictures = pictures or [picture()]
    return running.run(GRID, pictures, MODELS, ann, store.Store(place), **more)


def bare(rows):
    """Without the times, which differ."""
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def test_a_repeat_costs_nothing_and_says_the_same(tmp_path, monkeypatch):
    first = sweep(tmp_path)
    assert (first.computed, first.reused) == (12, 0)
    assert len(first.rows) == 12
    monkeypatch.setattr(measuring, "measure", None)
    heard = []
    again = running.run(GRID, [picture()], MODELS, None, store.Store(tmp_path), found=heard.append)
    assert (again.computed, again.reused) == (0, 12)
    assert again.rows == first.rows == heard


def test_a_sweep_goes_on_where_it_stopped(tmp_path):
    seen = []
    with pytest.raises(Cancelled):
        sweep(tmp_path, threads=1, found=seen.append, cancel=lambda: len(seen) >= 6)
    known = len(list(tmp_path.rglob("*.json")))
    assert 6 <= known < 12
    rest = sweep(tmp_path)
    assert (rest.reused, rest.computed) == (known, 12 - known)
    assert bare(rest.rows) == bare(sweep(tmp_path / "other").rows)


def test_more_timesteps_compute_only_what_is_new(tmp_path):
    sweep(tmp_path)
    wider = replace(GRID, timesteps=(4, 8, 16, 40))
    outcome = running.run(wider, [picture()], MODELS, ann, store.Store(tmp_path))
    assert (outcome.reused, outcome.computed) == (12, 4)
    assert [row["timesteps"] for row in outcome.rows[:4]] == [4, 8, 16, 40]


def test_what_a_result_depends_on_is_in_its_name(tmp_path):
    def names(grid=GRID, one=None, models=MODELS):
        (first, *_) = running.items(grid, [one or picture()], models)
        return first.keys[4]

    usual = names()
    assert usual == names(replace(GRID, base=BASE.replace(source="isbi", section=5)))
    assert usual == names(one=replace(picture(), name="another name"))
    others = [
        names(one=picture(1)),
        names(one=picture(labels=False)),
        names(one=replace(picture(), labels=~picture().labels)),
        names(one=replace(picture(), sha256="b" * 64)),
        names(models={"small-0": small.altered(small.model(), "down0")}),
        names(replace(GRID, base=BASE.replace(threshold=0.4))),
        names(replace(GRID, base=BASE.replace(reset="zero"))),
        names(replace(GRID, base=BASE.replace(initial=0.0))),
        names(replace(GRID, base=BASE.replace(synapse_ms=5.0))),
        names(replace(GRID, base=BASE.replace(lower_hz=100))),
        names(replace(GRID, base=BASE.replace(simulator="nengo"))),
    ]
    assert len({usual, *others}) == 1 + len(others)


def test_several_sections_in_order(tmp_path):
    outcome = sweep(tmp_path, [picture(0), picture(2)])
    assert [row["section"] for row in outcome.rows] == [0] * 12 + [2] * 12
    alone = sweep(tmp_path / "other", [picture(2)])
    assert bare(outcome.rows[12:]) == bare(alone.rows)


def test_without_labels_agreement_is_what_there_is(tmp_path):
    outcome = sweep(tmp_path, [picture(labels=False)])
    assert all("v_rand" not in row and 0 <= row["agreement_with_ann"] <= 1 for row in outcome.rows)


def test_a_cluster_that_loses_a_worker_says_what_one_process_says(tmp_path):
    from distributed import Client

    alone = sweep(tmp_path / "alone", threads=1)
    with local_cluster(tmp_path / "workers") as cluster:
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            victim = next(iter(client.run(os.getpid).values()))
        heard = []

        def found(row):
            heard.append(row)
            if len(heard) == 3:  # after the first run of four
                os.kill(victim, signal.SIGKILL)

        spread = sweep(tmp_path / "spread", scheduler=cluster.scheduler_address, found=found)
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)
    assert len(heard) == spread.computed == 12
    assert bare(spread.rows) == bare(alone.rows)


def test_settings_of_a_row_lead_back_to_the_run(tmp_path):
    row = sweep(tmp_path).rows[5]
    settings = running.settings_of(row, BASE.replace(threshold=0.4))
    assert settings.percentile == row["percentile"] and settings.timesteps == row["timesteps"]
    assert (settings.lower_hz, settings.upper_hz) == (row["lower"], row["upper"])
    assert settings.threshold == 0.4


def test_runs_at_a_time_fit_into_memory():
    work = running.items(GRID, [picture()], MODELS)
    missing = [(0, [40])]
    few = running._at_a_time(work, missing, MODELS)
    assert 1 <= few <= running.AT_A_TIME
    big = replace(picture(), pixels=np.zeros((8192, 8192), np.float32))
    work = [replace(item, picture=big) for item in work]
    assert running._at_a_time(work, missing, MODELS) == 1


class Full(store.Store):
    """A folder on a disk that is full for a while.

    Parameters
    ----------
    place : path
    takes : callable
        ``takes(n)``: whether there is room for the n-th result.
    """

    def __init__(self, place, takes):
        super().__init__(place)
        self._takes, self._asked = takes, 0

    def put(self, name, value):
        self._asked += 1
        with pytest.MonkeyPatch.context() as patch:
            if not self._takes(self._asked):

                def full(*_):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

                patch.setattr(os, "replace", full)
            super().put(name, value)


def test_a_full_disk_costs_no_result_and_what_was_kept_before_and_after_is_there(tmp_path):
    heard = []
    kept = Full(tmp_path, lambda number: number <= 4 or number > 9)
    outcome = running.run(GRID, [picture()], MODELS, ann, kept, found=heard.append)
    assert len(outcome.rows) == len(heard) == 12
    assert outcome.note.startswith("5 of 12 points are here, but not kept: the results' folder")
    assert "no space left on device; name another in SNNLAB_CACHE." in outcome.note
    again = sweep(tmp_path)
    assert (again.reused, again.computed, again.note) == (7, 5, "")
    assert bare(again.rows) == bare(outcome.rows)

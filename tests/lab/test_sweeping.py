"""The front door: estimates, energy, what is shipped, tables."""

import csv
import io
from dataclasses import replace

import pytest

from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.studies.sweep import store


@pytest.fixture
def picture():
    whole = lab.sample(0)
    return Picture(whole.pixels[:48, :64], whole.labels[:48, :64], "crop", 0, 1, "5eeb" * 16)


@pytest.fixture
def grid(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    return lab_sweep.Grid(lab.defaults("regularised"), (99.9,), (300.0, 1000.0), (8, 16))


def test_known_and_estimated_before_and_after(grid, picture):
    assert lab_sweep.known(grid, (picture,)) == []
    before = lab_sweep.estimate(grid, (picture,))
    assert before > 0
    assert lab_sweep.estimate(replace(grid, timesteps=(8, 16, 200)), (picture,)) > before
    heard = []
    outcome = lab_sweep.run(grid, (picture,), found=heard.append)
    assert lab_sweep.known(grid, (picture,)) == outcome.rows
    assert lab_sweep.estimate(grid, (picture,)) == 0
    assert sorted(row["timesteps"] for row in heard) == [8, 8, 16, 16]


def test_the_estimate_learns_from_the_last_sweep(grid, picture):
    before = lab_sweep.estimate(grid, (picture,))
    store.Store().put(lab_sweep.MEASURED, {"factor": 3.0})
    assert lab_sweep.estimate(grid, (picture,)) == pytest.approx(3 * before)


def test_energy_of_a_row_is_the_energy_pages_with_all_neurons_busy(grid, picture):
    row = lab_sweep.run(grid, (picture,)).rows[-1]
    settings = lab_sweep.settings_of(row, grid.base)
    work = lab_energy.work_of(lab.segment(picture, settings))
    assert sum(layer.spikes for layer in work.layers) == row["spikes"]
    busy = replace(
        work,
        layers=tuple(replace(one, active=one.neurons * work.timesteps) for one in work.layers),
    )
    (found,) = [one for one in lab_energy.estimates(busy) if one.device.name == lab_sweep.DEVICE]
    assert row["joules"] == pytest.approx(found.joules)


def test_names_that_do_not_exist_are_refused_before_anything_runs(grid, picture):
    for wrong in (replace(grid, models=("none",)), replace(grid, methods=("none",))):
        with pytest.raises(LabError, match="there is no"):
            lab_sweep.run(wrong, (picture,))


def test_the_shipped_sweep_is_complete():
    made = lab_sweep.ready_made()
    rows = lab_sweep.over_sections(made["rows"])
    assert len(rows) == 90
    assert len(lab_sweep.sensitivity(rows, "v_rand")) == 3
    assert all(row["joules"] > 0 for row in rows)
    # from more timesteps never come fewer spikes
    by_run = {}
    for row in rows:
        by_run.setdefault((row["percentile"], row["upper"]), []).append(row["spikes"])
    assert all(spikes == sorted(spikes) for spikes in by_run.values())


def test_saved_and_read_again(grid, picture, tmp_path, monkeypatch):
    outcome = lab_sweep.run(grid, (picture,))
    path = tmp_path / "s.json"
    lab_sweep.save(outcome, grid, picture, path)
    monkeypatch.setattr(lab_sweep, "READY_MADE", path)
    lab_sweep.ready_made.cache_clear()
    made = lab_sweep.ready_made()
    lab_sweep.ready_made.cache_clear()
    assert not lab_sweep.outdated(made)
    assert lab_sweep.outdated(made | {"models": {"regularised": "0" * 64}})
    for kept, row in zip(made["rows"], outcome.rows, strict=True):
        assert kept["v_rand"] == pytest.approx(row["v_rand"], abs=1e-6)
        assert kept["spikes"] == row["spikes"]


def test_a_table_to_take_away(grid, picture):
    rows = lab_sweep.run(grid, (picture,)).rows
    table = list(csv.DictReader(io.StringIO(lab_sweep.csv_of(rows))))
    assert [float(line["v_rand"]) for line in table] == [row["v_rand"] for row in rows]
    assert "layers" not in table[0]


def test_methods_that_a_model_was_not_trained_for_are_left_out_and_named(grid):
    """Whatever is shipped: a method refuses, in its own words, or it converts."""
    both = replace(grid, methods=("rate-scaling", "qcfs"))
    fitted, reasons = lab_sweep.fitting(both)
    assert fitted.pairs == ((grid.models[0], "rate-scaling"),)
    assert len(reasons) == 1 and "not trained for qcfs" in reasons[0]
    assert fitted.points == grid.points
    assert lab_sweep.fitting(grid) == (grid, ())
    with pytest.raises(LabError, match="not trained for qcfs"):
        lab_sweep.fitting(replace(grid, methods=("qcfs",)))

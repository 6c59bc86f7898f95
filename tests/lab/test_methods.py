"""The front door of the methods side by side."""

import csv
import io
from collections import OrderedDict

import numpy as np
import pytest

from snnlab.errors import Cancelled, LabError
from snnlab.images.pictures import Picture
from snnlab.lab import energy as lab_energy
from snnlab.lab import methods as lab_methods
from snnlab.lab import segmenting as lab
from snnlab.nets.library import about_of
from snnlab.studies.methods import measuring
from tests import small_models

MODELS = {"small": small_models.model(6), "gates": small_models.pooled_model()}
CARDS = {
    "small": {"settings": {"lower_hz": 900.0, "upper_hz": 1000.0}},
    "gates": {"settings": {"method": "data-normalisation"}},
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Small models, two numbers of steps, nothing remembered."""
    monkeypatch.setattr(lab, "model", MODELS.__getitem__)
    monkeypatch.setattr(lab, "about", lambda name: about_of(lab.model(name)))
    monkeypatch.setattr(lab, "cards", lambda: CARDS)
    monkeypatch.setattr(lab_methods, "TIMESTEPS", (4, 12))
    for name in ("_known", "_anns"):
        monkeypatch.setattr(lab_methods, name, OrderedDict())
    for name in ("_results", "_ann"):
        monkeypatch.setattr(lab, name, OrderedDict())


@pytest.fixture
def picture():
    whole = lab.sample(0)
    return Picture(whole.pixels[:32, :48], whole.labels[:32, :48], "crop", 0, 1, "f" * 64)


def entrants(*keys):
    there = {one.key: one for one in lab_methods.entrants()}
    return tuple(there[key] for key in keys) if keys else tuple(there.values())


def test_models_are_those_that_any_method_may_convert():
    assert lab_methods.models() == ("small",)
    keys = [one.key for one in entrants()]
    assert keys[0] == "rate-scaling" and keys[-1] == "data-normalisation@gates"
    assert len(set(keys)) == len(keys)


def test_methods_come_one_by_one_and_are_remembered(picture, monkeypatch):
    chosen, found, told = entrants("ecc", "bistable"), [], []
    first = lab_methods.compare(chosen, picture, lambda *at: told.append(at), None, found.append)
    assert [one.contender for one in first] == list(chosen) == [one.contender for one in found]
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1
    assert {stage for _, stage in told} == {"ecc", "bistable", "done"}
    monkeypatch.setattr(measuring, "measure", None)  # nothing is run again
    again = lab_methods.compare(chosen[::-1], picture)
    assert [one.cells for one in again] == [one.cells for one in first[::-1]]


def test_what_was_done_before_it_was_stopped_is_kept(picture):
    chosen, found = entrants("ecc", "bistable", "rate-scaling"), []
    with pytest.raises(Cancelled):
        lab_methods.compare(chosen, picture, cancel=lambda: len(found) == 1, found=found.append)
    assert [one.contender.key for one in found] == ["ecc"]
    assert lab_methods.remembered(chosen[0], picture) is not None
    assert lab_methods.remembered(chosen[1], picture) is None


def test_other_labels_weights_or_settings_are_other_results(picture, monkeypatch):
    (one,) = entrants("ecc")
    lab_methods.compare((one,), picture)
    bare = Picture(picture.pixels, None, "crop", 0, 1, picture.sha256)
    assert lab_methods.remembered(one, bare) is None
    (other,) = (e for e in lab_methods.entrants(base=one.settings.replace(threshold=0.3))
                if e.key == "ecc")  # fmt: skip
    assert lab_methods.remembered(other, picture) is None
    altered = {"small": small_models.altered(MODELS["small"], "down0")}
    monkeypatch.setattr(lab, "model", altered.__getitem__)
    assert lab_methods.remembered(one, picture) is None


def test_a_method_that_refuses_keeps_no_other_from_being_run(picture):
    (fine, wrong) = entrants("ecc", "bistable")
    wrong = lab_methods.Contender(
        wrong.key, wrong.title, wrong.settings.replace(model="gates"), False, ""
    )
    refused, done = lab_methods.compare((wrong, fine), picture)
    assert refused.cells == () and "max-pooling" in refused.error and len(done.cells) == 2
    assert len(lab_methods.rows((refused, done))) == 2


def test_work_and_energy_are_those_of_the_labs_own_run(picture):
    (one,) = entrants("data-normalisation")
    (made,) = lab_methods.compare((one,), picture)
    for cell in made.cells:
        result = lab.segment(picture, one.settings.replace(timesteps=cell.timesteps))
        work = lab_energy.work_of(result)
        assert cell.work == work
        by_name = {each.device.name: each.joules for each in lab_energy.estimates(work)}
        assert lab_methods.joules(cell) == by_name[lab_methods.CHIP]
        assert lab_methods.joules(cell, "gpu-online") == by_name["gpu-online"]
        assert cell.agreement == result.agreement()


def test_errors_are_shares_of_what_the_ann_says(picture):
    (made,) = lab_methods.compare(entrants("rate-scaling"), picture)
    cell = made.cells[-1]
    plain, shares = (lab_methods.parts(made, cell, relative) for relative in (False, True))
    for name, layer in shares.items():
        for part, value in layer.items():
            assert value * made.activation[name] == pytest.approx(plain[name][part])
    row = lab_methods.rows((made,))[-1]
    mean = np.mean([layer["timing"] for layer in shares.values()])
    assert row["error_timing"] == pytest.approx(mean)


def test_a_table_to_take_away(picture):
    made = lab_methods.compare(entrants("ecc", "bistable"), picture)
    told = list(csv.DictReader(io.StringIO(lab_methods.csv_of(made))))
    assert [row["timesteps"] for row in told] == ["4", "12", "4", "12"]
    assert told[0]["loihi_1"].startswith("no: ") and told[2]["loihi_1"] == "no: spikes with sizes"
    assert {row["loihi_2"] for row in told} == {"possible"}
    for row, cell in zip(told, (cell for one in made for cell in one.cells), strict=True):
        assert int(row["wrong_spikes"]) == cell.wrong_spikes
        assert float(row["v_rand"]) == cell.scores["v_rand"]
        assert row["readout_silent"] == str(cell.silent)


def test_of_a_large_image_the_middle_is_compared(picture, monkeypatch):
    monkeypatch.setattr(lab_methods, "MOST", 16)
    (made,) = lab_methods.compare(entrants("ecc"), picture)
    assert made.ann.shape == (16, 16)


def test_what_is_shipped_is_made_by_the_same(tmp_path, monkeypatch, picture):
    monkeypatch.setattr(lab, "sample", lambda index: picture)
    monkeypatch.setattr(lab_methods, "READY_MADE", tmp_path / "methods.npz")
    monkeypatch.setattr(
        lab_methods, "entrants", lambda: tuple(e for e in entrants_of() if "ecc" in e.key)
    )
    made = lab_methods.make_ready(tmp_path / "methods.npz")
    found, about = lab_methods.ready_made()
    lab_methods.ready_made.cache_clear()
    assert [one.contender for one in found] == [one.contender for one in made]
    assert about["models"] == {"small": MODELS["small"].digest}
    assert not lab_methods.outdated(about)
    assert lab_methods.outdated(about | {"models": {"small": "another"}})
    assert lab_methods.outdated(about | {"models": {"gone": "x"}})


entrants_of = lab_methods.entrants


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no zip", None])
def test_a_damaged_file_is_said_in_a_sentence(damage, tmp_path, monkeypatch):
    if damage is not None:
        (tmp_path / "methods.npz").write_bytes(damage)
    monkeypatch.setattr(lab_methods, "READY_MADE", tmp_path / "methods.npz")
    lab_methods.ready_made.cache_clear()
    with pytest.raises(LabError, match="methods.npz is missing or damaged; get it again"):
        lab_methods.ready_made()


def test_the_shipped_one_is_of_the_default_sample_and_small(monkeypatch):
    monkeypatch.undo()
    lab_methods.ready_made.cache_clear()
    found, about = lab_methods.ready_made()
    assert about["image"] == lab.sample(0).name
    assert about["shape"] == list(lab.sample(0).pixels.shape)
    assert {one.contender.method for one in found} >= {"rate-scaling", "multi-threshold"}
    for one in found:
        assert tuple(cell.timesteps for cell in one.cells) == measuring.TIMESTEPS
        assert not one.error and one.ann.max() <= 15
    assert lab_methods.READY_MADE.stat().st_size < 800_000

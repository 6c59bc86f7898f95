"""``familiarity`` writes into cards, and ``segment`` says what they make of an image."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli
from snnlab.lab import segmenting as lab
from snnlab.nets import familiarity, files
from snnlab.nets import model as models
from tests import small_models


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(familiarity, "WINDOW", 32)
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    old = replace(small_models.model(), name="small", card={"summary": "a net", "range": None})
    models.save(old, tmp_path / "models")
    images = np.stack([small_models.image(64, seed=seed) for seed in range(4)])
    grey = np.rint(255 * images).astype("u1")
    tifffile.imwrite(tmp_path / "em.tif", grey, photometric="minisblack")
    strange = np.random.default_rng(0).integers(0, 256, (64, 64)).astype("u1")
    tifffile.imwrite(tmp_path / "noise.tif", strange)
    return tmp_path


def run(capsys, *words: str) -> dict:
    assert cli.main([*words, "--json", "--quiet"]) == 0
    return json.loads(capsys.readouterr().out)


def segment(capsys, image) -> dict:
    return run(capsys, "segment", str(image), "--model", "small", "--timesteps", "4")


def test_a_card_gets_to_know_a_stack(folder, capsys):
    before = segment(capsys, folder / "noise.tif")
    assert before["familiarity"] == {"word": "not known", "value": None}
    lab.forget_all()  # the same weights will say something else of it
    weights = (folder / "models" / "small.npz").read_bytes()
    (found,) = run(
        capsys, "familiarity", "--folder", str(folder / "models"), "--images",
        str(folder / "em.tif"),
    )["known"]  # fmt: skip
    assert (found["model"], found["of"]) == ("small", "em.tif")
    assert found["held_against"] == "each other" and found["windows"] == 4 * 4 * 4
    assert (folder / "models" / "small.npz").read_bytes() == weights
    known, strange = (segment(capsys, folder / name) for name in ("em.tif", "noise.tif"))
    assert known["familiarity"]["word"] == "familiar" and known["familiarity"]["value"] < 1
    found = strange["familiarity"]
    assert found["value"] > 1 and found["word"] in ("unusual", "foreign")
    assert any(found["word"].capitalize() in note for note in strange["notes"])
    card = json.loads((folder / "models" / "small.json").read_text())
    assert card["summary"] == "a net"
    # and a file to take away has it too
    kept = files.unpack(files.pack(replace(small_models.model(), card=card)), "x").card
    assert kept["familiarity"] == card["familiarity"]


def test_too_little_is_said(folder, capsys):
    tifffile.imwrite(folder / "flat.tif", np.full((3, 64, 64), 9, "u1"), photometric="minisblack")
    words = ["familiarity", "--folder", str(folder / "models"), "--images"]
    assert cli.main([*words, str(folder / "flat.tif"), "--quiet"]) == 2
    assert "too little" in capsys.readouterr().err
    assert cli.main(["familiarity", "--folder", str(folder)]) == 2
    assert "no models" in capsys.readouterr().err


@pytest.mark.parametrize(
    "changed",
    [
        {"windows": -1},
        {"distances": {"95": 1.0}},
        {"distances": dict.fromkeys(("50", "90", "95", "99", "100"), 0.0)},
        {"mean": {"down1": [1.0, float("inf")]}},
        {"spread": [1.0]},
        {"of": 3},
    ],
)
def test_a_card_with_nonsense_is_refused(folder, capsys, changed):
    run(capsys, "familiarity", "--folder", str(folder / "models"), "--images",
        str(folder / "em.tif"))  # fmt: skip
    card = json.loads((folder / "models" / "small.json").read_text())
    assert "familiarity" in files.card_of(card)
    card["familiarity"] |= changed
    with pytest.raises(files.Damaged, match="familiarity"):
        files.card_of(card)

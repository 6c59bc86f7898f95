"""``finetune``: its contract."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli, finetune
from snnlab.lab import segmenting as lab
from snnlab.lab.finetuning import Wish


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    return tmp_path


def run(capsys, *words):
    code = cli.main(["finetune", *map(str, words)])
    return code, *capsys.readouterr()


def test_what_the_readme_shows_can_be_asked_for():
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"python -m snnlab (finetune [^#\n]*)", text)
    assert lines
    for line in lines:
        asked = finetune.wish_of(cli.parser().parse_args(line.split()))
        assert lab.model(asked.model).name == asked.model


def test_own_sections_make_a_model_that_is_in_the_lists(capsys, folder):
    whole = lab.sample(0)
    tifffile.imwrite(folder / "em.tif", np.rint(whole.pixels * 255).astype("u1"))
    tifffile.imwrite(folder / "truth.tif", whole.labels.astype("u1") * 255)
    words = ("--model", "relu", "--range", 200, 400, "--steps", 2, "--name", "mine",
             "--images", folder / "em.tif", "--labels", folder / "truth.tif")  # fmt: skip
    code, out, err = run(capsys, *words, "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert answer["model"] == "mine" and set(answer) >= {"minutes", "ann", "snn", "in_range"}
    assert "pixel accuracy" in err and "Traceback" not in err
    assert "labelled pixels are not many" in err  # what is doubtful about the sections
    assert (folder / "models" / "mine.npz").exists()
    assert "mine" in [name for name, _, _ in lab.models_listed()]
    assert lab.defaults("mine").upper_hz == 400
    assert 0 <= answer["in_range"]["section"] <= 1
    text = finetune.show(answer)
    # 48 rows are held out, too few for a tile
    assert "neurons in band, what was trained on, neuron by neuron: " in text
    assert "ANN: pixel_accuracy" in text and (answer["warning"] or answer["verdict"]) in text
    # the same words again: known already
    code, out, err = run(capsys, *words, "--json", "--quiet")
    assert (code, err) == (0, "") and json.loads(out)["ann"] == answer["ann"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--range", "9", "3"), "lower"),
        (("--layer", "down1", "a", "3"), "--layer takes"),
        (("--images", "x.tif"), "x.tif cannot be read"),
        (("--name", "Not A Name", "--steps", "1"), "small letters"),
        (("--model", "ghost"), "no model"),
        (("--curve", "tanh"), "no rate curve"),
        (("--data", "x", "--images", "y", "--labels", "z"), "not both"),
        (("--images", "ghost.tif", "--labels", "ghost.tif"), "ghost.tif"),
    ],
)
def test_a_mistake_is_one_line(words, said, capsys):
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("snnlab: error: ") and said in err and err.count("\n") == 1


def test_arguments_become_the_wish():
    parsed = cli.parser().parse_args(
        ["finetune", "--model", "relu", "--range", "50", "90", "--layer", "down1", "20", "40",
         "--weight", "2", "--curve", "loihi", "--bits", "6", "--seed", "5", "--minutes", "3"]
    )  # fmt: skip
    assert finetune.wish_of(parsed) == Wish(
        "relu", 99.9, 50, 90, (("down1", 20, 40),), 2, "loihi", 6, 5, 3
    )

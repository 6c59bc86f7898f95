"""``detect`` and ``train --kind detector``, each from one end to the other."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli
from snnlab.data import epfl
from snnlab.lab import detecting
from snnlab.nets.detector import model
from snnlab.training.detector import making
from snnlab.training.detector.crops import Drawing
from snnlab.training.detector.recipe import Recipe
from tests import small_detector


def run(capsys, *words):
    code = cli.main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def image(tmp_path, monkeypatch):
    net = small_detector.detector()
    monkeypatch.setattr(detecting, "detector", lambda name: net)
    stack = np.stack([small_detector.image(64, 96, seed) for seed in range(2)])
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, (255 * stack).astype(np.uint8), photometric="minisblack")
    return path


def test_counts_of_all_sections_are_those_of_each(image, tmp_path, capsys):
    boxes, out_file = tmp_path / "boxes.json", tmp_path / "all.json"
    entries = [{"image_id": at, "bbox": [10, 10, 30, 25 + at]} for at in (0, 1, 1)]
    boxes.write_text(json.dumps({"annotations": entries}))
    common = ("--nm", 5, "--timesteps", 20, "--score", 0.3, "--json", "--quiet")
    code, out, _ = run(
        capsys, "detect", image, "--sections", "all", "--boxes", boxes, "--out", out_file, *common
    )
    assert code == 0
    rows = json.loads(out)["rows"]
    assert [row["there"] for row in rows] == [1, 2]
    for row in rows:
        _, out, _ = run(capsys, "detect", image, "--section", row["section"], *common)
        alone = json.loads(out)
        assert row["ann"] == len(alone["ann"]["boxes"]) and row["snn"] == len(alone["snn"]["boxes"])
        # and what each costs is said, by machines that run the one or the other
        for one in alone["energy"]:
            assert 0 < one["low"] <= one["joules_per_image"] <= one["high"]
        assert {one["network"] for one in alone["energy"]} == {"ANN", "SNN"}
    written = json.loads(out_file.read_text())
    assert len(written["annotations"]) == sum(row["snn"] for row in rows) > 0
    assert [one["section"] for one in written["images"]] == [0, 1]


def test_a_tile_is_laid_out_over_cores(image, capsys):
    code, out, _ = run(
        capsys, "detect", image, "--nm", 5, "--timesteps", 8, "--tile", 64, "--json", "--quiet"
    )
    assert code == 0
    told = json.loads(out)["chips"]
    shapes = small_detector.detector().graph(64, 64).shapes
    neurons = {step.name: int(np.prod(shapes[step.name])) for step in small_detector.PLAN.steps()
               if step.neurons}  # fmt: skip
    assert told["tile"] == [0, 16, 64, 64]
    assert told["neurons"] == sum(neurons.values()) - neurons["down1"]  # the host's
    assert [row["partitioner"] for row in told["rows"]] == ["greedy", "greedy-interchip",
                                                            "co-design"]  # fmt: skip
    for row in told["rows"]:
        assert row["cores"] >= told["neurons"] / 1024 and row["chips"] >= 1


def test_boxes_as_the_contract_has_them(image, tmp_path, capsys):
    boxes = tmp_path / "boxes.json"
    entries = [{"image_id": at, "bbox": [10, 10, 30, 25 + at]} for at in range(2)]
    boxes.write_text(json.dumps({"annotations": entries}))
    code, out, err = run(
        capsys, "detect", image, "--section", 1, "--nm", 5, "--boxes", boxes, "--timesteps", 20,
        "--score", 0.3, "--json", "--quiet",
    )  # fmt: skip
    assert code == 0 and not err
    told = json.loads(out)
    assert told["image"] | {"path": ""} == {
        "path": "", "section": 1, "sections": 2, "shape": [64, 96],
    }  # fmt: skip
    assert told["snn"]["timesteps"] == 20 and told["snn"]["spikes"] > 0
    for key in ("ann", "snn"):
        part = told[key]
        assert 0 <= part["average_precision_50"] <= 1 and part["count_in_boxes"] == 1
        assert part["boxes"]
        scores = [box["score"] for box in part["boxes"]]
        assert scores == sorted(scores, reverse=True) and min(scores) >= 0.3
        for box in part["boxes"]:
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 96
            assert 0 <= box["y"] <= box["y"] + box["height"] <= 64
    assert all(box["step"] is None for box in told["ann"]["boxes"])
    assert all(1 <= box["step"] <= 20 for box in told["snn"]["boxes"])


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_boxes_that_were_written_can_be_given_back(image, tmp_path, capsys, ending):
    file = tmp_path / f"boxes.{ending}"
    words = ["detect", image, "--section", 1, "--nm", 5, "--timesteps", 12, "--json", "--quiet"]
    code, out, _ = run(capsys, *words, "--out", file)
    assert code == 0
    listed = json.loads(out)["snn"]["boxes"]
    code, out, _ = run(capsys, *words, "--boxes", file)
    again = json.loads(out)["snn"]
    assert again["count_in_boxes"] == len(listed) > 0
    assert again["precision"] == again["recall"] == 1


def test_without_boxes_nothing_is_scored_and_a_person_can_read_it(image, capsys):
    code, out, err = run(capsys, "detect", image, "--timesteps", 8, "--quiet")
    assert code == 0 and "size of the pixels is not known" in err
    assert "AP50" not in out and "8 steps" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--boxes", "B"], "row 1 of b.csv is -3 wide"),
        (["--nm", "wide"], "--nm takes the width"),
        (["--nm", "5", "--as-is"], "give one of them"),
        (["--section", "2"], "section 2 does not exist"),
        (["--method", "qcfs"], "invalid choice"),
        (["--timesteps", "0"], "timesteps"),
        (["--out", "boxes.txt"], "--out takes a file that ends in .csv or .json"),
    ],
)
def test_mistakes_are_one_sentence(image, tmp_path, capsys, words, said):
    bad = tmp_path / "b.csv"
    bad.write_text("x,y,width,height\n1,2,-3,4\n")
    words = [bad if word == "B" else word for word in words]
    code, out, err = run(capsys, "detect", image, *words, "--quiet", "--json")
    assert (code, out) == (2, "")
    assert said in err and err.count("\n") == 1 and err.startswith("snnlab: error: ")


def test_a_detector_that_is_none_is_said(tmp_path, capsys):
    code, _, err = run(capsys, "detect", tmp_path / "x.tif", "--model", "absent", "--json")
    assert code == 2 and "there is no detector 'absent'" in err


def test_a_detectors_file_may_be_named(tmp_path, capsys):
    path = model.save(replace(small_detector.detector(), name="mine"), tmp_path)
    image = tmp_path / "one.tif"
    tifffile.imwrite(image, (255 * small_detector.image()).astype(np.uint8))
    code, out, _ = run(
        capsys, "detect", image, "--model", path, "--timesteps", 4, "--quiet", "--json"
    )
    assert code == 0 and json.loads(out)["settings"]["model"] == "mine"
    absent = tmp_path / "other.detector.npz"
    code, _, err = run(capsys, "detect", image, "--model", absent, "--quiet", "--json")
    assert code == 2 and "there is no detector 'other'; choose one of mine" in err


def test_training_by_command_writes_weights_and_a_card(tmp_path, monkeypatch, capsys):
    numbers = (0, 9, 134, 161)
    images = np.stack([small_detector.image(96, 128, seed) for seed in range(4)])
    folder = tmp_path / "epfl"
    folder.mkdir()
    for name, values in (
        (epfl.IMAGES, images * 255),
        (epfl.MEMBRANES, np.where(images > 0.2, 255, 0)),
        (epfl.MITOCHONDRIA, np.where(images > 0.5, 255, 0)),
    ):
        tifffile.imwrite(folder / name, values.astype(np.uint8), photometric="minisblack")
    told = "".join(f"training{number:04d}.png\n" for number in numbers)
    (folder / epfl.SLICES).write_text(told)
    small = Recipe(small_detector.PLAN, Drawing(side=64), batch=1, validate_every=0.5)
    monkeypatch.setattr(
        "snnlab.training.detector.recipe.Recipe", lambda **given: small if not given else
        Recipe(small.plan, small.drawing, 1, validate_every=0.5, **given),
    )  # fmt: skip
    code, out, _ = run(
        capsys, "train", "--kind", "detector", "--epfl", folder, "--steps", 4, "--out",
        tmp_path / "out", "--json", "--quiet",
    )  # fmt: skip
    assert code == 0
    answer = json.loads(out)
    assert answer["kind"] == "detector" and answer["snn"]["timesteps"] == 64
    assert all(0 <= answer[key]["average_precision_50"] <= 1 for key in ("ann", "snn"))
    assert 0 <= answer["in_range"] <= 1
    found = model.load(making.NAME, tmp_path / "out")
    assert found.card["data"] == "EPFL slices 0..127"
    assert found.card["command"] == "python -m snnlab train --kind detector --steps 4"
    assert found.card["weights"] == found.weights and found.active
    assert (tmp_path / "out" / "detector" / "checkpoint.npz").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--range", "50", "100"], "--range does not go with --kind detector"),
        (["--minutes", "0"], "budget must be above 0"),
        (["--epfl", "/nowhere"], "cannot be read"),
    ],
)
def test_mistakes_in_training_are_said_first(tmp_path, capsys, words, said):
    out = tmp_path / "out"
    code, _, err = run(capsys, "train", "--kind", "detector", "--out", out, *words, "--quiet")
    assert code == 2 and said in err and err.count("\n") == 1

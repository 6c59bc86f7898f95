"""Own sections on the command line."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from snnlab.commands import cli, own_sections, train
from snnlab.data.synthetic import synthetic
from snnlab.nets import model
from snnlab.training import recipes
from tests.data.test_own import sections
from tests.training.own import tiny


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(recipes, "PLANS", tiny.PLANS)
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    grey, labels = sections(1, (400, 160))
    for name, array in (("em", grey[0]), ("truth", labels[0])):
        tifffile.imwrite(tmp_path / f"{name}.tif", array, photometric="minisblack")
        (tmp_path / name).mkdir()
        Image.fromarray(array).save(tmp_path / name / "0.png")
    return tmp_path


def run(capsys, *words):
    code = cli.main(["train", "--model", "relu", *map(str, words), "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if code == 0 else None, captured.err


def test_a_model_of_own_sections_is_in_the_labs_lists(files, capsys):
    named = ("--images", files / "em.tif", "--labels", files / "truth.tif", "--steps", 8)
    code, answer, told = run(capsys, *named)
    assert code == 0 and answer["model"] == "own-relu"
    assert "not many for 257 thousand weights" in told and "measured on this data" in told
    assert told.index("measured on this data") < told.index("V_Rand")
    made = model.load("own-relu", files / "models")
    assert made.card["scores"]["ann"] == answer["ann"]
    # eight steps teach next to nothing, and whoever reads the answer or the lists is told
    assert "calling every pixel cell" in answer["warning"]
    assert f"WARNING: {answer['warning']}" in train.show(answer)
    assert made.card["summary"].startswith("Not usable yet.")
    assert str(files) not in json.dumps(made.card)  # no paths
    assert "--images em.tif" in made.card["command"]
    # what it went on from is gone, or a second training could not begin
    assert [path.name for path in (files / "models").iterdir() if path.is_dir()] == []

    from snnlab.lab import segmenting as lab

    assert lab.model("own-relu").digest == made.digest
    assert "own-relu" in [name for name, _, _ in lab.models_listed()]


def test_the_estimate_alone(files, capsys):
    code, answer, _ = run(
        capsys, "--images", files / "em", "--labels", files / "truth", "--estimate", "--steps", 8
    )
    assert code == 0
    (stage,) = answer["estimate"]["stages"]
    assert stage["steps"] == 8 and stage["validations"] == 4
    expected = 8 * stage["seconds_a_step"] + 4 * stage["seconds_a_validation"]
    assert answer["estimate"]["seconds"] == pytest.approx(expected)
    assert answer["told"].startswith("About ") and "held out" in answer["split"]


def test_a_folder_is_its_images_by_name(files):
    (files / "em" / "notes.txt").write_text("no image")
    (files / "em" / "10.tif").touch()
    found = own_sections.files([str(files / "em"), str(files / "em.tif")])
    (files / "em" / "9.tif").touch()
    (files / "em" / "folder.tif").mkdir()  # no image
    for name in ("20.st", "21.zip", "22.nii.gz"):
        (files / "em" / name).touch()
    (files / "em" / "23.ome.zarr").mkdir()
    more = own_sections.files([str(files / "em")])
    assert [path.rsplit("/", 1)[1] for path in found] == ["0.png", "10.tif", "em.tif"]
    assert [path.rsplit("/", 1)[1] for path in more] == [
        *("0.png", "9.tif", "10.tif", "20.st", "21.zip", "22.nii.gz", "23.ome.zarr"),
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("each image needs its own",
         ["--images", "em.tif", "truth.tif", "--labels", "em.tif"]),
        ("each image needs its own labels", ["--images", "em.tif"]),
        ("holds no image that the lab can read", ["--images", "models-not", "--labels", "em.tif"]),
        ("there is no recipe for 'phantom'",
         ["--images", "em.tif", "--labels", "truth.tif", "--model", "phantom"]),
    ],
)  # fmt: skip
def test_refusals(files, capsys, monkeypatch, said, words):
    monkeypatch.chdir(files)
    (files / "models-not").mkdir()
    code, _, told = run(capsys, *words)
    assert code == 2 and said in told and told.count("\n") <= 2


def test_files_are_paired_by_number_and_shown_before_training(files, capsys):
    grey, truth = files / "images", files / "labels"
    for folder in (grey, truth):
        folder.mkdir()
    for number in (1, 2, 10, 11, 12):
        made = synthetic((112, 112), number)
        Image.fromarray(np.rint(made.image * 255).astype("u1")).save(grey / f"s{number}.png")
        Image.fromarray(made.labels.astype("u1") * 255).save(truth / f"s{number:02}.png")
    code, answer, told = run(
        capsys, "--images", grey, "--labels", truth, "--steps", "8", "--estimate"
    )
    assert code == 0
    numbers = (1, 2, 10, 11, 12)
    assert answer["pairs"] == [[f"s{n}.png", f"s{n:02}.png"] for n in numbers]
    assert "paired by the numbers in their names" in told and "  s2.png with s02.png" in told
    assert not any("order" in note for note in answer["notes"])


def test_a_file_with_channels_asks_which_are_the_images_and_which_the_labels(files, capsys):
    grey, labels = sections(5, (176, 160))
    both = np.stack([grey, labels], axis=1)
    tifffile.imwrite(files / "both.tif", both, imagej=True, metadata={"axes": "ZCYX"})
    named = ("--images", files / "both.tif", "--labels", files / "both.tif", "--steps", 8)
    code, _, told = run(capsys, *named)
    assert code == 2 and "choose one with --channel 0 to 1" in told
    code, _, told = run(capsys, *named, "--channel", 0)
    assert code == 2 and "choose one with --labels-channel 0 to 1" in told
    code, answer, _ = run(capsys, *named, "--channel", 0, "--labels-channel", 1)
    assert code == 0
    card = model.load(answer["model"], files / "models").card
    assert "--channel 0 --labels-channel 1" in card["command"]
    assert "4 sections" in card["data"]
    code, _, told = run(capsys, "--channel", 0)
    assert code == 2 and "--channel goes with --images" in told

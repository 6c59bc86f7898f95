"""``segment`` with three classes: numbers, files, and what is refused in a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from scipy import ndimage
from scipy.spatial import distance

from snnlab.commands import cli
from snnlab.lab import classes as lab_classes
from snnlab.lab import segmenting as lab
from snnlab.lab.classes import CLASSES

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "assets" / "samples" / "1-synthetic-256.png"
LABELS = ROOT / "assets" / "samples" / "1-synthetic-256-labels.png"


def run(capsys, *words) -> tuple[int, str, str]:
    code = cli.main(["segment", *map(str, words), "--quiet"])
    out, err = capsys.readouterr()
    return code, out, err


def mask(place: Path, values) -> Path:
    Image.fromarray(np.asarray(values).astype(np.uint8) * 255).save(place)
    return place


@pytest.fixture(scope="module")
def result():
    """A run in which the ANN calls something a mitochondrion."""
    settings = lab.defaults("organelles").replace(timesteps=24)
    return lab.segment(lab.upload(SAMPLE.read_bytes(), SAMPLE.name), settings)


@pytest.fixture
def truth():
    """Labels of mitochondria, right or not."""
    there = np.zeros((256, 256), bool)
    there[30:80, 40:100], there[150:190, 150:180] = True, True
    return there


def test_figures_of_each_class_and_maps(capsys, tmp_path, truth):
    out = tmp_path / "out"
    code, told, err = run(
        capsys, SAMPLE, "--model", "organelles", "--timesteps", 24, "--labels", LABELS,
        "--mitochondria", mask(tmp_path / "m.png", truth), "--out", out, "--json",
    )  # fmt: skip
    assert code == 0, err
    answer = json.loads(told)["classes"]
    assert tuple(answer["names"]) == CLASSES
    maps = {one: tifffile.imread(out / f"{one}-classes.tif") for one in ("ann", "snn")}
    cells = np.asarray(Image.open(LABELS)) > 0
    labelled = np.where(truth, 2, np.where(cells, 1, 0))
    for network, found in maps.items():
        assert found.dtype == np.uint8 and found.shape == (256, 256)
        part = answer[network]
        for kind, name in enumerate(CLASSES):
            assert part["shares"][name] == pytest.approx(np.mean(found == kind))
            masks = (found == kind).ravel(), (labelled == kind).ravel()
            assert part["with_labels"][name]["dice"] == pytest.approx(1 - distance.dice(*masks))
            assert part["with_labels"][name]["iou"] == pytest.approx(1 - distance.jaccard(*masks))
        assert set(part["boxes"]) == {"average_precision_50", "average_precision_75"}
        pieces, count = ndimage.label(found == 2, np.ones((3, 3)))
        sizes = [one for one in np.bincount(pieces.ravel())[1:] if one >= 50]
        assert count >= part["mitochondria"]["count"] == len(sizes)
        (unit,) = {key for key in part["mitochondria"] if key.startswith("areas_")}
        scale = {"areas_px2": 1, "areas_nm2": 16}[unit]
        assert sorted(part["mitochondria"][unit]) == pytest.approx(sorted(s * scale for s in sizes))
    for kind, name in enumerate(CLASSES):
        both = [(one == kind).ravel() for one in maps.values()]
        dice = answer["snn"]["with_ann"][name]["dice"]
        assert dice is None if not np.any(both) else dice == pytest.approx(1 - distance.dice(*both))
    # the membrane of the other outputs is that of the classes
    assert np.abs(tifffile.imread(out / "ann.tif")[maps["ann"] == 0]).max() < 0.67


def test_labels_of_cells_alone_tell_membrane(capsys):
    _, told, _ = run(
        capsys, SAMPLE, "--model", "organelles", "--timesteps", 8, "--labels", LABELS, "--json"
    )
    answer = json.loads(told)["classes"]
    assert list(answer["ann"]["with_labels"]) == ["membrane"] and "boxes" not in answer["ann"]


def test_other_models_have_none(capsys, tmp_path):
    _, told, _ = run(capsys, SAMPLE, "--timesteps", 8, "--out", tmp_path, "--json")
    assert json.loads(told)["classes"] is None
    assert not list(tmp_path.glob("*-classes.tif"))


def test_a_person_reads_them_too(capsys):
    code, told, _ = run(capsys, SAMPLE, "--model", "organelles", "--timesteps", 8)
    assert code == 0
    assert "ANN: membrane " in told and "SNN, Dice with the ANN: membrane 0." in told


@pytest.mark.parametrize(
    ("values", "words", "said"),
    [
        (np.zeros((40, 50)), ["--model", "organelles"], "give mitochondria of the same size"),
        (np.ones((256, 256)), ["--model", "organelles"], "every pixel a mitochondrion"),
        (np.zeros((256, 256)), [], "choose --model organelles"),
        (np.zeros((256, 256)), ["--model", "organelles", "--simulator", "closed-form"],
         "a simulator other than closed-form"),
        (np.zeros((256, 256)), ["--model", "rbf:none.rbf.npz"], "a model of three classes"),
    ],
)  # fmt: skip
def test_labels_that_say_nothing_are_refused(capsys, tmp_path, values, words, said):
    given = mask(tmp_path / "m.png", values)
    code, out, err = run(capsys, SAMPLE, "--mitochondria", given, *words)
    assert code == 2 and out == "" and said in err
    assert err.startswith("snnlab: error: ") and err.count("\n") == 1


def test_a_run_without_times_has_no_classes_of_the_snn(result):
    assert result.by_class
    untimed = lab.segment(
        result.picture, result.settings.replace(simulator="closed-form", timesteps=8)
    )
    assert not untimed.by_class and lab_classes.found(untimed) is None


def test_each_moment_has_its_classes(result):
    steps = (1, 8, 24)
    for step, kinds in zip(steps, result.classes_over_time(steps), strict=True):
        np.testing.assert_array_equal(kinds, result.snn_classes(step).argmax(-1))
    cell = 1 - result.snn_classes()[..., 0]
    np.testing.assert_allclose(cell, result.snn(), atol=1e-5)

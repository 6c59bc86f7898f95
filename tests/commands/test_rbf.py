"""``train --kind rbf`` and ``segment --model rbf:FILE``: their contracts, and the lab's numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli, segment, train
from snnlab.lab import rbf as lab
from snnlab.lab import segmenting
from snnlab.nets import rbf_files

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "assets" / "samples" / "1-synthetic-256.png"
LABELS = ROOT / "assets" / "samples" / "1-synthetic-256-labels.png"
OWN = ("--images", SAMPLE, "--labels", LABELS)


def run(capsys, *words):
    code = cli.main([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if code == 0 else None, err


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A network trained on the sample; the answer and what was told."""
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    out, err = StringIO(), StringIO()
    folder = tmp_path_factory.mktemp("rbf")
    words = ["train", "--kind", "rbf", *map(str, OWN), "--units", "60", "--out", str(folder)]
    with redirect_stdout(out), redirect_stderr(err):
        assert cli.main([*words, "--json"]) == 0
    return json.loads(out.getvalue()), err.getvalue()


def test_train_answers_and_writes_one_file(made):
    answer, told = made
    path = Path(answer["file"])
    assert path.name == "own-rbf.rbf.npz" and [one.name for one in path.parent.iterdir()] == [
        path.name
    ]
    model = rbf_files.load(path)
    assert (answer["kind"], answer["units"], model.units) == ("rbf", 60, 60)
    assert (answer["mixture"]["a1"], answer["mixture"]["a2"]) == model.mixture
    assert 0 <= answer["mixture"]["euclid"] <= 1
    # what has no meaning is null, and it is said
    assert answer["snn"] is None and answer["in_range"] is None
    assert any("does not spike" in note for note in answer["notes"])
    assert "the lowest 20 % of the rows held out" in answer["sections"]
    assert answer["ann"]["pixel_accuracy"] > 0.8 and answer["ann"] == model.card["scores"]["ann"]
    assert str(SAMPLE.parent) not in json.dumps(model.card)


def test_the_mixture_is_shown_while_it_trains(made):
    lines = [line for line in made[1].splitlines() if "from the Euclidean kernel" in line]
    assert len(lines) >= 10 and lines[0] != lines[-1]
    assert "a1 " in lines[-1] and "a2 " in lines[-1]


def test_segment_gives_the_numbers_of_the_lab(capsys, made, tmp_path):
    name = f"rbf:{made[0]['file']}"
    words = ("segment", SAMPLE, "--labels", LABELS, "--model", name, "--out", tmp_path, "--quiet")
    code, answer, err = run(capsys, *words)
    assert code == 0
    picture = segmenting.upload(SAMPLE, SAMPLE.name, 0, LABELS, LABELS.name)
    found = lab.segment(picture, lab.load(name))
    for key in ("pixel_accuracy", "dice", "iou", "v_rand", "v_info"):
        assert answer["ann"][key] == pytest.approx(getattr(found.scores, key), abs=1e-12)
    assert answer["image"]["shape"] == [256, 256] and answer["image"]["sections"] == 1
    assert answer["settings"] == {"model": name, "threshold": 0.5}
    assert (answer["snn"], answer["layers"]) == (None, [])
    assert any("does not spike" in note for note in answer["notes"]) and "does not spike" in err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ann-mask.png", "ann.tif"]
    np.testing.assert_allclose(tifffile.imread(tmp_path / "ann.tif"), found.probability, atol=1e-6)
    assert "phi = " in segment.show(answer) and "pixel_accuracy" in segment.show(answer)


def test_a_threshold_moves_what_it_moves(capsys, made, tmp_path):
    name = f"rbf:{made[0]['file']}"
    words = ("segment", SAMPLE, "--labels", LABELS, "--model", name)
    _, low, _ = run(capsys, *words)
    _, high, _ = run(capsys, *words, "--threshold", 0.9)
    assert high["settings"]["threshold"] == 0.9
    assert high["ann"]["pixel_accuracy"] != low["ann"]["pixel_accuracy"]
    assert high["ann"]["v_rand"] == low["ann"]["v_rand"]  # the best over thresholds


def test_without_labels_there_are_no_scores(capsys, made):
    _, answer, _ = run(capsys, "segment", SAMPLE, "--model", f"rbf:{made[0]['file']}")
    assert set(answer["ann"]) == {"seconds"}


def test_scribbles_are_trained_on_as_a_whole(capsys, tmp_path):
    truth = segmenting.upload(SAMPLE, SAMPLE.name, 0, LABELS, LABELS.name).labels
    scribbles = np.full(truth.shape, 255, np.uint8)
    random = np.random.default_rng(0)
    chosen = random.choice(truth.size, 400, replace=False)
    scribbles.flat[chosen] = truth.flat[chosen]
    tifffile.imwrite(tmp_path / "scribbles.tif", scribbles)
    words = ("--images", SAMPLE, "--labels", tmp_path / "scribbles.tif", "--ignore", 255)
    code, answer, _ = run(
        capsys, "train", "--kind", "rbf", *words, "--out", tmp_path, "--name", "few"
    )
    assert code == 0 and answer["labelled_pixels"] == 400
    assert answer["ann"] is None and any("nothing left to score" in one for one in answer["notes"])
    assert "few, 200 units" in train.show(answer)
    name = f"rbf:{tmp_path / 'few.rbf.npz'}"
    _, scored, _ = run(capsys, "segment", SAMPLE, "--labels", LABELS, "--model", name)
    assert scored["ann"]["pixel_accuracy"] > max(truth.mean(), 1 - truth.mean()) + 0.03


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--minutes", 2), "--minutes goes with --kind unet"),
        (("--range", 75, 150), "--range goes with --kind unet"),
        (("--models", "relu"), "--models goes with --kind unet"),
        (("--estimate",), "--estimate goes with --kind unet"),
        (("--units", 1), "--units takes a whole number from 2"),
        (("--units", 9999), "--units takes a whole number from 2"),
        (("--name", "No Name"), "a model's name has"),
    ],
)
def test_mistakes_of_train(capsys, tmp_path, words, says):
    code, _, err = run(capsys, "train", "--kind", "rbf", *OWN, "--out", tmp_path, *words)
    assert code == 2 and says in err and len(err.strip().splitlines()) == 1


def test_units_are_of_an_rbf_network(capsys, tmp_path):
    code, _, err = run(capsys, "train", *OWN, "--units", 30, "--out", tmp_path)
    assert code == 2 and "--units goes with --kind rbf" in err


def test_no_data_is_said(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    code, _, err = run(capsys, "train", "--kind", "rbf", "--out", tmp_path)
    assert code == 2 and "--data" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--timesteps", 8), "--timesteps is for a spiking network"),
        (("--method", "ecc"), "--method is for a spiking network"),
        (("--threshold", 2), "threshold must be a number from 0 to 1"),
    ],
)
def test_mistakes_of_segment(capsys, made, words, says):
    code, _, err = run(capsys, "segment", SAMPLE, "--model", f"rbf:{made[0]['file']}", *words)
    assert code == 2 and says in err and len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("what", ["absent.rbf.npz", "", str(SAMPLE)])
def test_a_file_that_is_none(capsys, what):
    code, _, err = run(capsys, "segment", SAMPLE, "--model", f"rbf:{what}")
    assert code == 2 and err.startswith("snnlab: error: ") and len(err.strip().splitlines()) == 1


def test_isbis_blocks_are_kept_apart(capsys, tmp_path, monkeypatch):
    from snnlab.data.synthetic import synthetic
    from snnlab.images.contrast import normalise
    from snnlab.training import recipes

    asked = []

    def real(folder, sections):
        asked.append(sections)
        made = [synthetic(96, seed) for seed in sections]
        return (
            np.stack([normalise(one.image) for one in made]),
            np.stack([one.labels for one in made]),
        )

    monkeypatch.setattr(recipes, "real", real)
    code, answer, _ = run(
        capsys, "train", "--kind", "rbf", "--units", 30, "--out", tmp_path, "--quiet"
    )
    assert code == 0 and asked == [range(15), range(15, 18), range(18, 24)]
    assert answer["sections"] == "ISBI 2012 sections 18..23"
    model = rbf_files.load(tmp_path / "rbf.rbf.npz")
    assert model.card["data"] == "ISBI 2012 sections 0..14"
    assert model.card["chosen_on"] == "ISBI 2012 sections 15..17"
    assert lab.threshold_of(model) in [step / 10 for step in range(11)]

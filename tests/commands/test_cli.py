"""The command line: its contract, and the same numbers as the pages."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli, images, lists
from snnlab.data import seen
from snnlab.lab import segmenting as lab
from snnlab.results.segmentation import Segmentation
from snnlab.settings import DEFAULT_MODEL

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "assets" / "samples" / "1-synthetic-256.png"
LABELS = ROOT / "assets" / "samples" / "1-synthetic-256-labels.png"


def run(capsys, *words) -> tuple[int, str, str]:
    code = cli.main([*map(str, words), "--quiet"])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def result() -> Segmentation:
    settings = lab.defaults(DEFAULT_MODEL).replace(timesteps=16)
    picture = lab.upload(SAMPLE.read_bytes(), SAMPLE.name, 0, LABELS.read_bytes(), LABELS.name)
    return lab.segment(picture, settings)


def test_segment_gives_the_numbers_of_the_lab(capsys, result, tmp_path):
    code, out, err = run(
        capsys,
        "segment",
        SAMPLE,
        "--labels",
        LABELS,
        "--timesteps",
        16,
        "--out",
        tmp_path,
        "--json",
    )
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert answer["image"]["shape"] == [256, 256]
    assert answer["snn"]["spikes"] == result.spikes == sum(x["spikes"] for x in answer["layers"])
    assert answer["snn"]["synaptic_events"] == result.synaptic_events
    for key in ("pixel_accuracy", "dice", "iou", "v_rand", "v_info"):
        assert answer["ann"][key] == pytest.approx(getattr(result.ann_scores, key), abs=1e-12)
        assert answer["snn"][key] == pytest.approx(getattr(result.snn_scores, key), abs=1e-12)
    stored = lab.upload((tmp_path / "snn.tif").read_bytes(), "snn.tif").pixels
    np.testing.assert_allclose(stored, result.snn(), atol=1e-6)
    mask = lab.upload((tmp_path / "ann-mask.png").read_bytes(), "ann-mask.png").pixels
    np.testing.assert_array_equal(mask > 0.5, result.ann >= result.settings.ann_at)


def test_scores_of_what_a_model_was_trained_on_are_called_flattering(capsys, result, monkeypatch):
    trained = seen.Section(seen.mark(result.picture.sha256), 0)
    card = lab.about(DEFAULT_MODEL).card
    monkeypatch.setitem(card, seen.OWN, seen.on_card([trained]))
    asked = "segment", SAMPLE, "--timesteps", 16, "--json"
    _, out, _ = run(capsys, *asked, "--labels", LABELS)
    (said,) = [note for note in json.loads(out)["notes"] if "flattering" in note]
    assert said.startswith(f"{DEFAULT_MODEL} was trained on this section, so")
    _, out, _ = run(capsys, *asked)  # without labels there are no scores
    assert "flattering" not in out


def test_a_large_packed_file_is_said_to_be_read_before_it_is(tmp_path, monkeypatch):
    packed, raw = tmp_path / "em.tif.gz", tmp_path / "em.tif"
    tifffile.imwrite(raw, np.zeros((64, 64), np.uint8), photometric="minisblack")
    packed.write_bytes(gzip.compress(raw.read_bytes()))
    assert images.waits(packed) == images.waits(tmp_path / "absent.gz") == images.waits(ROOT) == ""
    monkeypatch.setattr(images, "LARGE", 10)
    assert images.waits(packed).startswith("reading the whole of em.tif.gz, 0 MB")
    assert images.waits(raw) == ""  # in pieces


def test_an_image_with_other_pixels_is_resampled_and_written_in_its_own(capsys, tmp_path):
    from skimage.io import imread
    from tifffile import TiffFile

    words = ("segment", SAMPLE, "--nm", 6, "--labels", LABELS, "--timesteps", 4, "--json")
    code, out, _ = run(capsys, *words, "--out", tmp_path)
    answer = json.loads(out)
    assert code == 0 and answer["image"]["shape"] == [384, 384]
    with TiffFile(tmp_path / "snn.tif") as tiff:
        assert tiff.pages[0].shape == (256, 256)
        across, by = tiff.pages[0].tags["XResolution"].value
        assert by / across == pytest.approx(6)
    assert imread(tmp_path / "ann-mask.png").shape == (256, 256)
    assert "--nm 6" in (tmp_path / "report.html").read_text("utf-8")
    code, _, err = run(capsys, "segment", SAMPLE, "--nm", 100)
    assert code == 2 and "6400 x 6400" in err
    code, _, err = run(capsys, "energy", "--nm", 8)
    assert code == 2 and "--nm needs an image" in err


@pytest.fixture
def coarse(tmp_path):
    """An image that says it has pixels of 8 nm."""
    import tifffile
    from skimage.io import imread

    size = {"resolution": (1 / 8, 1 / 8), "metadata": {"unit": "nm"}}
    tifffile.imwrite(tmp_path / "coarse.tif", imread(SAMPLE), imagej=True, **size)
    return tmp_path / "coarse.tif"


def test_a_file_that_says_it_has_other_pixels_is_answered(coarse, capsys):
    """With the option that resamples it; the numbers are those of the image as it is."""
    words = ["segment", str(coarse), "--timesteps", "2", "--json"]
    # a net that knows one size, and one that knows many but is told not to
    for more in (["--model", "regularised"], ["--as-is"]):
        assert cli.main([*words, *more]) == 0
        out, err = capsys.readouterr()
        assert "--nm 8 resamples it" in err and json.loads(out)["image"]["shape"] == [256, 256]
    assert cli.main([*words, "--nm", "8"]) == 0
    assert "resample" not in capsys.readouterr().err


def test_a_net_that_knows_many_sizes_resamples_unasked_and_says_so(coarse, capsys):
    words = ["segment", str(coarse), "--timesteps", "2", "--json"]
    answers = []
    for more in ([], ["--nm", "8"]):
        assert cli.main([*words, *more]) == 0
        out, err = capsys.readouterr()
        answers.append(json.loads(out))
    first, second = answers
    assert "the image was resampled to 4 nm" in first["notes"][0] and not second["notes"]
    assert first["image"] == second["image"] and first["image"]["shape"] == [512, 512]
    assert first["snn"]["spikes"] == second["snn"]["spikes"]
    code, _, err = run(capsys, *words, "--as-is", "--nm", 8)
    assert code == 2 and "give one of them" in err


def test_what_would_be_too_large_resampled_stays_and_says_so(tmp_path, capsys):
    import tifffile

    file, size = tmp_path / "long.tif", {"resolution": (1 / 12, 1 / 12), "metadata": {"unit": "nm"}}
    tifffile.imwrite(
        file, np.random.default_rng(0).integers(0, 255, (32, 1400), np.uint8), imagej=True, **size
    )
    assert cli.main(["segment", str(file), "--timesteps", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["image"]["shape"] == [32, 1400]
    assert "long.tif was not resampled: " in answer["notes"][0]


def test_a_models_file_in_place_of_its_name_is_answered_with_where_to_put_it(capsys):
    code, _, err = run(capsys, "segment", SAMPLE, "--model", "/somewhere/tuned.npz")
    assert code == 2 and "put tuned.npz into" in err and "name it tuned." in err


def test_no_scores_without_labels(capsys):
    code, out, _ = run(capsys, "segment", SAMPLE, "--timesteps", 4, "--json")
    assert code == 0
    assert "v_rand" not in json.loads(out)["ann"]


def test_inverted_labels_are_turned_round(capsys, tmp_path):
    from skimage.io import imread, imsave

    imsave(tmp_path / "turned.png", 255 - imread(LABELS), check_contrast=False)
    answers = [
        run(capsys, "segment", SAMPLE, "--timesteps", 4, "--json", "--labels", *words)[1]
        for words in ([LABELS], [tmp_path / "turned.png", "--invert-labels"])
    ]
    # without the option it is said
    _, _, err = run(
        capsys, "segment", SAMPLE, "--timesteps", 4, "--labels", tmp_path / "turned.png"
    )
    assert "give --invert-labels" in err
    # of an inverted image it is the image that is doubted, and not its labels too
    imsave(tmp_path / "negative.png", 255 - imread(SAMPLE), check_contrast=False)
    _, _, err = run(
        capsys, "segment", tmp_path / "negative.png", "--timesteps", 4, "--labels", LABELS
    )
    assert "--invert turns them dark" in err and "invert-labels" not in err
    accuracies = [json.loads(answer)["ann"]["pixel_accuracy"] for answer in answers]
    assert accuracies[0] == accuracies[1]


@pytest.mark.parametrize(
    "words",
    [
        ["segment", "no-such-file.tif"],
        ["segment", ROOT / "README.md"],
        ["segment", SAMPLE, "--timesteps", "0"],
        ["segment", SAMPLE, "--timesteps", "many"],
        ["segment", SAMPLE, "--section", "1"],
        ["segment", SAMPLE, "--range", "200", "100"],
        ["segment", SAMPLE, "--range", "nan", "100"],
        ["segment", SAMPLE, "--model", "no-such-model"],
        ["segment", SAMPLE, "--simulator", "no-such-simulator"],
        ["segment", SAMPLE, "--method", "no-such-method"],
        ["segment", SAMPLE, "--labels", SAMPLE],
        ["segment", SAMPLE, "--labels", ROOT / "assets/samples/2-synthetic-512-labels.png"],
        ["train", "--model", "no-such-recipe"],
        ["train", "--minutes", "0"],
        ["bench", "--size", "50"],
        ["evaluate", "--data", "no-such-folder"],
        ["no-such-command"],
    ],
)
def test_a_users_mistake_is_one_line_and_exit_2(capsys, words):
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("snnlab: error: ")
    assert err.count("\n") == 1
    assert err.rstrip().endswith(".")


@pytest.mark.parametrize("name", ["models", "methods", "simulators"])
def test_lists_say_what_a_thing_is_and_is_not(capsys, name):
    _, out, _ = run(capsys, name, "--json")
    rows = json.loads(out)[name]
    assert rows
    for row in rows:
        assert set(row) == {"name", "summary", "not"}
        assert all(row.values())


def test_json_is_alone_on_stdout_and_progress_on_stderr():
    done = subprocess.run(
        [sys.executable, "-m", "snnlab", "segment", SAMPLE, "--timesteps", "2", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["snn"]["timesteps"] == 2
    assert "%" in done.stderr
    assert "Warning" not in done.stderr


def test_training_a_little_makes_a_model_that_loads(capsys, tmp_path, monkeypatch):
    from dataclasses import replace

    from snnlab.nets import model
    from snnlab.training import recipes

    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    small = replace(
        recipes.PLANS["phantom"].stages[0],
        side=64,
        batch=1,
        widths=(3, 4),
        encoder=2,
        validate_every=0.5,
    )
    monkeypatch.setitem(
        recipes.PLANS, "phantom", replace(recipes.PLANS["phantom"], stages=(small,))
    )
    monkeypatch.setattr(recipes, "SECTIONS", 2)
    monkeypatch.setattr(recipes, "HELD_OUT", range(900, 901))
    monkeypatch.setattr(recipes, "REPORT", range(904, 905))
    code, out, _ = run(
        capsys, "train", "--model", "phantom", "--steps", 8, "--out", tmp_path, "--json"
    )
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= {"model", "minutes", "ann", "snn", "in_range"}
    trained = model.load("phantom", tmp_path)
    assert trained.card["scores"]["ann"] == answer["ann"]
    assert trained.card["stages"][0]["steps"] == 8


@pytest.mark.parametrize("words", [("models", "--json"), ("methods",), ("--help",)])
@pytest.mark.parametrize("buffered", [True, False])
def test_a_closed_stdout_ends_a_command_quietly(words, buffered):
    surroundings = os.environ | {"PYTHONUNBUFFERED": "" if buffered else "1"}
    command = [sys.executable, "-m", "snnlab", *words]
    # argparse itself passes over what it cannot write at once
    code = 0 if words == ("--help",) and not buffered else 141
    for both in (False, True):
        out, into = os.pipe()
        os.close(out)  # as `head` does when it has enough
        errors = into if both else subprocess.PIPE
        done = subprocess.run(command, stdout=into, stderr=errors, cwd=ROOT, env=surroundings)
        os.close(into)
        assert (done.returncode, done.stderr or b"") == (code, b"")


def test_another_broken_pipe_is_no_closed_stdout(monkeypatch):
    def broken():
        raise BrokenPipeError

    monkeypatch.setattr(lists, "_models", broken)
    with pytest.raises(BrokenPipeError):
        cli.main(["models"])


def test_a_command_imports_no_other(capsys):
    """Their imports take a second together, of which a picture has no use."""
    code = (
        "import sys; from snnlab.commands import cli;"
        "code = cli.main(['segment', 'no such file.png']);"
        "others = [f'snnlab.commands.{name}' for name in ('finetune', 'train', 'energy')];"
        "print(code, [name for name in others if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "2 []", done.stderr
    # where the command is not known, all are named
    assert cli.main(["segmnt"]) == 2
    assert "finetune" in capsys.readouterr().err

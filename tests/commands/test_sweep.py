"""``sweep`` and ``volume``: their contracts."""

import json

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli
from snnlab.commands.sweep import sections
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.settings import DEFAULT_MODEL


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path / "cache"))
    whole = lab.sample(0)
    stack = np.stack([whole.pixels[first : first + 64, :64] for first in (0, 96)])
    truth = np.stack([whole.labels[first : first + 64, :64] for first in (0, 96)])
    tifffile.imwrite(
        tmp_path / "em.tif", np.rint(stack * 255).astype("u1"), photometric="minisblack"
    )
    tifffile.imwrite(tmp_path / "truth.tif", truth.astype("u1") * 255, photometric="minisblack")
    return tmp_path


def answer(capsys, *words):
    code = cli.main([*map(str, words), "--json", "--quiet"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return json.loads(out)


KNOBS = ("--percentiles", "99,99.9", "--upper", "500,1000", "--timesteps", "8,16")


def test_rows_are_what_segment_says(capsys, folder):
    image, truth = folder / "em.tif", folder / "truth.tif"
    swept = answer(capsys, "sweep", image, "--section", 1, "--labels", truth, *KNOBS)
    assert len(swept["rows"]) == 8 and swept["reused"] == 0 and swept["seconds"] > 0
    for row in (swept["rows"][0], swept["rows"][-1]):
        one = answer(
            capsys, "segment", image, "--section", 1, "--labels", truth,
            "--timesteps", row["timesteps"], "--percentile", row["percentile"],
            "--range", row["lower"], row["upper"],
        )  # fmt: skip
        assert row["section"] == 1 and row["method"] == one["settings"]["method"]
        for name in ("pixel_accuracy", "dice", "iou", "v_rand", "v_info", "spikes",
                     "synaptic_events"):  # fmt: skip
            assert row[name] == one["snn"][name], name
    again = answer(capsys, "sweep", image, "--section", 1, "--labels", truth, *KNOBS)
    assert again["reused"] == 8 and again["rows"] == swept["rows"]


def test_several_sections_and_a_table(capsys, folder):
    table = folder / "rows.csv"
    swept = answer(capsys, "sweep", folder / "em.tif", "--section", "0-1", "--csv", table, *KNOBS)
    assert [row["section"] for row in swept["rows"]] == [0] * 8 + [1] * 8
    assert "v_rand" not in swept["rows"][0]
    assert len(table.read_text().splitlines()) == 17
    assert cli.main(["sweep", str(folder / "em.tif"), "--section", "0-1", *KNOBS, "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "16 points, 16 of them known" in out and "agreement_with_ann" in out and "*" in out


def test_sections_as_people_name_them():
    assert sections("3") == (3,) and sections("3, 5,3") == (3, 5)
    assert sections("18-23") == (18, 19, 20, 21, 22, 23)
    for text in ("", "a", "-1", "5-3", "1-99999"):
        with pytest.raises(LabError, match="--section"):
            sections(text)


@pytest.mark.parametrize(
    "words",
    [
        ("sweep", "--percentiles", "99", "--upper", "9999", "--timesteps", "8"),
        ("sweep", "--percentiles", "x", "--upper", "100", "--timesteps", "8"),
        ("sweep", "--percentiles", "99", "--upper", "100", "--timesteps", "8", "--models", "none"),
        ("sweep", "--percentiles", "99", "--upper", "100", "--timesteps", "8", "--labels", "x"),
        (
            "sweep",
            "--percentiles",
            "99",
            "--upper",
            "100",
            "--timesteps",
            "8",
            "--lower-share",
            "2",
        ),
        ("sweep", "--percentiles", "99", "--upper", "100"),
        ("volume", "nothing.tif", "out.ome.zarr"),
    ],
)
def test_mistakes_are_one_line(capsys, words):
    assert cli.main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("snnlab: error: ") and err.count("\n") == 1


def test_a_volume_is_segmented(capsys, folder):
    out = folder / "out.tif"
    found = answer(capsys, "volume", folder / "em.tif", out, "--timesteps", 12)
    assert {"sections", "megapixels", "seconds", "peak_memory_mb"} <= set(found)
    assert found["sections"] == 2 and found["megapixels"] == 2 * 64 * 64 / 1e6
    probability = tifffile.imread(out)
    for section in (0, 1):
        picture = lab.upload((folder / "em.tif").read_bytes(), "em.tif", section)
        result = lab.segment(picture, lab.defaults(DEFAULT_MODEL).replace(timesteps=12))
        expected = 1 + np.rint(result.snn() * 254)  # 0 is not tissue
        assert np.array_equal(probability[section], expected)


def test_points_that_are_mute_are_said_with_what_would_speak(capsys, folder):
    words = ("--models", "loihi", "--percentiles", "99.9", "--upper", 150, "--timesteps", "8,200")
    code = cli.main([str(word) for word in ("sweep", *words, "--json", "--quiet")])
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert code == 0 and [row["mute"] for row in found["rows"]] == [True, False]
    (note,) = found["notes"]
    assert note.startswith("1 of 2 points mute. The first (150 Hz, 8 steps): No spike reached")
    assert "it speaks with" in note and note in captured.err

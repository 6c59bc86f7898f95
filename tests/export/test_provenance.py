"""The command that a report names gives the report's numbers."""

import hashlib
import json
import re
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from snnlab.commands import cli
from snnlab.errors import LabError
from snnlab.export import provenance, report
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small(tmp_path, monkeypatch):
    """An upload of 64 x 64 pixels with labels of the other polarity, and its files."""
    monkeypatch.chdir(tmp_path)
    whole = lab.sample(0)
    names = ("my image; rm -rf.png", "-labels.png")
    grey = np.rint(whole.pixels[:64, :64] * 255).astype(np.uint8)
    labels = np.where(whole.labels[:64, :64], 0, 255).astype(np.uint8)
    for name, pixels in zip(names, (grey, labels), strict=True):
        Image.fromarray(pixels).save(tmp_path / name)
    data = [(tmp_path / name).read_bytes() for name in names]
    return partial(lab.upload, data[0], names[0], 0, data[1], names[1], invert=True)


@pytest.mark.parametrize("nm", [None, 6.5])
def test_the_command_computes_the_same(small, nm, capsys, tmp_path):
    settings = lab.defaults("regularised").replace(
        source="upload", timesteps=9, percentile=99.5, lower_hz=333.3, upper_hz=812.5,
        initial=0.35, threshold=0.45, seed=3,
    )  # fmt: skip
    result = lab.segment(small(nm=nm), settings)
    words = shlex.split(provenance.command(result))
    assert words[:3] == [".venv/bin/python", "-m", "snnlab"]
    lab._results.clear()  # or it would only be remembered
    assert cli.main([*words[3:], "--quiet", "--out", str(tmp_path / "out")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert Settings(**answer["settings"]) == settings
    assert answer["snn"]["spikes"] == result.spikes
    assert answer["snn"]["v_rand"] == result.snn_scores.v_rand
    written = (tmp_path / "out" / "report.html").read_text("utf-8")
    for name, value in provenance.hashes(result, lab.model("regularised").digest).items():
        assert value in written, name


@pytest.mark.parametrize("index", range(2))
def test_the_command_for_a_sample_names_files_that_are_there(index):
    result = replace(
        lab.default_result(),
        picture=lab.sample(index),
        settings=Settings(source="sample", section=index),
    )
    words = shlex.split(provenance.command(result))
    arguments = cli.parser().parse_args(words[3:])
    assert hashlib.sha256((ROOT / arguments.image).read_bytes()).hexdigest() == (
        lab.sample(index).sha256
    )
    assert (ROOT / arguments.labels).is_file()
    assert arguments.section == 0


def test_the_command_for_isbi_names_the_section_but_no_folder():
    picture = replace(
        lab.sample(0), section=20, file="train-volume.tif", labels_file="train-labels.tif"
    )
    settings = Settings(source="isbi", section=20)
    command = provenance.command(replace(lab.default_result(), picture=picture, settings=settings))
    assert '"$SNNLAB_DATA"/train-volume.tif --section 20' in command
    assert not re.search(r"/(home|root|work|tmp)/", command)


def test_hashes_follow_what_they_name():
    result = lab.default_result()
    before = provenance.hashes(result, "m")
    changed = replace(result, ann=result.ann + np.float32(1e-6))
    after = provenance.hashes(changed, "m")
    assert {name for name in before if before[name] != after[name]} == {"ANN probability (float32)"}
    assert before["SNN probability (float32)"] == (
        hashlib.sha256(result.snn().astype("<f4").tobytes()).hexdigest()
    )


def test_versions_are_those_that_run():
    from importlib import metadata

    found = provenance.versions("loihi")
    for name in ("numpy", "nengo", "nengo-loihi", "tensorflow"):
        assert found[name] == metadata.version(name)


def test_a_report_stands_alone_and_trusts_no_name():
    result = lab.default_result()
    evil = '<script>alert("x")</script>.png'
    picture = replace(result.picture, name=evil, file=evil)
    settings = result.settings.replace(source="upload")
    more = [report.Part("A table", ("a", "b"), ((1, "<b>"),), "of <i>something</i>")]
    shown, unet = replace(result, picture=picture, settings=settings), lab.model(settings.model)
    text = report.html(shown, unet, 4.0, more).decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "<td>&lt;b&gt;</td>" in text
    body = text.replace(text[text.index("<script>") : text.index("</script>")], "")
    assert not re.search(r'(src|href)="(?!data:)', body)
    assert "default-src 'none'" in text
    assert body.count("data:image/png;base64,") == 5
    assert f"{result.snn_scores.v_rand:.4f}" in text
    assert "4 nm per pixel" in text


def test_commands_in_documents_begin_as_the_reports_does():
    """There is one Python that has all packages: that of the folder .venv."""
    bare = re.compile(r"(?<![\w/.])python (?=-m snnlab|benchmarks/|tools/)")
    for path in (ROOT / "README.md", *ROOT.glob("docs/*.md")):
        found = [
            line for line in path.read_text(encoding="utf-8").splitlines() if bare.search(line)
        ]
        assert not found, path.name
    with pytest.raises(LabError, match=r"see \.venv/bin/python -m snnlab segment --help"):
        cli.parser().parse_args(["segment"])

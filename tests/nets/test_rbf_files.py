"""Files of RBF networks from anybody: what was written is read, whatever else is refused."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.nets import files as model_file
from snnlab.nets import rbf_files
from tests import small_models, small_rbf

MODEL = small_rbf.network()
FILE = rbf_files.pack(MODEL)
TWICE = small_rbf.network(5, first=MODEL)


def changed(leave_out=(), **arrays) -> bytes:
    with np.load(io.BytesIO(FILE)) as opened:
        parts = {key: opened[key] for key in opened.files if key not in leave_out}
    file = io.BytesIO()
    np.savez(file, **(parts | arrays))
    return file.getvalue()


def numbers(**known) -> np.ndarray:
    with np.load(io.BytesIO(FILE)) as opened:
        values = dict(zip(rbf_files.NUMBERS, opened["numbers"], strict=True))
    return np.array(list((values | known).values()))


def test_what_was_written_is_read():
    found = rbf_files.unpack(FILE, "other")
    assert found.digest == MODEL.digest and found.name == "other"
    assert found.card["summary"] == "Small." and found.card["settings"] == {"threshold": 0.7}
    assert found.card["mixture"] == MODEL.card["mixture"] and found.card["units"] == 7


def test_both_rounds_are_written_and_read():
    found = rbf_files.unpack(rbf_files.pack(TWICE), "other")
    assert found.digest == TWICE.digest and found.first.digest == MODEL.digest
    assert found.first.first is None and found.first.card == {}


def half_a_round() -> bytes:
    with np.load(io.BytesIO(rbf_files.pack(TWICE))) as opened:
        parts = {key: opened[key] for key in opened.files if key != "first/levels"}
    file = io.BytesIO()
    np.savez(file, **parts)
    return file.getvalue()


def test_a_file_on_the_disk(tmp_path):
    path = rbf_files.save(MODEL, tmp_path / "new" / "mine.npz")
    found = rbf_files.load(path)
    assert (found.name, found.digest) == ("mine", MODEL.digest)
    assert [one.name for one in path.parent.iterdir()] == ["mine.npz"]


F = len(MODEL.mean)
REFUSED = {
    "array missing": changed(["mean"]),
    "half a round": half_a_round(),
    "a second round without a first": changed(
        centres=np.zeros((7, 2 * F), np.int8),
        mean=np.zeros(2 * F, np.float32),
        spread=np.ones(2 * F, np.float32),
    ),
    "another array": changed(more=np.zeros(3)),
    "other features": changed(features=np.array(json.dumps(["grey"]))),
    "features no list": changed(features=np.array("{")),
    "centres of other features": changed(centres=np.zeros((7, F - 1), np.int8)),
    "centres of other units": changed(centres=np.zeros((6, F), np.int8)),
    "centres of other type": changed(centres=np.zeros((7, F), np.int16)),
    "no unit": changed(centres=np.zeros((0, F), np.int8), levels=np.zeros(0, np.int8)),
    "too many units": changed(centres=np.zeros((4097, F), np.int8), levels=np.zeros(4097, np.int8)),
    "a level below": changed(levels=np.full(7, -128, np.int8)),
    "levels of two axes": changed(levels=np.zeros((7, 1), np.int8)),
    "NaN in the mean": changed(mean=np.full(F, np.nan, np.float32)),
    "no spread": changed(spread=np.zeros(F, np.float32)),
    "a spread below 0": changed(spread=np.full(F, -1, np.float32)),
    "no width": changed(numbers=numbers(width=0.0)),
    "a width below 0": changed(numbers=numbers(width=-1.0)),
    "a step of 0": changed(numbers=numbers(step=0.0)),
    "an endless a1": changed(numbers=numbers(a1=np.inf)),
    "a large bias": changed(numbers=numbers(bias=1e20)),
    "numbers missing": changed(numbers=numbers()[:5]),
    "an object": changed(mean=np.array([{}] * F, object)),
    "a card that is none": changed(card=np.array("[]")),
    "a mixture that is none": changed(card=np.array(json.dumps({"mixture": [{"a1": "much"}]}))),
    "a mixture without end": changed(card=np.array(json.dumps({"mixture": [{}] * 65}))),
    "settings out of range": changed(card=np.array(json.dumps({"settings": {"threshold": 7}}))),
    "a U-Net": model_file.pack(small_models.model(3)),
    "empty": b"",
    "no archive": b"PK\x03\x04 and nothing",
    "cut short": FILE[: len(FILE) // 2],
    "large": b"\0" * (model_file.LARGEST + 1),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_whatever_else_is_refused_in_one_sentence(data):
    with pytest.raises(LabError) as refused:
        rbf_files.unpack(data, "any")
    said = str(refused.value)
    assert said.endswith(".") and "\n" not in said and len(said) < 220


def test_a_u_net_is_said_to_be_one():
    with pytest.raises(LabError, match="is a U-Net's"):
        rbf_files.unpack(REFUSED["a U-Net"], "any")


def test_a_bomb_is_not_unpacked():
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        np.load(io.BytesIO(FILE)) as opened,
    ):
        for key in opened.files:
            part = io.BytesIO()
            large = np.zeros(50_000_000, np.float32)
            np.save(part, large if key == "mean" else opened[key])
            archive.writestr(f"{key}.npy", part.getvalue())
    with pytest.raises(LabError, match="too many bytes"):
        rbf_files.unpack(file.getvalue(), "any")


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_changes_nothing_dangerous(place, by):
    data = bytearray(FILE)
    data[place] ^= by
    try:
        found = rbf_files.unpack(bytes(data), "any")
    except LabError:
        return
    assert np.isfinite(found.logits(np.ones((2, F), np.float32))).all()


@pytest.mark.parametrize("what", ["missing", "a folder"])
def test_no_file(tmp_path, what):
    path = tmp_path if what == "a folder" else tmp_path / "none.npz"
    with pytest.raises(LabError):
        rbf_files.load(path)

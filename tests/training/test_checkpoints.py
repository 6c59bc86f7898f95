"""What a checkpoint says it is of, before and after recipes grew."""

import errno
import os
from dataclasses import asdict, replace

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.training import checkpoints
from snnlab.training.recipe import Recipe
from snnlab.training.regulariser import RateRange

RECIPE = Recipe(rates=RateRange(margin=0.1, layers=(("down1", 50.0, 60.0),)))


def write(folder, recipe: dict):
    checkpoints.write(folder, {"net/a": np.arange(3)}, {"recipe": recipe})


def test_what_was_written_is_read(tmp_path):
    write(tmp_path, asdict(RECIPE))
    group, about = checkpoints.read(tmp_path, asdict(RECIPE))
    np.testing.assert_array_equal(group("net/")["a"], np.arange(3))
    assert about["recipe"]["rates"]["layers"] == [["down1", 50.0, 60.0]]


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "text": lambda path: path.write_text("hello"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "no words": lambda path: np.savez(path, a=np.arange(3)),
    "other words": lambda path: np.savez(path, about=np.array("[1]")),
    "words without end": lambda path: np.savez(path, about=np.array("[" * 90_000)),
    "less than nothing": lambda path: np.savez(path, about=np.array('{"recipe": {}, "steps": -1}')),
    "no number": lambda path: np.savez(path, a=np.nan, about=np.array('{"recipe": {}}')),
    "too large": lambda path: np.savez(path, a=np.float32(3e38), about=np.array('{"recipe": {}}')),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_a_sentence_and_can_be_set_aside(tmp_path, damage, caplog):
    write(tmp_path, asdict(RECIPE))
    path = tmp_path / checkpoints.NAME
    assert not checkpoints.set_aside(tmp_path) and path.exists()
    DAMAGES[damage](path)
    with pytest.raises(LabError, match=r"checkpoint\.npz is damaged; delete it to start again\.$"):
        checkpoints.read(tmp_path, asdict(RECIPE))
    if damage not in ("no number", "too large"):
        assert checkpoints.about(tmp_path) is None
    assert checkpoints.set_aside(tmp_path) and not path.exists()
    assert (tmp_path / checkpoints.ASIDE).exists() and "set aside" in caplog.text
    assert checkpoints.read(tmp_path, asdict(RECIPE)) is None
    # a second one in the place of the first
    write(tmp_path, asdict(RECIPE))
    path.write_bytes(b"")
    assert checkpoints.set_aside(tmp_path) and not path.exists()


def test_a_full_disk_leaves_the_old_one(tmp_path, monkeypatch):
    write(tmp_path, asdict(RECIPE))

    def full(stream, **arrays):
        stream.write(b"PK")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints.np, "savez", full)
    with pytest.raises(LabError, match="cannot be written: no space left on device"):
        write(tmp_path, asdict(RECIPE))
    assert checkpoints.read(tmp_path, asdict(RECIPE)) is not None
    assert [path.name for path in tmp_path.iterdir()] == [checkpoints.NAME]


def test_a_recipe_of_before_layers_had_bounds_of_their_own_is_the_same(tmp_path):
    plain = replace(RECIPE, rates=RateRange())
    old = asdict(plain)
    del old["rates"]["layers"], old["rates"]["margin"]
    write(tmp_path, old)
    assert checkpoints.read(tmp_path, asdict(plain)) is not None
    with pytest.raises(LabError, match="other settings"):
        checkpoints.read(tmp_path, asdict(RECIPE))


def test_other_bounds_of_one_layer_are_another_recipe(tmp_path):
    write(tmp_path, asdict(RECIPE))
    other = replace(RECIPE, rates=replace(RECIPE.rates, layers=(("down1", 50.0, 61.0),)))
    with pytest.raises(LabError, match="other settings"):
        checkpoints.read(tmp_path, asdict(other))

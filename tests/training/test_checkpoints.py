"""What a checkpoint says it is of, before and after recipes grew."""

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

"""Which sections a shipped model's recipe trains on, chooses by and is judged by."""

import numpy as np
import pytest
import tifffile

from snnlab.data import isbi
from snnlab.training import recipes, tuning_data


@pytest.fixture
def folder(tmp_path):
    """Volumes whose sections differ in more than brightness and contrast."""
    grey = np.random.default_rng(5).integers(0, 256, (24, 64, 64)).astype(np.uint8)
    labels = np.kron(np.arange(64).reshape(1, 8, 8) % 2, np.ones((24, 8, 8))).astype(np.uint8) * 255
    for name, array in ((isbi.IMAGES, grey), (isbi.LABELS, labels)):
        tifffile.imwrite(tmp_path / name, array, photometric="minisblack")
    return str(tmp_path)


def drawn(data) -> list[bytes]:
    random = np.random.default_rng(0)
    return [data.draw(random)[0].tobytes() for _ in range(200)]


def test_recipes_train_on_one_block_and_choose_on_another(folder):
    data = recipes.data("isbi", folder)
    trained, _ = recipes.real(folder, range(15))
    assert set(drawn(data)) == {image.tobytes() for image in trained}
    np.testing.assert_array_equal(data.images, recipes.real(folder, range(15, 18))[0])
    np.testing.assert_array_equal(recipes.finishing_data("isbi", folder)[0], trained)
    assert data.name == "ISBI 2012 sections 0..14"
    assert recipes.blocks("isbi") == ("ISBI 2012 sections 15..17", "ISBI 2012 sections 18..23")


def test_fine_tuning_keeps_the_same_blocks(folder):
    made = tuning_data.from_isbi(folder)
    trained, _ = recipes.real(folder, range(15))
    assert set(drawn(made.data)) == {image.tobytes() for image in trained}
    np.testing.assert_array_equal(made.data.images, recipes.real(folder, range(15, 18))[0])
    np.testing.assert_array_equal(made.held_out[0], recipes.real(folder, range(18, 24))[0])


def test_synthetic_sections_are_reported_on_that_nothing_was_chosen_on():
    assert not set(recipes.HELD_OUT) & set(recipes.REPORT)
    first = range(recipes.FIRST_SEED, recipes.FIRST_SEED + recipes.SECTIONS)
    assert not set(first) & {*recipes.HELD_OUT, *recipes.REPORT}

"""Several tissues in one training."""

from collections import Counter

import numpy as np
import pytest

from snnlab.data import epfl, isbi
from snnlab.errors import LabError
from snnlab.training import recipes, tissues
from snnlab.training.fitting import Trainer
from tests.data.test_epfl import made


def flat(grey, share, count=2, name="one"):
    """A tissue whose sections are told by their grey."""
    labels = np.ones((600, 600), bool)
    labels[:, ::8] = False
    image = np.full((600, 600), grey, np.float32)
    images, chosen = (np.stack([part[:512, :512]] * count) for part in (image, labels))
    return tissues.Tissue([(image, labels)], images, chosen, 4.0, share, name)


def test_each_tissue_is_drawn_by_its_share_whatever_its_size():
    data = tissues.mixed([flat(0.1, 0.6), flat(0.9, 0.2, name="other")])
    random = np.random.default_rng(1)
    drawn = Counter(float(np.median(data.draw(random)[0])) > 0.5 for _ in range(300))
    assert drawn[True] / 300 == pytest.approx(0.25, abs=0.08)
    assert data.name == "one; other"
    assert data.groups == (2, 2)


def test_sections_are_as_large_as_the_crops_need():
    data = tissues.mixed([flat(0.5, 1.0)])
    for side in (64, 192):
        image, labels = data.drawing(side)(np.random.default_rng(1))
        assert image.shape == labels.shape == (1.5 * side, 1.5 * side)


@pytest.mark.parametrize("near", [0.0, 0.5, 1.0])
def test_a_share_of_the_windows_can_be_near_the_models_own_pixel_size(monkeypatch, near):
    real, seen = tissues.varying.window, []

    def window(image, labels, nm, side, random, variation=None):
        seen.append(variation)
        return real(image, labels, nm, side, random, variation)

    monkeypatch.setattr(tissues.varying, "window", window)
    random, draw = np.random.default_rng(1), tissues.mixed([flat(0.5, 1.0)]).drawing(64, near)
    for _ in range(200):
        draw(random)
    assert seen.count(tissues.NEAR) / 200 == pytest.approx(near, abs=0.1)
    assert tissues.NEAR.finest < 4 < tissues.NEAR.coarsest


def test_a_checkpoint_is_worth_the_mean_over_tissues_not_over_sections():
    right, wrong = flat(0.5, 1.0, count=5), flat(0.5, 1.0, count=1)
    data = tissues.mixed([right, wrong])
    trainer = Trainer.__new__(Trainer)  # nothing but its data is used
    trainer.data = data
    said = data.labels.astype(np.float32)
    said[5] = 1 - said[5]
    accuracy, _ = trainer._scores(said)
    assert accuracy == pytest.approx(0.5, abs=1e-6)


def test_windows_lie_side_by_side_in_the_middle():
    image = np.arange(768 * 1024, dtype=np.float32).reshape(768, 1024)
    cut = tissues.windows(image, image > 5)
    assert len(cut) == 2
    np.testing.assert_array_equal(cut[0][0], image[128:640, :512])
    np.testing.assert_array_equal(cut[1][0], image[128:640, 512:])
    with pytest.raises(LabError, match="512 x 512"):
        tissues.windows(image[:500], image[:500] > 5)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """An EPFL folder of four slices."""
    for variable in (epfl.VARIABLE, isbi.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    random = np.random.default_rng(1)
    images = random.integers(0, 255, (4, 512, 1040)).astype(np.uint8)
    labels = (random.random((4, 512, 1040)) > 0.2).astype(np.uint8) * 255
    return made(tmp_path / "epfl", images, labels)


def test_blocks_of_the_hippocampus(small):
    data = recipes.data("without-isbi", None, epfl_folder=str(small))
    assert data.images.shape == (2, 512, 512)  # two windows of slice 134
    assert data.name == "EPFL slices up to 127"
    image, labels = data.draw(np.random.default_rng(2))
    assert image.shape == labels.shape
    images, _ = recipes.finishing_data("without-isbi", None, str(small))
    assert images.shape == (2, 512, 512)  # of every fourth slice, the first
    assert recipes.blocks("without-isbi") == ("EPFL slices 134..136", "EPFL slices 161..164")
    assert recipes.blocks("all")[0].split("; ")[1] == "EPFL slices 134..136"


def test_without_a_folder_it_is_said(monkeypatch):
    for variable in (epfl.VARIABLE, isbi.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(LabError, match="--epfl or in SNNLAB_EPFL"):
        recipes.data("without-isbi", None)

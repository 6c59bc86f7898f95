"""Light membranes are told from dark ones, and never the other way round."""

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.images.polarity import LEAST, darkness, light_membranes
from tests.conftest import ROOT


@pytest.mark.parametrize("seed", range(12))
def test_synthetic_sections_and_their_negatives(seed):
    image = synthetic((256, 256), seed).image
    assert not light_membranes(normalise(image))
    assert light_membranes(normalise(1 - image))


def test_real_sections_and_their_negatives(isbi_folder):
    for section in tifffile.imread(isbi_folder / "train-volume.tif")[::6]:
        image = normalise(section)
        assert darkness(image) > 0.1 and not light_membranes(image)
        assert light_membranes(normalise(255 - section))


def test_sections_of_another_microscope():
    path = ROOT.parent / "shared" / "data" / "epfl" / "epfl-images.tif"
    if not path.is_file():
        pytest.skip("the EPFL sections are not here")
    for section in tifffile.imread(path, key=[0, 20, 40]):
        assert not light_membranes(normalise(section))
        assert light_membranes(normalise(255 - section))


def test_a_negative_has_the_other_sign():
    image = normalise(synthetic((200, 240), 3).image)
    assert darkness(1 - image) == pytest.approx(-darkness(image), abs=1e-6)


def test_nothing_is_said_of_noise_of_little_or_of_what_is_no_tissue():
    random = np.random.default_rng(0)
    assert not light_membranes(normalise(random.normal(size=(256, 256))))
    assert darkness(normalise(synthetic((96, 96), 1).image)) == 0
    assert darkness(np.full((256, 256), 0.5, np.float32)) == 0
    # light lines where there is no tissue
    image = ndimage.gaussian_filter(random.normal(size=(256, 256)), 1)
    tissue = np.ones(image.shape, bool)
    tissue[:, 128:] = False
    image[:, 128::16] = 40
    assert abs(darkness(normalise(image, tissue), tissue)) < 0.03 and tissue.sum() >= LEAST

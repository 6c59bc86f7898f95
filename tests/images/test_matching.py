"""Labels of another section are told by the image's own edges; near copies by their blocks."""

import numpy as np
import pytest
import tifffile

from snnlab.data.synthetic import synthetic
from snnlab.images import matching
from snnlab.images.contrast import normalise
from tests.conftest import ROOT

MADE = [synthetic((128, 144), seed) for seed in range(6)]
IMAGES = [normalise(one.image) for one in MADE]
CELLS = [one.labels for one in MADE]


def coded(cells):
    left_out = np.zeros(cells.shape, bool)
    left_out[:, :20] = True
    return np.where(left_out, np.int8(-1), cells.astype(np.int8))


@pytest.mark.parametrize("kind", [lambda x: x, coded])
def test_another_order_is_noticed_and_the_right_one_is_not(kind):
    truths = [kind(cells) for cells in CELLS]
    assert matching.other_order(IMAGES, truths) == ""
    assert matching.other_order(IMAGES, truths[::-1]) == "in reverse"
    assert matching.other_order(IMAGES[1:], truths[:-1]) == "one section earlier"
    assert matching.other_order(IMAGES[:-1], truths[1:]) == "one section later"
    assert matching.other_order(IMAGES[:2], truths[:2][::-1]) == ""


def test_real_sections_in_their_order_and_in_others(isbi_folder):
    images = [normalise(x) for x in tifffile.imread(isbi_folder / "train-volume.tif")[:8]]
    cells = list(tifffile.imread(isbi_folder / "train-labels.tif")[:8] > 0)
    assert matching.other_order(images, cells) == ""
    assert matching.other_order(images, cells[::-1]) == "in reverse"
    assert matching.other_order(images[1:], cells[:-1]) == "one section earlier"
    assert not matching.near_copies(images[6:], images[:6])


def test_near_copies_of_a_microscope_that_cuts_finely():
    path = ROOT.parent / "shared" / "data" / "epfl" / "epfl-images.tif"
    if not path.is_file():
        pytest.skip("the EPFL sections are not here")
    images = [normalise(x) for x in tifffile.imread(path, key=[0, 1, 2, 40])]
    assert matching.near_copies(images[:1], images[1:2]) == [(0, 0)]
    assert not matching.near_copies(images[:1], images[3:])


def test_a_copy_with_other_noise_is_one():
    random = np.random.default_rng(0)
    noisy = normalise(MADE[2].image + random.normal(0, 0.1, MADE[2].image.shape))
    assert matching.near_copies([noisy, IMAGES[3]], IMAGES[:3]) == [(0, 2)]


def test_a_single_image_says_which_page_fits_it():
    def page(index):
        return CELLS[index], None

    def told(section, which):
        return matching.of_another(IMAGES[section], CELLS[which], None, which, len(CELLS), page)

    assert told(2, 2) == ""
    assert "its page 5 fits" in told(5, 4) and "shifted by one" in told(5, 4)
    assert "its page 4 fits" in told(4, 1) and "in reverse" in told(4, 1)
    assert "hardly follows the edges" in told(0, 3)

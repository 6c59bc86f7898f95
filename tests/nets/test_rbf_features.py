"""Features against what they are said to be."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.feature import multiscale_basic_features

from snnlab.images import tiles
from snnlab.nets import rbf_features
from tests import small_models


def named(image, name):
    return rbf_features.features(image)[..., rbf_features.NAMES.index(name)]


def test_names_say_what_the_numbers_are():
    image = small_models.image(64)
    found = rbf_features.features(image)
    assert found.shape == (64, 64, len(rbf_features.NAMES)) and found.dtype == np.float32
    for sigma in rbf_features.SIGMAS:
        blurred = gaussian_filter(image, sigma, mode="nearest")
        assert named(image, f"grey, sigma {sigma}") == pytest.approx(blurred, abs=1e-5)
        assert (
            named(image, f"ridge, sigma {sigma}") >= named(image, f"valley, sigma {sigma}")
        ).all()
    basic = multiscale_basic_features(image, sigma_min=1, sigma_max=16)
    assert np.array_equal(found[..., : basic.shape[-1]], basic)


def test_lines_by_a_loop():
    image = small_models.image(40)
    blurred = gaussian_filter(image, 1.0, mode="nearest")
    found = rbf_features.lines(image, 9)
    for row, column in ((20, 17), (11, 30)):
        means = []
        for angle in range(12):
            way = np.array([np.sin(angle * np.pi / 12), np.cos(angle * np.pi / 12)])
            way = way / abs(way).max()
            places = [np.rint(step * way).astype(int) for step in range(-4, 5)]
            places = [(r, c) for r, c in places if r * r + c * c <= 4.5**2]
            means.append(np.mean([blurred[row + r, column + c] for r, c in places]))
        wanted = [min(means), np.mean(means), max(means), np.std(means)]
        assert found[row, column] == pytest.approx(np.array(wanted), abs=1e-5)


def test_a_dark_line_is_told_from_a_dark_blob():
    line, blob = np.ones((65, 65), np.float32), np.ones((65, 65), np.float32)
    line[32] = 0
    rows, columns = np.indices(blob.shape) - 32
    blob[rows**2 + columns**2 < 9**2] = 0
    of_line, of_blob = (rbf_features.lines(image, 19)[32, 32] for image in (line, blob))
    least, mean, _, spread = 0, 1, 2, 3
    assert of_line[least] < of_line[mean] - 0.1
    assert of_line[spread] > 5 * of_blob[spread]


def test_tiles_leave_no_seam():
    image = small_models.image(320, 200)
    whole = rbf_features.features(image)
    cut = tiles.apply(rbf_features.features, image, 1, 96, rbf_features.HALO)
    assert cut == pytest.approx(whole, abs=2e-4)


def test_each_line_goes_through_the_middle_and_is_symmetric():
    lengths = set()
    for places in rbf_features.line_places(19):
        assert (0, 0) in places and len(set(places)) == len(places)
        assert {(-r, -c) for r, c in places} == set(places)
        lengths.add(len(places))
    assert len(rbf_features.line_places(19)) == 12 and max(lengths) == 19

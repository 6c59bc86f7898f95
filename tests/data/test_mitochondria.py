"""The drawn section with mitochondria: what is shipped is what the program draws."""

import numpy as np
from skimage.io import imread
from skimage.measure import regionprops

from snnlab.data import mitochondria
from snnlab.lab import detecting
from tools import make_samples


def test_what_is_shipped_is_what_the_program_draws():
    grey, things = make_samples.with_mitochondria()
    assert np.array_equal(imread(mitochondria.FOLDER / mitochondria.IMAGE), grey)
    assert np.array_equal(imread(mitochondria.FOLDER / mitochondria.THINGS), things)


def test_the_boxes_lie_around_what_was_drawn():
    things = imread(mitochondria.FOLDER / mitochondria.THINGS)
    expected = sorted(one.bbox for one in regionprops(things))
    found = sorted((y0, x0, y1, x1) for x0, y0, x1, y1 in mitochondria.truth().tolist())
    assert found == expected and len(found) > 10
    # they are dark, and there is more around them than in them
    pixels = mitochondria.picture().pixels
    assert pixels[things > 0].mean() < pixels[things == 0].mean() - 0.15
    assert mitochondria.picture().nm == 5.0


def test_the_shipped_detector_finds_most_of_them_and_nothing_else():
    settings = detecting.defaults(detecting.DEFAULT)
    found = detecting.detect(mitochondria.picture(), settings)
    for network in ("ann", "snn"):
        one = detecting.scored(found.of(network), mitochondria.truth(), settings.threshold)
        assert one.average_precision_50 > 0.85 and one.precision > 0.9 and one.recall > 0.8

"""Sections as pictures that are small enough to travel."""

import base64
import io

import numpy as np
from PIL import Image

from snnlab.lab import segmenting as lab
from snnlab.lab.stack import Section
from snnlab.ui.stack import pictures


def opened(address: str) -> np.ndarray:
    head, _, body = address.partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(body)))
    assert head == f"data:image/{image.format.lower()};base64"
    return np.asarray(image.convert("RGBA" if image.mode == "P" else "L"))


def section(shape=(40, 48)):
    values = np.full(shape, 255, np.uint8)
    values[10:12], values[:5] = 1, 0
    grey = np.tile(np.linspace(100, 140, shape[1]).astype(np.uint8), (shape[0], 1))
    each = {"ann": values, "snn": values}
    return Section(0, grey, each, each, {}, 1.0, 0, 0.0)


def test_membrane_is_painted_and_cells_and_what_is_no_tissue_are_not():
    seen = opened(pictures.membranes(section(), "snn", lab.defaults("regularised")))
    assert (seen[10:12, :, 3] == 255).all() and (np.delete(seen, [10, 11], 0)[..., 3] == 0).all()
    other = opened(pictures.membranes(section(), "ann", lab.defaults("regularised")))
    assert (seen[10, 0] != other[10, 0]).any()


def test_a_pixel_is_membrane_up_to_the_threshold_of_its_network():
    one = section()
    one.probability["snn"][20], one.probability["snn"][21] = 1 + 127, 1 + 140  # 0.5, 0.55
    settings = lab.defaults("regularised").replace(threshold=0.5, ann_threshold=0.6)
    assert opened(pictures.membranes(one, "snn", settings))[20:22, 0, 3].tolist() == [255, 0]
    assert opened(pictures.membranes(one, "ann", settings))[20:22, 0, 3].tolist() == [255, 255]


def test_cells_have_the_colour_of_their_number_in_the_stack():
    numbers = np.zeros((40, 48), np.int32)
    numbers[:10], numbers[20:30], numbers[35:] = 7, 7, 8
    seen = opened(pictures.cells(numbers))
    assert (seen[0, 0] == seen[25, 5]).all() and (seen[0, 0] != seen[38, 0]).any()
    assert seen[15, 0, 3] == 0 and seen[0, 0, 3] == 255


def test_a_chosen_cell_has_a_rim_and_no_other():
    numbers = np.zeros((40, 48), np.int32)
    numbers[5:20, 5:20], numbers[25:, 25:] = 3, 4
    seen = opened(pictures.mark(numbers, 3))[..., 3] > 0
    assert seen[5, 5:20].all() and not seen[12, 12] and not seen[25:, 25:].any()


def test_a_region_stays_bright_in_the_small_picture():
    grey = np.tile(np.linspace(0, 1, 600), (500, 1))
    seen = pictures.framed(grey, (100, 300, 200, 150))
    assert max(seen.shape) <= pictures.SMALL
    each = -(-600 // pictures.SMALL)
    bright, dark = seen[150 // each, 400 // each, 0], seen[400 // each, 400 // each, 0]
    assert bright // 3 == dark
    # one that lies beside the image is drawn as far as there is image
    assert pictures.framed(grey, (450, 550, 900, 900)).shape == seen.shape


def test_the_image_fills_the_range_and_a_large_one_is_reduced():
    seen = opened(pictures.grey(section()))
    assert seen.shape == (40, 48) and seen.min() < 10 and seen.max() > 245
    large = opened(pictures.grey(section((1100, 2100))))
    assert max(large.shape) <= pictures.WIDE

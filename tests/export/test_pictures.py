"""Files open elsewhere: the TIFF's tags are read by hand, the PNGs by Pillow."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from snnlab.export import pictures
from snnlab.images import reading as images
from snnlab.lab import segmenting as lab

RANDOM = np.random.default_rng(0)
PROBABILITY = RANDOM.uniform(size=(33, 47)).astype(np.float32)


def tags(data: bytes) -> dict[int, tuple]:
    """The first directory of a TIFF, by hand: type and raw value of each tag."""
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    magic, offset = struct.unpack_from(order + "HI", data, 2)
    assert magic == 42
    (count,) = struct.unpack_from(order + "H", data, offset)
    found = {}
    for index in range(count):
        at = offset + 2 + 12 * index
        tag, kind, number, place = struct.unpack_from(order + "HHII", data, at)
        if kind == 5:
            found[tag] = struct.unpack_from(order + "II", data, place)
        elif kind == 2:
            raw = data[place : place + number] if number > 4 else data[at + 8 : at + 8 + number]
            found[tag] = raw.rstrip(b"\0").decode()
        elif kind == 3 and number == 1:
            found[tag] = struct.unpack_from(order + "H", data, at + 8)[0]
        else:
            found[tag] = place
    return found


@pytest.mark.parametrize("nm", [4.0, 0.5, 6.25, 130.0])
def test_fiji_sees_the_scale(nm):
    # ImageJ's TiffDecoder: XResolution is pixels per unit, believed if ResolutionUnit is none
    # (1) and the description names a unit
    found = tags(pictures.probability_tiff(PROBABILITY, nm))
    width, height, x, y, unit, text = (found[tag] for tag in (256, 257, 282, 283, 296, 270))
    assert (width, height) == (47, 33)
    assert x == y
    assert x[1] / x[0] == pytest.approx(nm, rel=1e-5)
    assert unit == 1
    assert text.startswith("ImageJ=")
    assert "unit=nm" in text.splitlines()
    assert "max=1.0" in text.splitlines()


def test_without_a_size_no_unit_is_claimed():
    found = tags(pictures.probability_tiff(PROBABILITY, None))
    assert "unit=" not in found[270]
    assert found.get(282, (1, 1)) == (1, 1)


def test_tiffs_hold_the_very_values():
    data = pictures.probability_tiff(PROBABILITY, 4.0)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.is_imagej
        np.testing.assert_array_equal(file.asarray(), PROBABILITY)
    mask = tifffile.imread(io.BytesIO(pictures.mask_tiff(PROBABILITY, 0.3, 4.0)))
    np.testing.assert_array_equal(mask, np.where(PROBABILITY > 0.3, 255, 0))


def test_pngs_hold_the_values():
    with Image.open(io.BytesIO(pictures.probability_png(PROBABILITY))) as image:
        assert image.mode == "I;16"
        levels = np.asarray(image)
    assert np.abs(levels / 65535 - PROBABILITY).max() <= 0.5 / 65535 + 1e-7
    data = pictures.mask_png(PROBABILITY, 0.3)
    labels = images.read_labels(data, "mask.png", PROBABILITY.shape).cells
    np.testing.assert_array_equal(labels, PROBABILITY > 0.3)


def test_a_pixel_at_the_threshold_counts_as_the_scores_count_it():
    from snnlab.results.metrics import score

    probability = np.array([[0.5, 0.7], [0.2, 0.5]], np.float32)
    cells = pictures.mask(probability, 0.5)
    assert score(probability, cells, 0.5).pixel_accuracy == 1


@pytest.mark.parametrize("last", [1, 2, 63, 64, 65, 200, 1000])
def test_moments_are_few_even_and_end_at_the_end(last):
    found = pictures.moments(tuple(range(1, last + 1)))
    assert found[-1] == last
    assert 1 <= len(found) <= pictures.FRAMES
    assert len(set(np.diff(found))) <= 1


def test_the_stack_over_time_is_the_snn_at_its_steps():
    result = lab.default_result()
    with tifffile.TiffFile(io.BytesIO(pictures.over_time_tiff(result, 4.0))) as file:
        about, stack = file.imagej_metadata, file.asarray()
    steps = pictures.moments(result.steps_shown)
    assert about["frames"] == len(steps) == len(stack)
    assert about["Labels"][-1] == f"after {result.timesteps} steps"
    assert about["finterval"] == pytest.approx((steps[1] - steps[0]) * 0.001)
    for place in (0, len(steps) // 2, -1):
        frame = stack[place] / 255
        assert np.abs(frame - result.snn(steps[place])).max() <= 0.5 / 255 + 1e-6

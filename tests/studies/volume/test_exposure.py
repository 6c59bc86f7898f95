"""Windows of a section against `snnlab.images.contrast.normalise` of the whole."""

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.images.pixels import Stored, grey
from snnlab.studies.volume import exposure
from snnlab.studies.volume.source import open_source


@pytest.fixture(scope="module")
def section(tmp_path_factory):
    pixels = np.rint(synthetic((141, 230), 3).image * 65535).astype(np.uint16)
    path = tmp_path_factory.mktemp("exposure") / "one.tif"
    tifffile.imwrite(path, pixels, tile=(64, 64), compression="zlib")
    return open_source(path), normalise(grey(Stored(pixels, 16)))


@given(st.data())
def test_a_window_is_the_window_of_the_whole(section, data):
    source, whole = section
    found = exposure.measure(source, 0)
    edges = [
        sorted(data.draw(st.lists(st.integers(0, side), min_size=2, max_size=2, unique=True)))
        for side in whole.shape
    ]
    rows, columns = (slice(*pair) for pair in edges)
    window = source.read(0, rows, columns)
    assert np.array_equal(found.normalised(window, rows, columns), whole[rows, columns])


def test_strip_by_strip_is_the_same_to_rounding(section, monkeypatch, tmp_path):
    source, whole = section
    monkeypatch.setattr(exposure, "AT_ONCE", 1)
    monkeypatch.setattr(exposure, "STRIP", 32)
    found = exposure.measure(source, 0)
    exposure.save(found, tmp_path / "e.npz")
    found = exposure.load(tmp_path / "e.npz", whole.shape)
    everything = tuple(slice(0, side) for side in whole.shape)
    ready = found.normalised(source.read(0, *everything), *everything)
    assert np.abs(ready - whole).max() < 2e-6


def test_floats_of_any_range(tmp_path, section):
    source, whole = section
    everything = tuple(slice(0, side) for side in whole.shape)
    values = 40 * source.read(0, *everything) - 1000
    tifffile.imwrite(tmp_path / "f.tif", values.astype(np.float32))
    other = open_source(tmp_path / "f.tif")
    ready = exposure.measure(other, 0).normalised(other.read(0, *everything), *everything)
    assert np.abs(ready - whole).max() < 1e-4


def test_a_section_without_contrast(tmp_path):
    tifffile.imwrite(tmp_path / "flat.tif", np.full((40, 40), 7, np.uint8))
    source = open_source(tmp_path / "flat.tif")
    part = slice(3, 20), slice(0, 9)
    ready = exposure.measure(source, 0).normalised(source.read(0, *part), *part)
    assert np.array_equal(ready, np.full((17, 9), 0.5, np.float32))

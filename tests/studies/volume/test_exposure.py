"""Windows of a section against `snnlab.images.contrast.normalise` of the whole."""

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

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
    assert np.array_equal(found.window(source, 0, rows, columns), whole[rows, columns])


def test_strip_by_strip_is_the_same_to_rounding(section, monkeypatch, tmp_path):
    source, whole = section
    monkeypatch.setattr(exposure, "AT_ONCE", 1)
    monkeypatch.setattr(exposure, "STRIP", 32)
    found = exposure.measure(source, 0)
    exposure.save(found, tmp_path / "e.npz")
    found = exposure.load(tmp_path / "e.npz", whole.shape, whole.shape)
    everything = tuple(slice(0, side) for side in whole.shape)
    ready = found.window(source, 0, *everything)
    assert np.abs(ready - whole).max() < 2e-6


def test_floats_of_any_range(tmp_path, section):
    source, whole = section
    everything = tuple(slice(0, side) for side in whole.shape)
    values = 40 * source.read(0, *everything) - 1000
    tifffile.imwrite(tmp_path / "f.tif", values.astype(np.float32))
    other = open_source(tmp_path / "f.tif")
    ready = exposure.measure(other, 0).window(other, 0, *everything)
    assert np.abs(ready - whole).max() < 1e-4


def canvas(value, spark=False):
    """A turned section in a canvas of one value, as float; and what is tissue of it."""
    made = ndimage.rotate(synthetic((150, 200), 4).image * 200, 9, order=0, cval=-1)
    made = np.pad(made, ((20, 90), (160, 5)), constant_values=-1).astype(np.float32)
    tissue = made >= 0
    made[~tissue] = value
    if spark:
        row, column = np.argwhere(tissue)[7000]
        made[row, column] = 1e7
    return made, tissue


@pytest.mark.parametrize("kind", [(0, False), (np.nan, False), (-9999, True)])
def test_windows_of_a_section_in_a_canvas(tmp_path, kind, monkeypatch):
    values, tissue = canvas(*kind)
    whole = normalise(values, tissue)
    tifffile.imwrite(tmp_path / "c.tif", values, tile=(64, 64), compression="zlib")
    source = open_source(tmp_path / "c.tif")
    for strip in (exposure.STRIP, 32):
        monkeypatch.setattr(exposure, "STRIP", strip)
        exposure.save(exposure.measure(source, 0), tmp_path / "e.npz")
        found = exposure.load(tmp_path / "e.npz", values.shape, values.shape)
        assert found.pixels == tissue.sum()
        height, width = values.shape
        for *rows, left, right in ((0, height, 0, width), (130, 170, 150, 260), (200, 210, 30, 31)):
            part = slice(*rows), slice(left, right)
            np.testing.assert_array_equal(found.window(source, 0, *part), whole[part])
            mask = found.tissue(*part)
            assert tissue[part].all() if mask is None else np.array_equal(mask, tissue[part])


def test_sparks_are_cut_off_in_windows_as_in_the_whole(tmp_path):
    values = np.rint(synthetic((141, 230), 3).image * 3000).astype(np.uint16)
    values[50, 60] = 65535
    whole = normalise(grey(Stored(values, 16)))
    assert np.abs(np.delete(whole - normalise(values * (values < 65535)), 50, 0)).max() < 0.02
    tifffile.imwrite(tmp_path / "s.tif", values)
    source = open_source(tmp_path / "s.tif")
    part = slice(10, 100), slice(0, 230)
    ready = exposure.measure(source, 0).window(source, 0, *part)
    np.testing.assert_array_equal(ready, whole[part])


def test_a_blank_section_is_grey_and_has_no_tissue(tmp_path):
    tifffile.imwrite(tmp_path / "flat.tif", np.full((40, 40), 7, np.uint8))
    source = open_source(tmp_path / "flat.tif")
    part = slice(3, 20), slice(0, 9)
    exposure.save(exposure.measure(source, 0), tmp_path / "e.npz")
    found = exposure.load(tmp_path / "e.npz", (40, 40), (40, 40))
    assert found.blank and found.pixels == 0
    assert np.array_equal(found.window(source, 0, *part), np.full((17, 9), 0.5, np.float32))

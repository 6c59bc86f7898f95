"""Windows of every kind of stack, against the whole of it."""

import os

import numpy as np
import pytest
import tifffile

from snnlab.errors import LabError
from snnlab.studies.volume.source import fingerprint, open_source

STACK = np.random.default_rng(0).integers(0, 60_000, (4, 70, 90), np.uint16)


def page_by_page(path, **more):
    with tifffile.TiffWriter(path) as tiff:
        for section in STACK:
            tiff.write(section, photometric="minisblack", **more)


WRITERS = {
    "plain": lambda path: tifffile.imwrite(path, STACK, photometric="minisblack"),
    "imagej": lambda path: tifffile.imwrite(path, STACK, imagej=True, metadata={"axes": "ZYX"}),
    "tiled": lambda path: tifffile.imwrite(
        path, STACK, tile=(32, 32), compression="zlib", photometric="minisblack"
    ),
    "lzw": lambda path: tifffile.imwrite(
        path, STACK, rowsperstrip=7, compression="lzw", photometric="minisblack"
    ),
    "bigtiff": lambda path: tifffile.imwrite(path, STACK, bigtiff=True, photometric="minisblack"),
    "page by page": page_by_page,
    "bare pages": lambda path: page_by_page(path, metadata=None),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_window_of_a_tiff(tmp_path, writer):
    WRITERS[writer](tmp_path / "a.tif")
    source = open_source(tmp_path / "a.tif")
    assert source.shape == STACK.shape
    for section in range(4):
        window = source.read(section, slice(3, 70), slice(40, 41))
        assert np.allclose(window, STACK[section, 3:70, 40:41] / 65535, atol=1e-6)


def test_one_page(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK[0])
    source = open_source(tmp_path / "a.tif")
    assert source.shape == (1, 70, 90)
    assert np.allclose(source.read(0, slice(0, 70), slice(0, 90)) * 65535, STACK[0], atol=1)


def test_pages_that_differ_are_no_volume(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(STACK[0], photometric="minisblack")
        tiff.write(STACK[1, :50], photometric="minisblack")
    with pytest.raises(LabError, match="differs in size"):
        open_source(tmp_path / "a.tif")


def test_a_file_that_ends_early_is_one_sentence(tmp_path):
    WRITERS["lzw"](tmp_path / "a.tif")
    data = (tmp_path / "a.tif").read_bytes()
    source = open_source(tmp_path / "a.tif")
    (tmp_path / "a.tif").write_bytes(data[: len(data) // 3])
    with pytest.raises(LabError, match="damaged or incomplete"):
        source.read(3, slice(0, 70), slice(0, 90))


def test_what_is_no_number_passes_as_it_is(tmp_path):
    """It is told from tissue where the section is measured."""
    values = STACK.astype(np.float32)
    values[2, 5, 5] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack")
    source = open_source(tmp_path / "a.tif")
    found = source.read(2, slice(0, 70), slice(0, 90))
    assert np.array_equal(found, values[2, :70, :90], equal_nan=True)


def test_a_folder_has_changed_when_a_file_in_it_has(tmp_path):
    place = tmp_path / "in.zarr" / "0" / "c"
    place.mkdir(parents=True)
    (place / "0").write_bytes(b"1234")
    before = fingerprint(str(tmp_path / "in.zarr"))
    assert before == fingerprint(str(tmp_path / "in.zarr"))
    (place / "0").write_bytes(b"12345")
    longer = fingerprint(str(tmp_path / "in.zarr"))
    os.utime(place / "0", ns=(0, 7))
    later = fingerprint(str(tmp_path / "in.zarr"))
    (place / "1").write_bytes(b"")
    assert len({before, longer, later, fingerprint(str(tmp_path / "in.zarr"))}) == 4

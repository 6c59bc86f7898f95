"""Pixel sizes as other programs write them are read; nonsense and printers' are not."""

import io

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from snnlab.images import pixel_size

PIXELS = np.zeros((32, 40), np.uint8)


def tiff(**options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, PIXELS, photometric="minisblack", **options)
    return file.getvalue()


def imagej(unit, per_unit) -> bytes:
    return tiff(imagej=True, resolution=(per_unit, per_unit), metadata={"unit": unit})


@pytest.mark.parametrize(
    ("unit", "per_unit", "nm"),
    [
        ("nm", 1 / 4, 4.0),
        ("um", 250.0, 4.0),
        ("micron", 125.0, 8.0),
        ("\\u00B5m", 200.0, 5.0),  # as ImageJ escapes it
        ("mm", 250_000.0, 4.0),
    ],
)
def test_fiji(unit, per_unit, nm):
    assert pixel_size.of_file(imagej(unit, per_unit), "x.tif") == pytest.approx(nm, rel=1e-4)


def test_ome():
    data = tiff(
        ome=True, metadata={"axes": "YX", "PhysicalSizeX": 0.005, "PhysicalSizeXUnit": "µm"}
    )
    assert pixel_size.of_file(data, "x.tif") == pytest.approx(5.0)
    data = tiff(ome=True, metadata={"axes": "YX", "PhysicalSizeX": 8, "PhysicalSizeXUnit": "nm"})
    assert pixel_size.of_file(data, "x.tif") == pytest.approx(8.0)


@pytest.mark.parametrize(
    "data",
    [
        tiff(),
        tiff(resolution=(72, 72), resolutionunit="INCH"),
        imagej("pixel", 1.0),
        imagej("nm", 1e-9),  # a metre wide
        imagej("inch", 4.0),
        b"",
        b"II*\0",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_says_nothing(data):
    assert pixel_size.of_file(data, "x.tif") is None


@given(st.data())
def test_a_damaged_file_is_no_failure(data):
    whole = bytearray(imagej("nm", 0.25))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found = pixel_size.of_file(bytes(whole), "x.tif")
    assert found is None or pixel_size.SMALLEST <= found <= pixel_size.LARGEST

"""Pixel sizes as other programs write them are read; nonsense and printers' are not."""

import io

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.images import pixel_size
from snnlab.images.reading import open_stack

PIXELS = np.zeros((32, 40), np.uint8)


def tiff(**options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, PIXELS, photometric="minisblack", **options)
    return file.getvalue()


def imagej(unit, across, down=None, **more) -> bytes:
    per = (across, down or across)
    return tiff(imagej=True, resolution=per, metadata={"unit": unit} | more)


def ome(attributes: str, before: str = "") -> bytes:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<OME xmlns="http://www.openmicroscopy.org/Schemas/'
        'OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8"'
        f' SizeX="40" SizeY="32" SizeC="1" SizeZ="1" SizeT="1" {attributes}><Channel'
        ' ID="Channel:0:0" SamplesPerPixel="1"/><TiffData/></Pixels></Image></OME>'
    )
    return tiff(description=text.encode(), metadata=None)


def size(data: bytes):
    return pixel_size.plain(open_stack(data, "x.tif").calibration.nm)


@pytest.mark.parametrize(
    ("unit", "per_unit", "nm"),
    [
        ("nm", 1 / 4, 4.0),
        ("um", 250.0, 4.0),
        ("micron", 125.0, 8.0),
        ("\\u00B5m", 200.0, 5.0),  # as ImageJ escapes it
        ("\\u00b5m", 200.0, 5.0),
        ("\\u00C5", 1 / 40, 4.0),
        ("angstrom", 1 / 40, 4.0),
        ("Micrometer", 250.0, 4.0),
        ("mm", 250_000.0, 4.0),
        ("cm", 2_500_000.0, 4.0),
        ("m", 2.5e8, 4.0),
        ("pm", 1 / 4000, 4.0),
    ],
)
def test_fiji(unit, per_unit, nm):
    assert size(imagej(unit, per_unit)) == pytest.approx(nm, rel=1e-4)


def test_fiji_has_pixels_that_are_no_squares():
    assert size(imagej("nm", 1 / 4, 1 / 6)) == pytest.approx((6.0, 4.0))
    both = imagej("um", 250.0, 1 / 6, yunit="nm")
    assert size(both) == pytest.approx((6.0, 4.0))


@pytest.mark.parametrize(
    ("attributes", "nm"),
    [
        ('PhysicalSizeX="0.005" PhysicalSizeY="0.005"', 5.0),  # OME's own unit is the micrometre
        ('PhysicalSizeX="8" PhysicalSizeXUnit="nm"', 8.0),
        ("PhysicalSizeX='8' PhysicalSizeXUnit='nm'", 8.0),
        ('PhysicalSizeXUnit="&#181;m" PhysicalSizeX="0.004"', 4.0),
        ('PhysicalSizeXUnit="&#956;m" PhysicalSizeX="4e-3"', 4.0),
        ('PhysicalSizeX="40" PhysicalSizeXUnit="Å"', 4.0),
        ('PhysicalSizeX="4000" PhysicalSizeXUnit="pm"', 4.0),
        ('PhysicalSizeX="4e-9" PhysicalSizeXUnit="m"', 4.0),
        ('PhysicalSizeX="4e-7" PhysicalSizeXUnit="cm"', 4.0),
        (
            'PhysicalSizeX="4" PhysicalSizeXUnit="nm" PhysicalSizeY="0.006" PhysicalSizeYUnit="µm"',
            (6.0, 4.0),
        ),
        ('PhysicalSizeX="4" PhysicalSizeXUnit="pixel"', None),
        ('PhysicalSizeX="1" PhysicalSizeXUnit="reference frame" PhysicalSizeY="1"', None),
        ('PhysicalSizeX="4" PhysicalSizeXUnit=""', None),
        ('PhysicalSizeX="0" PhysicalSizeXUnit="nm"', None),
        ('PhysicalSizeX="nan" PhysicalSizeXUnit="nm"', None),
        ('PhysicalSizeX="four" PhysicalSizeXUnit="nm"', None),
        ("", None),
    ],
)
def test_ome(attributes, nm):
    found = size(ome(attributes))
    assert found is None if nm is None else found == pytest.approx(nm)


def test_a_unit_that_is_no_length_is_said():
    calibration = open_stack(
        ome('PhysicalSizeX="1" PhysicalSizeXUnit="reference frame"'), "x.tif"
    ).calibration
    assert calibration.nm is None and "'reference frame', which is no length" in calibration.doubt


def test_ome_that_declares_entities_is_refused():
    data = ome("", "<!DOCTYPE OME [<!ENTITY a 'b'>]>")
    with pytest.raises(LabError, match="damaged"):
        open_stack(data, "x.tif")


@pytest.mark.parametrize(
    ("resolution", "unit", "nm"),
    [
        ((2_500_000, 2_500_000), "CENTIMETER", 4.0),
        ((2_500_000, 1_250_000), "CENTIMETER", (8.0, 4.0)),
        ((6_350_000, 6_350_000), "INCH", 4.0),
        ((72, 72), "INCH", None),
        ((300, 300), "INCH", None),
        ((118, 118), "CENTIMETER", None),  # 300 dots per inch
        ((2_500_000, 2_500_000), "NONE", None),
    ],
)
def test_the_resolution_of_a_tiff(resolution, unit, nm):
    found = size(tiff(resolution=resolution, resolutionunit=unit, metadata=None))
    assert found is None if nm is None else found == pytest.approx(nm)


@pytest.mark.parametrize("code", [34682, 34680])
def test_fei_and_thermo_fisher(code):
    text = "[Beam]\r\nHV=2000\r\n[Scan]\r\nPixelWidth=5e-09\r\nPixelHeight=6e-09\r\n"
    data = tiff(extratags=[(code, "s", 0, text, True)])
    assert size(data) == pytest.approx((6.0, 5.0))
    assert str(code) in open_stack(data, "x.tif").calibration.where


@pytest.mark.parametrize(("unit", "nm"), [("nm", 5.0), ("µm", 5000.0), ("V", None)])
def test_zeiss(unit, nm):
    # the first is that of the scan, which differs where the image was stored smaller
    text = (
        "0\r\nAP_PIXEL_SIZE\r\nPixel Size = 2.500 nm\r\nAP_IMAGE_PIXEL_SIZE\r\n"
        f"Image Pixel Size = 5.000 {unit}\r\n"
    )
    data = tiff(extratags=[(34118, "s", 0, text.encode("cp1252"), True)])
    found = size(data)
    assert found is None if nm is None else found == pytest.approx(nm)


@pytest.mark.parametrize(
    "make",
    [
        lambda: tiff(),
        lambda: tiff(resolution=(72, 72), resolutionunit="INCH"),
        lambda: imagej("pixel", 1.0),
        lambda: imagej("furlong", 1.0),
        lambda: imagej("nm", 1e-9),  # a metre wide
        lambda: imagej("inch", 4.0),
        lambda: imagej("Mm", 1 / 4),
    ],
)
def test_what_says_nothing(make):
    assert size(make()) is None


@given(st.data())
def test_a_damaged_file_is_no_failure(data):
    whole = bytearray(imagej("nm", 0.25))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = open_stack(bytes(whole), "x.tif").calibration.nm
    except LabError:
        return
    assert found is None or all(map(pixel_size.believed, found))


@pytest.mark.parametrize(
    ("text", "size"),
    [("4", 4.0), ("6.5", 6.5), ("4x6", (6.0, 4.0)), ("4×6", (6.0, 4.0)), ("5x5", 5.0)],
)
def test_sizes_on_the_command_line(text, size):
    found = pixel_size.parsed(text)
    assert found == size
    assert pixel_size.parsed(pixel_size.written(found)) == found


@pytest.mark.parametrize("text", ["", "x", "4x", "4x5x6", "four"])
def test_nonsense_on_the_command_line(text):
    with pytest.raises(ValueError):
        pixel_size.parsed(text)


@pytest.mark.parametrize(
    ("unit", "in_nm"),
    [  # all that OME's schema names; capital letters make others
        ("Å", 0.1), ("pm", 1e-3), ("fm", 1e-6), ("nm", 1.0), ("µm", 1e3), ("mm", 1e6), ("cm", 1e7),
        ("dm", 1e8), ("m", 1e9), ("thou", 25.4e3), ("li", 25.4e6 / 12), ("in", 25.4e6),
        ("pt", 25.4e6 / 72), ("Pm", None), ("PM", None), ("Mm", None), ("MM", None),
        ("pixel", None), ("reference frame", None),
    ],
)  # fmt: skip
def test_every_unit_of_length_that_ome_has(unit, in_nm):
    value = 4 / (in_nm or 1)
    found = size(ome(f'PhysicalSizeX="{value!r}" PhysicalSizeXUnit="{unit}"'))
    assert found == (pytest.approx(4) if in_nm else None)


def test_sizes_are_without_the_noise_of_their_conversion():
    assert 1e9 * 7.5e-9 != 7.5
    assert pixel_size.made((None, 1e9 * 7.5e-9, 5.0), "x").nm == (7.5, 5.0)
    found = pixel_size.Calibration((1.0, 0.0043, 0.0043), ("", "micrometer", "micrometer"))
    assert found.nm == (4.3, 4.3)

"""DM3 and DM4: bytes written after the layout in `dm_files`."""

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.reading import open_stack
from tests.images.dm_files import THUMBNAIL, dm

RNG = np.random.default_rng(6)
VALUES = RNG.integers(0, 100, (3, 40, 48))


def stored(data: bytes, section: int = 0, choice=None) -> np.ndarray:
    stack = open_stack(data, "x.dm3", choice=choice)
    whole = (slice(0, side) for side in stack.shape)
    return stack._reader.window(section, *whole).values


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"])
def test_the_image_and_not_the_thumbnail(version, order, kind, tmp_path):
    data = dm(VALUES.astype(kind), version, order)
    path = tmp_path / "x.dm3"
    path.write_bytes(data)
    for source in (path, data):
        stack = open_stack(source, "x.dm3")
        assert (stack.sections, stack.shape) == (3, (40, 48))
        assert stack.header.form == f"DM{version}"
        for section in (2, 0):
            found = stack._reader.window(section, slice(3, 40), slice(7, 9)).values
            np.testing.assert_array_equal(found, VALUES[section, 3:40, 7:9])


@pytest.mark.parametrize(
    ("scale", "unit", "nm"),
    [
        ((4.0, 4.0), "nm", (4.0, 4.0)),
        ((0.004, 0.006), "µm", (6.0, 4.0)),
        ((0.004, 0.004), "um", (4.0, 4.0)),
        ((40.0, 40.0), "Å", (4.0, 4.0)),
        ((4.0, 4.0), "", None),
        ((0.1, 0.1), "1/nm", None),  # a diffraction pattern
        ((0.0, 0.0), "nm", None),
    ],
)
def test_the_size_of_a_pixel_and_its_unit(scale, unit, nm):
    found = open_stack(dm(VALUES[0].astype("u2"), 4, scale=scale, unit=unit), "x").calibration
    assert found.nm is None if nm is None else found.nm == pytest.approx(nm)
    assert ("no length" in found.doubt) == (unit == "1/nm")


def test_the_origin_is_the_pixel_at_zero():
    found = open_stack(dm(VALUES[0].astype("u2"), scale=(4.0, 6.0), origin=10.0), "x").calibration
    assert found.translation == pytest.approx((0.0, -60.0, -40.0))


def test_a_thumbnail_that_nothing_names():
    data = dm(VALUES[0].astype("u2"), named_thumbnail=False)
    np.testing.assert_array_equal(stored(data), VALUES[0])


def test_several_images_are_asked_for():
    data = dm(VALUES[0].astype("u2"), more=VALUES[1].astype("u2"))
    with pytest.raises(Undecided, match=r"2 data sets.*1 \(EM\), 2 \(second\)"):
        open_stack(data, "x.dm3")
    np.testing.assert_array_equal(stored(data, choice=Choice(dataset="2")), VALUES[1])


def test_colours_have_a_fourth_byte():
    data = dm(THUMBNAIL, data_type=23, scale=(4.0, 4.0))
    blue_first = THUMBNAIL.astype("<i4").view(np.uint8).reshape(64, 60, 4)
    np.testing.assert_array_equal(stored(data), blue_first[..., 2::-1])
    assert open_stack(data, "x").kind == "8-bit colour DM3"


def test_black_and_white():
    data = dm((VALUES[0] > 50).astype("u1"), data_type=14)
    np.testing.assert_array_equal(open_stack(data, "x").section(0).pixels, VALUES[0] > 50)


def test_what_is_no_image():
    with pytest.raises(LabError, match="complex"):
        open_stack(dm(VALUES[0].astype("f8"), data_type=3), "x")
    with pytest.raises(LabError, match="type .99. that is not read"):
        open_stack(dm(VALUES[0].astype("f8"), data_type=99), "x")
    with pytest.raises(LabError, match="spectrum image, its third axis in eV"):
        open_stack(dm(VALUES.astype("f4"), unit="eV"), "x")
    with pytest.raises(LabError, match="damaged"):
        open_stack(dm(VALUES.astype("f4"))[:9000], "x")

"""MRC as mrcfile writes it, and what it does not: signs of bytes, order of axes, IMOD's modes."""

import struct
import tempfile
from pathlib import Path

import mrcfile
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.reading import open_stack

RNG = np.random.default_rng(5)
VALUES = RNG.integers(-100, 100, (5, 40, 48))


def mrc(values, voxel=(40.0, 40.0, 500.0), **header) -> bytes:
    """Bytes of a file by mrcfile; header fields are set afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.mrc"
        with mrcfile.new(path) as file:
            file.set_data(values)
            file.voxel_size = voxel
            for name, value in header.items():
                file.header[name] = value
        return path.read_bytes()


def patched(data: bytes, at: int, code: str, *values) -> bytes:
    found = bytearray(data)
    struct.pack_into(code, found, at, *values)
    return bytes(found)


def stored(data: bytes, section: int = 0, choice=None) -> np.ndarray:
    stack = open_stack(data, "x.mrc", choice=choice)
    whole = (slice(0, side) for side in stack.shape)
    return stack._reader.window(section, *whole).values


@pytest.mark.parametrize("kind", ["i1", "i2", "u2", "f4", "f2"])
@pytest.mark.parametrize("order", "<>")
def test_sections_are_those_that_mrcfile_wrote(kind, order, tmp_path):
    values = np.abs(VALUES) if kind == "u2" else VALUES
    path = tmp_path / "x.mrc"
    with mrcfile.new(path) as file:
        file.set_data(values.astype(kind))
        file.voxel_size = (40, 60, 500)
    data = path.read_bytes()
    if order == ">":
        with mrcfile.open(path) as file:
            header = file.header.astype(file.header.dtype.newbyteorder(">"))
            header["machst"] = (0x11, 0x11, 0, 0)
            big = file.data.astype(file.data.dtype.newbyteorder(">"))
            data = header.tobytes() + big.tobytes()
    path.write_bytes(data)
    for source in (path, data):  # read in pieces, and in memory
        stack = open_stack(source, "x.mrc")
        assert (stack.sections, stack.shape) == (5, (40, 48))
        assert stack.calibration.nm == pytest.approx((6.0, 4.0))
        assert stack.calibration.scale[0] == pytest.approx(50.0)
        for section in (4, 0):
            found = stack._reader.window(section, slice(3, 40), slice(7, 9)).values
            np.testing.assert_array_equal(found, values[section, 3:40, 7:9].astype(kind))


def bytes_with(stamp: int | None, flags: int = 0, **header) -> bytes:
    data = mrc(VALUES.astype(np.int8), **header)
    return data if stamp is None else patched(data, 152, "<ii", stamp, flags)


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (bytes_with(1146047817, 0), np.uint8, "unsigned ones, as IMOD's flag"),
        (bytes_with(1146047817, 1), np.int8, "signed ones, as IMOD's flag"),
        (bytes_with(1146047817, 2), np.uint8, "unsigned ones, as IMOD's flag"),
        (bytes_with(None), np.int8, "signed ones, as MRC2014"),
        (bytes_with(None, dmin=0, dmax=255), np.int8, "header gives 255 as the largest"),
    ],
    # mrcfile writes the time into a file, so that its bytes name another test every second
    ids=("no flag", "signed flag", "other flag", "no stamp", "contradiction"),
)
def test_the_sign_of_bytes_is_imods_or_the_standards_and_said(data, kind, said):
    stack = open_stack(data, "x.mrc")
    np.testing.assert_array_equal(stored(data, 2), VALUES[2].astype(np.int8).view(kind))
    assert any(said in note for note in stack.notes)


@pytest.mark.parametrize(
    ("order", "turned"),
    [  # of columns, rows, sections; from (sections, rows, columns) to (z, y, x)
        ((1, 2, 3), (0, 1, 2)),
        ((2, 1, 3), (0, 2, 1)),
        ((3, 1, 2), (2, 0, 1)),
        ((1, 3, 2), (1, 0, 2)),
        ((2, 3, 1), (1, 2, 0)),
        ((3, 2, 1), (2, 1, 0)),
    ],
)
def test_sections_are_along_z_whatever_the_order_of_the_axes(order, turned):
    values = RNG.integers(0, 1000, (33, 40, 48)).astype(np.int16)
    data = patched(mrc(values), 64, "<iii", *order)
    expected = values.transpose(turned)
    stack = open_stack(data, "x.mrc")
    assert (stack.sections, *stack.shape) == expected.shape
    for section in (0, 7, 31):
        np.testing.assert_array_equal(stored(data, section), expected[section])
    assert any("was turned" in note for note in stack.notes) == (order != (1, 2, 3))


@pytest.mark.parametrize("order", "<>")
def test_a_file_without_the_word_map_may_have_something_behind_its_pixels(order):
    data = patched(mrc(VALUES.astype(np.int16)), 208, "8s", bytes(8))
    if order == ">":
        header = np.frombuffer(data, mrcfile.dtypes.HEADER_DTYPE, 1)
        header = header.astype(header.dtype.newbyteorder(">")).tobytes()
        data = header + VALUES.astype(">i2").tobytes()
    for spare in (0, 512):
        np.testing.assert_array_equal(stored(data + bytes(spare), 3), VALUES[3])
    with pytest.raises(LabError, match="no image that is known"):
        open_stack(patched(data, 64, f"{order}iii", 7, 8, 9) + bytes(512), "x.mrc")


def test_a_wrong_stamp_of_the_byte_order_is_found_out():
    data = patched(mrc(VALUES.astype(np.int16)), 212, "4B", 0x11, 0x11, 0, 0)
    np.testing.assert_array_equal(stored(data, 3), VALUES[3])


def test_order_of_axes_that_is_none():
    np.testing.assert_array_equal(
        stored(patched(mrc(VALUES.astype(np.int16)), 64, "<iii", 0, 0, 0), 1), VALUES[1]
    )
    with pytest.raises(LabError, match="damaged"):
        open_stack(patched(mrc(VALUES.astype(np.int16)), 64, "<iii", 1, 1, 3), "x.mrc")


@pytest.mark.parametrize("cell", [0.0, -1.0, float("nan"), float("inf")])
def test_a_cell_of_nothing_is_no_pixel_size(cell):
    data = patched(mrc(VALUES.astype(np.int16)), 40, "<fff", cell, cell, cell)
    assert open_stack(data, "x.mrc").calibration.nm is None


def test_a_cell_in_single_precision_is_the_number_that_was_meant():
    data = patched(mrc(VALUES.astype(np.int16)), 40, "<fff", 48 * 4.4, 40 * 4.37, 200.0)
    assert open_stack(data, "x.mrc").calibration.nm == (0.437, 0.44)


def test_one_angstrom_may_mean_nothing_and_that_is_said():
    stack = open_stack(mrc(VALUES.astype(np.int16), (1.0, 1.0, 1.0)), "x.mrc")
    assert stack.calibration.nm == pytest.approx((0.1, 0.1))
    assert "1 ångström" in stack.notes[0]


def test_the_size_of_a_pixel_in_the_microscopes_extended_header():
    from mrcfile.dtypes import get_ext_header_dtype

    record = np.zeros(1, get_ext_header_dtype(b"FEI1"))
    record["Pixel size X"], record["Pixel size Y"] = 2.5e-10, 5e-10
    plain = patched(mrc(VALUES.astype(np.int16)), 40, "<fff", 0.0, 0.0, 0.0)
    data = patched(plain, 92, "<i", record.nbytes)
    data = patched(data, 104, "4s", b"FEI1")
    data = data[:1024] + record.tobytes() + data[1024:]
    stack = open_stack(data, "x.mrc")
    assert stack.calibration.nm == pytest.approx((0.5, 0.25))
    np.testing.assert_array_equal(stored(data, 3), VALUES[3])


def test_colours_and_half_bytes_of_imod():
    colours = RNG.integers(0, 256, (2, 40, 48, 3)).astype(np.uint8)
    head = mrc(np.zeros((2, 40, 48), np.int16))[:1024]
    data = patched(head, 12, "<i", 16) + colours.tobytes()
    np.testing.assert_array_equal(stored(data, 1), colours[1])
    assert open_stack(data, "x.mrc").kind == "8-bit colour MRC"
    for width in (48, 49):
        nibbles = RNG.integers(0, 16, (2, 40, width)).astype(np.uint8)
        even = np.pad(nibbles, ((0, 0), (0, 0), (0, width % 2)))
        both = even[..., 0::2] | even[..., 1::2] << 4
        head = mrc(np.zeros((2, 40, width), np.int16))[:1024]
        data = patched(head, 12, "<i", 101) + both.tobytes()
        np.testing.assert_array_equal(stored(data, 1), nibbles[1])
        part = open_stack(data, "x")._reader.window(1, slice(2, 9), slice(5, 44)).values
        np.testing.assert_array_equal(part, nibbles[1, 2:9, 5:44])
        white = open_stack(data, "x").section(0).pixels
        np.testing.assert_allclose(white, nibbles[0] / 15, atol=1e-6)


def test_stacks_of_volumes_ask_which():
    values = RNG.integers(0, 1000, (6, 40, 48)).astype(np.int16)
    data = patched(mrc(values), 36, "<i", 3)  # mz
    data = patched(data, 88, "<i", 401)
    with pytest.raises(Undecided, match="2 frames"):
        open_stack(data, "x.mrc")
    np.testing.assert_array_equal(stored(data, 2, Choice(frame=1)), values[5])


@pytest.mark.parametrize("mode", [3, 4])
def test_transforms_are_no_images(mode):
    data = patched(mrc(VALUES.astype(np.int16)), 12, "<i", mode)
    with pytest.raises(LabError, match="complex"):
        open_stack(data, "x.mrc")


def test_a_file_that_ends_early():
    with pytest.raises(LabError, match="declares 5 sections but ends before"):
        open_stack(mrc(VALUES.astype(np.int16))[:-1], "x.mrc")

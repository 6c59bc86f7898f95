"""NRRD as pynrrd writes it."""

import io
import tempfile
from pathlib import Path

import nrrd
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.reading import open_stack

RNG = np.random.default_rng(9)
VALUES = RNG.integers(0, 100, (5, 40, 48))  # z, y, x
SPACE = {
    "space": "right-anterior-superior",
    "space directions": np.diag((4.0, 6.0, 50.0)),
    "space origin": (8.0, 12.0, 100.0),
    "space units": ["nm", "nm", "nm"],
}


def written(values, **header) -> bytes:
    """``values``: slowest axis first."""
    file = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.nrrd"
        nrrd.write(str(path), values, {"encoding": "raw"} | header, index_order="C")
        file.write(path.read_bytes())
    return file.getvalue()


def stored(source, section=0, choice=None):
    stack = open_stack(source, "x.nrrd", choice=choice)
    return stack._reader.window(section, *(slice(0, side) for side in stack.shape)).values


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
@pytest.mark.parametrize("kind", ["i1", "u1", "<i2", ">u2", "<i4", ">f4", "<f8", "<u8"])
def test_sections_are_those_that_pynrrd_wrote(encoding, kind, tmp_path):
    data = written(VALUES.astype(kind), encoding=encoding)
    path = tmp_path / "x.nrrd"
    path.write_bytes(data)
    for source in (path, data):
        stack = open_stack(source, "x.nrrd")
        assert (stack.sections, stack.shape) == (5, (40, 48))
        for section in (4, 0):
            found = stack._reader.window(section, slice(3, 40), slice(7, 9)).values
            np.testing.assert_array_equal(found, VALUES[section, 3:40, 7:9])
    np.testing.assert_array_equal(nrrd.read(str(path), index_order="C")[0][2], stored(path, 2))


def test_one_image():
    np.testing.assert_array_equal(stored(written(VALUES[0].astype("u1"))), VALUES[0])


@pytest.mark.parametrize(
    ("header", "nm", "depth"),
    [
        (SPACE, (6.0, 4.0), 50.0),
        (SPACE | {"space units": ["um", "um", "um"]}, (6000.0, 4000.0), 50.0),
        ({"spacings": [4.0, 6.0, 50.0], "units": ["nm", "nm", "nm"]}, (6.0, 4.0), 50.0),
        ({"spacings": [4.0, 6.0, 50.0]}, None, None),  # without a unit
        ({"spacings": [4.0, 6.0, 50.0], "units": ["px", "px", "px"]}, None, None),
        ({"spacings": [np.nan, np.nan, 50.0], "units": ["nm", "nm", "nm"]}, None, None),
        ({}, None, None),
    ],
)
def test_the_size_of_a_pixel(header, nm, depth):
    found = open_stack(written(VALUES.astype("u1"), **header), "x").calibration
    assert found.nm is None if nm is None else found.nm == pytest.approx(nm)
    if depth:
        assert found.scale[0] == depth


def test_axes_that_are_turned_have_their_length_but_no_origin():
    turned = np.array([[0, 4.0, 0], [6.0, 0, 0], [0, 0, 50.0]])
    found = open_stack(written(VALUES.astype("u1"), **SPACE | {"space directions": turned}), "x")
    assert found.calibration.nm == pytest.approx((6.0, 4.0))
    assert found.calibration.translation is None
    straight = open_stack(written(VALUES.astype("u1"), **SPACE), "x")
    assert straight.calibration.translation == (100.0, 12.0, 8.0)


def test_channels_times_and_colours():
    both = np.stack([VALUES, VALUES[::-1]], axis=-1).astype("u1")
    data = written(both, kinds=["list", "domain", "domain", "domain"])
    with pytest.raises(Undecided, match="2 channels"):
        open_stack(data, "x")
    np.testing.assert_array_equal(stored(data, 1, Choice(channel=1)), VALUES[-2])
    data = written(np.stack([VALUES, VALUES[::-1]]).astype("u1"), kinds=["domain"] * 3 + ["time"])
    np.testing.assert_array_equal(stored(data, 1, Choice(frame=1)), VALUES[-2])
    colours = RNG.integers(0, 256, (40, 48, 3)).astype("u1")
    data = written(colours, kinds=["RGB-color", "domain", "domain"])
    np.testing.assert_array_equal(stored(data), colours)
    assert open_stack(data, "x").kind == "8-bit colour NRRD"


def test_numbers_in_another_file_are_not_looked_for(tmp_path):
    (tmp_path / "x.raw").write_bytes(VALUES.astype("u1").tobytes())
    head = (
        b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 48 40 5\nencoding: raw\ndata file: x.raw\n\n"
    )
    (tmp_path / "x.nhdr").write_bytes(head)
    for source in (head, tmp_path / "x.nhdr"):
        with pytest.raises(LabError, match="only the header, its numbers are in x.raw"):
            open_stack(source, "x.nhdr")


def test_what_is_not_read():
    with pytest.raises(LabError, match="stored as (ascii|text)"):
        open_stack(written(VALUES.astype("u1"), encoding="ascii"), "x")
    data = written(VALUES.astype("u1"))
    with pytest.raises(LabError, match="ends before its last section"):
        open_stack(data[:-1], "x")
    with pytest.raises(LabError, match="damaged"):
        open_stack(written(VALUES.astype("u1"), encoding="gzip")[:-20], "x")


def test_numbers_that_end_the_file():
    head = b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 48 40 5\nencoding: raw\nbyte skip: -1\n\n"
    data = head + b"something else" + VALUES.astype("u1").tobytes()
    np.testing.assert_array_equal(stored(data, 3), VALUES[3])


@pytest.mark.parametrize("code", ["utf-8", "latin-1"])
@pytest.mark.parametrize(("unit", "nm"), [("µm", 4000.0), ("Å", 0.4), ("nm", 4.0), ("µs", None)])
def test_a_unit_with_a_letter_beyond_ascii_is_that_unit(code, unit, nm):
    """pynrrd drops the letter, which leaves metres of micrometres."""
    plain = written(VALUES.astype("u1"), spacings=[4.0, 4.0, 50.0], units=["XY"] * 3)
    data = plain.replace(b"XY", unit.encode(code))
    found = open_stack(data, "x.nrrd").calibration.nm
    assert found == (pytest.approx((nm, nm)) if nm else None)
    np.testing.assert_array_equal(stored(data, 3), VALUES[3])

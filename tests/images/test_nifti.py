"""NIfTI as nibabel writes it, packed and not."""

import gzip
import io

import nibabel
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.limits import LIMITS
from snnlab.images.reading import open_stack

RNG = np.random.default_rng(10)
VALUES = RNG.integers(0, 100, (5, 40, 48))  # z, y, x
KINDS = {1: nibabel.Nifti1Image, 2: nibabel.Nifti2Image}


def written(values, version=1, unit="micron", zooms=(0.004, 0.006, 0.05), affine=None, dtype=None):
    """``values``: slowest axis first."""
    image = KINDS[version](values.T, affine, dtype=dtype or values.dtype)
    image.header.set_xyzt_units(unit, "sec")
    image.header.set_zooms((*zooms, 1.0, 1.0)[: values.ndim])
    return image.to_bytes()


def stored(source, section=0, choice=None):
    stack = open_stack(source, "x.nii", choice=choice)
    return stack._reader.window(section, *(slice(0, side) for side in stack.shape)).values


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["u1", "<i2", "<u2", "<i4", "<f4", "<f8"])
def test_sections_are_those_that_nibabel_wrote(version, packed, kind, tmp_path):
    data = written(VALUES.astype(kind), version)
    data = gzip.compress(data) if packed else data
    path = tmp_path / ("x.nii.gz" if packed else "x.nii")
    path.write_bytes(data)
    for source in (path, data):
        stack = open_stack(source, path.name)
        assert (stack.sections, stack.shape) == (5, (40, 48))
        assert stack.calibration.nm == pytest.approx((6.0, 4.0))
        for section in (4, 0):
            found = stack._reader.window(section, slice(3, 40), slice(7, 9)).values
            np.testing.assert_array_equal(found, VALUES[section, 3:40, 7:9])
    # nibabel's own idea of the same
    np.testing.assert_array_equal(
        np.asarray(nibabel.load(path).dataobj)[:, :, 2].T, stored(path, 2)
    )


def test_big_endian():
    header = nibabel.Nifti1Header(endianness=">")
    header.set_data_dtype(np.dtype(">i2"))
    image = nibabel.Nifti1Image(VALUES.T.astype(">i2"), None, header)
    file = io.BytesIO()
    image.to_stream(file)
    assert file.getvalue()[:4] == b"\0\0\1\x5c"
    np.testing.assert_array_equal(stored(file.getvalue(), 3), VALUES[3])


@pytest.mark.parametrize(
    ("unit", "zooms", "nm"),
    [
        ("micron", (0.004, 0.004, 0.05), (4.0, 4.0)),
        ("mm", (4e-6, 4e-6, 5e-5), (4.0, 4.0)),
        ("meter", (4e-9, 6e-9, 5e-8), (6.0, 4.0)),
        ("unknown", (4.0, 4.0, 50.0), None),
        ("mm", (1.0, 1.0, 1.0), None),  # of a head
    ],
)
def test_the_unit_is_heeded(unit, zooms, nm):
    found = open_stack(written(VALUES.astype("u1"), unit=unit, zooms=zooms), "x").calibration
    assert found.nm is None if nm is None else found.nm == pytest.approx(nm)
    assert bool(found.doubt) == (nm is None)


def test_numbers_that_are_scaled():
    image = nibabel.Nifti1Image(VALUES.T.astype("i2"), None)
    image.header.set_slope_inter(-2.0, 10.0)
    file = io.BytesIO()
    image.to_stream(file)
    found = np.asarray(nibabel.Nifti1Image.from_bytes(file.getvalue()).dataobj)[:, :, 1].T
    np.testing.assert_allclose(stored(file.getvalue(), 1), found)


def test_times_are_asked_for():
    data = written(np.stack([VALUES, VALUES[::-1]]).astype("u1"))
    with pytest.raises(Undecided, match="2 frames"):
        open_stack(data, "x")
    np.testing.assert_array_equal(stored(data, 1, Choice(frame=1)), VALUES[-2])


def test_colours():
    colours = RNG.integers(0, 256, (5, 40, 48, 3)).astype("u1")
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    data = written(colours.view(kind)[..., 0])
    np.testing.assert_array_equal(stored(data, 2), colours[2])


def test_where_the_first_voxel_lies():
    affine = np.diag((0.004, 0.006, 0.05, 1.0))
    affine[:3, 3] = 0.1, 0.2, 0.3
    found = open_stack(written(VALUES.astype("u1"), affine=affine), "x").calibration
    assert found.translation == pytest.approx((0.3, 0.2, 0.1))
    affine[0, 0] = -0.004
    found = open_stack(written(VALUES.astype("u1"), affine=affine), "x").calibration
    assert found.translation is None


def test_what_is_not_read():
    data = written(VALUES.astype("u1"))
    with pytest.raises(LabError, match="ends before its last section"):
        open_stack(data[:-1], "x")
    pair = data[:344] + b"ni1\0" + data[348:]
    with pytest.raises(LabError, match="its numbers are in an .img file"):
        open_stack(pair, "x.hdr")
    with pytest.raises(LabError, match="complex"):
        open_stack(written(VALUES.astype("c8")), "x")
    with pytest.raises(LabError, match="damaged"):
        open_stack(gzip.compress(data)[:-10], "x.nii.gz")


def test_gzip_may_not_unpack_to_anything():
    bomb = gzip.compress(bytes(100_000_000))
    with pytest.raises(LabError, match="unpacks to more than 6[4-9] MiB"):
        open_stack(bomb, "x.nii.gz")
    with pytest.raises(LabError, match="a gzip archive of a text file"):
        open_stack(gzip.compress(b"hello, here is some text\n" * 9), "x.gz")
    twice = gzip.compress(gzip.compress(written(VALUES.astype("u1"))))
    with pytest.raises(LabError, match="a gzip archive of"):
        open_stack(twice, "x.nii.gz.gz")
    assert LIMITS.free_bytes == 64 << 20

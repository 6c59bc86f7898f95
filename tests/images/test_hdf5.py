"""HDF5 as CREMI, ilastik and MATLAB lay it out; what points at other files is not followed."""

import io
import json

import h5py
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.reading import open_stack

RNG = np.random.default_rng(8)
VALUES = RNG.integers(0, 256, (5, 40, 48)).astype(np.uint8)
IDS = RNG.integers(0, 9, (5, 40, 48)).astype(np.uint64)


def hdf5(fill, **options) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w", **options) as made:
        fill(made)
    return file.getvalue()


def cremi(file):
    raw = file.create_dataset("volumes/raw", data=VALUES, chunks=(1, 16, 16), compression="gzip")
    raw.attrs["resolution"] = (40.0, 4.0, 4.0)
    ids = file.create_dataset("volumes/labels/neuron_ids", data=IDS, compression="lzf")
    ids.attrs["resolution"], ids.attrs["offset"] = (40.0, 4.0, 4.0), (1480.0, 3644.0, 3644.0)
    file.create_dataset("volumes/labels/clefts", data=IDS + 1)
    file.create_dataset("annotations/ids", data=np.arange(7, dtype=np.uint64))


def one(values=VALUES, **attributes):
    def fill(file):
        dataset = file.create_dataset("data", data=values)
        for name, value in attributes.items():
            dataset.attrs[name] = value

    return hdf5(fill)


def sections(source, choice=None):
    stack = open_stack(source, "x.h5", choice=choice)
    return np.rint([stack.section(i).pixels * 255 for i in range(stack.sections)]).astype(np.uint8)


@pytest.fixture(params=["upload", "file"])
def given(request, tmp_path):
    """A file as bytes, read in a process of its own, or by its path, read in pieces."""

    def give(data: bytes):
        if request.param == "upload":
            return data
        path = tmp_path / "x.h5"
        path.write_bytes(data)
        return path

    return give


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_cremi(given, libver):
    source = given(hdf5(cremi, libver=libver))
    np.testing.assert_array_equal(sections(source), VALUES)
    stack = open_stack(source, "x.h5")
    assert stack.calibration.nm == (4.0, 4.0) and stack.calibration.scale[0] == 40.0
    assert "The data set volumes/raw was read." in stack.notes
    assert any("taken as nanometres" in note for note in stack.notes)
    window = stack.window(3, slice(5, 33), slice(17, 18))
    np.testing.assert_allclose(window, VALUES[3, 5:33, 17:18] / 255, atol=1e-6)
    labels = open_stack(source, "x.h5", choice=Choice(labels=True))
    assert labels.header.choice.dataset == "volumes/labels/neuron_ids"
    assert labels.calibration.translation == (1480.0, 3644.0, 3644.0)
    clefts = open_stack(source, "x.h5", choice=Choice(dataset="/volumes/labels/clefts"))
    assert clefts.kind == "64-bit grey HDF5"


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("tzyxc", (1, 5, 40, 48, 1)), ("zyx", (5, 40, 48)), ("zyxc", (5, 40, 48, 1))],
)
def test_ilastik(given, axes, shape):
    tags = json.dumps({"axes": [{"key": axis, "typeFlags": 2, "resolution": 0} for axis in axes]})
    source = given(one(VALUES.reshape(shape), axistags=tags))
    np.testing.assert_array_equal(sections(source), VALUES)
    assert not open_stack(source, "x.h5").notes


def test_ilastiks_axes_decide_whatever_their_order(given):
    tags = json.dumps({"axes": [{"key": axis} for axis in "xyz"]})
    np.testing.assert_array_equal(sections(given(one(VALUES.T, axistags=tags))), VALUES)
    tags = json.dumps({"axes": [{"key": axis} for axis in "czyx"]})
    both = np.stack([VALUES, 255 - VALUES])
    source = given(one(both, axistags=tags))
    with pytest.raises(Undecided, match="2 channels"):
        open_stack(source, "x.h5")
    np.testing.assert_array_equal(sections(source, Choice(channel=1)), 255 - VALUES)


def test_matlab_counts_the_other_way_round(given):
    def fill(file):
        stored = np.ascontiguousarray(VALUES.transpose(0, 2, 1))
        file.create_dataset("im", data=stored).attrs["MATLAB_class"] = np.bytes_(b"uint8")

    source = given(hdf5(fill, userblock_size=512))
    np.testing.assert_array_equal(sections(source), VALUES)


def test_velox(given):
    about = {"BinaryResult": {"PixelSize": {"width": "4e-09", "height": "6e-09"},
                              "PixelUnitX": "m", "PixelUnitY": "m"}}  # fmt: skip
    text = json.dumps(about).encode() + b"\0" * 30

    def fill(file):
        place = "Data/Image/0123abcd"
        file[f"{place}/Data"] = np.moveaxis(VALUES[:1], 0, -1)
        file[f"{place}/Metadata"] = np.frombuffer(text, np.uint8)[:, None]

    source = given(hdf5(fill))
    np.testing.assert_array_equal(sections(source), VALUES[:1])
    assert open_stack(source, "x.emd").calibration.nm == pytest.approx((6.0, 4.0))


@pytest.mark.parametrize(
    ("attributes", "nm"),
    [
        ({"resolution": (40.0, 6.0, 4.0)}, (6.0, 4.0)),
        ({"resolution": (0.04, 0.004, 0.004), "unit": "um"}, (4.0, 4.0)),
        ({"resolution": (40.0, 4.0, 4.0), "units": ["nm", "nm", "nm"]}, (4.0, 4.0)),
        ({"resolution": (40.0, 4.0, 4.0), "unit": "pixel"}, None),
        ({"resolution": (4.0, 4.0)}, None),
        ({"resolution": (np.nan, 4.0, np.inf)}, None),
        ({"element_size_um": (0.04, 0.004, 0.004)}, (4.0, 4.0)),
        ({}, None),
    ],
)
def test_the_size_of_a_pixel(attributes, nm):
    found = open_stack(one(**attributes), "x.h5").calibration.nm
    assert found is None if nm is None else found == pytest.approx(nm)


def test_several_data_sets_are_asked_for(given):
    def fill(file):
        file["a/first"], file["b"] = VALUES, 255 - VALUES
        file["c"] = h5py.SoftLink("/a/first")

    source = given(hdf5(fill))
    with pytest.raises(Undecided, match=r"2 data sets.*a/first \(5 x 40 x 48\), b"):
        open_stack(source, "x.h5")
    for name in ("a/first", "/a/first", "c"):
        np.testing.assert_array_equal(sections(source, Choice(dataset=name)), VALUES)
    with pytest.raises(LabError, match="has no data set other.*choose one of a/first, b"):
        open_stack(source, "x.h5", choice=Choice(dataset="other"))


# ---- files that point at others -----------------------------------------------


@pytest.fixture
def secret(tmp_path):
    """A file that nobody who uploads may read."""
    path = tmp_path / "secret.h5"
    with h5py.File(path, "w") as file:
        file["data"] = VALUES
    (tmp_path / "secret.raw").write_bytes(VALUES.tobytes())
    return path


def external_link(file, secret):
    file["data"] = h5py.ExternalLink(str(secret), "/data")


def link_through_a_group(file, secret):
    file["other"] = h5py.ExternalLink(str(secret), "/")
    file["data"] = h5py.SoftLink("/other/data")


def external_storage(file, secret):
    raw = str(secret.with_suffix(".raw"))
    file.create_dataset("data", VALUES.shape, np.uint8, external=[(raw, 0, VALUES.nbytes)])


def virtual(file, secret):
    layout = h5py.VirtualLayout(VALUES.shape, np.uint8)
    layout[:] = h5py.VirtualSource(str(secret), "data", VALUES.shape)
    file.create_virtual_dataset("data", layout)


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (external_link, "data in x.h5 is a link to another file"),
        (link_through_a_group, "other in x.h5 is a link to another file"),
        (external_storage, "data in x.h5 has its numbers in another file"),
        (virtual, "data in x.h5 is virtual"),
    ],
)
@pytest.mark.parametrize("named", [None, "data", "other/data"])
def test_what_points_at_other_files_is_refused(given, secret, fill, said, named):
    source = given(hdf5(lambda file: fill(file, secret)))
    if named == "other/data" and fill is not link_through_a_group:
        said = "no data set|link|numbers|virtual|holds no array"
    with pytest.raises(LabError, match=said):
        open_stack(source, "x.h5", choice=Choice(dataset=named))


def test_a_link_beside_an_image_is_left_out_and_said(given, secret):
    def fill(file):
        file["image"] = VALUES
        external_link(file, secret)

    source = given(hdf5(fill))
    np.testing.assert_array_equal(sections(source), VALUES)
    assert "data is a link to another file, and was left out." in open_stack(source, "x").notes


def test_a_link_in_the_place_of_the_image_is_not_passed_over(given, secret):
    def fill(file):
        file["volumes/raw"] = h5py.ExternalLink(str(secret), "/data")
        file["volumes/labels/neuron_ids"] = IDS

    with pytest.raises(LabError, match="volumes/raw in x.h5 is a link"):
        open_stack(given(hdf5(fill)), "x.h5")


def test_groups_in_a_ring_come_to_an_end(given):
    def fill(file):
        file["a/b/image"] = VALUES
        file["a/b/again"] = file["a"]

    np.testing.assert_array_equal(sections(given(hdf5(fill))), VALUES)


def test_a_filter_that_h5py_does_not_ship(given):
    def fill(file):
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((1, 40, 48))
        # an optional filter need not be there to be written past
        made.set_filter(32001, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple(VALUES.shape)
        h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_UINT8, space, made)
        file["data"][...] = VALUES

    with pytest.raises(LabError, match="packed with a filter that is not read here"):
        open_stack(given(hdf5(fill)), "x.h5")


def test_what_holds_no_image(given):
    with pytest.raises(LabError, match="holds no array that could be an image"):
        open_stack(given(one(np.arange(9))), "x.h5")
    with pytest.raises(LabError, match="5 axes|4 axes without names"):
        open_stack(given(one(np.zeros((5, 6, 40, 48), np.uint8))), "x.h5")


@pytest.mark.parametrize("block", [0, 512, 1024, 4096, 65536])
def test_a_file_may_begin_with_a_block_of_its_users(given, block):
    data = hdf5(lambda file: file.create_dataset("raw", data=VALUES), userblock_size=block)
    np.testing.assert_array_equal(sections(given(data)), VALUES)

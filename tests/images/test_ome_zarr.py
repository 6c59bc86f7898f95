"""OME-Zarr of every version, as a folder and as a zip; what could harm is refused."""

import io
import json
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
import zarr

from snnlab.errors import LabError
from snnlab.images.choice import Choice, Undecided
from snnlab.images.reading import open_labels, open_stack

RNG = np.random.default_rng(12)
VALUES = RNG.integers(0, 60_000, (5, 40, 48)).astype(np.uint16)
NM = {"type": "space", "unit": "nanometer"}
AXES = [{"name": name} | NM for name in "zyx"]
SCALE = [{"type": "scale", "scale": [50.0, 6.0, 4.0]}]


def image(path, values=VALUES, version="0.4", axes=AXES, transforms=SCALE, whole=None, **array):
    """An image of one resolution; ``whole``: transforms of all of it."""
    multiscale = {
        "version": version,
        "axes": axes,
        "datasets": [{"path": "full", "coordinateTransformations": transforms}],
    }
    if axes is None:
        del multiscale["axes"]
    if whole:
        multiscale["coordinateTransformations"] = whole
    group = zarr.open_group(path, mode="w", zarr_format=3 if version == "0.5" else 2)
    if version == "0.5":
        group.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]}
    else:
        group.attrs["multiscales"] = [multiscale]
    options = {"chunks": (1,) * (values.ndim - 2) + (16, 32)} | array
    group.create_array("full", shape=values.shape, dtype=values.dtype, **options)[...] = values
    return Path(path)


def zipped(folder, top="x.ome.zarr/", packing=zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as made:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                made.write(path, top + str(path.relative_to(folder)))
    return file.getvalue()


@pytest.fixture(params=["folder", "zip", "zip of its inside", "zip on disk"])
def given(request, tmp_path):
    def give(folder):
        if request.param == "folder":
            return folder
        top = "" if "inside" in request.param else "x.ome.zarr/"
        data = zipped(folder, top, zipfile.ZIP_DEFLATED if top else zipfile.ZIP_STORED)
        if "disk" not in request.param:
            return data
        (tmp_path / "x.zip").write_bytes(data)
        return tmp_path / "x.zip"

    return give


def stored(source, section=0, choice=None):
    return whole(open_stack(source, "x", choice=choice), section)


def whole(stack, section):
    return stack._reader.window(section, *(slice(0, side) for side in stack.shape)).values


ARRAYS = {
    "0.4": {},
    "0.4, nested": {"version": "0.4", "chunk_key_encoding": {"name": "v2", "separator": "/"}},
    "0.5": {"version": "0.5"},
    "0.5, sharded": {"version": "0.5", "shards": (2, 32, 32), "chunks": (1, 16, 16)},
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_every_section(given, tmp_path, kind):
    source = given(image(tmp_path / "x.ome.zarr", **ARRAYS[kind]))
    stack = open_stack(source, "x")
    assert (stack.sections, stack.shape) == (5, (40, 48))
    assert stack.kind == "16-bit grey OME-Zarr"
    assert stack.calibration.nm == (6.0, 4.0) and stack.calibration.scale[0] == 50.0
    for section in (4, 0):
        found = stack._reader.window(section, slice(3, 40), slice(7, 9)).values
        np.testing.assert_array_equal(found, VALUES[section, 3:40, 7:9])


@pytest.mark.parametrize(
    ("changes", "scale", "units", "translation"),
    [
        ({}, (50.0, 6.0, 4.0), ("nanometer",) * 3, None),
        (  # the scale of the multiscales is applied after that of the data set
            {"whole": [{"type": "scale", "scale": [1.0, 2.0, 3.0]}]},
            (50.0, 12.0, 12.0),
            ("nanometer",) * 3,
            None,
        ),
        (
            {
                "transforms": [*SCALE, {"type": "translation", "translation": [100.0, 40.0, 80.0]}],
                "whole": [
                    {"type": "scale", "scale": [1.0, 2.0, 2.0]},
                    {"type": "translation", "translation": [0.0, 1.0, 0.0]},
                ],
            },
            (50.0, 12.0, 8.0),
            ("nanometer",) * 3,
            (100.0, 81.0, 160.0),
        ),
        (
            {
                "axes": [{"name": "z", "type": "space", "unit": "micrometer"}, *AXES[1:]],
                "transforms": [{"type": "scale", "scale": [0.05, 4.0, 4.0]}],
            },
            (0.05, 4.0, 4.0),
            ("micrometer", "nanometer", "nanometer"),
            None,
        ),
        (
            {
                "axes": [{"name": n, "type": "space", "unit": "angstrom"} for n in "zyx"],
                "transforms": [{"type": "scale", "scale": [500.0, 40.0, 40.0]}],
            },
            (500.0, 40.0, 40.0),
            ("angstrom",) * 3,
            None,
        ),
    ],
)
def test_scale_unit_and_translation(tmp_path, changes, scale, units, translation):
    found = open_stack(image(tmp_path / "x.ome.zarr", **changes)).calibration
    assert (found.scale, found.units, found.translation) == (scale, units, translation)


@pytest.mark.parametrize("unit", [None, "pixel", "second"])
def test_a_unit_that_is_no_length(tmp_path, unit):
    axes = [{"name": n, "type": "space"} | ({"unit": unit} if unit else {}) for n in "zyx"]
    found = open_stack(image(tmp_path / "x.ome.zarr", axes=axes)).calibration
    assert found.nm is None and found.doubt


def test_channels_and_times_are_asked_for(given, tmp_path):
    values = RNG.integers(0, 99, (2, 3, 5, 40, 48)).astype(np.uint8)
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}, *AXES]
    scale = [{"type": "scale", "scale": [1.0, 1.0, 50.0, 6.0, 4.0]}]
    folder = image(tmp_path / "x.ome.zarr", values, axes=axes, transforms=scale)
    attributes = json.loads((folder / ".zattrs").read_text())
    attributes["omero"] = {"channels": [{"label": "EM"}, {"label": "DAPI"}, {}]}
    (folder / ".zattrs").write_text(json.dumps(attributes))
    source = given(folder)
    with pytest.raises(Undecided, match=r"3 channels.*0: EM, 1: DAPI"):
        open_stack(source, "x")
    found = stored(source, 3, Choice(channel=1, frame=1))
    np.testing.assert_array_equal(found, values[1, 1, 3])


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_labels_beside_the_image_are_meant_where_labels_are_looked_for(given, tmp_path, version):
    folder = image(tmp_path / "x.ome.zarr", version=version)
    for name, first in (("cells", 0), ("other", 1)):
        image(folder / "labels" / name, VALUES // (first + 2), version=version)
    group = zarr.open_group(folder / "labels", mode="a", zarr_format=3 if version == "0.5" else 2)
    source = given(folder)
    np.testing.assert_array_equal(stored(source, 2), VALUES[2])
    # not listed, then listed
    with pytest.raises(Undecided, match="labels/cells, labels/other"):
        open_labels(source, "x")
    found = open_labels(source, "x", Choice(dataset="labels/other"))
    np.testing.assert_array_equal(whole(found, 3), VALUES[3] // 3)
    found = open_stack(source, "x", choice=Choice(dataset="labels/cells"))
    np.testing.assert_array_equal(whole(found, 3), VALUES[3] // 2)
    listed = {"labels": ["cells"]}
    group.attrs.update({"ome": {"version": "0.5"} | listed} if version == "0.5" else listed)
    found = open_labels(given(folder), "x")
    np.testing.assert_array_equal(whole(found, 3), VALUES[3] // 2)


def test_before_0_3_axes_had_an_order_and_no_names(tmp_path):
    folder = image(tmp_path / "x.zarr", VALUES[None, None], "0.1", None, [])
    np.testing.assert_array_equal(stored(folder, 2), VALUES[2])
    folder = image(tmp_path / "y.zarr", VALUES, "0.3", ["z", "y", "x"], [])
    np.testing.assert_array_equal(stored(folder, 2), VALUES[2])


@pytest.mark.parametrize("series", [1, 2])
def test_bioformats2raws_layout(given, tmp_path, series):
    root = tmp_path / "x.zarr"
    zarr.open_group(root, mode="w", zarr_format=2).attrs["bioformats2raw.layout"] = 3
    for number in range(series):
        image(root / str(number), VALUES + number)
    source = given(root)
    if series == 2:
        with pytest.raises(Undecided, match="2 data sets.*: 0, 1"):
            open_stack(source, "x")
        found = stored(source, 1, Choice(dataset="1"))
        np.testing.assert_array_equal(found, VALUES[1] + 1)
    else:
        np.testing.assert_array_equal(stored(source, 1), VALUES[1])


def test_an_array_without_a_description(given, tmp_path):
    array = zarr.create_array(tmp_path / "x.zarr", shape=VALUES.shape, dtype="u2", zarr_format=2)
    array[...] = VALUES
    source = given(tmp_path / "x.zarr")
    np.testing.assert_array_equal(stored(source, 1), VALUES[1])
    assert "says nothing of its axes" in open_stack(source, "x").notes[0]


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"plate": {"wells": [{"path": "A/1"}]}}, "plate of 1 wells.*x.zarr/A/1/0"),
        ({}, "not an OME-Zarr image"),
        ({"multiscales": [{"datasets": []}]}, "damaged"),
        ({"multiscales": [{"datasets": [{"path": "../../secret"}]}]}, "damaged"),
        ({"multiscales": [{"datasets": [{"path": "/etc"}]}]}, "damaged"),
        ({"multiscales": [{"datasets": [{"path": "absent"}]}]}, "damaged"),
    ],
)
def test_what_is_no_image(tmp_path, attributes, said):
    zarr.open_group(tmp_path / "x.zarr", mode="w", zarr_format=2).attrs.update(attributes)
    with pytest.raises(LabError, match=said):
        open_stack(tmp_path / "x.zarr")


def test_n5_is_named(tmp_path):
    (tmp_path / "attributes.json").write_text("{}")
    with pytest.raises(LabError, match="N5 container"):
        open_stack(tmp_path)


def test_a_codec_that_runs_what_the_file_says_is_refused(given, tmp_path):
    folder = image(tmp_path / "x.ome.zarr")
    path = folder / "full" / ".zarray"
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"filters": [{"id": "pickle"}], "dtype": "|O"}))
    with pytest.raises(LabError, match="packed with pickle, which is not read here"):
        open_stack(given(folder), "x")
    path.write_text(json.dumps(about | {"dtype": "|O"}))
    with pytest.raises(LabError, match="no plain numbers"):
        open_stack(given(folder), "x")


def entry(name, data=b"x", mode=None):
    found = zipfile.ZipInfo(name)
    if mode is not None:
        found.external_attr = mode << 16
    return found, data


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry("../x/.zattrs", b"{}")], "names files outside itself"),
        ([entry("/x/.zattrs", b"{}")], "names files outside itself"),
        ([entry("x/a/../.zattrs", b"{}")], "names files outside itself"),
        ([entry("x/.zattrs", b"/etc/passwd", stat.S_IFLNK | 0o777)], "links to other files"),
        ([entry("a.png"), entry("b.txt")], "zip archive without an OME-Zarr"),
        ([entry("x/.zattrs", b"not json")], "damaged"),
        ([entry("x/.zattrs", b"[" * 100_000)], "damaged"),
        ([entry("x/.zattrs", b" " * (17 << 20))], "damaged"),
    ],
)
def test_zips_that_could_harm(entries, said):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for info, data in entries:
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    with pytest.raises(LabError, match=said):
        open_stack(file.getvalue(), "x.zip")


def test_a_zip_that_lists_too_much():
    data = zipfile_end(40 << 20)
    with pytest.raises(LabError, match="lists too many files"):
        open_stack(b"PK\3\4" + data, "x.zip")


def zipfile_end(length: int) -> bytes:
    return b"PK\5\6" + bytes(8) + length.to_bytes(4, "little") + bytes(6)


def test_chunks_that_are_not_there_are_what_fills_them(tmp_path):
    folder = image(tmp_path / "x.ome.zarr", fill_value=7)
    (folder / "full" / "2.0.0").unlink()
    found = stored(folder, 2)
    assert (found[:16, :32] == 7).all()
    np.testing.assert_array_equal(found[16:], VALUES[2, 16:])

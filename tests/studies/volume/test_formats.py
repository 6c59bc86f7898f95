"""Volumes read what every other command reads, and keep the size of its voxels."""

import io
import json

import h5py
import mrcfile
import numpy as np
import pytest
import tifffile
import zarr

from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images.calibrated import write
from snnlab.images.choice import Choice, Undecided
from snnlab.images.pictures import upload
from snnlab.images.pixel_size import Calibration
from snnlab.images.reading import open_stack
from snnlab.settings import Settings
from snnlab.studies.volume import running, target
from snnlab.studies.volume.source import open_source
from tests import small_models as small

MODEL = small.model()
SETTINGS = Settings(model="small-0", lower_hz=200, upper_hz=400, timesteps=12)
RNG = np.random.default_rng(15)
GREY = RNG.integers(0, 256, (3, 70, 90)).astype(np.uint8)
NM = ("nanometer",) * 3


def wholes(path, choice=None):
    """Sections as `segment` sees them."""
    stack = open_stack(path, choice=choice)
    return np.stack([stack.section(i).pixels for i in range(stack.sections)])


def windows(path, choice=None):
    """The same put together from windows, as `volume` reads them."""
    source = open_source(path, choice)
    found = np.zeros(source.shape, np.float32)
    for section in range(source.shape[0]):
        for rows in (slice(0, 33), slice(33, source.shape[1])):
            for columns in (slice(0, 41), slice(41, source.shape[2])):
                found[section, rows, columns] = source.read(section, rows, columns)
    return found


def written(name, tmp_path):
    path = tmp_path / name
    colours = RNG.integers(0, 256, (*GREY.shape, 3)).astype(np.uint8)
    table = RNG.integers(0, 65536, (3, 256)).astype(np.uint16)
    if name == "white.tif":
        tifffile.imwrite(path, GREY, photometric="miniswhite")
    elif name == "palette.tif":
        tifffile.imwrite(path, GREY, photometric="palette", colormap=table)
    elif name == "rgb.tif":
        tifffile.imwrite(path, colours, photometric="rgb")
    elif name == "bilevel.tif":
        tifffile.imwrite(path, GREY > 99, photometric="minisblack")
    elif name == "pyramid.ome.tif":
        with tifffile.TiffWriter(path, ome=True) as made:
            made.write(GREY, subifds=1, photometric="minisblack", metadata={"axes": "ZYX"})
            made.write(GREY[:, ::2, ::2], subfiletype=1, photometric="minisblack")
    elif name == "x.mrc":
        with mrcfile.new(path) as made:
            made.set_data(GREY.astype(np.int16))
    else:
        with h5py.File(path, "w") as made:
            made["data"] = GREY
    return path


@pytest.mark.parametrize(
    "name",
    ["white.tif", "palette.tif", "rgb.tif", "bilevel.tif", "pyramid.ome.tif", "x.mrc", "x.h5"],
)
def test_a_section_is_the_same_to_every_command(tmp_path, name):
    path = written(name, tmp_path)
    np.testing.assert_allclose(windows(path), wholes(path), atol=1e-6)


def test_a_channel_is_asked_for(tmp_path):
    both = np.stack([GREY, GREY[::-1]], 1)
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, both, imagej=True, metadata={"axes": "ZCYX"})
    with pytest.raises(Undecided, match="2 channels; choose one with --channel 0 to 1"):
        open_source(path)
    np.testing.assert_allclose(windows(path, Choice(channel=1)), GREY[::-1] / 255, atol=1e-6)


@pytest.mark.parametrize("nm", [6.0, 2.5, (3.0, 7.0)])
def test_windows_are_resampled_as_the_whole_is(tmp_path, nm):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, GREY, photometric="minisblack")
    source = open_source(path, nm=nm)
    for section in (0, 2):
        picture = upload(path, "x.tif", section, nm=nm)
        assert source.shape[1:] == picture.pixels.shape
        for rows, columns in (
            (slice(0, source.shape[1]), slice(0, source.shape[2])),
            (slice(17, 34), slice(5, 38)),
        ):
            found = source.read(section, rows, columns)
            np.testing.assert_allclose(found, picture.pixels[rows, columns], atol=2e-6)


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """Two sections with the size of their voxels, and a tile small enough that there are many."""
    monkeypatch.setattr(running, "TILE", 128)
    monkeypatch.setattr(target, "CHUNK", 64)
    values = np.rint(
        np.stack([synthetic((150, 130), seed).image for seed in range(2)]) * 255
    ).astype(np.uint8)
    known = Calibration((0.05, 8.0, 6.0), ("micrometer", *NM[1:]), (0.1, 40.0, 80.0))
    with (tmp_path / "in.tif").open("w+b") as file:
        write(file, values, values.shape, values.dtype, known, "ZYX")
    return tmp_path / "in.tif", open_stack(tmp_path / "in.tif").calibration


def segmented(path, section, nm=None):
    """What `segment` writes of a section."""
    from snnlab import conversion
    from snnlab.images import tiles
    from snnlab.nets.architecture import multiple
    from snnlab.results.segmentation import window_start
    from snnlab.simulation import event

    picture = upload(path, "in.tif", section, nm=nm)
    image = tiles.pad(picture.normalised, multiple(MODEL.layers))
    network = conversion.method(SETTINGS.method).convert(MODEL, image, SETTINGS)
    recording = event.run(network, SETTINGS.timesteps)
    start = window_start(SETTINGS.timesteps, SETTINGS)
    height, width = picture.pixels.shape
    probability = network.probability(recording, start, SETTINGS.timesteps)
    return picture.in_file(probability[:height, :width])


@pytest.mark.parametrize("nm", [None, (8.0, 6.0), 5.0])
def test_a_resampled_volume_is_its_sections_in_the_files_pixels(stack, nm):
    path, _ = stack
    out = path.with_name("out.ome.zarr")
    done = running.run(path, out, MODEL, SETTINGS, dtype="float32", nm=nm)
    found = np.asarray(zarr.open_array(out, path="0", mode="r"))
    assert found.shape == (2, 150, 130)
    for section in range(2):
        apart = np.abs(found[section] - segmented(path, section, nm))
        # a rounded weight of the resampling may move a spike by a step
        assert (apart < 2e-5).mean() > 0.95 and apart.mean() < 1e-3
    assert any("squares of 6 nm" in note for note in done.notes) == (nm is None)


def transforms(path):
    about = zarr.open_group(path, mode="r").attrs["ome"]["multiscales"][0]
    return about["axes"], about["datasets"][0]["coordinateTransformations"]


def test_the_inputs_scale_unit_and_translation_are_the_outputs(stack):
    path, known = stack
    out = path.with_name("out.ome.zarr")
    running.run(path, out, MODEL, SETTINGS)
    axes, listed = transforms(out)
    assert [axis["unit"] for axis in axes] == list(known.units)
    assert listed[0]["scale"] == pytest.approx(known.scale)
    assert listed[1]["translation"] == pytest.approx(known.translation)
    # from OME-Zarr to TIFF, and what others make of that
    tif = path.with_name("again.tif")
    running.run(out, tif, MODEL, SETTINGS)
    with tifffile.TiffFile(tif) as file:
        assert file.is_ome and file.is_imagej
        page, about = file.pages[0], file.imagej_metadata
        assert (about["unit"], about["spacing"], about["slices"]) == ("um", 0.05, 2)
        assert (1 / page.resolution[0], 1 / page.resolution[1]) == pytest.approx((0.006, 0.008))
        assert about["xorigin"] == pytest.approx(-80 / 6)
        pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeXUnit"]) == (0.006, "µm")
    assert (pixels["PhysicalSizeZ"], pixels["PhysicalSizeZUnit"]) == (0.05, "µm")
    assert pixels["Plane"][1]["PositionZ"] == pytest.approx(0.15)
    found = open_stack(tif).calibration
    assert found.in_nm(found.scale) == pytest.approx(known.in_nm(known.scale))
    assert found.in_nm(found.translation) == pytest.approx(known.in_nm(known.translation))


def test_what_a_person_says_of_the_pixels_is_written(stack):
    path, _ = stack
    out = path.with_name("out.ome.zarr")
    running.run(path, out, MODEL, SETTINGS, nm=5.0)
    axes, listed = transforms(out)
    assert listed[0]["scale"] == pytest.approx((0.05, 5.0, 5.0))
    assert [axis["unit"] for axis in axes] == ["micrometer", "nanometer", "nanometer"]


def test_the_command_asks_resamples_and_says(stack, monkeypatch, capsys):
    from snnlab.commands.cli import main
    from snnlab.lab import segmenting as lab

    path, _ = stack
    both = np.stack([tifffile.imread(path)] * 2, 1)
    hyper = path.with_name("hyper.tif")
    tifffile.imwrite(hyper, both, imagej=True, metadata={"axes": "ZCYX"})
    monkeypatch.setattr(lab, "model", lambda name: MODEL)
    monkeypatch.setattr(lab, "defaults", lambda name: SETTINGS)
    command = ["volume", str(hyper), str(path.with_name("o.tif")), "--quiet", "--json"]
    assert main(command) == 2
    assert "choose one with --channel 0 to 1" in capsys.readouterr().err
    assert main([*command, "--channel", "1", "--nm", "4x8"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["sections"] == 2
    found = open_stack(path.with_name("o.tif")).calibration
    assert found.nm == pytest.approx((8.0, 4.0))


def test_the_command_resamples_unasked_where_the_model_knows_many_sizes(
    tmp_path, monkeypatch, capsys
):
    from snnlab.commands.cli import main
    from snnlab.lab import segmenting as lab

    size = {"resolution": (1 / 8, 1 / 8), "metadata": {"unit": "nm", "axes": "ZYX"}}
    tifffile.imwrite(tmp_path / "in.tif", GREY[:2, :64, :64], imagej=True, **size)
    monkeypatch.setattr(lab, "model", lambda name: MODEL)
    monkeypatch.setattr(lab, "defaults", lambda name: SETTINGS)
    answers = {}
    for name, more in {"by itself": [], "asked": ["--nm", "8"], "as it is": ["--as-is"]}.items():
        out = tmp_path / f"{len(answers)}.tif"
        assert main(["volume", str(tmp_path / "in.tif"), str(out), "--quiet", "--json", *more]) == 0
        answers[name] = json.loads(capsys.readouterr().out), tifffile.imread(out)
    assert "the image was resampled to 4 nm" in " ".join(answers["by itself"][0]["notes"])
    assert np.array_equal(answers["by itself"][1], answers["asked"][1])
    assert not np.array_equal(answers["as it is"][1], answers["asked"][1])


def test_what_is_absent_is_not_invented(tmp_path):
    text = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
        ' UUID="urn:uuid:1"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT"'
        ' Type="uint8" SizeX="90" SizeY="70" SizeC="1" SizeZ="2" SizeT="1"><Channel ID="c"'
        ' SamplesPerPixel="1"/><TiffData FirstZ="0" IFD="0" PlaneCount="1"/><TiffData FirstZ="1"'
        ' IFD="0" PlaneCount="1"><UUID FileName="absent.ome.tif">urn:uuid:2</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    file = io.BytesIO()
    tifffile.imwrite(
        file, GREY[0], photometric="minisblack", metadata=None, description=text.encode()
    )
    (tmp_path / "x.ome.tif").write_bytes(file.getvalue())
    with pytest.raises(LabError, match="absent.ome.tif of it is not here"):
        open_source(tmp_path / "x.ome.tif")

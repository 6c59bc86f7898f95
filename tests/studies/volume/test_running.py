"""Volumes against the lab's own segmentation of each section; stopped, gone on, spread."""

import errno
import io
import os
import signal

import numpy as np
import pytest
import tifffile
import zarr

from snnlab import conversion
from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled, LabError
from snnlab.images import tiles
from snnlab.images.contrast import normalise
from snnlab.images.pictures import upload
from snnlab.images.pixels import Stored, grey
from snnlab.nets.architecture import multiple
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.simulation import event
from snnlab.studies.volume import running, target
from tests import small_models as small
from tests.clusters import local_cluster

MODEL = small.model()
SETTINGS = Settings(model="small-0", lower_hz=200, upper_hz=400, timesteps=20)


@pytest.fixture(scope="module")
def stack():
    """Three sections, 300 x 203: no multiple of anything; five tiles and more a section."""
    sections = [synthetic((300, 203), seed).image for seed in range(3)]
    return np.rint(np.stack(sections) * 255).astype(np.uint8)


@pytest.fixture
def files(stack, tmp_path, monkeypatch):
    # small tiles, so that a small volume has many
    monkeypatch.setattr(running, "TILE", 128)
    monkeypatch.setattr(target, "CHUNK", 64)
    tifffile.imwrite(tmp_path / "in.tif", stack, photometric="minisblack")
    return tmp_path / "in.tif", tmp_path / "out.ome.zarr"


def expected(stack, settings=SETTINGS):
    """Whole sections at once, as the lab does it."""
    images = [normalise(grey(Stored(section, 8))) for section in stack]
    return np.stack([segmented(image, settings) for image in images])


def segmented(image, settings=SETTINGS):
    padded = tiles.pad(image, multiple(MODEL.layers))
    network = conversion.method(settings.method).convert(MODEL, padded, settings)
    recording = event.run(network, settings.timesteps)
    start = window_start(settings.timesteps, settings)
    probability = network.probability(recording, start, settings.timesteps)
    return probability[: image.shape[0], : image.shape[1]]


def tiff_of(values):
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="minisblack")
    return file.getvalue()


def written(path):
    if path.suffix == ".tif":
        return tifffile.imread(path)
    return np.asarray(zarr.open_array(path, path="0", mode="r"))


@pytest.mark.parametrize("name", ["out.ome.zarr", "out.tif"])
def test_a_volume_is_its_sections_bit_for_bit(files, stack, name):
    path, out = files[0], files[0].with_name(name)
    told = []
    done = running.run(
        path, out, MODEL, SETTINGS, dtype="float32", progress=lambda f, s: told.append(f)
    )
    assert np.array_equal(written(out), expected(stack))
    assert done.sections == 3 and done.computed == done.megapixels == stack.size / 1e6
    assert 50 < done.peak_memory_mb < 10_000
    assert told == sorted(told) and told[-1] == 1.0
    assert sorted(p.name for p in path.parent.iterdir()) == sorted([path.name, name])


def test_with_a_synapse_the_window_is_the_labs(files, stack):
    settings = SETTINGS.replace(synapse_ms=5.0)
    running.run(files[0], files[1], MODEL, settings, dtype="float32")
    assert np.array_equal(written(files[1]), expected(stack, settings))


def test_bytes_are_rounded_probabilities(files, stack):
    running.run(files[0], files[1], MODEL, SETTINGS)
    assert written(files[1]).dtype == np.uint8
    # 0 is kept for what is not tissue
    assert np.array_equal(written(files[1]), 1 + np.rint(expected(stack) * 254).astype(np.uint8))
    about = dict(zarr.open_group(files[1]).attrs)["snnlab"]
    assert about["values"] == "probability of cell = (value - 1) / 254; 0 = not tissue"


def canvas(stack):
    """The first section in a canvas of 0, nothing of the second, all of the third."""
    made = np.maximum(stack, 1)
    made[1] = 0
    made[0, :140] = 0
    made[0, :, :9] = 0
    return made


@pytest.mark.parametrize("name", ["out.ome.zarr", "out.tif"])
def test_what_is_not_tissue_is_left_empty_and_said(files, stack, name):
    path, out = files[0], files[0].with_name(name)
    made = canvas(stack)
    tifffile.imwrite(path, made, photometric="minisblack")
    done = running.run(path, out, MODEL, SETTINGS)
    found = written(out)
    tissue = made > 0
    assert not found[1].any() and np.array_equal(found[0] > 0, tissue[0]) and found[2].all()
    image = normalise(grey(Stored(made[0], 8)), tissue[0])
    whole = 1 + np.rint(segmented(image) * 254)
    assert np.array_equal(found[0][tissue[0]], whole[tissue[0]])
    assert done.notes[0] == "Section 1 is blank and left empty."
    assert "1 of 3 sections are not all tissue" in done.notes[1]
    if name == "out.tif":
        with tifffile.TiffFile(out) as tiff:
            assert "0 = not tissue" in tiff.imagej_metadata["values"]
            assert "0 = not tissue" in tiff.ome_metadata
    floats = path.with_name("floats.ome.zarr")
    running.run(path, floats, MODEL, SETTINGS, dtype="float32")
    assert np.array_equal(np.isnan(written(floats)), found == 0)


def test_a_canvas_is_left_out_of_resampled_sections_as_well(files, stack):
    path, out = files
    tifffile.imwrite(path, canvas(stack), photometric="minisblack")
    running.run(path, out, MODEL, SETTINGS, nm=5.0, dtype="float32")
    found = written(out)
    assert found.shape == stack.shape
    assert np.array_equal(np.isnan(found[0]), canvas(stack)[0] == 0)
    # what a section shows does not depend on what lies beside it
    picture = upload(tiff_of(canvas(stack)[0]), "a.tif", nm=5.0)
    assert np.array_equal(picture.tissue_in_file, canvas(stack)[0] > 0)
    shown = segmented(picture.normalised)
    alike = np.abs(picture.in_file(shown) - found[0])[picture.tissue_in_file]
    assert alike.max() < 0.2 and np.mean(alike > 0.01) < 0.01


def test_an_input_that_changed_is_not_gone_on_with(files, stack):
    path, out = files
    group = zarr.create_group(path.with_name("in.ome.zarr"), zarr_format=2)
    space = {"type": "space", "unit": "nanometer"}
    scale = {"type": "scale", "scale": [50.0, 4.0, 4.0]}
    group.attrs["multiscales"] = [
        {
            "version": "0.4",
            "axes": [{"name": name} | space for name in "zyx"],
            "datasets": [{"path": "0", "coordinateTransformations": [scale]}],
        }
    ]
    array = group.create_array("0", shape=stack.shape, chunks=(1, 100, 100), dtype="u1")
    array[:] = stack
    source = path.with_name("in.ome.zarr")
    with pytest.raises(Cancelled):
        running.run(source, out, MODEL, SETTINGS, cancel=lambda: True)
    array[2, 0, 0] = 255 - stack[2, 0, 0]
    with pytest.raises(LabError, match="unfinished run with other input"):
        running.run(source, out, MODEL, SETTINGS)


def test_light_membranes_are_noticed_and_turned_when_asked(files, stack):
    path, out = files
    tifffile.imwrite(path, 255 - stack, photometric="minisblack")
    done = running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert any("--invert turns them dark" in note for note in done.notes)
    turned = out.with_name("turned.ome.zarr")
    done = running.run(path, turned, MODEL, SETTINGS, dtype="float32", negative=True)
    assert not done.notes
    # turned around, a grey value may be rounded to its neighbour in float32
    assert np.mean(written(turned) != expected(stack)) < 0.01


def test_a_volume_that_says_nothing_is_said(files, stack):
    done = running.run(*files, MODEL, SETTINGS.replace(timesteps=1, lower_hz=1, upper_hz=2))
    assert len(np.unique(written(files[1]))) == 1
    assert any(note.startswith("No spike reached the readout") for note in done.notes)


def test_ome_zarr_in_is_tiff_in(files, stack):
    path, out = files
    running.run(path, out, MODEL, SETTINGS)
    group = zarr.create_group(path.with_name("in.ome.zarr"), zarr_format=2)
    scale = {"type": "scale", "scale": [1, 1, 50.0, 4.0, 4.0]}
    units = {"type": "space", "unit": "nanometer"}
    group.attrs["multiscales"] = [
        {
            "version": "0.4",
            "axes": [
                {"name": "t", "type": "time"},
                {"name": "c", "type": "channel"},
                *({"name": name} | units for name in "zyx"),
            ],
            "datasets": [{"path": "full", "coordinateTransformations": [scale]}],
        }
    ]
    array = group.create_array(
        "full", shape=(1, 1, *stack.shape), chunks=(1, 1, 1, 90, 90), dtype="u1"
    )
    array[0, 0] = stack
    again = path.with_name("again.ome.zarr")
    running.run(path.with_name("in.ome.zarr"), again, MODEL, SETTINGS)
    assert np.array_equal(written(again), written(out))
    about = zarr.open_group(again).attrs["ome"]["multiscales"][0]
    (transform,) = about["datasets"][0]["coordinateTransformations"]
    assert transform["scale"] == [50.0, 4.0, 4.0]
    assert {axis["unit"] for axis in about["axes"]} == {"nanometer"}
    # and what was written can be read
    third = path.with_name("third.ome.zarr")
    running.run(again, third, MODEL, SETTINGS)
    assert written(third).shape == stack.shape


def test_a_stopped_run_goes_on(files, stack, monkeypatch):
    path, out = files
    seen = []
    with pytest.raises(Cancelled):
        running.run(
            path, out, MODEL, SETTINGS, threads=1, dtype="float32",
            progress=lambda f, s: seen.append(s), cancel=lambda: "7 of 18 tiles" in seen,
        )  # fmt: skip
    begun = running.segment_tile
    again = []

    def counted(plan, section, index, progress=None, cancel=None):
        again.append((section, index))
        return begun(plan, section, index, progress, cancel)

    monkeypatch.setattr(running, "segment_tile", counted)
    done = running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert 9 <= len(again) <= 11
    assert 0 < done.computed < done.megapixels
    assert np.array_equal(written(out), expected(stack))


def test_an_unfinished_run_is_not_mixed_with_another(files):
    path, out = files
    with pytest.raises(Cancelled):
        running.run(path, out, MODEL, SETTINGS, cancel=lambda: True)
    with pytest.raises(LabError, match="unfinished run with other input"):
        running.run(path, out, MODEL, SETTINGS.replace(timesteps=21))
    running.run(path, out, MODEL, SETTINGS)
    with pytest.raises(LabError, match="exists already"):
        running.run(path, out, MODEL, SETTINGS)


def test_a_cluster_that_loses_a_worker_writes_what_one_process_writes(files, stack, tmp_path):
    from distributed import Client

    path, out = files
    killed = []
    with local_cluster(tmp_path / "workers") as cluster:
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            victim = next(iter(client.run(os.getpid).values()))

        def told(fraction, stage):
            if stage == "7 of 18 tiles" and not killed:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        done = running.run(
            path, out, MODEL, SETTINGS, cluster.scheduler_address, "float32", progress=told
        )
    assert killed == [victim] and done.computed == done.megapixels
    assert np.array_equal(written(out), expected(stack))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.tif", None, "does not exist"),
        ("text.tif", b"hello", "is a text file"),
        ("folder.zarr", {}, "not an OME-Zarr"),
    ],
)
def test_what_is_no_volume(tmp_path, name, content, said):
    path = tmp_path / name
    if content == {}:
        path.mkdir()
    elif content:
        path.write_bytes(content)
    with pytest.raises(LabError, match=said):
        running.run(path, tmp_path / "out.ome.zarr", MODEL, SETTINGS)
    assert not (tmp_path / "out.ome.zarr").exists()


def test_out_needs_a_kind(tmp_path, stack):
    tifffile.imwrite(tmp_path / "in.tif", stack, photometric="minisblack")
    with pytest.raises(LabError, match="end it in .tif or .ome.zarr"):
        running.run(tmp_path / "in.tif", tmp_path / "out.h5", MODEL, SETTINGS)


# ---- a second run, a full disk, damage ----------------------------------------------------------


def test_a_second_run_into_one_out_is_told_and_leaves_the_first_alone(files, stack):
    path, out = files
    told, refusals = [], []

    def progress(fraction, stage):
        told.append(stage)
        if stage == "3 of 18 tiles":
            with pytest.raises(LabError, match="another run is writing .* wait for it, or name"):
                running.run(path, out, MODEL, SETTINGS, dtype="float32")
            refusals.append(stage)

    running.run(path, out, MODEL, SETTINGS, dtype="float32", progress=progress)
    assert refusals == ["3 of 18 tiles"]
    assert np.array_equal(written(out), expected(stack))
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, out.name]


@pytest.mark.parametrize("name", ["out.ome.zarr", "out.tif"])
@pytest.mark.parametrize("when", [0, 4, 9])
def test_a_disk_that_fills_up_is_a_sentence_and_the_run_goes_on(
    files, stack, monkeypatch, name, when
):
    from zarr.storage import _local

    path, out = files[0], files[0].with_name(name)
    real, puts = _local._put, []

    def full(*arguments, **named):
        puts.append(arguments)
        # the first are the array's own description
        if len(puts) > (when and when + 3):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **named)

    monkeypatch.setattr(_local, "_put", full)
    with pytest.raises(LabError) as refused:
        running.run(path, out, MODEL, SETTINGS, dtype="float32", threads=1)
    said = str(refused.value)
    assert "cannot be written: no space left on device" in said and "\n" not in said
    assert ("give the same command again" in said) == bool(when)
    monkeypatch.undo()
    monkeypatch.setattr(running, "TILE", 128)
    monkeypatch.setattr(target, "CHUNK", 64)
    done = running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert (done.computed < done.megapixels) == bool(when)
    assert np.array_equal(written(out), expected(stack))
    assert sorted(one.name for one in path.parent.iterdir()) == sorted([path.name, name])


def test_a_disk_that_fills_up_at_the_tiff_leaves_no_half_of_it(files, stack, monkeypatch):
    path, out = files[0], files[0].with_name("out.tif")

    def full(part, pages, *arguments, **named):
        part.write_bytes(next(pages).tobytes())
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(target.calibrated, "write", full)
    with pytest.raises(LabError, match="no space left on device; fix that and give the same"):
        running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert not out.exists() and not out.with_name("out.tif.part").exists()
    monkeypatch.undo()
    monkeypatch.setattr(running, "TILE", 128)
    monkeypatch.setattr(target, "CHUNK", 64)
    assert running.run(path, out, MODEL, SETTINGS, dtype="float32").computed == 0
    assert np.array_equal(written(out), expected(stack))


def stopped(path, out, at="7 of 18 tiles"):
    seen = []
    with pytest.raises(Cancelled):
        running.run(
            path, out, MODEL, SETTINGS, threads=1, dtype="float32",
            progress=lambda f, s: seen.append(s), cancel=lambda: at in seen,
        )  # fmt: skip


def test_a_damaged_exposure_is_found_anew(files, stack):
    path, out = files
    stopped(path, out)
    for number, content in enumerate((b"", b"PK\x03\x04", bytes(500))):
        (out.with_name(out.name + ".progress") / f"exposure-{number}.npz").write_bytes(content)
    running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert np.array_equal(written(out), expected(stack))


def test_what_cannot_be_read_back_is_computed_anew(files, stack):
    path, out = files[0], files[0].with_name("out.tif")
    stopped(path, out)
    store = out.with_name("out.tif.progress") / "volume.zarr" / "0" / "c"
    damaged = sorted(one for one in store.rglob("*") if one.is_file())[0]
    damaged.write_bytes(b"nothing of the kind")
    with pytest.raises(LabError, match="section 0 is damaged on disk; give the same command"):
        running.run(path, out, MODEL, SETTINGS, dtype="float32")
    done = running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert done.computed == pytest.approx(done.megapixels / 3)
    assert np.array_equal(written(out), expected(stack))


@pytest.mark.parametrize("content", [b"", b"\0" * 300, b"[" * 90_000, b"\xff"])
def test_a_damaged_card_is_said(files, content):
    path, out = files
    stopped(path, out)
    (out.with_name(out.name + ".progress") / "run.json").write_bytes(content)
    with pytest.raises(
        LabError, match=r"run\.json is damaged; delete out\.ome\.zarr\.progress and"
    ):
        running.run(path, out, MODEL, SETTINGS)


def test_half_a_chunk_of_a_run_that_was_killed_is_swept_up(files, stack):
    path, out = files
    stopped(path, out)
    left = out / "0" / "c" / "0" / "0" / "0.abc.partial"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half")
    running.run(path, out, MODEL, SETTINGS, dtype="float32")
    assert not left.exists() and np.array_equal(written(out), expected(stack))


def test_an_out_that_can_be_none_is_said_before_anything_is_computed(files, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "expose", None)
    (tmp_path / "file").write_text("x")
    (tmp_path / "round.tif").symlink_to("round.tif")
    for out in (tmp_path / "file" / "out.tif", tmp_path / "round.tif" / "a" / "out.tif"):
        with pytest.raises(LabError, match="cannot be written: .*; name another OUT"):
            running.run(files[0], out, MODEL, SETTINGS)

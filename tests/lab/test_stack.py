"""A whole stack, section by section: the same as one by one, kept when stopped, bounded."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from snnlab.data.synthetic.section import synthetic
from snnlab.errors import Cancelled, LabError
from snnlab.images import pictures
from snnlab.lab import segmenting as lab
from snnlab.lab import stack as lab_stack
from snnlab.results import judging, metrics, stacked
from snnlab.results.cells import finding
from snnlab.studies.volume import target, zipped

SIDE, SECTIONS = 64, 4


def tiff(pages, **more) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.asarray(pages), photometric="minisblack", **more)
    return file.getvalue()


@pytest.fixture(scope="module")
def given():
    made = [synthetic(SIDE, seed) for seed in range(SECTIONS)]
    grey = tiff([np.uint8(255 * one.image) for one in made])
    truth = tiff([np.uint8(255 * one.labels) for one in made])
    return lambda place: pictures.upload(
        grey, "my.tif", place, truth if place < SECTIONS - 1 else None, "truth.tif", nm=4.0
    )


@pytest.fixture(scope="module")
def settings():
    return lab.defaults("regularised").replace(timesteps=16)


@pytest.fixture(scope="module")
def whole(given, settings):
    made = lab_stack.Stack("my.tif", settings)
    return lab_stack.run(made, given, range(SECTIONS))


def test_every_section_is_what_the_lab_makes_of_it_alone(whole, given, settings):
    assert [*whole.sections] == list(range(SECTIONS)) and whole.nm == 4.0
    for place, found in whole.sections.items():
        alone = lab.segment(given(place), settings)
        for name, values in (("ann", alone.ann), ("snn", alone.snn())):
            assert np.abs((found.probability[name] - 1.0) / 254 - values).max() <= 0.5 / 254 + 1e-6
            assert (found.cells[name] == finding.find(values)).all()
        row = found.row()
        assert row["spikes"] == alone.spikes
        assert row["mean_rate_hz"] == pytest.approx(alone.mean_rate_hz)
        if alone.snn_scores is None:
            assert "snn_v_rand" not in row
            assert row["agreement_with_ann"] == pytest.approx(alone.agreement())
        else:
            assert row["snn_v_rand"] == pytest.approx(alone.snn_scores.v_rand_at_threshold)
            assert row["snn_v_rand_best"] == pytest.approx(alone.snn_scores.v_rand)
            assert row["ann_v_rand_best"] == pytest.approx(alone.ann_scores.v_rand)
            assert row["ann_pixel_accuracy"] == pytest.approx(alone.ann_scores.pixel_accuracy)


def test_the_set_is_scored_at_one_threshold(whole, given, settings):
    found = lab_stack.together(whole.among(range(SECTIONS)))
    pages = [given(place) for place in range(SECTIONS - 1)]
    marks = [
        judging.marks(page, lab.segment(page, settings).snn(), settings.threshold) for page in pages
    ]
    assert found["snn"] == metrics.together(marks)
    assert lab_stack.together(whole.among([SECTIONS - 1])) == {}
    assert lab_stack.together([]) == {}


def test_what_is_done_is_kept_and_not_computed_again(given, settings):
    made, asked = lab_stack.Stack("my.tif", settings), []

    def load(place):
        asked.append(place)
        return given(place)

    with pytest.raises(Cancelled):
        lab_stack.run(made, load, range(SECTIONS), cancel=lambda: len(made.sections) == 2)
    assert [one.place for one in made.among(range(SECTIONS))] == [0, 1]
    shares = []
    lab_stack.run(made, load, range(SECTIONS), lambda share, stage: shares.append(share))
    assert asked == [0, 1, 2, 3] and len(made.sections) == SECTIONS
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_what_visitors_look_at_is_not_pushed_out(given, settings):
    lab.forget_all()
    looked = [lab.segment(given(place), settings.replace(seed=1)) for place in range(SECTIONS)]
    lab_stack.run(lab_stack.Stack("my.tif", settings), given, range(SECTIONS))
    for result in looked:
        assert lab.remembered(result.picture, result.settings) is not None
    assert lab.remembered(given(0), settings) is None


def test_a_region_is_cut_out_before_anything_is_computed(given, settings, whole):
    region = (8, 16, 40, 48)
    made = lab_stack.run(lab_stack.Stack("my.tif", settings, region), given, [1])
    picture = given(1)
    part = (slice(8, 48), slice(16, 64))
    alone = lab.segment(replace(picture.cut(part), sha256="of the part alone"), settings)
    found = made.sections[1]
    assert found.grey.shape == (40, 48)
    assert np.abs((found.probability["snn"] - 1.0) / 254 - alone.snn()).max() < 0.003
    assert found.row()["snn_v_rand_best"] == pytest.approx(alone.snn_scores.v_rand)
    # and is not taken for the whole section, nor for another part
    names = {lab_stack.cut(picture, one).content for one in (None, region, (8, 16, 40, 40))}
    assert len(names) == 3


@pytest.mark.parametrize(
    "region", [(0, 0, 31, 64), (-1, 0, 40, 40), (30, 0, 40, 40), (0, 30, 40, 40)]
)
def test_a_region_that_does_not_lie_inside_is_refused(region):
    with pytest.raises(LabError, match="region"):
        lab_stack.checked(region, (SIDE, SIDE))


def test_the_limit_is_told_before_anything_is_computed():
    lab_stack.check(30, (1024, 1024))
    with pytest.raises(LabError, match="31 million voxels|at most 30 sections"):
        lab_stack.check(31, (1024, 1024))
    with pytest.raises(LabError, match="choose a region"):
        lab_stack.check(1, (8192, 8192))


def test_all_visitors_together_have_a_limit_which_ends_with_their_stacks(settings, monkeypatch):
    monkeypatch.setattr(lab_stack, "TOGETHER", 2 * 64 * 64)
    one, other = (lab_stack.Stack(name, settings) for name in ("one", "other"))
    lab_stack.reserve(one, range(2), (64, 64))
    lab_stack.reserve(one, range(2), (64, 64))  # its own room again
    with pytest.raises(LabError, match="other visitors"):
        lab_stack.reserve(other, range(1), (64, 64))
    del one
    lab_stack.reserve(other, range(1), (64, 64))


def test_cells_go_through_the_sections_but_not_through_missing_ones(whole):
    sections = whole.among(range(SECTIONS))
    one = sections[0]
    same = [replace(one, place=place) for place in (3, 4, 6)]
    found = stacked.through(same, "snn", nm=4.0, thickness=50.0)
    cells = stacked.count(one.cells["snn"])
    assert len(found.table) == 2 * cells  # up to section 4, and in section 6
    assert (found.numbers(same[1], "snn") == one.cells["snn"]).all()
    assert sorted(set(found.table.sections.tolist())) == [1, 2]
    assert found.table.columns()["volume_nm3"].sum() == 3 * (one.cells["snn"] > 0).sum() * 800


def test_a_blank_section_is_left_empty(settings):
    pages = [synthetic(SIDE, 1).image, np.zeros((SIDE, SIDE)), synthetic(SIDE, 1).image]
    data = tiff([np.uint8(255 * one) for one in pages])
    made = lab_stack.run(
        lab_stack.Stack("b.tif", settings), lambda z: pictures.upload(data, "b.tif", z), range(3)
    )
    assert not made.sections[1].probability["snn"].any()
    assert made.sections[1].row()["snn_cells"] == 0
    found = stacked.through(made.among(range(3)), "snn")
    assert len(found.table) == stacked.count(made.sections[0].cells["snn"])


def test_how_thick_sections_are_is_read_from_the_file():
    pages = np.zeros((3, 64, 64), np.uint8)
    told = tiff(pages, imagej=True, resolution=(0.25, 0.25),
                metadata={"spacing": 50.0, "unit": "nm", "axes": "ZYX"})  # fmt: skip
    assert lab_stack.thickness(told, "a.tif") == pytest.approx(50.0)
    assert lab_stack.thickness(tiff(pages), "b.tif") is None


def test_an_ome_zarr_is_made_in_memory_and_read_back(whole, tmp_path):
    from snnlab.export import stack as export
    from snnlab.images import reading

    sections = whole.among(range(SECTIONS))
    pages = [one.probability["snn"] for one in sections]
    voxel = export.calibration(4.0, 50.0)
    data = zipped.packed(pages, (SECTIONS, SIDE, SIDE), voxel, "my.ome.zarr")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert all(name.startswith("my.ome.zarr/") for name in archive.namelist())
    opened = reading.open_stack(data, "my.ome.zarr.zip")
    assert (opened.sections, opened.shape) == (SECTIONS, (SIDE, SIDE))
    assert opened.calibration.in_nm(opened.calibration.scale) == (50.0, 4.0, 4.0)
    import zarr

    (tmp_path / "z").mkdir()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path / "z")
    array = zarr.open_array(tmp_path / "z" / "my.ome.zarr", path=target.ARRAY, mode="r")
    assert (np.asarray(array) == np.array(pages)).all()

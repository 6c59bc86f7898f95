"""Where pictures come from: samples, ISBI sections, uploads."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from snnlab.errors import LabError
from snnlab.images import pictures

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (40, 56), np.uint8)
TRUTH = RANDOM.integers(0, 2, (40, 56), np.uint8) * 255


def png(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def tiff(pages) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pages, photometric="minisblack")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two samples in a folder of their own, the first 40 x 56 pixels."""
    for name, pixels in (("1-one-and-a-half", GREY), ("2-two", GREY[::-1])):
        (tmp_path / f"{name}.png").write_bytes(png(pixels))
        (tmp_path / f"{name}-labels.png").write_bytes(png(TRUTH))
    monkeypatch.setattr(pictures, "SAMPLES", tmp_path)
    pictures.sample.cache_clear()
    yield tmp_path
    pictures.sample.cache_clear()


def test_samples_are_listed_in_order_without_their_labels(folder):
    assert pictures.samples() == ("1-one-and-a-half", "2-two")


def test_a_sample_has_its_labels_and_a_name_for_people(folder):
    picture = pictures.sample(0)
    np.testing.assert_allclose(picture.pixels, GREY / np.float32(255), atol=1e-6)
    np.testing.assert_array_equal(picture.labels, TRUTH > 0)
    assert (picture.name, picture.section, picture.sections) == ("one and a half", 0, 2)
    assert pictures.sample(1).sha256 != picture.sha256


@pytest.mark.parametrize("index", [-1, 2, 99])
def test_a_sample_that_is_not_there(folder, index):
    with pytest.raises(LabError, match="there are 2 sample sections; choose 0 to 1"):
        pictures.sample(index)


def test_the_shipped_samples_can_all_be_read():
    pictures.sample.cache_clear()
    names = pictures.samples()
    assert len(names) >= 3
    for index in range(len(names)):
        picture = pictures.sample(index)
        assert picture.labels.shape == picture.pixels.shape
        # cells and membranes: mostly cell, and brighter
        assert 0.5 < picture.labels.mean() < 0.95
        cell, membrane = picture.pixels[picture.labels], picture.pixels[~picture.labels]
        assert cell.mean() > membrane.mean() + 0.05


def test_an_upload_without_labels():
    data = png(GREY)
    picture = pictures.upload(data, "mine.png")
    np.testing.assert_allclose(picture.pixels, GREY / np.float32(255), atol=1e-6)
    assert picture.labels is None
    assert (picture.name, picture.section, picture.sections) == ("mine.png", 0, 1)
    assert pictures.upload_sections(data, "mine.png") == 1


def test_an_upload_with_labels_of_either_polarity():
    plain = pictures.upload(png(GREY), "mine.png", labels=png(TRUTH))
    inverted = pictures.upload(png(GREY), "mine.png", labels=png(255 - TRUTH), invert=True)
    np.testing.assert_array_equal(plain.labels, TRUTH > 0)
    np.testing.assert_array_equal(inverted.labels, TRUTH > 0)


def test_sections_of_a_stack_and_of_its_labels():
    pages = np.stack([GREY, GREY[::-1], GREY[:, ::-1]])
    truth = np.stack([TRUTH, TRUTH[::-1], TRUTH[:, ::-1]])
    assert pictures.upload_sections(tiff(pages), "stack.tif") == 3
    picture = pictures.upload(tiff(pages), "stack.tif", 2, tiff(truth), "truth.tif")
    np.testing.assert_allclose(picture.pixels, pages[2] / np.float32(255), atol=1e-6)
    np.testing.assert_array_equal(picture.labels, truth[2] > 0)
    assert (picture.section, picture.sections) == (2, 3)


def test_a_pixel_more_or_less_is_another_picture():
    other = GREY.copy()
    other[7, 9] ^= 1
    one, two = (pictures.upload(png(pixels), "same.png") for pixels in (GREY, other))
    assert one.sha256 != two.sha256


def test_pixels_of_another_size_are_resampled_and_taken_back():
    height, width = GREY.shape
    plain, found = (
        pictures.upload(png(GREY), "mine.png", 0, png(TRUTH), "truth.png", nm=nm)
        for nm in (None, 8.0)
    )
    assert found.pixels.shape == found.labels.shape == (2 * height, 2 * width)
    assert (found.nm, found.file_nm, found.nm_in_file) == (4.0, 8.0, 8.0)
    assert (plain.nm, plain.file_nm, plain.nm_in_file) == (None, None, None)
    # of the same file, but not the same pixels
    assert found.sha256 == plain.sha256 and found.content != plain.content
    assert "8 nm" in found.called and found.called.startswith(plain.called)
    # four new pixels lie in one of the file, and most of them are what it was
    voted = found.labels.reshape(height, 2, width, 2).mean((1, 3)) > 0.5
    assert np.mean(voted == plain.labels) > 0.95
    assert found.in_file(found.pixels).shape == GREY.shape
    assert plain.in_file(plain.pixels) is plain.pixels
    same = pictures.upload(png(GREY), "mine.png", nm=4.0)
    np.testing.assert_array_equal(same.pixels, plain.pixels)
    assert (same.nm, same.file_nm, same.content) == (4.0, None, plain.content)


def test_what_the_networks_see_is_computed_once():
    picture = pictures.upload(png(GREY), "mine.png")
    assert picture.normalised is picture.normalised
    assert picture.normalised.shape == GREY.shape and picture.normalised.dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((b"no image at all", "x.png"), "x.png"),
        ((png(GREY), "x.png", 1), "section"),
        ((png(GREY), "x.png", 0, png(TRUTH[:-1]), "truth.png"), "truth.png"),
        ((png(GREY), "x.png", 0, b"", "truth.png"), "truth.png"),
        ((png(GREY), "x.png", 0, None, "", False, 900.0), "leave its pixel size out"),
        ((png(GREY), "x.png", 0, None, "", False, 0.0), "pixel size must be"),
    ],
    ids=[
        "no image",
        "no such section",
        "labels of another size",
        "empty labels",
        "too large",
        "no width",
    ],
)
def test_bad_uploads_are_refused_in_a_sentence(arguments, message):
    with pytest.raises(LabError, match=message) as caught:
        pictures.upload(*arguments)
    assert str(caught.value).count("\n") == 0


def test_an_upload_knows_its_pixel_size_and_its_files():
    file = io.BytesIO()
    tifffile.imwrite(file, GREY, imagej=True, resolution=(0.2, 0.2), metadata={"unit": "nm"})
    found = pictures.upload(file.getvalue(), "a.tif", 0, png(TRUTH), "b.png", invert=True)
    assert found.nm == pytest.approx(5.0)
    assert (found.file, found.labels_file, found.inverted) == ("a.tif", "b.png", True)
    bare = pictures.upload(png(GREY), "a.png")
    assert (bare.nm, bare.labels_file) == (None, "")


def test_samples_name_files_that_are_there():
    root = pictures.SAMPLES.parents[1]
    for index in range(len(pictures.samples())):
        found = pictures.sample(index)
        assert found.nm == pictures.SAMPLE_NM
        assert (root / found.file).is_file()
        assert (root / found.labels_file).is_file()


def test_labels_are_chosen_of_a_file_that_holds_several():
    from snnlab.images.choice import Choice, Undecided

    file = io.BytesIO()
    both = np.stack([255 - TRUTH, TRUTH])
    tifffile.imwrite(file, both, imagej=True, metadata={"axes": "CYX"})
    with pytest.raises(Undecided, match="choose one with --labels-channel 0 to 1"):
        pictures.upload(png(GREY), "a.png", 0, file.getvalue(), "b.tif")
    found = pictures.upload(
        png(GREY), "a.png", 0, file.getvalue(), "b.tif", labels_choice=Choice(channel=1)
    )
    np.testing.assert_array_equal(found.labels, TRUTH > 0)
    assert found.labels_options == ("--labels-channel", "1")
    assert Choice.of(found.labels_options) == Choice(channel=1)

"""The ISBI 2012 folder: small volumes made here, and the real ones where they are."""

import numpy as np
import pytest
import tifffile

from snnlab.data import isbi
from snnlab.errors import LabError

RNG = np.random.default_rng(5)
IMAGES = RNG.integers(0, 256, (24, 40, 48)).astype(np.uint8)
LABELS = np.kron(RNG.integers(0, 2, (24, 5, 6)), np.ones((1, 8, 8))).astype(np.uint8) * 255
TEST = RNG.integers(0, 256, (3, 40, 48)).astype(np.uint8)


@pytest.fixture(autouse=True)
def _no_folder_from_outside(monkeypatch):
    monkeypatch.delenv(isbi.VARIABLE, raising=False)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, isbi.IMAGES, IMAGES)
    write(tmp_path, isbi.LABELS, LABELS)
    write(tmp_path, isbi.TEST, TEST)
    return tmp_path


def write(folder, name, array, **options):
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(folder / name, array, **options)


def test_every_section_as_written(folder):
    volume = isbi.Isbi(folder)
    assert (volume.sections, volume.shape, volume.test_sections) == (24, (40, 48), 3)
    for index in range(24):
        image = volume.image(index)
        np.testing.assert_allclose(image.pixels, IMAGES[index] / 255, atol=1e-6)
        assert (image.section, image.name) == (index, "train-volume.tif")
        np.testing.assert_array_equal(volume.labels(index), LABELS[index] > 0)
    np.testing.assert_allclose(volume.test_image(2).pixels, TEST[2] / 255, atol=1e-6)


def test_the_split_is_three_blocks():
    assert [*isbi.TRAINING, *isbi.CHOICE, *isbi.REPORT] == list(range(24))
    assert list(isbi.CHOICE) == [15, 16, 17]
    assert list(isbi.REPORT) == [18, 19, 20, 21, 22, 23]


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (isbi.named(isbi.TRAINING), range(15)),
        ("ISBI 2012 sections 0..17", range(18)),
        ("160 synthetic sections, seeds 1000..1159", ()),
        ("", ()),
    ],
)
def test_which_sections_a_model_has_seen_is_in_its_card(data, seen):
    assert [section for section in range(24) if isbi.trained_on(data, section)] == list(seen)


def test_terms_and_article_are_told(folder):
    volume = isbi.Isbi(folder)
    assert "non-commercial" in volume.licence and "cite" in volume.licence
    for part in ("Cardona", "2010", "PLoS Biol", "e1000502"):
        assert part in volume.citation


@pytest.mark.parametrize("call", ["image", "labels", "test_image"])
@pytest.mark.parametrize("index", [-1, 24])
def test_a_missing_section_is_named(folder, call, index):
    with pytest.raises(LabError, match=f"section {index} does not exist"):
        getattr(isbi.Isbi(folder), call)(index)


def test_the_test_volume_may_be_absent(folder):
    (folder / isbi.TEST).unlink()
    volume = isbi.Isbi(folder)
    assert volume.test_sections == 0
    with pytest.raises(LabError, match="not in the data folder"):
        volume.test_image(0)


# ---- finding the folder ------------------------------------------------------


def test_the_argument_goes_before_the_environment(folder, monkeypatch, tmp_path):
    assert isbi.find() is None
    assert isbi.find("") is None
    monkeypatch.setenv(isbi.VARIABLE, str(folder))
    assert isbi.find() == folder
    assert isbi.find(None) == isbi.Isbi(folder).folder == folder
    other = tmp_path / "other" / "isbi2012"
    other.mkdir(parents=True)
    write(other, isbi.IMAGES, IMAGES)
    write(other, isbi.LABELS, LABELS)
    assert isbi.find(other) == other
    assert isbi.find(str(other.parent)) == other
    monkeypatch.setenv(isbi.VARIABLE, "")
    assert isbi.find() is None


@pytest.mark.parametrize("named", ["nowhere", "a\0b", "~no-such-user/x", "two\nlines"])
def test_a_folder_that_is_not_there(named, monkeypatch):
    with pytest.raises(LabError, match=r"cannot be read; name an existing folder\.$") as raised:
        isbi.find(named)
    assert "\n" not in str(raised.value)
    if "\0" not in named:
        monkeypatch.setenv(isbi.VARIABLE, named)
        with pytest.raises(LabError, match="named by SNNLAB_DATA, cannot be read"):
            isbi.find()


def test_a_folder_without_the_volumes(tmp_path):
    with pytest.raises(LabError, match=r"lacks train-volume.tif or train-labels.tif; name"):
        isbi.find(tmp_path)
    write(tmp_path, isbi.IMAGES, IMAGES)
    with pytest.raises(LabError, match="lacks"):
        isbi.Isbi(tmp_path)


def test_no_folder_at_all():
    with pytest.raises(LabError, match="or set SNNLAB_DATA"):
        isbi.Isbi("")


# ---- files that do not belong together ---------------------------------------


@pytest.mark.parametrize(
    "name, array, word",
    [
        (isbi.LABELS, LABELS[:20], "24 sections but train-labels.tif has 20"),
        (isbi.LABELS, LABELS[:, :32], "differ in size"),
        (isbi.LABELS, LABELS.astype(np.uint16), "train-labels.tif is a 16-bit grey TIFF"),
        (isbi.IMAGES, IMAGES.astype(np.float32), "train-volume.tif is a 32-bit grey TIFF"),
        (isbi.IMAGES, np.stack([IMAGES] * 3, axis=3), "8-bit colour TIFF"),
        (isbi.IMAGES, IMAGES[:, :20], "20 high"),
    ],
)
def test_files_that_do_not_fit(folder, name, array, word):
    write(folder, name, array, photometric="rgb" if array.ndim == 4 else "minisblack")
    with pytest.raises(LabError, match=word) as raised:
        isbi.Isbi(folder)
    assert str(raised.value).endswith(".") and "\n" not in str(raised.value)


def test_damaged_and_empty_files(folder):
    whole = (folder / isbi.IMAGES).read_bytes()
    (folder / isbi.IMAGES).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LabError, match="train-volume.tif is damaged or incomplete"):
        isbi.Isbi(folder)
    (folder / isbi.IMAGES).write_bytes(b"")
    with pytest.raises(LabError, match="train-volume.tif is empty"):
        isbi.Isbi(folder)
    (folder / isbi.IMAGES).write_bytes(whole)
    (folder / isbi.TEST).write_text("see the challenge's page")
    volume = isbi.Isbi(folder)
    assert volume.sections == 24
    with pytest.raises(LabError, match="test-volume.tif is a text file"):
        volume.test_image(0)


def test_an_overlong_file_is_not_even_read(folder):
    with open(folder / isbi.IMAGES, "wb") as file:
        file.truncate(600 << 20)  # sparse: nothing on disk
    with pytest.raises(LabError, match="600 MiB, more than the 512 MiB"):
        isbi.Isbi(folder)


def test_labels_of_one_class_are_refused_when_asked_for(folder):
    labels = LABELS.copy()
    labels[3] = 255
    write(folder, isbi.LABELS, labels)
    volume = isbi.Isbi(folder)
    assert volume.labels(2).any()
    with pytest.raises(LabError, match="section 3 of train-labels.tif"):
        volume.labels(3)


# ---- the real volumes --------------------------------------------------------


def test_the_real_volumes(isbi_folder):
    volume = isbi.Isbi(isbi_folder)
    images = tifffile.imread(isbi_folder / isbi.IMAGES)
    labels = tifffile.imread(isbi_folder / isbi.LABELS)
    assert volume.sections == len(images) > max(isbi.REPORT)
    for index in (0, *isbi.REPORT):
        np.testing.assert_allclose(volume.image(index).pixels, images[index] / 255, atol=1e-6)
        np.testing.assert_array_equal(volume.labels(index), labels[index] == 255)
    # its README: about 22 % of pixels are membrane
    cell = np.mean([volume.labels(index).mean() for index in range(volume.sections)])
    assert 0.76 < cell < 0.80
    normalised = volume.image(18).normalised()
    assert normalised.dtype == np.float32 and 0.45 < normalised.mean() < 0.55


def test_a_real_section_is_no_label_file(isbi_folder):
    from snnlab.images.reading import read_labels

    data = (isbi_folder / isbi.IMAGES).read_bytes()
    with pytest.raises(LabError, match="grey picture"):
        read_labels(data, isbi.IMAGES, (512, 512), 4)


def test_isbi_sections_are_pictures(isbi_folder):
    with tifffile.TiffFile(isbi_folder / "train-volume.tif") as volume:
        sections = len(volume.pages)
    assert isbi.labelled_sections(str(isbi_folder)) == sections
    picture = isbi.picture(str(isbi_folder), 18)
    raw = tifffile.imread(isbi_folder / "train-volume.tif", key=18)
    truth = tifffile.imread(isbi_folder / "train-labels.tif", key=18)
    np.testing.assert_allclose(picture.pixels, raw / np.float32(255), atol=1e-6)
    np.testing.assert_array_equal(picture.labels, truth > 0)
    assert (picture.section, picture.sections) == (18, sections)
    assert "18" in picture.name


def test_isbi_that_is_not_there(tmp_path):
    with pytest.raises(LabError):
        isbi.picture(str(tmp_path), 0)


def test_volumes_are_read_once_until_they_change(tmp_path, monkeypatch):
    for name, pixels in ((isbi.IMAGES, IMAGES[0]), (isbi.LABELS, LABELS[0])):
        write(tmp_path, name, np.stack([pixels] * 3))
    opened = []
    real = isbi.Isbi
    monkeypatch.setattr(isbi, "Isbi", lambda folder: opened.append(folder) or real(folder))
    assert isbi.labelled_sections(str(tmp_path)) == 3
    assert isbi.picture(str(tmp_path), 1).nm == isbi.NM
    assert len(opened) == 1
    for name, pixels in ((isbi.IMAGES, IMAGES[0]), (isbi.LABELS, LABELS[0])):
        write(tmp_path, name, np.stack([pixels] * 2))
    assert isbi.labelled_sections(str(tmp_path)) == 2
    assert len(opened) == 2

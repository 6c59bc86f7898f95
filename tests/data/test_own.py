"""A visitor's labelled sections: splits, refusals, notes."""

import io

import h5py
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from snnlab.data import own as owndata
from snnlab.data.own import File
from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images import reading as images
from snnlab.images import scribbles
from snnlab.images.choice import Choice, Undecided
from snnlab.images.contrast import normalise
from snnlab.images.scribbles import Stroke


def tiff(array) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, photometric="minisblack")
    return file.getvalue()


def sections(count, shape, first=0):
    made = [synthetic(shape, first + seed) for seed in range(count)]
    grey = np.stack([np.rint(one.image * 255).astype(np.uint8) for one in made])
    labels = np.stack([one.labels.astype(np.uint8) * 255 for one in made])
    return grey, labels


def pair(grey, labels):
    return File(tiff(grey), "em.tif"), File(tiff(labels), "truth.tif")


def test_a_stack_holds_its_last_sections_out():
    grey, labels = sections(6, (176, 160))
    own = owndata.read([pair(grey, labels)])
    assert (len(own.train), len(own.validation)) == (5, 1)
    assert own.split == "the last section held out" and own.held == "sections"
    for index, (image, truth) in enumerate((*own.train, *own.validation)):
        assert np.array_equal(image, normalise(grey[index] / np.float32(255)))
        assert np.array_equal(truth, labels[index] > 0)
    data = own.for_training()
    assert data.images.shape == data.labels.shape == (1, 176, 160)
    image, truth = data.draw(np.random.default_rng(0))
    assert any(image is one and truth is two for one, two in own.train)


def test_of_one_image_rows_are_held_out_and_are_called_so():
    own = owndata.read([pair(*sections(1, (256, 160)))])
    assert own.held == "rows" and "of the rows held out" in own.split and own.little


def test_sections_with_other_pixels_are_resampled_or_it_is_said():
    grey, labels = sections(1, (256, 160))
    file = io.BytesIO()
    tifffile.imwrite(file, grey[0], imagej=True, resolution=(1 / 8, 1 / 8), metadata={"unit": "nm"})
    files = [(File(file.getvalue(), "em.tif"), File(tiff(labels), "truth.tif"))]
    plain, found = owndata.read(files), owndata.read(files, nm=8.0)
    assert "8 nm wide" in plain.notes[0] and not any("nm wide" in note for note in found.notes)
    assert (plain.nm, found.nm) == (8.0, 4.0)
    assert owndata.read([pair(grey, labels)]).nm == 0
    (image, truth), (small, _) = found.train[0], plain.train[0]
    assert image.shape[1] == truth.shape[1] == 2 * small.shape[1] and truth.dtype == bool
    with pytest.raises(LabError, match="leave its pixel size out"):
        owndata.read(files, nm=900.0)


@given(st.integers(100, 260), st.integers(100, 200))
def test_few_sections_hold_their_lowest_rows_out(height, width):
    random = np.random.default_rng(height * 1000 + width)
    image = random.random((height, width), np.float32)
    above, below = owndata._by_rows(image, image > 0.5)
    held = len(below[0])
    assert held % 16 == 0 and held >= 32
    # nothing is both trained on and validated on, and rows beside each other are apart
    assert np.array_equal(image[: height - held - owndata.GAP], above[0])
    assert np.array_equal(image[height - held :], below[0])


def test_sections_of_several_sizes_are_validated_on_one():
    pairs = [
        pair(*(part[0] for part in sections(1, shape, 7))) for shape in ((300, 180), (260, 200))
    ]
    own = owndata.read(pairs)
    data = own.for_training()
    assert data.images.shape == (2, 48, 176)
    assert own.side == 176
    drawn = {data.draw(np.random.default_rng(seed))[0].shape for seed in range(20)}
    assert drawn == {image.shape for image, _ in own.train}


def test_polarity_is_the_visitors_to_say_and_a_wrong_one_is_noted():
    grey, labels = sections(1, (256, 256))
    right = owndata.read([pair(grey[0], labels[0])])
    turned = owndata.read([pair(grey[0], 255 - labels[0])], invert=True)
    for one, other in zip(right.train, turned.train, strict=True):
        assert np.array_equal(one[1], other[1])
    assert not any("black in the labels" in note for note in right.notes)
    wrong = owndata.read([pair(grey[0], 255 - labels[0])])
    assert any("black in the labels" in note for note in wrong.notes)


def test_little_data_is_said_and_too_little_refused():
    grey, labels = sections(1, (256, 256))
    assert any("0.05 million" in note for note in owndata.read([pair(grey[0], labels[0])]).notes)
    with pytest.raises(LabError, match="too few"):
        owndata.read([pair(grey[0, :128, :128], labels[0, :128, :128])])


def test_refusals_are_one_sentence():
    grey, labels = sections(2, (200, 160))
    cases = {
        "choose at least one image": [],
        "choose the labels of this image": [pair(grey, labels[:, :190])],
        "has 2 sections, but truth.tif has 1": [pair(grey, labels[0])],
        "each side needs": [pair(grey[:, :70], labels[:, :70])],
        "only one class|one class|membrane|cell": [pair(grey, np.full_like(labels, 255))],
        "none of its|nothing|a text file": [(File(b"hello there", "em.tif"), File(b"", "l.tif"))],
    }
    for said, pairs in cases.items():
        with pytest.raises(LabError, match=said) as found:
            owndata.read(pairs)
        assert "\n" not in str(found.value)


def test_a_block_of_one_class_cannot_be_validated_on():
    grey, labels = sections(1, (256, 256))
    labels[0, 180:] = 255
    with pytest.raises(LabError, match="holds only one class"):
        owndata.read([pair(grey[0], labels[0])])


def test_too_much_is_refused_before_it_is_decoded(monkeypatch):
    grey, labels = sections(1, (256, 256))
    monkeypatch.setattr(owndata, "MOST", 1000)
    monkeypatch.setattr(images.Stack, "section", None)
    with pytest.raises(LabError, match="choose fewer"):
        owndata.read([pair(grey[0], labels[0])])


@given(
    st.lists(st.tuples(st.integers(32, 1200), st.integers(32, 1200)), min_size=1, max_size=3),
    st.integers(1, 9),
)
def test_windows_are_parts_of_their_sections(shapes, most):
    """Each pixel is the number of its place, so that a window says where it is from."""
    sections = []
    for index, shape in enumerate(shapes):
        number = np.arange(np.prod(shape)).reshape(shape) + index * 10_000_000
        sections.append((number, number % 3 > 0))
    images, labels = owndata.windows(sections, most)
    assert images.shape == labels.shape and len(images) <= most
    assert np.array_equal(labels, images % 3 > 0)
    for axis in (0, 1):
        side = images.shape[1 + axis]
        assert side % owndata.MULTIPLE == 0
        assert side == min(owndata.WINDOW, min(shape[axis] for shape in shapes) // 16 * 16)
    for image in images:
        index = int(image[0, 0]) // 10_000_000
        top, left = divmod(int(image[0, 0]) % 10_000_000, shapes[index][1])
        part = sections[index][0][top : top + image.shape[0], left : left + image.shape[1]]
        assert np.array_equal(part, image)
    assert len(np.unique(images)) == images.size  # none twice


def test_windows_of_both_classes_go_first():
    labels = np.zeros((1024, 512), bool)
    labels[600:700] = True
    images, truth = owndata.windows([(np.zeros(labels.shape), labels)], 6)
    assert images.shape == (1, 512, 512) and truth.any()


def test_a_digest_names_the_pixels_and_the_split():
    grey, labels = sections(1, (256, 256))
    usual = owndata.read([pair(grey[0], labels[0])]).digest
    assert usual == owndata.read([pair(grey[0], labels[0])]).digest
    grey[0, 200, 7] ^= 1
    assert usual != owndata.read([pair(grey[0], labels[0])]).digest


def test_what_does_not_count_is_marked_and_not_counted():
    grey, labels = sections(6, (176, 160))
    truth = np.where(labels > 0, 2, 1).astype(np.int16)
    truth[:, :, :40] = -1
    plain = owndata.read([pair(grey, labels)])
    own = owndata.read([pair(grey, truth)])
    for (image, marked), (same, cells) in zip(own.train, plain.train, strict=True):
        assert np.array_equal(image, same) and marked.dtype == np.int8
        assert (marked[:, :40] == -1).all()
        assert np.array_equal(marked[:, 40:] > 0, cells[:, 40:])
    assert own.pixels == plain.pixels * 120 // 160
    assert any("do not count" in note for note in own.notes)
    assert not any("as by scribbles" in note for note in own.notes)
    few = np.where(np.arange(160) < 120, np.int16(-1), truth)
    sparse = owndata.read([pair(grey, few)]).notes
    assert any("Only 25 % of the pixels are labelled, as by scribbles" in note for note in sparse)
    assert own.digest != plain.digest
    named = owndata.read([pair(grey, np.where(truth < 0, 9, truth))], ignore=(9,))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(named.train, own.train, strict=True))


def test_canvas_and_blank_sections_are_left_out():
    grey, labels = sections(7, (176, 160))
    grey[3] = 0
    grey[:, 160:] = 0
    own = owndata.read([pair(grey, labels)])
    assert len(own.train) + len(own.validation) == 6
    assert all((truth[160:] == -1).all() for _, truth in own.train)
    assert any("section 3, is blank and left out" in note for note in own.notes)
    assert any("is not tissue and left out" in note for note in own.notes)
    # fill is no membrane, as it is where all of it counts
    wide = [np.pad(x, ((0, 0), (0, 0), (0, 320))) for x in (grey, labels)]
    assert not any("which is much" in note for note in owndata.read([pair(*wide)]).notes)
    # of few sections the lowest rows that are tissue are held out
    few = owndata.read([pair(grey[:2], labels[:2])])
    assert (few.validation[0][1] >= 0).all()


def test_labels_in_another_order_and_copies_across_the_split_are_said():
    grey, labels = sections(6, (176, 160))
    usual = owndata.read([pair(grey, labels)]).notes
    assert not any("order" in note or "same picture" in note for note in usual)
    turned = owndata.read([pair(grey, labels[::-1])])
    assert any("better in reverse" in note for note in turned.notes)
    grey[5], labels[5] = grey[0] // 2, labels[0]
    copied = owndata.read([pair(grey, labels)])
    (said,) = [note for note in copied.notes if "nearly the same picture" in note]
    assert "(section 5, held out, and section 0, trained on)" in said  # as the sidebar counts
    parts = [pair(grey[place], labels[place]) for place in ([0, 1, 2, 3], [4, 5])]
    several = owndata.read([(image, truth) for image, truth in parts])
    assert any(
        "(section 1 of em.tif, held out, and section 0 of em.tif" in n for n in several.notes
    )


def test_labels_that_hardly_follow_their_images_are_said():
    grey, labels = sections(6, (128, 144))
    one = labels.copy()
    one[2] = labels[5][::-1]
    assert any(
        "labels of section 2 hardly follow" in note
        for note in owndata.read([pair(grey, one)]).notes
    )
    upside = owndata.read([pair(grey, labels[:, ::-1])]).notes
    assert any("labels of the images hardly follow" in note for note in upside)
    assert not any("hardly" in note for note in owndata.read([pair(grey, labels)]).notes)


def test_light_membranes_are_turned_when_asked():
    grey, labels = sections(1, (256, 160))
    usual, turned = (
        owndata.read([pair(255 - part if negative else part, labels)], negative=negative)
        for part, negative in ((grey, False), (grey, True))
    )
    np.testing.assert_allclose(usual.train[0][0], turned.train[0][0], atol=1e-5)


def test_windows_without_a_cell_that_counts_are_not_validated_on():
    labels = np.full((1024, 512), -1, np.int8)
    labels[100:200, 100:200] = 1
    labels[150:160, 100:200] = 0
    _, truth = owndata.windows([(np.zeros(labels.shape), labels)], 6)
    assert truth.shape == (1, 512, 512) and (truth > 0).any()


def hyperstack(channels) -> bytes:
    """Fiji's: (sections, channels, height, width)."""
    file = io.BytesIO()
    tifffile.imwrite(file, channels, imagej=True, metadata={"axes": "ZCYX"})
    return file.getvalue()


def test_channels_are_asked_for_and_never_taken_for_sections():
    grey, labels = sections(5, (176, 160))
    both = np.stack([grey, labels], axis=1)
    image, truth = File(hyperstack(both), "em.tif"), File(tiff(labels), "truth.tif")
    with pytest.raises(Undecided, match=r"em\.tif holds 2 channels; choose one with --channel"):
        owndata.read([(image, truth)])
    own = owndata.read([(image, truth)], choice=Choice(channel=0))
    assert (len(own.train), len(own.validation)) == (4, 1)
    assert own.digest == owndata.read([(File(tiff(grey), "em.tif"), truth)]).digest
    # labels that are a channel of the same file
    with pytest.raises(Undecided, match="--labels-channel 0 to 1"):
        owndata.read([(image, image)], choice=Choice(channel=0))
    found = owndata.read([(image, image)], choice=Choice(channel=0), labels_choice=Choice(1))
    assert found.digest == own.digest
    with pytest.raises(LabError, match="has no channel 2"):
        owndata.read([(image, truth)], choice=Choice(channel=2))


def test_image_and_labels_are_found_in_one_hdf5_file(tmp_path):
    grey, labels = sections(5, (176, 160))
    with h5py.File(tmp_path / "cremi.hdf", "w") as file:
        file["volumes/raw"] = grey
        file["volumes/labels/neuron_ids"] = (labels > 0).astype("u8")
        file["volumes/labels/clefts"] = np.zeros(labels.shape, "u8")
    one = File(tmp_path / "cremi.hdf", "cremi.hdf")
    own = owndata.read([(one, one)])
    assert own.digest == owndata.read([pair(grey, labels)]).digest


def test_what_was_painted_is_learned_from_and_nothing_else():
    """A section of a stack with wide strokes all over it: the others are left out."""
    grey, _ = sections(2, (256, 256))
    painted = []
    for index, row in enumerate(range(10, 256, 24)):
        painted.append(Stroke(index % 2, 20.0, ((float(row), 5.0), (float(row), 250.0))))
    file = scribbles.tiff({1: tuple(painted)}, 2, (256, 256))
    own = owndata.read([(File(tiff(grey), "em.tif"), File(file, "scribbles.tif"))])
    coded = scribbles.labels(tuple(painted), (256, 256))
    ((image, truth),) = own.train
    first = np.flatnonzero((coded >= 0).any(1))[0]
    assert np.array_equal(truth, coded[first : first + len(truth)])
    assert np.array_equal(image, normalise(grey[1] / np.float32(255))[first : first + len(image)])
    assert own.pixels == (truth >= 0).sum() and own.held == "rows"

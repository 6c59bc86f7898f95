"""The door to trainings on own sections."""

import pytest

from snnlab.errors import LabError
from snnlab.lab import training as lab_training
from snnlab.nets import files as model_file
from snnlab.training import recipes
from snnlab.training.own import StageTime
from tests.data.test_own import pair, sections
from tests.training.own import tiny


def test_the_example_can_be_trained_on():
    own = lab_training.example()
    assert (len(own.train), len(own.validation)) == (5, 1)
    assert not any("black in the labels" in note for note in own.notes)
    for kind in lab_training.kinds():
        assert all(lab_training.steps(lab_training.Order(kind), own))


def test_files_are_read_with_their_names():
    grey, labels = sections(1, (256, 256))
    image, truth = pair(grey[0], labels[0])
    own = lab_training.read([((image.name, image.data), (truth.name, truth.data))], False)
    assert own.pixels == (256 - 48 - 16) * 256
    with pytest.raises(LabError, match="a strange name.tif"):
        lab_training.read([(("a strange name.tif", b"x"), (truth.name, truth.data))], False)


def test_a_folder_is_that_of_the_data_and_the_order_whatever_the_name(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    order = lab_training.Order("relu", "a", steps=10)
    here = lab_training.folder(order, tiny.own())
    assert here.is_relative_to(tmp_path) and not here.exists()
    assert here == lab_training.folder(lab_training.Order("relu", "b", steps=10), tiny.own())
    others = [
        lab_training.folder(lab_training.Order("relu", "a", steps=11), tiny.own()),
        lab_training.folder(lab_training.Order("relu", "a", steps=10, seed=1), tiny.own()),
        lab_training.folder(order, tiny.own(height=416)),
    ]
    assert len({here, *others}) == 4


def test_what_was_begun_is_known_and_can_be_discarded(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(recipes, "PLANS", tiny.PLANS)
    order = lab_training.Order("relu", "a", steps=8)
    assert lab_training.begun(order, tiny.own()) == 0
    made = lab_training.train(order, tiny.own())
    assert lab_training.begun(order, tiny.own()) == 8
    lab_training.discard(order, tiny.own())
    assert lab_training.begun(order, tiny.own()) == 0
    # the file to take away is one that the lab reads
    again = model_file.unpack(lab_training.packed(made), "again")
    assert again.digest == made.digest and again.card["scores"]["ann"] == made.card["scores"]["ann"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.1, "About 10 s"), (1.2, "About 2 minutes"), (60, "About 1.7 hours")]
)
def test_estimates_in_words(seconds, said):
    told = lab_training.told([StageTime(100, seconds, 0, 0.0)])
    assert told.startswith(said) and f"100 steps of {seconds:.2f} s" in told

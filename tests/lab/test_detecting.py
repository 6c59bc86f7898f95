"""The front door to detectors, with a small one in the place of the shipped one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import Cancelled, LabError
from snnlab.images.pictures import Picture
from snnlab.lab import detecting
from snnlab.nets.detector import inference, model
from tests import small_detector


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    net = small_detector.detector()
    monkeypatch.setattr(detecting, "detector", lambda name: net)


def picture(pixels=None, **more):
    pixels = small_detector.image(90, 120) if pixels is None else pixels
    return Picture(pixels, None, "some.tif", 0, 1, "sha", **more)


SETTINGS = detecting.Settings(method="data-normalisation", model="mitochondria", timesteps=48)


def test_both_networks_find_much_the_same():
    found = detecting.detect(picture(), SETTINGS, as_is=True)
    assert len(found.ann) > 3
    again = detecting.scored(found.snn, found.ann.above(0.5).boxes, 0.5)
    assert again.average_precision_50 > 0.5
    assert found.settled.shape == (len(found.snn),)
    assert found.settled.min() >= 1 and found.settled.max() <= 48
    assert found.spikes > 0 and found.events > found.spikes
    assert found.neurons == sum(
        int(np.prod(small_detector.detector().graph(96, 128).shapes[step.name]))
        for step in small_detector.PLAN.steps()
        if step.neurons
    )


def test_boxes_are_in_pixels_of_the_file_whatever_the_net_was_shown():
    one = detecting.detect(picture(), SETTINGS, nm=5.0)
    assert not one.notes
    # pixels half as wide: a file of twice the size shows the same
    large = np.kron(small_detector.image(90, 120), np.ones((2, 2), np.float32))
    other = detecting.detect(picture(large), SETTINGS, nm=2.5)
    assert "2.5 nm were resampled to 5 nm" in other.notes[0]
    assert other.ann.boxes.max() > 1.5 * one.ann.boxes.max()
    assert (other.ann.boxes <= [240, 180, 240, 180]).all()


def test_what_is_not_known_of_pixels_is_said():
    assert "size of the pixels is not known" in detecting.detect(picture(), SETTINGS).notes[0]
    assert not detecting.detect(picture(nm=5.5), SETTINGS).notes
    assert "10 nm were resampled" in detecting.detect(picture(nm=10.0), SETTINGS).notes[0]


def test_parts_give_much_what_the_whole_gives(monkeypatch):
    wide = picture(small_detector.image(96, 320))
    whole = detecting.detect(wide, SETTINGS, as_is=True)
    for name, value in (("WHOLE", 10_000), ("SIDE", 192), ("OVERLAP", 128)):
        monkeypatch.setattr(inference, name, value)
    assert len(inference.parts(96, 320)) > 1
    parted = detecting.detect(wide, SETTINGS, as_is=True)
    for one, other in ((whole.ann, parted.ann), (whole.snn, parted.snn)):
        scores = detecting.scored(other, one.above(0.5).boxes, 0.5)
        assert scores.average_precision_50 > 0.8
    assert parted.settled.shape == (len(parted.snn),)


def test_boxes_can_be_looked_at_step_by_step():
    found = detecting.detect(picture(), SETTINGS, as_is=True, at=(1, 12, 48))
    assert [step for step, _ in found.frames] == [1, 12, 48]
    early, _, last = (one for _, one in found.frames)
    np.testing.assert_allclose(last.boxes, found.snn.boxes)
    np.testing.assert_allclose(last.scores, found.snn.scores)
    assert len(early) != len(last) or not np.allclose(early.scores, last.scores)
    # a run that ends there says the same
    short = detecting.detect(picture(), SETTINGS.replace(timesteps=12), as_is=True).snn
    np.testing.assert_allclose(found.frames[1][1].boxes, short.boxes, atol=1e-6)
    assert not detecting.detect(picture(), SETTINGS, as_is=True).frames


def test_steps_of_parts_are_joined(monkeypatch):
    for name, value in (("WHOLE", 10_000), ("SIDE", 192), ("OVERLAP", 128)):
        monkeypatch.setattr(inference, name, value)
    wide = picture(small_detector.image(96, 320))
    found = detecting.detect(wide, SETTINGS, as_is=True, at=(48,))
    ((_, last),) = found.frames
    np.testing.assert_allclose(last.boxes, found.snn.boxes)
    assert last.boxes[:, 0].max() > 192


@given(st.integers(1, 1000))
def test_moments_double_and_end_with_the_run(timesteps):
    found = detecting.moments(timesteps)
    assert found[0] == 1 and found[-1] == timesteps and list(found) == sorted(set(found))
    assert all(later <= 2 * step for step, later in zip(found, found[1:], strict=False))


def test_boxes_in_files_are_those_of_the_score():
    found = detecting.detect(picture(nm=4.0), SETTINGS, as_is=True)
    for network in ("ann", "snn"):
        listed = detecting.listed_boxes(picture(nm=4.0), found, network, 0.5)
        assert len(listed.boxes) == (found.of(network).scores >= 0.5).sum() > 0
        assert listed.nm == (4.0, 4.0) and listed.shape == (90, 120)
        assert (listed.steps is None) == (network == "ann")


def test_own_boxes_are_of_the_pictures_section_in_its_files_pixels():
    data = b"x,y,width,height\n1,2,30,40\n"
    own = detecting.own(data, "b.csv", replace(picture(), file="some.tif"))
    np.testing.assert_array_equal(own.boxes, [[1, 2, 31, 42]])
    with pytest.raises(LabError, match="outside of the image of 120 x 90"):
        detecting.own(b"x,y,width,height\n1,2,300,40\n", "b.csv", picture())


def test_a_search_can_be_stopped():
    with pytest.raises(Cancelled):
        detecting.detect(picture(), SETTINGS, cancel=lambda: True)


def test_a_damaged_file_is_listed_with_what_to_do(monkeypatch, tmp_path):
    (tmp_path / "broken.detector.npz").write_bytes(b"PK no")
    monkeypatch.setattr(detecting, "names", lambda: ("broken", "mitochondria"))
    net = small_detector.detector()

    def load(name):
        return net if name == "mitochondria" else model.load(name, tmp_path)

    monkeypatch.setattr(detecting, "detector", load)
    broken, small = detecting.listed()
    assert broken[:2] == (
        "broken",
        "the file broken.detector.npz is damaged; restore it or retrain.",
    )
    assert small == ("mitochondria", "small", "")

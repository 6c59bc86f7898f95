"""Softened labels against the nets that gave them."""

import numpy as np

from snnlab.data.drawn import Data
from snnlab.nets.inference import segment
from snnlab.training import teaching
from tests import small_models

IMAGE = small_models.image(64, seed=9)


def test_teachers_answer_alike_however_the_section_lies():
    teachers = [small_models.untuned(6), small_models.untuned(3)]
    said = teaching.said(teachers, IMAGE)
    for turned in (np.rot90(IMAGE), IMAGE[::-1], IMAGE.T):
        again = teaching.said(teachers, np.ascontiguousarray(turned))
        np.testing.assert_allclose(np.sort(again.ravel()), np.sort(said.ravel()), atol=1e-5)
    np.testing.assert_allclose(
        teaching.said(teachers, np.ascontiguousarray(IMAGE.T)), said.T, atol=1e-5
    )
    single = [segment(teacher, IMAGE).probability for teacher in teachers]
    assert np.abs(said - np.mean(single, 0)).max() > 1e-4  # orientations do count


def test_labels_are_a_mixture_and_those_of_validation_stay():
    teacher = small_models.untuned(6)
    labels = IMAGE > 0.5
    data = Data(lambda random: (IMAGE, labels), IMAGE[None], labels[None], "one section")
    taught = teaching.softened(data, [teacher], 0.25)
    image, soft = taught.draw(np.random.default_rng(0))
    assert image is IMAGE
    np.testing.assert_allclose(soft, 0.75 * labels + 0.25 * teaching.said([teacher], IMAGE), 1e-5)
    assert taught.draw(None)[1] is soft
    assert taught.labels is data.labels
    assert "0.25" in taught.name


def test_a_share_of_the_crops_is_what_the_model_said_of_other_sections():
    start = small_models.untuned(6)
    labels = IMAGE > 0.5
    data = Data(lambda random: (IMAGE, labels), IMAGE[None], labels[None], "one section")
    mixed = teaching.rehearsing(data, start, 0.3)
    random = np.random.default_rng(3)
    drawn = [mixed.draw(random) for _ in range(400)]
    others = [one for one in drawn if one[0] is not IMAGE]
    assert 0.2 < len(others) / len(drawn) < 0.4
    assert all(one[1] is labels for one in drawn if one[0] is IMAGE)
    image, said = others[0]
    np.testing.assert_array_equal(said, segment(start, image).probability)
    # drawn by the random numbers alone, so that a run which goes on sees the same
    again = teaching.rehearsing(data, start, 0.3)
    random = np.random.default_rng(3)
    for one, other in zip(drawn[:40], (again.draw(random) for _ in range(40)), strict=False):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])
    assert mixed.labels is data.labels and "30 % of the crops" in mixed.name

"""The score from which boxes count: chosen on drawn squares, by how many there are."""

import numpy as np

from snnlab.data.instances import components
from snnlab.nets.detector.boxes import Detections
from snnlab.training.detector import scoring
from snnlab.training.detector.crops import Drawing, Sections
from tests.small_detector import detector, image

MASK = np.zeros((150, 180), bool)
MASK[20:60, 30:90] = MASK[80:120, 100:150] = True
CHOICE = Sections([image(150, 180)], [components(MASK)], (134,), "one")
SMALL = Drawing(side=64)


def test_squares_are_the_same_each_time_and_all_boxes_count():
    first, again = (list(scoring.harder(CHOICE, SMALL, 5)) for _ in range(2))
    assert len(first) == 5
    for (one, boxes), (other, same) in zip(first, again, strict=True):
        assert np.array_equal(one, other) and np.array_equal(boxes, same)
    assert not np.array_equal(first[0][0], first[1][0])
    assert any(len(boxes) for _, boxes in first)


def test_the_score_is_where_the_counts_of_both_networks_are_best(monkeypatch):
    """Scores are given by hand: two things a square, the third box is none."""

    def says(*scores):
        return lambda *_: Detections(np.zeros((3, 4)), np.array(scores), np.arange(3))

    squares = [(image(64, 64), np.zeros((2, 4)))] * 4
    monkeypatch.setattr(scoring, "harder", lambda *_: iter(squares))
    monkeypatch.setattr(scoring, "detect", says(0.9, 0.7, 0.31))
    monkeypatch.setattr(scoring, "spiking", says(0.8, 0.51, 0.2))
    # from above 0.31 to 0.51 both count two: the middle of that
    assert scoring.best_score(detector(), CHOICE, SMALL) == 0.42


def test_a_net_runs_through_it(monkeypatch):
    monkeypatch.setattr(scoring, "SETTINGS", scoring.SETTINGS | {"timesteps": 8})
    made = list(scoring.harder(CHOICE, SMALL, 2))
    monkeypatch.setattr(scoring, "harder", lambda *_: iter(made))
    assert 0.05 <= scoring.best_score(detector(), CHOICE, SMALL) <= 0.99

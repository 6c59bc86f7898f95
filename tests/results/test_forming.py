"""Boxes step by step: the last step is the answer, and settled is settled."""

import numpy as np
import pytest
from scipy.special import expit

from snnlab.conversion.detector import convert
from snnlab.nets.detector.anchors import decoded
from snnlab.nets.detector.graph import all_anchors, parted
from snnlab.results.forming import Forming, answered, forming
from snnlab.settings import Settings
from snnlab.simulation.event import running
from tests.small_detector import detector, image


@pytest.mark.parametrize("synapse_ms", [0.0, 5.0])
def test_each_step_is_what_the_whole_answer_is_then(synapse_ms):
    """Behind a synapse, what the later half of the steps says."""
    shown = image()
    settings = Settings(method="data-normalisation", synapse_ms=synapse_ms)
    made = convert(detector(), shown, settings)
    recording = running.run(made, 20)
    at = all_anchors(*shown.shape)
    places = np.random.default_rng(0).choice(len(at), 40, replace=False)
    found = forming(made, recording, places)
    for step in (1, 7, 20):
        logits, offsets = parted(
            made.answer(recording, step // 2 if synapse_ms else 0, step).astype(float)
        )
        np.testing.assert_allclose(found.scores[step - 1], expit(logits[places]), atol=1e-4)
        expected = decoded(offsets[places], at[places])
        np.testing.assert_allclose(found.boxes[step - 1], expected, rtol=1e-3, atol=1e-2)
        np.testing.assert_allclose(
            parted(answered(made, recording, step).astype(float))[0], logits, atol=1e-4
        )
    assert found.settled.shape == (40,)


def test_settled_by_hand():
    box, far = [0.0, 0, 10, 10], [50.0, 50, 60, 60]
    scores = np.array([[0.9, 0.2, 0.9], [0.9, 0.5, 0.1], [0.9, 0.85, 0.9], [0.9, 0.9, 0.9]])
    boxes = np.array([[box, box, far], [box, box, box], [box, box, box], [box, box, box]])
    np.testing.assert_array_equal(Forming(scores, boxes).settled, [1, 3, 3])


def test_no_boxes_settle_at_no_step():
    assert Forming(np.zeros((4, 0)), np.zeros((4, 0, 4))).settled.shape == (0,)

"""Thresholds that a model is shown with."""

import numpy as np
import pytest

from snnlab.results import metrics
from snnlab.training import choosing
from snnlab.training import scoring as scored
from tests import small_models

AT = (0.0, 0.25, 0.5, 0.75, 1.0)


def marks(*v_rand: float) -> metrics.Marks:
    return metrics.Marks(0.9, 0.9, 0.9, (0.9, 0.9), (0.9, 0.9), AT, v_rand, v_rand)


@pytest.mark.parametrize(
    ("snn", "wanted"),
    [
        # as good at the ANN's: shown at that; a worse one is not
        ([(0.1, 0.5, 0.899, 0.900, 0.0)], (0.5, 0.899)),
        ([(0.1, 0.5, 0.897, 0.900, 0.0)], (0.75, 0.900)),
        # of all sections together, not of each
        ([(0.1, 0.5, 0.80, 0.90, 0.0), (0.1, 0.5, 0.90, 0.80, 0.0)], (0.5, 0.85)),
        ([(0.1, 0.5, 0.80, 0.91, 0.0), (0.1, 0.5, 0.90, 0.80, 0.0)], (0.75, 0.855)),
    ],
)
def test_the_snn_is_shown_at_its_anns_threshold_where_that_costs_nothing(monkeypatch, snn, wanted):
    ann = [marks(0.1, 0.5, 0.95, 0.9, 0.0)] * len(snn)
    steps = choosing.Settings().timesteps
    monkeypatch.setattr(scored, "marks", lambda *_: (ann, {steps: [marks(*one) for one in snn]}))
    images = np.zeros((len(snn), 8, 8), np.float32)
    made = choosing.chosen(small_models.model(), images, images, "some")
    told = made.card["thresholds"]
    assert told["ann"] == {"threshold": 0.5, "v_rand": pytest.approx(0.95)}
    assert (told["snn"]["threshold"], told["snn"]["v_rand"]) == (
        wanted[0],
        pytest.approx(wanted[1]),
    )
    assert made.card["settings"]["threshold"] == wanted[0]
    assert made.card["settings"]["ann_threshold"] == 0.5

"""A summary says of a run what the run says of itself."""

from dataclasses import fields, replace

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import approach, summary
from snnlab.settings import Settings


def test_a_summary_is_the_result():
    result = lab.default_result()
    found = summary.of(result)
    assert (found.spikes, found.synaptic_events) == (result.spikes, result.synaptic_events)
    assert found.agreement == result.agreement()
    steps, shares = found.course["step"].tolist(), found.course["agreement"].tolist()
    assert shares == [result.agreement(step) for step in steps]
    assert steps[0] == result.steps_shown[0] and steps[-1] == result.timesteps
    assert found.difference == pytest.approx(np.abs(result.snn() - result.ann).mean())
    assert found.snn_scores == result.snn_scores
    assert sum(layer.spikes for layer in found.layers) == result.spikes
    assert np.abs(found.pictures["snn"] / 255 - result.snn()).max() <= 0.5 / 255 + 1e-6
    assert np.array_equal(found.pictures["labels"] > 0, result.picture.labels)


@pytest.mark.parametrize("points", [2, 5, 32])
def test_it_knows_the_very_step_at_which_it_settles(points, monkeypatch):
    """However few steps the curve has: as somebody would see who looks at every step."""
    result, curve = lab.default_result(), approach.error_curve
    whole = curve(result, points=result.timesteps)
    monkeypatch.setattr(approach, "error_curve", lambda run, n=points, also=(): curve(run, n, also))
    after, by = summary.settled(**summary.of(result).course)
    assert by == after + 1
    assert (after, by) == summary.settled(whole["step"], whole["agreement"])


def test_settled():
    steps = np.array([1, 2, 3, 4, 5])
    assert summary.settled(steps, [0.5, 0.96, 0.94, 0.95, 0.99]) == (3, 4)
    assert summary.settled(steps, [0.95] * 5) == (0, 1)
    assert summary.settled(steps, [0.99, 0.99, 0.99, 0.99, 0.9]) == (summary.NEVER,) * 2
    # of every eighth step: somewhere between the two
    assert summary.settled(8 * steps, [0.5, 0.9, 0.99, 0.99, 0.99]) == (16, 24)


def test_without_labels():
    result = lab.default_result()
    bare = replace(result, picture=replace(result.picture, labels=None))
    assert "labels" not in summary.of(bare).pictures
    assert summary.image_key(bare.picture) != summary.image_key(result.picture)


def test_every_setting_has_a_name_and_an_order():
    assert set(summary.NAMES) == {field.name for field in fields(Settings)}
    found = summary.differing(
        Settings(), Settings(seed=3, timesteps=9, threshold=0.1), without=("threshold",)
    )
    assert found == {"timesteps": (64, 9), "seed": (0, 3)}
    assert list(found) == ["timesteps", "seed"]
    assert summary.shown(75.0) == "75"

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import settling


def test_errors_by_hand():
    """One neuron of activation 0.5, which is a spike in every other step."""
    sent = np.array([[1], [0], [1], [0]])
    found = settling.errors(np.array([0.5]), sent, 1.0)
    # 1, 1/2, 2/3, 1/2 said so far, for 0.5
    assert found == pytest.approx([1, 0, 1 / 3, 0])
    assert np.isnan(settling.errors(np.zeros(1), sent, 1.0)).all()


def test_settled_for_good():
    assert settling.settled(np.array([0.1, 0.9, 0.2, 0.1])) == 3
    assert settling.settled(np.array([0.1, 0.2])) == 1
    assert settling.settled(np.array([0.1, 0.9])) == settling.NEVER
    assert settling.settled(np.full(3, np.nan)) == settling.NEVER


def test_deep_layers_take_longer_than_the_first():
    result = lab.default_result()
    found = settling.layers(result)
    assert list(found) == [layer.name for layer in result.layers]
    assert 0 < found["encoder"] < found["down1"] < found["down3"] <= result.timesteps

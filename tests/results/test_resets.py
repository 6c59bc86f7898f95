"""Potentials worked out by hand, in numbers that binary fractions hold exactly."""

import numpy as np

from snnlab.results import resets


def test_what_is_above_the_threshold_is_kept_or_lost():
    found = resets.followed(np.array([0.75, 0.75, 0.75, 0.75]), 0.5)
    reached, left = found["subtraction"]
    assert reached.tolist() == [1.25, 1.0, 0.75, 1.5]
    assert left.tolist() == [0.25, 0.0, 0.75, 0.5]
    reached, left = found["zero"]
    assert reached.tolist() == [1.25, 0.75, 1.5, 0.75]
    assert left.tolist() == [0.0, 0.75, 0.0, 0.75]


def test_negative_currents():
    """Loihi's neuron, which resets to zero, stops at 0; the ideal one goes below."""
    found = resets.followed(np.array([-1.0, 0.5, 0.5]), 0.25)
    assert found["subtraction"][1].tolist() == [-0.75, -0.25, 0.25]
    assert found["zero"][1].tolist() == [0.0, 0.5, 0.0]

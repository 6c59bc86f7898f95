"""Agreement of a layer, against hand calculation."""

import math

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import agreement


def test_by_hand():
    ann = np.array([0.0, 1.0, 1.0, 1.0, 5.0])
    snn = np.array([0.5, 1.0, 0.5, 1.0, 4.0])
    found = agreement._of("x", ann, snn)
    assert found.error == pytest.approx((0.5 + 0.5 + 1) / 8)
    assert found.busy == pytest.approx(4 / 5)  # one neuron of the four that are driven
    assert found.quiet == pytest.approx(2.5 / 3)


def test_perfect_and_silent():
    ann = np.array([0.0, 1.0, 2.0])
    perfect, silent = agreement._of("x", ann, ann), agreement._of("x", ann, 0 * ann)
    assert (perfect.error, perfect.busy, perfect.quiet) == (0, 1, 1)
    assert (silent.error, silent.busy, silent.quiet) == (1, 0, 0)
    nothing = agreement._of("x", 0 * ann, ann)
    assert math.isnan(nothing.error) and math.isnan(nothing.busy)


def test_every_layer_of_a_result():
    result = lab.default_result()
    found = agreement.layers(result)
    assert [item.name for item in found] == [layer.name for layer in result.layers]
    assert all(item.error < 0.5 for item in found)

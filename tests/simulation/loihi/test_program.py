"""Which layers need no thought of overflow: what the proof says, against sums by hand."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi import layout as at
from snnlab.simulation.loihi.program import compile_program
from snnlab.simulation.loihi.reading import BuiltLayer, BuiltLink

ONE = (1, 1, 1)


def chip(weights, bias=0, decay=2048, threshold=100, highest=2**23 - 1):
    """A layer of one neuron with a connection a weight, each of so many units of 64."""
    host = BuiltLayer("host", (1, 1, len(weights)))
    kernel = np.array(weights, np.int16).reshape(1, 1, 1, -1, 1)
    geometry = Convolve(kernel[0], host.shape, ONE, (1, 1), "same", False)
    layer = BuiltLayer(
        "chip",
        ONE,
        (BuiltLink("host", geometry, kernel),),
        ONE,
        np.zeros((1, 1), np.int64),
        np.array([bias], np.int32),
        np.array([threshold], np.int32),
        decay,
        0,
        highest,
    )
    return host, layer


def bounded(built):
    return bool(compile_program(built).stages[1, at.BOUNDED])


def test_a_current_of_half_the_range_is_twice_what_arrives():
    # with a decay of a half, currents come to at most twice what arrives in a step
    most = 2**23 // (2 * 64)
    assert 4 * 16383 < most < 5 * 16383
    assert bounded(chip([16383, -16383, 16383, -16383]))
    assert bounded(chip([16383] * 8))  # no more than 2**21 arrive, whatever is sent
    assert not bounded(chip([16383] * 8, decay=3072, bias=1))
    assert bounded(chip([8000] * 4, decay=3072, bias=1))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_bias_counts(sign):
    built = chip([16383] * 8, sign * (2**23 - 2**22 - 1))
    assert bounded(built)
    assert not bounded(chip([16383] * 8, sign * (2**23 - 2**22)))


def test_a_threshold_above_the_highest_potential():
    assert bounded(chip([1], threshold=999, highest=1000))
    assert not bounded(chip([1], threshold=1000, highest=1000))


def test_the_largest_variant_counts():
    host, layer = chip([4000] * 4, decay=3584)
    assert bounded((host, layer))
    kernels = np.concatenate([layer.links[0].kernels, layer.links[0].kernels + 200])
    link = replace(layer.links[0], kernels=kernels)
    two = replace(layer, links=(link,), variants=np.array([[1]]))
    assert not bounded((host, two))

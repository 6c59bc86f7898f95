"""A window of spikes holds what is told of each of its pixels by itself."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.lab import viewing, windows


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def spikes(window: windows.Window, first: int, timesteps: int) -> np.ndarray:
    """Of the channels from one neuron on, ``(timesteps, channels)``, read as travel.js does."""
    steps, channels = np.arange(timesteps), window.shape[2]
    part = window.bits[:, steps // 8, first : first + channels]
    found = ((part >> (steps % 8)[None, :, None]) & 1).sum(0)
    for neuron, step, more in window.extra:
        if first <= neuron < first + channels:
            found[step, neuron - first] += more
    return found


def same_as_columns(result, box, places):
    window = windows.window(result, box)
    assert window.layer == result.layers[-1].name and window.box == box
    top, left, height, width = box
    for row, column in places:
        told = viewing.column(result, row, column)[-1]
        y = (row - top) * window.shape[0] // height
        x = (column - left) * window.shape[1] // width
        assert (window.first[0] + y, window.first[1] + x) == (told.row, told.column)
        first = (y * window.shape[1] + x) * window.shape[2]
        neurons = slice(first, first + window.shape[2])
        assert np.array_equal(spikes(window, first, result.timesteps), told.spikes)
        assert np.array_equal(window.rate_hz[neurons], told.rate_hz)
        assert np.allclose(window.rate_hz[neurons] / window.unit_hz, told.reached, rtol=1e-6)
        (start, tall), (begin, wide) = window.down[y], window.along[x]
        assert (start, begin, tall, wide) == told.field
        computed = viewing.column_activations(result, row, column)[window.layer]
        assert np.allclose(window.activation[neurons], computed, atol=1e-5)
    return window


def test_a_window_is_its_columns(result):
    box = windows.around(result, (9, 250), 128)
    assert box == (0, 128, 128, 128)  # at the corner as large as elsewhere
    window = same_as_columns(result, box, [(0, 128), (9, 250), (127, 255)])
    assert window.bits.shape == (1, 8, 128 * 128 * window.shape[2])
    assert np.bitwise_count(window.bits).sum() > 1000


def test_the_middle_is_taken_and_a_small_image_whole(result):
    assert windows.around(result, None, 100) == (78, 78, 100, 100)
    assert windows.around(result, None, 9999) == result.region


def test_graded_spikes_and_an_odd_number_of_steps():
    small = replace(lab.sample(0), labels=None)
    small = replace(small, pixels=np.ascontiguousarray(small.pixels[:64, :80]))
    settings = lab.defaults("relu").replace(method="multi-threshold", timesteps=13)
    found = lab.segment(small, settings)
    window = same_as_columns(found, windows.around(found, (20, 30), 32), [(4, 14), (20, 30)])
    assert len(window.bits) == len(window.sizes) > 1 and window.bits.shape[1] == 2


def test_what_is_not_recorded_is_refused(result):
    with pytest.raises(LabError, match="not within the part"):
        windows.window(result, (200, 0, 128, 128))

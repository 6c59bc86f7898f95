"""Sums over packed words against sums over unpacked spikes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.simulation import words
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import SpikeTrains
from snnlab.simulation.words import tally, window_sums


def trains_of(random, shape, timesteps, most):
    """Spikes and their trains; few or many, up to ``most`` in a step."""
    spikes = random.integers(0, most + 1, (timesteps, int(np.prod(shape))))
    spikes *= random.random(spikes.shape) < random.choice([0.02, 0.3, 1.0])
    packed, extra = pack(spikes)
    extra = extra[np.lexsort((extra[:, 1], extra[:, 0]))]
    return spikes, SpikeTrains("layer", shape, packed, timesteps, extra=extra)


SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 40), st.integers(1, 5))
STEPS = st.sampled_from([1, 5, 64, 65, 150])


@settings(deadline=None)
@given(st.integers(0, 2**31), SHAPES, STEPS, st.sampled_from([1, 3]), st.data())
def test_a_layer_is_counted_whole_or_in_part(seed, shape, timesteps, most, data):
    spikes, trains = trains_of(np.random.default_rng(seed), shape, timesteps, most)
    height, width, _ = shape
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom, right = data.draw(st.integers(top + 1, height)), data.draw(st.integers(left + 1, width))
    counts = spikes.sum(0).reshape(shape)
    for part in ((slice(None), slice(None)), (slice(top, bottom), slice(left, right))):
        histogram, positions = tally(trains, *part)
        np.testing.assert_array_equal(histogram, np.bincount(counts[part].ravel(), minlength=2))
        np.testing.assert_array_equal(positions, counts[part].sum(2))


@settings(deadline=None)
@given(st.integers(0, 2**31), SHAPES, STEPS, st.sampled_from([1, 3]), st.data())
def test_windows_are_summed_as_one_would(seed, shape, timesteps, most, data):
    random = np.random.default_rng(seed)
    spikes, trains = trains_of(random, shape, timesteps, most)
    ends = st.integers(0, timesteps)
    windows = data.draw(st.lists(st.tuples(ends, ends).map(sorted).map(tuple), max_size=5))
    weights = random.normal(size=shape[2])
    found = list(window_sums(trains, weights, windows))
    assert len(found) == len(windows)
    for (start, stop), total in zip(windows, found, strict=True):
        wanted = spikes[start:stop].sum(0).reshape(shape) @ weights
        assert total.shape == shape[:2]
        np.testing.assert_allclose(total, wanted, rtol=1e-5, atol=1e-5 * timesteps)


def test_windows_come_in_batches(monkeypatch):
    """As many at once as memory is meant to take, down to one."""
    random = np.random.default_rng(0)
    _, trains = trains_of(random, (6, 7, 3), 70, 1)
    weights, windows = random.normal(size=3), [(0, stop) for stop in range(71)]
    together = list(window_sums(trains, weights, windows))
    monkeypatch.setattr(words, "BATCH_BYTES", 1)
    np.testing.assert_array_equal(together, list(window_sums(trains, weights, windows)))


def test_graded_spikes_count_their_size():
    random = np.random.default_rng(0)
    sizes, shape = (1.0, 0.5, 0.25), (4, 5, 3)
    kind = random.integers(-2, 3, (70, 60))
    planes = np.stack([pack((kind == k).astype(int))[0] for k in range(3)])
    trains = SpikeTrains.graded("layer", shape, planes, 70, 0.001, sizes)
    values = np.select([kind == k for k in range(3)], sizes)
    weights = random.normal(size=3)
    (total,) = window_sums(trains, weights, [(3, 68)])
    wanted = values[3:68].sum(0).reshape(shape) @ weights
    np.testing.assert_allclose(total, wanted, rtol=1e-5, atol=1e-4)

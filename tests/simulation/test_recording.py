"""Bit-packed spike trains against plain arrays of counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.simulation.packing import GradedPacker, Packer, pack
from snnlab.simulation.recording import Recording, SpikeTrains, Synapses, join

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


@st.composite
def spikes(draw, shape=None):
    """Spikes a step ``(steps, neurons)``, some above one, and the population's shape."""
    shape = shape or draw(SHAPES)
    steps, density = draw(st.integers(1, 200)), draw(st.sampled_from([0, 0.1, 0.9, 1]))
    random = np.random.RandomState(draw(st.integers(0, 1000)))
    size = (steps, int(np.prod(shape)))
    several = random.choice([1, 1, 1, 2, 5], size=size)
    return (random.rand(*size) < density) * several, shape


def trains_of(counts, shape, name="population"):
    words, extra = pack(counts)
    return SpikeTrains(name, shape, words, len(counts), extra=extra)


@given(spikes(), st.integers(0, 210), st.integers(0, 210))
def test_counts_and_rates_of_any_window(made, start, stop):
    counts, shape = made
    trains = trains_of(counts, shape)
    wanted = counts[start:stop].sum(axis=0).reshape(shape)
    np.testing.assert_array_equal(trains.counts(start, stop), wanted)
    assert trains.total(start, stop) == wanted.sum()
    steps = max(min(stop, len(counts)) - start, 1)
    np.testing.assert_allclose(trains.rates_hz(start, stop), wanted * 1000 / steps, rtol=1e-6)
    np.testing.assert_array_equal(trains.counts(), counts.sum(axis=0).reshape(shape))


@given(spikes(), st.data())
def test_a_raster_shows_the_neurons_asked_for(made, data):
    counts, shape = made
    chosen = data.draw(st.lists(st.integers(0, counts.shape[1] - 1), max_size=6))
    trains = trains_of(counts, shape)
    np.testing.assert_array_equal(
        trains.raster(np.array(chosen, int)), counts[:, np.array(chosen, int)]
    )


@given(spikes())
def test_packing_step_by_step_is_packing_at_once(made):
    counts, _ = made
    packer = Packer(counts.shape[1], len(counts))
    for step in counts:
        packer.add(step)
    words, extra = pack(counts)
    np.testing.assert_array_equal(packer.words, words)
    np.testing.assert_array_equal(packer.extra, extra)
    for neuron in range(counts.shape[1]):
        bits = [int(words[t // 64, neuron]) >> (t % 64) & 1 for t in range(len(counts))]
        assert bits == (counts[:, neuron] > 0).astype(int).tolist()


@given(st.lists(spikes(shape=(2, 3, 2)), min_size=1, max_size=4))
def test_stretches_of_time_join(parts):
    whole = np.concatenate([counts for counts, _ in parts])
    joined = join([trains_of(counts, shape) for counts, shape in parts])
    assert joined.timesteps == len(whole)
    np.testing.assert_array_equal(joined.words, trains_of(whole, (2, 3, 2)).words)
    np.testing.assert_array_equal(joined.raster(np.arange(12)), whole)
    assert (np.diff(joined.extra[:, 0]) >= 0).all()


@given(spikes())
def test_synaptic_events_are_spikes_times_synapses(made):
    counts, (height, width, channels) = made
    rows, columns = np.arange(height) % 3, np.arange(width * channels) * 2 + 1
    synapses = Synapses("population", "next", rows, columns)
    listed = Synapses("population", "next", np.array([1]), np.arange(counts.shape[1]))
    recording = Recording(
        (trains_of(counts, (height, width, channels)),),
        "test",
        len(counts),
        0.0,
        synapses=(synapses, listed),
    )
    total = 0
    for neuron, spikes in enumerate(counts.sum(axis=0)):
        row, column = divmod(neuron, width * channels)
        total += spikes * (rows[row] * columns[column] + neuron)
    assert recording.synaptic_events() == {("population", "next"): total}
    assert recording.spikes() == counts.sum()
    half = recording.synaptic_events(0, len(counts) // 2)[("population", "next")]
    rest = recording.synaptic_events(len(counts) // 2)[("population", "next")]
    assert half + rest == total


def test_populations_are_found_by_name():
    recording = Recording((trains_of(np.ones((3, 4), int), (2, 2, 1), "a"),), "test", 3, 0.0)
    assert recording["a"].neurons == 4
    with pytest.raises(KeyError):
        recording["b"]
    assert recording.synaptic_events() == {}


def test_graded_spikes_count_their_sizes():
    """Against the sizes step by step, in one piece and in two."""
    random = np.random.default_rng(3)
    sizes = (2.0, 1.0, 0.25)
    sent = random.choice([0, 0, 0, *sizes], (100, 12))

    def trains(part):
        packer = GradedPacker(12, len(part), sizes)
        for step in part:
            packer.add(step)
        return SpikeTrains.graded("g", (2, 2, 3), packer.planes, len(part), 0.001, sizes, first=10)

    whole = trains(sent)
    for made in (whole, join([trains(sent[:37]), trains(sent[37:])])):
        np.testing.assert_array_equal(made.counts(5, 90).ravel(), (sent[5:90] > 0).sum(axis=0))
        np.testing.assert_allclose(made.sums(5, 90).ravel(), sent[5:90].sum(axis=0))
        np.testing.assert_array_equal(made.values(np.array([3, 7])), sent[:, [3, 7]])
        np.testing.assert_array_equal(made.raster(np.array([4]))[:, 0], sent[:, 4] > 0)
    # no time before the first step in which they can spike
    expected = sent[10:60].sum(axis=0) / (50 * 0.001)
    np.testing.assert_allclose(whole.rates_hz(0, 60).ravel(), expected, rtol=1e-6)

"""The percentile regulariser against NumPy, the formula by hand, and KerasSpiking."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab import compat
from snnlab.nets.architecture import unet
from snnlab.training.regulariser import SAMPLES, RateRange, penalty, percentile, pooled, total

Q = st.sampled_from([0, 1, 25, 50, 90, 95, 99, 99.5, 99.9, 99.99, 100])


@given(st.integers(0, 2**31), st.integers(1, 2000), st.integers(1, 4), Q)
def test_percentile_is_numpys(seed, samples, neurons, q):
    values = np.random.default_rng(seed).exponential(30, (samples, neurons)).astype(np.float32)
    expected = np.percentile(values.astype(np.float64), q, axis=0)
    # the place between two samples is known to float32's precision of their number
    gap = np.diff(np.sort(values, axis=0), axis=0).max(0, initial=0)
    found = percentile(values, q).numpy()
    assert found.shape == expected.shape
    assert (np.abs(found - expected) <= gap * samples * 2e-7 + 1e-5 * np.abs(expected)).all()


@pytest.mark.parametrize("q", [0, 50, 99.9, 100])
def test_percentile_of_one_sample_is_the_sample(q):
    np.testing.assert_array_equal(percentile(np.float32([[3.0, -1.0]]), q), [3.0, -1.0])


def test_percentile_keeps_the_other_axes():
    values = np.random.default_rng(0).normal(size=(11, 2, 3, 4)).astype(np.float32)
    np.testing.assert_allclose(
        percentile(values, 70), np.percentile(values, 70, axis=0), rtol=1e-5, atol=1e-6
    )


def numerical(function, x, step):
    slope = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        slope[place] = (float(function(up)) - float(function(down))) / (2 * step)
    return slope


@pytest.mark.parametrize("q", [0, 37, 80, 99.9, 100])
def test_gradient_of_the_percentile(q):
    tf = compat.tensorflow()
    # samples far enough apart that a small step changes no order
    values = np.random.default_rng(1).permutation(14).reshape(7, 2).astype(np.float32)
    weight = np.float32([2, -3])
    x = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(weight * percentile(x, q))
    judge = numerical(lambda v: (weight * np.percentile(v, q, axis=0)).sum(), values, 0.25)
    np.testing.assert_allclose(tape.gradient(loss, x), judge, atol=1e-5)


@pytest.mark.parametrize("pool", ["batch", "channel"])
def test_gradient_of_the_penalty(pool):
    tf = compat.tensorflow()
    rates = np.random.default_rng(2).permutation(48).reshape(3, 2, 2, 4).astype(np.float32) * 5
    x = tf.constant(rates)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = penalty(x, 75.0, 150.0, 90.0, 1e-3, pool)
    judge = numerical(
        lambda v: by_hand(v, 75.0, 150.0, 90.0, 1e-3, pool), rates.astype(float), 0.01
    )
    np.testing.assert_allclose(tape.gradient(loss, x), judge, rtol=1e-3, atol=1e-4)


def by_hand(rates, lower, upper, q, weight, pool):
    """``w / 2 * sum_j [max(0, lower - r_j) + max(0, r_j - upper)]^2``, j by j."""
    batch, height, width, channels = rates.shape
    if pool == "channel":
        neurons = [rates[..., c].ravel() for c in range(channels)]
        positions = 1
    else:
        places = np.ndindex(height, width, channels)
        neurons = [rates[:, i, j, c] for i, j, c in places]
        positions = height * width
    squares = 0.0
    for samples in neurons:
        reached = np.percentile(samples, q)
        squares += (max(0.0, lower - reached) + max(0.0, reached - upper)) ** 2
    return weight / 2 * squares / positions


@given(
    st.integers(0, 2**31),
    st.tuples(st.integers(1, 8), st.integers(1, 6), st.integers(1, 6), st.integers(1, 5)),
    st.sampled_from([(0.0, 150.0), (75.0, 150.0), (100.0, 100.0)]),
    Q,
    st.sampled_from(["channel", "batch"]),
)
def test_penalty_is_the_formula(seed, shape, bounds, q, pool):
    rates = np.random.default_rng(seed).exponential(80, shape).astype(np.float32)
    expected = by_hand(rates.astype(float), *bounds, q, 1e-3, pool)
    found = float(penalty(rates, *bounds, q, 1e-3, pool))
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-5)


@given(st.integers(0, 2**31), st.integers(1, 8), st.sampled_from([(0.0, 150.0), (75.0, 150.0)]))
def test_penalty_is_keras_spikings(seed, batch, bounds):
    """Of the maximum, for which KerasSpiking needs no further library."""
    compat.nengo_dl()  # puts Keras 2 in place
    import keras_spiking

    rates = np.random.default_rng(seed).exponential(80, (batch, 3, 4, 5)).astype(np.float32)
    # Keras' l2 is the sum of squares times l2, without the half
    judge = keras_spiking.regularizers.Percentile(percentile=100, axis=0, target=bounds, l2=0.5e-3)
    found = penalty(rates, *bounds, 100, 1e-3, "batch")
    assert float(found) * 12 == pytest.approx(float(judge(rates)), rel=1e-4, abs=1e-6)
    judge.axis = (0, 1, 2)
    found = penalty(rates, *bounds, 100, 1e-3, "channel")
    assert float(found) == pytest.approx(float(judge(rates)), rel=1e-4, abs=1e-6)


def test_rates_inside_the_range_cost_nothing():
    rates = np.full((8, 4, 4, 3), 100, np.float32)
    assert float(penalty(rates, 75.0, 150.0, 99.9, 1.0, "channel")) == 0


def test_pooling_over_a_channel_estimates_the_percentile_that_a_batch_cannot():
    """Convolutional activity: every position of a channel sees the same distribution."""
    random = np.random.default_rng(4)
    scale = np.float32([20, 60, 120])
    data = random.exponential(scale, (96, 24, 24, 3)).astype(np.float32)
    over_all = np.percentile(data.reshape(-1, 3), 99.9, axis=0)
    batches = data.reshape(12, 8, 24, 24, 3)
    by_channel = np.mean([percentile(pooled(b, "channel"), 99.9) for b in batches], axis=0)
    by_batch = np.mean(
        [np.mean(percentile(pooled(b, "batch"), 99.9).numpy().reshape(24, 24, 3), (0, 1))
         for b in batches], axis=0,
    )  # fmt: skip
    np.testing.assert_allclose(by_channel, over_all, rtol=0.05)
    # an exponential's expected largest of eight is 2.72 scales, its 99.9th percentile 6.91
    assert (by_batch < 0.5 * over_all).all()
    np.testing.assert_allclose(by_batch, scale * sum(1 / k for k in range(1, 9)), rtol=0.05)


def test_pooling_bounds_the_number_of_samples():
    for shape in [(1, 1, 1, 2), (2, 7, 9, 2), (8, 48, 48, 2), (8, 192, 192, 2), (1, 512, 512, 1)]:
        samples = pooled(np.zeros(shape, np.float32), "channel").shape[0]
        everything = int(np.prod(shape[:3]))
        assert min(everything, SAMPLES) / 3 <= samples <= max(SAMPLES, 1)


@pytest.mark.parametrize("side", [48, 96, 192])
def test_pooling_sees_every_parity_of_a_transposed_convolution(side):
    """Each of its four interleaved grids is made by other taps of the kernel."""
    rates = np.zeros((8, side, side, 1), np.float32)
    for row in range(2):
        for column in range(2):
            rates[:, row::2, column::2] = 2 * row + column
    values, counts = np.unique(pooled(rates, "channel"), return_counts=True)
    np.testing.assert_array_equal(values, [0, 1, 2, 3])
    assert counts.min() > 0.9 * counts.max()


def test_total_weighs_the_encoder_apart_and_gives_it_no_lower_bound():
    layers = unet(2, (3, 4))
    random = np.random.default_rng(6)
    active = {
        layer.name: random.exponential(0.8, (2, 4, 4, layer.channels)).astype(np.float32)
        for layer in layers[:-1]
    }
    rate_hz = {name: 100.0 + index for index, name in enumerate(active)}
    bounds = RateRange(75, 150, 90, 1e-3, 1e-2)
    expected = 0.0
    for layer in layers[:-1]:
        rates = active[layer.name].astype(float) * rate_hz[layer.name]
        lower, weight = (0.0, 1e-2) if layer.name == "encoder" else (75.0, 1e-3)
        # behind a transposed convolution, neurons a stride apart are alike
        step = layer.stride if layer.kind != "conv" else 1
        for row in range(step):
            for column in range(step):
                alike = rates[:, row::step, column::step]
                expected += by_hand(alike, lower, 150.0, 90, weight, "channel")
    assert float(total(active, layers, rate_hz, bounds)) == pytest.approx(expected, rel=1e-4)
    assert float(total(active, layers, rate_hz, replace(bounds, weight=0, encoder_weight=0))) == 0


def test_a_margin_narrows_the_range_from_both_ends():
    layers = unet(2, (2, 3))
    random = np.random.default_rng(5)
    drive = {
        layer.name: random.exponential(0.4, (2, 8, 8, layer.channels)).astype(np.float32)
        for layer in layers
        if layer.activation != "linear"
    }
    rates = dict.fromkeys(drive, 150.0)
    inner = total(drive, layers, rates, RateRange(90, 135, 99))
    found = total(drive, layers, rates, RateRange(75, 150, 99, margin=0.2))
    assert float(found) == pytest.approx(float(inner), rel=1e-6)
    assert float(found) > float(total(drive, layers, rates, RateRange(75, 150, 99)))


def test_a_layer_can_have_bounds_of_its_own():
    layers = unet(2, (3, 4))
    active = {layer.name: np.full((2, 4, 4, layer.channels), 1.0) for layer in layers[:-1]}
    active = {name: values.astype(np.float32) for name, values in active.items()}
    rate_hz = dict.fromkeys(active, 100.0)  # inside the range of all
    bounds = RateRange(75, 150, 90, 1e-3, 1e-2, layers=(("down1", 110.0, 120.0),))
    down1 = next(layer for layer in layers if layer.name == "down1")
    expected = 1e-3 / 2 * 10**2 * down1.channels
    assert float(total(active, layers, rate_hz, bounds)) == pytest.approx(expected, rel=1e-4)
    assert bounds.of("down1") == (110, 120) and bounds.of("down0") == (75, 150)

"""Rate curves against NengoLoihi, simulated neurons and expectation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab import compat
from snnlab.nets.activations import CURVES, DT, loihi, relu, spiking
from snnlab.simulation.neurons import IntegrateAndFire

RATES_HZ = st.floats(20, 400)
# of threshold a step; from far below to beyond one spike a step
DRIVES = st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=20)


def away_from_steps(drive):
    """Where float32 and float64 cannot fall on different sides of a step of the curve."""
    period = 1 / np.maximum(drive, 2e-4)
    near = np.abs(period - np.rint(period)) < 1e-4 * period
    return ~near & ((drive <= 0) | (drive > 2e-4))


def drives(values):
    drive = np.array(values)
    return drive[away_from_steps(drive)]


@given(RATES_HZ, DRIVES)
def test_loihis_curve_is_nengo_loihis(rate_hz, values):
    drive = drives(values)
    neuron = compat.nengo_loihi().neurons.LoihiSpikingRectifiedLinear()
    expected = neuron.rates(drive / DT, np.ones(1), np.zeros(1)).ravel()
    found = loihi(rate_hz)((drive / (rate_hz * DT)).astype(np.float32)).numpy() * rate_hz
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@given(st.lists(st.floats(0.03, 1.2), min_size=1, max_size=20))
def test_loihis_curve_is_the_rate_of_neurons_that_reset_to_zero(values):
    """Constant current into the lab's own neuron; a whole number of periods counted."""
    drive = drives(values)
    neuron = IntegrateAndFire("zero", lower=0)
    voltage, out = np.zeros(len(drive)), np.zeros(len(drive))
    spikes = []
    for _ in range(400):
        neuron.step(DT, drive / DT, out, voltage)
        spikes.append(out > 0)
    spikes = np.array(spikes)
    for column, now in enumerate(drive):
        at = np.flatnonzero(spikes[:, column])
        measured = (len(at) - 1) / ((at[-1] - at[0]) * DT)
        curve = float(loihi(100.0)(np.float32([now / (100 * DT)]))[0]) * 100
        assert measured == pytest.approx(curve, rel=1e-5)


def test_loihis_curve_reaches_only_whole_periods():
    rates = loihi(150.0)(np.linspace(0.01, 8, 4001, dtype=np.float32)).numpy() * 150
    periods = 1000 / rates
    np.testing.assert_allclose(periods, np.rint(periods), rtol=1e-5)
    assert (np.diff(rates) >= -1e-3).all()  # monotonous
    assert rates.max() == pytest.approx(1000)


@given(st.lists(st.floats(-5, 5, width=32, allow_subnormal=False), min_size=1, max_size=30))
def test_relu(values):
    np.testing.assert_array_equal(
        relu(123.0)(np.float32(values)), np.maximum(np.float32(values), 0)
    )


@pytest.mark.parametrize("of", CURVES)
@pytest.mark.parametrize("z", [0.003, 0.1, 0.377, 0.9, 1.31])
def test_counted_spikes_are_the_rate_on_average(of, z):
    """The mean of many neurons of random phase, within five standard errors."""
    count, timesteps, rate_hz = 200_000, 32, 150.0
    compat.tensorflow().random.set_seed(7)
    found = spiking(rate_hz, timesteps, of)(np.full(count, z, np.float32)).numpy()
    unit = 1 / (rate_hz * DT * timesteps)  # activation of one spike
    expected = float(CURVES[of](rate_hz)(np.float32([z]))[0])
    np.testing.assert_allclose(found / unit, np.rint(found / unit), atol=1e-3)  # whole spikes
    assert len(np.unique(np.rint(found / unit))) <= 2  # the nearest below and above
    assert abs(found.mean() - expected) < 5 * unit * 0.5 / np.sqrt(count) + 1e-6


def test_counted_spikes_are_those_of_reset_by_subtraction():
    """For each phase: the count of a simulated neuron that starts from it."""
    random = np.random.default_rng(3)
    drive, phase = random.uniform(0, 0.9, 500), random.uniform(0, 1, 500)
    neuron = IntegrateAndFire("subtraction")
    voltage, out, counted = phase.copy(), np.zeros(500), np.zeros(500)
    for _ in range(40):
        neuron.step(DT, drive / DT, out, voltage)
        counted += out > 0
    total = drive * 40 + phase
    safe = np.abs(total - np.rint(total)) > 1e-6
    np.testing.assert_array_equal(counted[safe], np.floor(total)[safe])


def test_nothing_is_counted_where_nothing_drives():
    assert not spiking(150.0)(np.float32([-3, -0.1, 0])).numpy().any()


@pytest.mark.parametrize(
    "curve", [relu(150.0), loihi(150.0), spiking(150.0), spiking(150.0, 8, "loihi")],
    ids=["relu", "loihi", "count", "count of loihi"],
)  # fmt: skip
def test_the_gradient_is_relus(curve):
    tf = compat.tensorflow()
    z = tf.constant([-1.0, -0.01, 0.001, 0.02, 0.5, 1.0, 9.0])
    weight = tf.constant([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0])
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = tf.reduce_sum(weight * curve(z))
    np.testing.assert_allclose(tape.gradient(loss, z), np.where(z > 0, weight, 0))

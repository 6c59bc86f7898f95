"""Surrogate gradients against TensorFlow's own differentiation of the plain loop."""

import numpy as np
import pytest

from snnlab.compat import tensorflow
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.training.through_time import by_step, integrate_and_fire, repeated, spikes

ALPHA, STEPS = 3.0, 6


def currents(shape=(STEPS, 2, 3, 4), seed=0):
    return np.random.default_rng(seed).uniform(-0.6, 1.3, shape).astype(np.float32)


def plain(currents, threshold):
    """The neuron's equations one by one, and only the spike's derivative replaced."""
    tf = tensorflow()

    @tf.custom_gradient
    def spike(x):
        return tf.cast(x >= 0, tf.float32), lambda dy: dy / (1 + ALPHA * tf.abs(x)) ** 2

    potential, sent = 0.5 * threshold, []
    for current in tf.unstack(currents):
        potential = potential + current
        fired = spike(potential / threshold - 1)
        potential = potential - threshold * fired
        sent.append(threshold * fired)
    return tf.stack(sent)


def test_spikes_are_those_of_the_lab_s_neuron():
    x = currents((20, 500), 1)
    neuron, voltage = IntegrateAndFire(), np.full(500, 0.5)
    expected = np.empty_like(x)
    for current, output in zip(x, expected, strict=True):
        neuron.step(1.0, current.astype(float), output, voltage)
    found = spikes(tensorflow().constant(x), ALPHA, 0.5).numpy()
    assert (found != expected).mean() < 1e-3 and 0.2 < expected.mean() < 0.5


@pytest.mark.parametrize("rate_hz", [1000.0, 1400.0])
def test_the_gradient_goes_back_through_every_step(rate_hz):
    tf = tensorflow()
    x, rate = tf.constant(currents()), tf.Variable(rate_hz)
    weight = np.random.default_rng(2).normal(size=x.shape).astype(np.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        flat = tf.reshape(x, (-1, *x.shape[2:]))
        ours = by_step(integrate_and_fire(rate, STEPS, ALPHA, 0.5)(flat), STEPS)
        theirs = plain(x, 1000 / rate)
        losses = [tf.reduce_sum(weight * sent) for sent in (ours, theirs)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    for variable in (x, rate):
        one, other = (tape.gradient(loss, variable).numpy() for loss in losses)
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * np.abs(other).max())
    # what comes in first moves what goes out last
    alone = np.zeros(x.shape, np.float32)
    alone[-1] = 1
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(alone * spikes(x, ALPHA, 0.5))
    assert (np.abs(tape.gradient(loss, x)[0]) > 0).all()


def test_a_batch_is_laid_out_step_by_step():
    image = currents((3, 4, 5, 1))
    many = by_step(repeated(image, STEPS), STEPS)
    assert many.shape == (STEPS, 3, 4, 5, 1)
    for step in many:
        np.testing.assert_array_equal(step, image)

"""Backpropagation through time with surrogate gradients, a layer at a time.

Within a step spikes pass through all layers, and no layer hears from a later
one. So a layer can be run through all steps before the next begins, its
convolution over all of them at once, and a batch is laid out as ``(steps *
batch, height, width, channels)``, step by step. In it, with the threshold
scaled to 1,

    u_t = v_(t-1) + x_t;  s_t = 1 where u_t >= 1;  v_t = u_t - s_t,

of which the derivative of the spike is taken to be

    ds/du = 1 / (1 + alpha |u - 1|)^2.

Batch normalisation of such a batch has statistics that all steps share, and
can be folded into the weights.

References
----------
Ledinauskas, Ruseckas, Jursenas, Burachas (2020), "Training deep spiking neural
networks", arXiv:2006.04436.
"""

from collections.abc import Callable

from snnlab.compat import tensorflow
from snnlab.nets.activations import DT


def spikes(currents, alpha: float, initial: float):
    """Spikes of integrate-and-fire neurons of threshold 1, reset by subtraction.

    Parameters
    ----------
    currents : tf.Tensor
        ``(steps, ...)``; the number of steps must be known.
    alpha : float
        Sharpness of the surrogate.
    initial : float
        Potential at the start.

    Returns
    -------
    tf.Tensor
        0 or 1, of the same shape. Its gradient goes back through every step:
        ``dL/du_t = dL/dv_t + (dL/ds_t - dL/dv_t) ds/du``, and ``dL/dv_(t-1)``
        is the same.
    """
    tf = tensorflow()

    @tf.custom_gradient
    def fire(currents):
        potential, reached = tf.fill(tf.shape(currents[0]), initial), []
        for current in tf.unstack(currents):
            reached.append(potential + current)
            potential = reached[-1] - tf.cast(reached[-1] >= 1, tf.float32)
        reached = tf.stack(reached)

        def gradient(of_spikes):
            slope = 1 / tf.square(1 + alpha * tf.abs(reached - 1))
            back, found = tf.zeros_like(of_spikes[0]), []
            for of_spike, at in zip(
                tf.unstack(of_spikes)[::-1], tf.unstack(slope)[::-1], strict=True
            ):
                back += (of_spike - back) * at
                found.append(back)
            return tf.stack(found[::-1])

        return tf.cast(reached >= 1, tf.float32), gradient

    return fire(currents)


def integrate_and_fire(rate_hz, steps: int, alpha: float, initial: float) -> Callable:
    """Activation of a layer through time; a spike is an activation of ``1 / (rate_hz dt)``.

    Parameters
    ----------
    rate_hz : float or tf.Tensor
        Of a tensor the gradient is taken too.
    steps : int
        Of which the layer's input, ``(steps * batch, ...)``, consists.
    alpha, initial : float
        See `spikes`.
    """
    tf = tensorflow()
    threshold = 1 / (rate_hz * DT)

    def activation(z):
        currents = by_step(z / threshold, steps)
        return tf.reshape(spikes(currents, alpha, initial) * threshold, tf.shape(z))

    return activation


def repeated(image, steps: int):
    """A batch that is shown for some steps: ``(steps * batch, height, width, 1)``."""
    return tensorflow().tile(image, (steps, 1, 1, 1))


def by_step(tensor, steps: int):
    """``(steps * batch, ...)`` to ``(steps, batch, ...)``."""
    tf = tensorflow()
    shape = tf.shape(tensor)
    split = tf.reshape(tensor, tf.concat([[steps, shape[0] // steps], shape[1:]], 0))
    split.set_shape((steps, None, *tensor.shape[1:]))
    return split

"""What a neuron does in the forward pass of training.

An activation of 1 stands for ``rate_hz`` spikes a second. All agree with
``relu`` in their gradient (straight-through; ``qcfs`` up to where it clips),
and differ in the value:

* ``relu``: the rate-based model. ``a = max(z, 0)``.
* ``loihi``: Loihi's quantised rate curve, for reset to zero. A neuron that
  needs ``1 / (z rate_hz dt)`` steps to its threshold needs a whole number of
  them: ``a = 1 / (rate_hz dt ceil(1 / (z rate_hz dt)))``.
* ``spiking``: the spike-based model. The neuron really counts spikes: with
  constant current and reset by subtraction, ``n = floor(z rate_hz dt T + u)``
  spikes come in ``T`` steps, ``u`` being the share of a threshold that the
  potential starts from, drawn anew for each neuron and sample; ``a`` is
  ``n / (rate_hz dt T)``. What this leaves out is that a real neuron's input
  arrives unevenly.

References
----------
Hunsberger and Eliasmith (2016), arXiv:1611.05141 (training with the noise of
spikes); Patel et al. (2021), arXiv:2106.08921; Bu et al. (2022), ICLR (qcfs); nengo-loihi 1.1
``nengo_loihi.neurons.loihi_spikingrectifiedlinear_rates`` (the quantised curve).
"""

from collections.abc import Callable

from snnlab.compat import tensorflow

DT = 0.001


def relu(rate_hz: float) -> Callable:
    """``max(z, 0)``; the rate does not matter to it."""
    return tensorflow().nn.relu


def loihi(rate_hz: float) -> Callable:
    """Loihi's rate curve in units of activation, gradient of ``relu``."""
    tf = tensorflow()
    scale = rate_hz * DT

    def activation(z):
        smooth = tf.nn.relu(z)
        drive = smooth * scale
        # a potential that reaches the threshold exactly does not spike
        # (v > vth), and 1/ceil of a tiny drive is zero within any run
        silent = drive < 1e-4
        period = tf.math.ceil(1.0 / tf.where(silent, tf.ones_like(drive), drive))
        stepped = tf.where(silent, tf.zeros_like(drive), 1.0 / (period * scale))
        return smooth + tf.stop_gradient(stepped - smooth)

    return activation


def spiking(rate_hz: float, timesteps: int = 64, of: str = "relu") -> Callable:
    """Spike counts over ``timesteps`` with a random phase, gradient of ``relu``.

    Parameters
    ----------
    rate_hz : float
        Rate that stands for an activation of 1.
    timesteps : int
        Steps over which spikes are counted.
    of : {"relu", "loihi"}
        The curve that gives the rate of those spikes.
    """
    tf = tensorflow()
    rate = CURVES[of](rate_hz)
    spikes_at_one = rate_hz * DT * timesteps

    def activation(z):
        smooth = rate(z)
        phase = tf.random.uniform(tf.shape(z))
        counted = tf.math.floor(smooth * spikes_at_one + phase) / spikes_at_one
        return smooth + tf.stop_gradient(counted - smooth)

    return activation


def qcfs(rate_hz, levels: int) -> Callable:
    """``levels`` steps up to one spike a step, gradient of the clip alone.

    Parameters
    ----------
    rate_hz : float or tf.Tensor
        Of a tensor the gradient is taken too: straight through the floor.
    levels : int
    """
    tf = tensorflow()
    threshold = 1 / (rate_hz * DT)

    def activation(z):
        smooth = tf.clip_by_value(z / threshold, 0.0, 1.0)
        stepped = tf.floor(smooth * levels + 0.5) / levels
        return threshold * (smooth + tf.stop_gradient(stepped - smooth))

    return activation


def clipped(rate_hz) -> Callable:
    """What neurons come to in a long run: ``relu`` up to one spike a step."""
    tf = tensorflow()
    threshold = 1 / (rate_hz * DT)

    def activation(z):
        return threshold * tf.clip_by_value(z / threshold, 0.0, 1.0)

    return activation


CURVES = {"relu": relu, "loihi": loihi}

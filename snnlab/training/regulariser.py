"""The two-sided percentile regulariser on firing rates.

``L = sum_layers w / 2 * sum_j (max(0, r_min - r_j) + max(0, r_j - r_max))^2``,
``r_j`` being a high percentile (99.9) of neuron j's rate (Hz) over the data.

**How r_j is estimated in a batch.** A 99.9th percentile wants a thousand
samples of a neuron and a batch holds a handful of crops; over the batch alone
(`pool="batch"`) the estimate is close to the largest of eight samples. But the
layers are convolutions: the neurons of one channel, at whatever position, see
the same distribution of inputs, so with `pool="channel"` (the default) the
samples of a whole channel estimate the percentile of each of its neurons, and
``sum_j`` runs over channels (behind a transposed convolution, whose neurons are
alike only at multiples of its stride, over channels and phases). Either way the
percentile interpolates linearly between order statistics, which is
`numpy.percentile`'s default.

Of a channel at most `SAMPLES` values are used: every n-th position, n odd.
The positions of a transposed convolution differ by parity, each being driven
by other taps of the kernel, and an even n would see some of them only.

References
----------
Patel et al. (2021), arXiv:2106.08921; KerasSpiking 0.3,
``keras_spiking.regularizers.Percentile`` and ``RangedRegularizer``.
"""

from dataclasses import dataclass

from snnlab.compat import tensorflow
from snnlab.errors import LabError
from snnlab.nets.model import BOUNDS

SAMPLES = 16384
LOWEST_HZ, HIGHEST_HZ = 0.01, 1000.0


@dataclass(frozen=True)
class RateRange:
    """Where firing rates should lie.

    Attributes
    ----------
    lower_hz, upper_hz : float
        Bounds on the percentile of each neuron's rate.
    percentile : float
        50..100.
    weight : float
        ``w`` of the layers on chip.
    encoder_weight : float
        ``w`` of the off-chip encoder, whose lower bound is 0.
    pool : {"channel", "batch"}
        Which samples estimate a neuron's percentile; see the module.
    margin : float
        Share of the range at either end that training keeps clear, so that
        neurons that differ from the rest of their channel stay inside too.
    layers : tuple of (str, float, float)
        Layers with bounds of their own: name, lower and upper (Hz).

    Raises
    ------
    LabError
        If bounds are none, or such that no gradient can be computed.
    """

    lower_hz: float = 75.0
    upper_hz: float = 150.0
    percentile: float = 99.9
    weight: float = 1e-3
    encoder_weight: float = 1e-2
    pool: str = "channel"
    margin: float = 0.0
    layers: tuple[tuple[str, float, float], ...] = ()

    def __post_init__(self):
        for lower, upper in ((self.lower_hz, self.upper_hz), *(one[1:] for one in self.layers)):
            if not LOWEST_HZ <= lower <= upper <= HIGHEST_HZ:  # nor is NaN
                raise LabError(
                    f"rates can be trained into bounds from {LOWEST_HZ:g} to {HIGHEST_HZ:g} Hz, not"
                    f" into {lower:g} to {upper:g} Hz."
                )

    def of(self, layer: str) -> tuple[float, float]:
        """Lower and upper bound (Hz) of a layer."""
        own = {name: (lower, upper) for name, lower, upper in self.layers}
        return own.get(layer, (self.lower_hz, self.upper_hz))

    def aim(self, layer: str) -> tuple[float, float]:
        """What training aims at: the bounds (Hz) of a layer, its margin inside."""
        lower, upper = self.of(layer)
        clear = self.margin * (upper - lower)
        return lower + clear, upper - clear

    def on_card(self) -> dict[str, float]:
        """As a model's card gives it."""
        return {key: getattr(self, key) for key in BOUNDS}


def percentile(values, q: float):
    """Percentile over the first axis, differentiable.

    Parameters
    ----------
    values : tf.Tensor
        ``(samples, ...)``.
    q : float
        0..100.

    Returns
    -------
    tf.Tensor
        ``(...)``: as ``numpy.percentile(values, q, axis=0)``.
    """
    tf = tensorflow()
    samples = tf.shape(values)[0]
    last = tf.cast(samples - 1, tf.float32)
    at = last * (q / 100.0)
    low = tf.cast(tf.math.floor(at), tf.int32)
    high = tf.minimum(low + 1, samples - 1)
    # only the top of the order is needed, and a partial sort is far cheaper
    moved = tf.transpose(values, tf.roll(tf.range(tf.rank(values)), -1, 0))
    top = tf.math.top_k(moved, samples - low, sorted=True).values
    share = at - tf.math.floor(at)
    return (1 - share) * top[..., -1] + share * top[..., samples - 1 - high]


def pooled(rates, pool: str = "channel", phases: int = 1):
    """Arrange rates ``(batch, h, w, c)`` as ``(samples, groups of like neurons)``.

    Parameters
    ----------
    pool : {"channel", "batch"}
        All positions of a channel, or each neuron by itself.
    phases : int
        Stride of a transposed convolution: its neurons are alike only if they
        are whole strides apart, so a channel is ``phases ** 2`` groups.
    """
    tf = tensorflow()
    if pool == "batch":
        return tf.reshape(rates, (tf.shape(rates)[0], -1))
    if phases > 1:
        rates = tf.nn.space_to_depth(rates, phases)
    samples = tf.reshape(rates, (-1, rates.shape[-1]))
    every = (tf.shape(samples)[0] - 1) // SAMPLES + 1
    return samples[:: every + 1 - every % 2]


def penalty(
    rates,
    lower_hz: float,
    upper_hz: float,
    q: float,
    weight: float,
    pool: str,
    phases: int = 1,
):
    """Loss of one layer; ``pool`` and ``phases`` as in `pooled`.

    Parameters
    ----------
    rates : tf.Tensor
        Firing rates (Hz), ``(batch, height, width, channels)``.

    Returns
    -------
    tf.Tensor
        Scalar: ``weight / 2 * sum_j (distance of r_j from the range)^2``; with
        ``pool="batch"`` the sum over positions is a mean, so that crops of any
        size weigh the same.
    """
    tf = tensorflow()
    reached = percentile(pooled(rates, pool, phases), q)
    outside = tf.nn.relu(lower_hz - reached) + tf.nn.relu(reached - upper_hz)
    positions = 1.0
    if pool == "batch":
        positions = tf.cast(tf.shape(rates)[1] * tf.shape(rates)[2], tf.float32)
    return 0.5 * weight * tf.reduce_sum(tf.square(outside)) / positions


def total(drive: dict, layers, rate_hz: dict[str, float], bounds: RateRange):
    """Loss of all populations.

    Parameters
    ----------
    drive : dict of str to tf.Tensor
        What the rate curve is applied to, ``(batch, height, width, channels)``, by
        layer. Where it is positive its percentile is the activation's; where
        all of it is negative the neuron is silent, its activation has no
        gradient, and only the drive tells which way out.
    layers : tuple of Layer
    rate_hz : dict of str to float
        Firing rate that stands for an activation of 1.

    Returns
    -------
    tf.Tensor
        Scalar. The off-chip encoder has its own weight and no lower bound.
    """
    loss = 0.0
    for layer in layers:
        if layer.name in drive:
            lower, upper = bounds.aim(layer.name)
            loss += penalty(
                drive[layer.name] * rate_hz[layer.name],
                lower if layer.on_chip else 0.0,
                upper,
                bounds.percentile,
                bounds.weight if layer.on_chip else bounds.encoder_weight,
                bounds.pool,
                1 if layer.kind == "conv" else layer.stride,
            )
    return loss

"""The U-Net as it is trained: batch normalisation, fake quantisation, rates that are measured.

The net that is shown, scored and converted has standard layers: `snnlab.nets.keras`.
"""

import numpy as np

from snnlab.compat import tensorflow
from snnlab.nets.activations import DT
from snnlab.nets.architecture import IMAGE, Layer, Wire, weight_shape, wires
from snnlab.nets.keras import one_logit
from snnlab.nets.model import LEVELS

EPSILON = 1e-3  # of batch normalisation
MOMENTUM = 0.98


def fake_quantise(kernel, levels: int = LEVELS):
    """Round a kernel to its levels (of 8 bits: 127 either side), straight-through gradient.

    Symmetric, one scale a layer: as `snnlab.nets.model.quantise`.
    """
    tf = tensorflow()
    step = tf.stop_gradient(tf.reduce_max(tf.abs(kernel)) / levels)
    # a kernel of zeros has no step, and stays zero
    rounded = tf.round(tf.math.divide_no_nan(kernel, step)) * step
    return kernel + tf.stop_gradient(rounded - kernel)


class Normalised:
    """Batch normalisation of a net that is trained.

    Its variables are in dicts by layer: kernels, biases, gammas, means and variances.
    """

    def _normalise(self, z, key, training):
        tf = tensorflow()
        shift, scale = self.biases[key], self.gammas[key]
        if not training:
            return tf.nn.batch_normalization(
                z, self.means[key], self.variances[key], shift, scale, EPSILON
            )
        # one kernel in place of a dozen: a third of a step's time
        normalised, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            z, scale, shift, epsilon=EPSILON
        )
        for moving, now in ((self.means[key], mean), (self.variances[key], variance)):
            moving.assign(MOMENTUM * moving + (1 - MOMENTUM) * now)
        return normalised

    def fold(self) -> None:
        """Put the batch normalisation into kernels and biases, in place."""
        for key, gamma in self.gammas.items():
            factor = gamma / np.sqrt(self.variances[key].numpy() + EPSILON)
            self.biases[key].assign(self.biases[key] - self.means[key] * factor)
            self.kernels[key].assign(self.kernels[key] * factor)


class TrainableNet(Normalised):
    """Variables and forward pass of the U-Net while it is trained.

    Parameters
    ----------
    layers : tuple of Layer
    rate_hz : dict of str to float
        Rate that stands for an activation of 1.
    seed : int
        Of the initial weights (He normal).
    thresholds : bool
        Whether the rates are trained too: as thresholds, one spike a step
        being an activation of ``1 / (rate_hz dt)``. Their logarithms are the
        variables.

    Attributes
    ----------
    levels : int
        Of kernels, on either side of zero, when they are rounded; of 8 bits if not set.
    by_class : bool
        Of several classes, whether their logits are given, and not cell's alone; False if not set.

    Notes
    -----
    With ``batch_norm`` a layer is convolution, batch normalisation, neuron.
    `fold` turns the normalisation into kernel and bias, after which training
    goes on with 8-bit kernels (``quantised=True``).
    """

    def __init__(
        self,
        layers: tuple[Layer, ...],
        rate_hz: dict[str, float],
        seed: int = 0,
        thresholds: bool = False,
    ):
        tf = tensorflow()
        self.layers = layers
        self.rate_hz = rate_hz
        self.levels = LEVELS
        self.by_class = False
        self.thresholds = {
            key: tf.Variable(-np.log(rate * DT), dtype=tf.float32, name=f"{key}/threshold")
            for key, rate in rate_hz.items()
            if thresholds
        }
        random = np.random.default_rng(seed)
        self.kernels, self.biases, self.gammas = {}, {}, {}
        self.means, self.variances = {}, {}
        for layer in layers:
            shape = weight_shape(layer, layers)
            # of a transposed convolution's taps one in stride^2 meets an output
            fan_in = sum(
                layer.kernel**2
                * (wire.last - wire.first)
                / (wire.stride**2 if wire.kind == "conv_transpose" else 1)
                for wire in wires(layer, layers)
            )
            spread = np.sqrt(2.0 / fan_in)
            kernel = random.normal(0, spread, shape).astype(np.float32)
            self.kernels[layer.name] = tf.Variable(kernel, name=f"{layer.name}/kernel")
            start = np.zeros(layer.channels, np.float32)
            if layer.name == "encoder":
                # a ladder of thresholds over the grey values, both ways up
                start += random.normal(0, 0.5, layer.channels).astype(np.float32)
            self.biases[layer.name] = tf.Variable(start, name=f"{layer.name}/bias")
            if layer.activation != "linear":
                ones, zeros = np.ones_like(start), np.zeros_like(start)
                self.gammas[layer.name] = tf.Variable(0.4 * ones, name=f"{layer.name}/gamma")
                self.means[layer.name] = tf.Variable(zeros, trainable=False)
                self.variances[layer.name] = tf.Variable(ones, trainable=False)

    def trainable(self, batch_norm: bool) -> list:
        """Variables that the optimiser moves."""
        kept = [*self.kernels.values(), *self.biases.values(), *self.thresholds.values()]
        return kept + (list(self.gammas.values()) if batch_norm else [])

    def variables(self) -> dict:
        """All variables, by what `state` calls them."""
        return {
            f"{name}/{group}": variable
            for group, variables in self._groups().items()
            for name, variable in variables.items()
        }

    def _groups(self) -> dict[str, dict]:
        return {
            "kernel": self.kernels,
            "bias": self.biases,
            "gamma": self.gammas,
            "mean": self.means,
            "variance": self.variances,
            "threshold": self.thresholds,
        }

    def rate(self, key: str):
        """Rate (Hz) of a layer that stands for an activation of 1; a tensor if it is trained."""
        if key not in self.thresholds:
            return self.rate_hz[key]
        return tensorflow().exp(-self.thresholds[key]) / DT

    def rates(self) -> dict[str, float]:
        """The same as numbers, by layer."""
        return {key: float(self.rate(key)) for key in self.rate_hz}

    def state(self) -> dict[str, np.ndarray]:
        """All variables as arrays, for checkpoints."""
        return {key: variable.numpy() for key, variable in self.variables().items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Set all variables from `state`."""
        for key, variable in self.variables().items():
            variable.assign(state[key])

    def __call__(
        self,
        image,
        curve,
        batch_norm=False,
        training=False,
        quantised=False,
        measured=None,
    ):
        """Logits and activations of the forward pass; see `forward`."""
        return self.forward(image, curve, batch_norm, training, quantised, measured)[:2]

    def forward(
        self,
        image,
        curve,
        batch_norm=False,
        training=False,
        quantised=False,
        measured=None,
    ):
        """Forward pass.

        Parameters
        ----------
        image : tf.Tensor
            ``(batch, height, width, 1)``.
        curve : callable
            Takes a rate (Hz) and gives the activation function.
        training : bool
            Normalise by the batch, and update the moving statistics.
        measured : dict of str to tf.Tensor, optional
            Activations to use in place of the curve's, whose gradient stays.

        Returns
        -------
        logits : tf.Tensor
            ``(batch, height, width, 1)``; of all classes, if it is set so.
        active : dict of str to tf.Tensor
            Activations by layer.
        drive : dict of str to tf.Tensor
            What the rate curve was applied to, by layer.
        """
        tf = tensorflow()
        outputs, drive = {IMAGE: image}, {}
        for layer in self.layers:
            key = layer.name
            kernel = self.kernels[key]
            if quantised:
                kernel = fake_quantise(kernel, self.levels)
            fed = wires(layer, self.layers)
            if layer.kind == "up":
                parts = [
                    _convolve(outputs[wire.source], kernel[:, :, wire.first : wire.last], wire)
                    for wire in fed
                ]
                z = tf.add_n(parts)
            else:
                x = [outputs[wire.source] for wire in fed]
                x = x[0] if len(x) == 1 else tf.concat(x, -1)
                if layer.pool > 1:
                    x = tf.nn.max_pool2d(x, layer.pool, layer.pool, "VALID")
                z = _convolve(x, kernel, fed[0])
            if layer.activation == "linear":
                outputs[key] = z + self.biases[key]
                continue
            z = self._normalise(z, key, training) if batch_norm else z + self.biases[key]
            drive[key] = z
            outputs[key] = curve(self.rate(key))(z)
            if measured is not None:
                outputs[key] += tf.stop_gradient(measured[key] - outputs[key])
        active = {layer.name: outputs[layer.name] for layer in self.layers[:-1]}
        logits = outputs[self.layers[-1].name]
        return logits if self.by_class else one_logit(logits), active, drive


class RunningAverage:
    """Exponential running average of a net's variables, which begins with them as they are.

    It is taken after every step, so it is compiled: read out one by one, the variables took a
    sixth of a step's time.
    """

    def __init__(self, net: TrainableNet):
        tf = tensorflow()
        self._variables = net.variables()
        self._means = {
            key: tf.Variable(variable, trainable=False) for key, variable in self._variables.items()
        }
        self._take = tf.function(self._moved)

    def _moved(self, decay) -> None:
        for key, mean in self._means.items():
            mean.assign(decay * mean + (1 - decay) * self._variables[key])

    def take(self, decay: float) -> None:
        """Move by a share of ``1 - decay`` towards what the variables are now."""
        self._take(tensorflow().constant(decay, "float32"))

    def state(self) -> dict[str, np.ndarray]:
        """The averages as arrays, by name."""
        return {key: mean.numpy() for key, mean in self._means.items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Set all averages from `state`."""
        for key, mean in self._means.items():
            mean.assign(state[key])


def _convolve(x, kernel, wire: Wire):
    tf = tensorflow()
    if wire.kind == "conv":
        return tf.nn.conv2d(x, kernel, wire.stride, "SAME")
    shape = tf.shape(x)
    size = (shape[0], shape[1] * wire.stride, shape[2] * wire.stride, kernel.shape[3])
    return tf.nn.conv2d_transpose(
        x, tf.transpose(kernel, (0, 1, 3, 2)), tf.stack(size), wire.stride, "SAME"
    )

"""The detector as it is trained: batch normalisation in the backbone, fake quantisation.

The subnets have none, since the levels that share them have statistics of their own; nor has the
pyramid, where what is added comes in without a weight.
"""

import numpy as np

from snnlab.compat import tensorflow
from snnlab.nets.detector.plan import IMAGE, OFFSETS, Plan
from snnlab.training.detector.losses import PRIOR
from snnlab.training.net import Normalised, fake_quantise


class TrainableDetector(Normalised):
    """Variables and forward pass.

    Parameters
    ----------
    plan : Plan
    seed : int
        Of the initial weights (He normal).
    """

    def __init__(self, plan: Plan, seed: int = 0):
        tf = tensorflow()
        self.plan = plan
        self.strides = {one.name: one.stride for one in plan.weights()}
        random = np.random.default_rng(seed)
        self.kernels, self.biases, self.gammas = {}, {}, {}
        self.means, self.variances = {}, {}
        for one in plan.weights():
            readout = one.name.endswith("-readout")
            spread = 0.01 if readout else np.sqrt(2.0 / np.prod(one.shape[:3]))
            kernel = random.normal(0, spread, one.shape).astype(np.float32)
            bias = np.zeros(one.channels, np.float32)
            if one.name == "score-readout":
                bias -= np.float32(np.log((1 - PRIOR) / PRIOR))
            self.kernels[one.name] = tf.Variable(kernel, name=f"{one.name}/kernel")
            self.biases[one.name] = tf.Variable(bias, name=f"{one.name}/bias")
            if one.name.startswith(("down", "same")):
                ones, zeros = np.ones_like(bias), np.zeros_like(bias)
                self.gammas[one.name] = tf.Variable(0.4 * ones, name=f"{one.name}/gamma")
                self.means[one.name] = tf.Variable(zeros, trainable=False)
                self.variances[one.name] = tf.Variable(ones, trainable=False)

    def trainable(self, batch_norm: bool) -> list:
        """Variables that the optimiser moves."""
        kept = [*self.kernels.values(), *self.biases.values()]
        return kept + (list(self.gammas.values()) if batch_norm else [])

    def variables(self) -> dict:
        """All variables, by what `state` calls them."""
        groups = {
            "kernel": self.kernels, "bias": self.biases, "gamma": self.gammas,
            "mean": self.means, "variance": self.variances,
        }  # fmt: skip
        return {
            f"{name}/{group}": variable
            for group, variables in groups.items()
            for name, variable in variables.items()
        }

    def state(self) -> dict[str, np.ndarray]:
        """All variables as arrays, for checkpoints."""
        return {key: variable.numpy() for key, variable in self.variables().items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Set all variables from `state`."""
        for key, variable in self.variables().items():
            variable.assign(state[key])

    def forward(self, image, batch_norm=False, training=False, quantised=False):
        """Forward pass.

        Parameters
        ----------
        image : tf.Tensor
            ``(batch, height, width, 1)``; sides are multiples of the plan's.
        training : bool
            Normalise by the batch, and update the moving statistics.
        quantised : bool
            With kernels rounded to 8 bits.

        Returns
        -------
        logits : tf.Tensor
            ``(batch, anchors)``.
        offsets : tf.Tensor
            ``(batch, anchors, 4)``.
        drive : dict of str to tf.Tensor
            What the neurons of each step are given, ``(batch, height, width, channels)``.
        """
        tf = tensorflow()
        kernels = {
            key: fake_quantise(kernel) if quantised else kernel
            for key, kernel in self.kernels.items()
        }
        outputs, drive, rows = {IMAGE: image}, {}, {"score": [], "box": []}
        for step in self.plan.steps():
            key = step.weights
            stride = self.strides[key]
            z = tf.nn.conv2d(outputs[step.source], kernels[key], stride, "SAME")
            if batch_norm and key in self.gammas:
                z = self._normalise(z, key, training)
            else:
                z = z + self.biases[key]
            if step.above is not None:
                z = z + tf.repeat(tf.repeat(outputs[step.above], 2, 1), 2, 2)
            if step.neurons:
                drive[step.name] = z
                outputs[step.name] = tf.nn.relu(z)
            else:
                rows[step.name.split("-")[0]].append(z)
        batch = tf.shape(image)[0]
        logits = tf.concat([tf.reshape(z, (batch, -1)) for z in rows["score"]], 1)
        offsets = tf.concat([tf.reshape(z, (batch, -1, OFFSETS)) for z in rows["box"]], 1)
        return logits, offsets, drive

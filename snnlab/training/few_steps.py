"""Training for few timesteps: QCFS, and surrogate gradients through time.

Both start from a trained net, scaled so that a channel's 99.9th percentile
activation is one spike a step, and train each layer's threshold beside its
weights. What is validated and kept is the spiking network that the conversion
method of the same name makes, in a few steps, with the lab's readout window.

`QcfsTrainer` trains rates: each activation is what a neuron counts in some
steps of even input (`snnlab.nets.activations.qcfs`). `SurrogateTrainer` trains
the spiking network itself, step by step (`snnlab.training.through_time`), first
with batch normalisation of its input currents and then, that being folded,
with 8-bit kernels. Its loss is the mean over readouts after several numbers of
steps, and, so that longer runs keep their meaning, of the net's own rate-based
form, whose neurons send at most a spike a step too.

References
----------
Bu et al. (2022), ICLR; Ledinauskas et al. (2020), arXiv:2006.04436.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from snnlab import conversion
from snnlab.compat import tensorflow
from snnlab.nets import activations
from snnlab.nets.architecture import multiple
from snnlab.nets.model import Model
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.simulation import simulator
from snnlab.training import through_time
from snnlab.training.finishing import calibrate_threshold, logit, with_quantiles
from snnlab.training.fitting import Trainer
from snnlab.training.net import EPSILON
from snnlab.training.recipe import Recipe

SCORED = (4, 8, 16, 32)  # timesteps of which the card has scores
PERCENTILE = 99.9  # of a channel's activations: one spike a step at the start


@dataclass(frozen=True)
class FewSteps(Recipe):
    """What recipes for few timesteps share.

    Attributes
    ----------
    rate_hz : float
        1000: a threshold of 1 to start from.
    timesteps : int
        The readout's bias is set for so many and for twice as many.
    validated : tuple of int
        Numbers of timesteps that are validated.
    """

    method: ClassVar[str] = ""  # the conversion that it is for
    trained_thresholds: ClassVar[bool] = True

    rate_hz: float = 1000.0
    timesteps: int = 8
    validated: tuple[int, ...] = (4, 8, 16)


@dataclass(frozen=True)
class QcfsRecipe(FewSteps):
    """Quantisation, clip, floor, shift.

    Attributes
    ----------
    levels : int
        ``L``.
    """

    method: ClassVar[str] = "qcfs"

    timesteps: int = 16
    levels: int = 8


@dataclass(frozen=True)
class SurrogateRecipe(FewSteps):
    """Surrogate gradients through ``timesteps`` steps.

    Attributes
    ----------
    initial : float
        Potential at the start, as a share of the threshold. With a half, as much is rounded
        up as down; but what was fired too early is not taken back, and somewhat less was
        more accurate on training sections.
    alpha : float
        Sharpness of the surrogate.
    readouts : tuple of (int, float)
        Numbers of steps after which the loss is taken, and their weights.
    lasting : float
        Weight of the rate-based form's loss against the spiking network's.
    """

    method: ClassVar[str] = "surrogate"

    initial: float = 0.4
    alpha: float = 4.0
    readouts: tuple[tuple[int, float], ...] = ((4, 0.3), (8, 0.7))
    lasting: float = 0.3


class FewStepsTrainer(Trainer):
    """What both have in common."""

    def _balanced(self, model: Model) -> tuple[dict, dict]:
        if model.card.get("settings", {}).get("method") not in FEW_STEPS:
            return self._scaled(model, PERCENTILE, 1.0)
        # its thresholds are trained already
        state = self.net.state()
        for name, rate in model.rate_hz.items():
            state[f"{name}/threshold"] = np.float32(-np.log(rate * activations.DT))
        self.net.restore(state)
        return super()._balanced(model)

    def _spiking_scores(self) -> dict[str, tuple[float, float]]:
        """After each number of timesteps that is to be validated."""
        steps = self.recipe.validated
        shown = self._probabilities(self.model(), self.data.images, steps)
        return {f"snn_{count}": self._scores(shown[count]) for count in steps}

    def finish(self, model: Model, images: np.ndarray, labels: np.ndarray) -> Model:
        """Set the readout's bias by the spiking network, and record activations.

        By its timesteps and by twice as many: few have few values to read out, and where
        one of them lies against the threshold should not decide.
        """
        steps = (self.recipe.timesteps, 2 * self.recipe.timesteps)
        shown = self._probabilities(model, images, steps)
        logits = np.stack([logit(np.stack(shown[count])) for count in steps])
        labels = np.broadcast_to(labels, logits.shape)
        return with_quantiles(calibrate_threshold(model, logits, labels), images)

    def _probabilities(self, model: Model, images: np.ndarray, steps: tuple[int, ...]):
        return probabilities(self.recipe.method, model, images, steps, self.recipe.initial)


class QcfsTrainer(FewStepsTrainer):
    """Trains rates of so many levels."""

    def curve(self, rate_hz):
        """The staircase of its levels."""
        return activations.qcfs(rate_hz, self.recipe.levels)

    def _shown(self, image):
        return self.net(image, self.curve, batch_norm=not self.folded, quantised=self.folded)[0]


class SurrogateTrainer(FewStepsTrainer):
    """Trains spikes through time."""

    before_fold = 0.3  # what it starts from is normalised already

    def _start_from(self, model: Model) -> None:
        super()._start_from(model)
        self._normalise()

    def curve(self, rate_hz):
        """Neurons that remember from step to step."""
        recipe = self.recipe
        return through_time.integrate_and_fire(
            rate_hz, recipe.timesteps, recipe.alpha, recipe.initial
        )

    def _normalise(self) -> None:
        """Put batch normalisation in front of the neurons that changes nothing yet."""
        tf = tensorflow()
        side = min(self.recipe.side, *self._drawn(1)[0].shape) // multiple(self.layers)
        side *= multiple(self.layers)
        crops = np.stack([image[:side, :side] for image in self._drawn(4)])[..., None]
        many = through_time.repeated(crops, self.recipe.timesteps)
        _, _, drive = self.net.forward(many, self.curve, quantised=True)
        state = self.net.state()
        for name, current in drive.items():
            mean, variance = (x.numpy() for x in tf.nn.moments(current, (0, 1, 2)))
            state[f"{name}/mean"] = mean - state[f"{name}/bias"]
            state[f"{name}/variance"] = variance
            state[f"{name}/gamma"] = np.sqrt(variance + EPSILON)
            state[f"{name}/bias"] = mean
        self.net.restore(state)
        self.folded = False

    def _loss(self, image, truth, batch_norm, measured):
        how = {"batch_norm": batch_norm, "training": batch_norm, "quantised": not batch_norm}
        tf, recipe = tensorflow(), self.recipe
        steps, weights = zip(*recipe.readouts, strict=True)
        read = self._read(image, steps, how)
        loss = tf.add_n(
            [
                weight * self._task_loss(logits, truth)
                for weight, logits in zip(weights, read, strict=True)
            ]
        )
        if recipe.lasting:
            # by the moving statistics: those of a batch of currents are the spikes' to move
            how["training"] = False
            logits, _ = self.net(image, activations.clipped, **how)
            loss += recipe.lasting * self._task_loss(logits, truth)
        return loss, tf.constant(0.0)

    def _read(self, image, readouts, how):
        """Logits after each number of steps, from the lab's readout window."""
        tf, steps = tensorflow(), self.recipe.timesteps
        logits, _ = self.net(through_time.repeated(image, steps), self.curve, **how)
        logits = through_time.by_step(logits, steps)
        return [
            tf.reduce_mean(logits[window_start(step, self.settings) : step], 0) for step in readouts
        ]

    def _shown(self, image):
        how = {"batch_norm": not self.folded, "quantised": self.folded}
        return self._read(image, (self.recipe.timesteps,), how)[0]


FEW_STEPS = {"qcfs": QcfsTrainer, "surrogate": SurrogateTrainer}


def probabilities(
    method: str,
    model: Model,
    images: np.ndarray,
    timesteps: tuple[int, ...],
    initial: float = 0.5,
) -> dict[int, list[np.ndarray]]:
    """Segmentations by the spiking network after several numbers of steps, of one run each.

    Parameters
    ----------
    method : str
        A conversion method; the model need not have a card yet.
    images : numpy.ndarray
        ``(n, height, width)``, normalised.
    timesteps : tuple of int
    initial : float
        Potential at the start, where the method lets one choose.

    Returns
    -------
    dict of int to list of numpy.ndarray
        Probability of cell, by number of steps.
    """
    model = replace(model, card={"settings": {"method": method}})
    settings = Settings(method=method, timesteps=max(timesteps), initial=initial)
    found: dict[int, list] = {steps: [] for steps in timesteps}
    for image in images:
        network = conversion.method(method).convert(model, image, settings)
        recording = simulator(settings.simulator).run(network, settings.timesteps)
        for steps in timesteps:
            start = window_start(steps, settings)
            found[steps].append(network.probability(recording, start, steps))
    return found

"""Train the U-Net: rate-based or spike-based, with or without rate bounds.

Two stages in one run. First with batch normalisation in float32; for the last
part of the budget the normalisation is folded and training goes on with 8-bit
kernels, so that what is shipped was trained as it will run. A running average
of the variables is what is validated and kept. The budget is minutes or
steps; the learning rate follows a cosine over it. A checkpoint after each
validation, every few seconds, and at the step at which a run is cancelled, lets
it resume where it stopped; with a budget of steps the result is that of a run
that was never stopped, bit for bit on one thread of TensorFlow.
"""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.special import expit

from snnlab.compat import tensorflow
from snnlab.conversion import rate_scaling
from snnlab.data.drawn import Data
from snnlab.errors import LabError
from snnlab.nets import activations
from snnlab.nets.architecture import Layer, multiple
from snnlab.nets.model import Model
from snnlab.results import counted, metrics
from snnlab.settings import Settings
from snnlab.training import finishing, regulariser, spiking_forward
from snnlab.training.balancing import balance
from snnlab.training.batches import Batches
from snnlab.training.entries import line, merit
from snnlab.training.loop import Loop
from snnlab.training.net import RunningAverage, TrainableNet
from snnlab.training.recipe import Recipe

__all__ = ["Data", "Recipe", "Trainer"]


class Trainer(Loop):
    """One training run.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    folder : Path, optional
        Where checkpoints go; a run with the same recipe found there resumes.
    start : Model, optional
        A trained model to start from (its folded weights; no first stage).
    """

    scored = ("pixel_accuracy", "v_rand")

    def __init__(self, recipe: Recipe, data: Data, folder: Path | None = None, start=None):
        self.recipe, self.data = recipe, data
        self.folder = Path(folder) if folder else None
        self.layers: tuple[Layer, ...] = recipe.layers()
        names = [layer.name for layer in self.layers if layer.activation != "linear"]
        self.rate_hz = dict.fromkeys(names, recipe.rate_hz)
        self.net = TrainableNet(self.layers, self.rate_hz, recipe.seed, recipe.trained_thresholds)
        self.folded = start is not None
        if start is not None:
            self._start_from(start)
        elif recipe.spiking == "event":
            raise LabError("a spiking network is trained on from a trained model; name one.")
        self._begin(RunningAverage(self.net))

    def _start_from(self, model: Model) -> None:
        """Take a trained model's weights; with rate bounds, each channel scaled into them."""
        bare = [
            [replace(x, activation="") for x in layers] for layers in (model.layers, self.layers)
        ]
        if bare[0] != bare[1]:
            raise LabError(
                f"the model {model.name} has other layers than the recipe; name another."
            )
        kernels, biases = self._balanced(model)
        state = self.net.state()
        for layer in self.layers:
            state[f"{layer.name}/kernel"] = kernels[layer.name]
            state[f"{layer.name}/bias"] = biases[layer.name]
        self.net.restore(state)

    def _balanced(self, model: Model) -> tuple[dict, dict]:
        """Kernels and biases to start from."""
        bounds = self.recipe.rates
        if bounds is None:
            return model.kernels, model.biases
        target = np.sqrt(bounds.lower_hz * bounds.upper_hz) / self.recipe.rate_hz
        return self._scaled(model, bounds.percentile, target)

    def _scaled(self, model: Model, percentile: float, target: float) -> tuple[dict, dict]:
        """Each channel scaled so that its percentile activation is the target."""
        side = multiple(self.layers)
        cut = [x[: x.shape[0] // side * side, : x.shape[1] // side * side] for x in self._drawn(8)]
        reached = finishing.channel_percentiles(model, cut, percentile)
        return balance(self.layers, model.kernels, model.biases, reached, target)

    def _drawn(self, count: int) -> list[np.ndarray]:
        """Sections to set a start by, not from the stream that is trained on."""
        random = np.random.default_rng(0)
        return [self.data.draw(random)[0] for _ in range(count)]

    # ---- one step -------------------------------------------------------

    def curve(self, rate_hz: float):
        """Activation function of the forward pass in training."""
        if self.recipe.spiking == "count":
            return activations.spiking(rate_hz, self.recipe.timesteps, self.recipe.neuron)
        return activations.CURVES[self.recipe.neuron](rate_hz)

    def _loss(self, image, truth, batch_norm, measured):
        """Task loss and rate loss; of ANN and spiking network both, if it was measured."""
        logits, _, drive = self.net.forward(
            image,
            self.curve,
            batch_norm=batch_norm,
            training=batch_norm,
            quantised=not batch_norm,
        )
        task, rates = self._task_loss(logits, truth), self._rate_loss(drive)
        if measured is None:
            return task, rates
        logits, _ = self.net(image, self.curve, quantised=True, measured=measured)
        return task + self._task_loss(logits, truth), rates

    def _task_loss(self, logits, truth):
        tf = tensorflow()
        # below 0: does not count
        counts, truth = tf.cast(truth >= 0, truth.dtype), tf.maximum(truth, 0)
        weight = (truth + (1 - truth) * self.recipe.membrane_weight) * counts
        error = tf.nn.sigmoid_cross_entropy_with_logits(truth, logits)
        return tf.reduce_sum(weight * error) / tf.maximum(tf.reduce_sum(weight), 1)

    def _rate_loss(self, drive):
        if self.recipe.rates is None:
            return tensorflow().constant(0.0)
        return regulariser.total(drive, self.layers, self.rate_hz, self.recipe.rates)

    def _batches(self) -> Batches:
        drawing = self.data.drawing(self.recipe.side, self.recipe.near)
        return Batches(drawing, self.recipe, self.done_steps)

    def _measured(self, image):
        if self.recipe.spiking != "event":
            return None
        return spiking_forward.measured(self._as_model(), image, *self._regime())

    def told(self, entry: dict) -> str:
        """An entry of the history, for a person."""
        return line(entry)

    @property
    def settings(self) -> Settings:
        """How the spiking network is run in training and validation."""
        recipe = self.recipe
        return Settings(
            timesteps=recipe.timesteps,
            reset=recipe.reset,
            synapse_ms=recipe.synapse_ms,
            initial=recipe.initial,
        )

    def _regime(self) -> tuple[Settings, float]:
        """How the next batch is simulated: settings, and factor on the firing rates."""
        # by step, not from the stream that the crops are drawn from in a thread
        random = np.random.default_rng((self.recipe.seed, self.done_steps))
        if random.random() >= self.recipe.fast:
            return self.settings, 1.0
        low, high = self.recipe.fast_rates
        factor = float(np.exp(random.uniform(np.log(low), np.log(high))))
        return self.fast_settings, factor

    @property
    def fast_settings(self) -> Settings:
        """The run in few steps at high rates."""
        return self.settings.replace(timesteps=self.recipe.fast_timesteps, synapse_ms=0.0)

    # ---- validation -----------------------------------------------------

    def forward(self, state: dict, images: np.ndarray) -> np.ndarray:
        """Cell probability ``(n, h, w)`` by the plain rate curve."""
        kept = self.net.state()
        self.net.restore(state)
        shown = [self._shown(image[None, :, :, None]) for image in images]
        self.net.restore(kept)
        return np.stack([expit(logits)[0, :, :, 0] for logits in shown])

    def _shown(self, image):
        """Logits that are validated."""
        curve = activations.CURVES[self.recipe.neuron]
        return self.net(image, curve, batch_norm=not self.folded, quantised=self.folded)[0]

    def validate(self) -> dict:
        """Score the averaged net; keep it if it is the best so far."""
        entry = {
            "step": self.done_steps,
            "minutes": self.spent / 60,
            "folded": self.folded,
            **self._marked(),
        }
        spiking = self._spiking_scores()
        entry |= spiking
        worth = self._worth(entry) + sum(merit(*scores) for scores in spiking.values())
        if self.best is None or worth > self.best[0]:
            self.best = (worth, {k: np.copy(v) for k, v in self.averaged.items()})
        return entry

    def _marked(self) -> dict[str, float]:
        """Scores of the averaged net's plain rate curve: `scored`, and others."""
        found = self._scores(self.forward(self.averaged, self.data.images))
        return dict(zip(("pixel_accuracy", "v_rand"), found, strict=True))

    def _worth(self, entry: dict) -> float:
        """What of them the best checkpoint has most of."""
        return merit(entry["pixel_accuracy"], entry["v_rand"])

    def _spiking_scores(self) -> dict[str, tuple[float, float]]:
        """Pixel accuracy and V_Rand of the averaged net run as a spiking one, by name."""
        if self.recipe.spiking != "event":
            return {}
        found = {"snn": self._scores(self._spiking_forward(self.settings, 1.0))}
        if self.recipe.fast:
            high = self.recipe.fast_rates[1]
            found["snn_fast"] = self._scores(self._spiking_forward(self.fast_settings, high))
        return found

    def _scores(self, predicted) -> tuple[float, float]:
        """Pixel accuracy and V_Rand of the validation sections: mean over their groups.

        Within a group all are taken at one threshold.
        """
        marks = iter(
            [
                metrics.marks(probability, cells, ignore=uncounted)
                for probability, (cells, uncounted) in zip(
                    predicted, map(counted.split, self.data.labels), strict=True
                )
            ]
        )
        counts = self.data.groups or (len(self.data.labels),)
        found = [metrics.together(list(islice(marks, count))) for count in counts]
        accuracy, v_rand = np.mean([(one.pixel_accuracy, one.v_rand) for one in found], axis=0)
        return float(accuracy), float(v_rand)

    def _spiking_forward(self, settings: Settings, faster: float) -> list[np.ndarray]:
        """Cell probability of the validation sections by the spiking network."""
        model = self.model()
        readout = rate_scaling.readout_of(model)
        last = model.populations()[-1].name
        return [
            readout.probability(
                spiking_forward.measured(model, image[None, :, :, None], settings, faster)[last][0]
            )
            for image in self.data.images
        ]

    def model(self, state: dict | None = None, name: str = "trained") -> Model:
        """The 8-bit model of a state (folded or not)."""
        kept = self.net.state()
        self.net.restore(self.averaged if state is None else state)
        if not self.folded:
            self.net.fold()
        model = self._as_model(name)
        self.net.restore(kept)
        return model

    def _as_model(self, name: str = "trained") -> Model:
        """The 8-bit model of the folded net as it is."""
        return finishing.rounded(name, self.layers, self.net.state(), self.net.rates())

    def finish(self, model: Model, images: np.ndarray, labels: np.ndarray) -> Model:
        """Make the trained model one to ship; a bias that was learned from soft labels stays."""
        if self.recipe.taught:
            return finishing.with_quantiles(model, images)
        return finishing.finish(model, images, labels)

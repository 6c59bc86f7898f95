"""Train a trained model on, so that its firing rates keep to other bounds.

A warm start: each channel is first scaled so that its percentile rate is in the
middle of the bounds, which for ReLU changes nothing that the net computes. What
scaling cannot do, training does: bring together the neurons of one channel that
differ (the phases behind a transposed convolution, the borders), wake silent
ones, and make up for the rounding of the scaled kernels. Rate-based, on small
crops, with rounded kernels from the first step, so that it fits into minutes.

The checks are dense, since somebody watches. A run that is stopped keeps the
very step at which it stopped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from snnlab.compat import tensorflow
from snnlab.data.drawn import Data
from snnlab.errors import Cancelled
from snnlab.nets import activations
from snnlab.nets.architecture import Layer
from snnlab.nets.model import Model
from snnlab.training import finishing, ranging, regulariser, resuming, teaching
from snnlab.training.augmentation import Jitter
from snnlab.training.batches import Batches
from snnlab.training.entries import merit
from snnlab.training.finishing import channel_percentiles, finish
from snnlab.training.fitting import Trainer
from snnlab.training.net import TrainableNet
from snnlab.training.recipe import Recipe
from snnlab.training.regulariser import RateRange

BITS = range(2, 9)
IN_RANGE_COUNTS = 2.0  # of the share in range, against pixel accuracy's 5 and V_Rand's 1


@dataclass(frozen=True)
class TuneRecipe(Recipe):
    """A recipe for a net that is there already.

    Attributes
    ----------
    of : tuple of Layer
        The net, with the rate curve that it is to have.
    bits : int
        Of the kernels, 2..8.
    taught : float
        Share of the target that is what the model itself said at the start, rather
        than the labels: what it does well it shall go on doing.
    rehearsed : float
        Share of the crops that are of synthetic sections, with what the model said of them at
        the start: what it knew beside the sections it is shown it shall not forget.
    """

    of: tuple[Layer, ...] = ()
    bits: int = 8
    rehearsed: float = 0.0

    def layers(self) -> tuple[Layer, ...]:
        """The net that is trained."""
        return self.of

    @property
    def levels(self) -> int:
        """Of a kernel, on either side of zero."""
        return 2 ** (self.bits - 1) - 1


def recipe_for(
    model: Model,
    rates: RateRange,
    curve: str = "relu",
    bits: int = 8,
    seed: int = 0,
    minutes: float = 2.0,
    steps: int | None = None,
    side: int = 128,
    taught: float = 0.7,
    rehearsed: float = 0.0,
    rate: float = 6e-4,
) -> TuneRecipe:
    """The recipe of a fine-tuning.

    Parameters
    ----------
    model : Model
        To start from.
    rates : RateRange
    curve : {"relu", "loihi", "spiking"}
        Rate curve: rectified linear, Loihi's steps, or counted spikes of ReLU neurons.
    bits : int
        2..8.
    seed : int
    minutes, steps : float, int
        The budget, checks and previews included; steps, if given, rule.
    side : int
        Of the crops.
    taught, rehearsed : float
        See `TuneRecipe`.
    rate : float
        Of learning, at the beginning.
    """
    neuron = "loihi" if curve == "loihi" else "relu"
    of = tuple(
        layer if layer.activation == "linear" else replace(layer, activation=neuron)
        for layer in model.layers
    )
    return TuneRecipe(
        neuron=neuron,
        spiking="count" if curve == "spiking" else "",
        rates=rates,
        rate_hz=rates.upper_hz,
        minutes=minutes,
        steps=steps,
        membrane_weight=1.2,
        side=side,
        # as many pixels in each step, or twice as many
        batch=4 if side <= 128 else 2,
        rate=rate,
        average=0.98,
        validate_every=max(1 / 40, min(1 / 10, 4 / 60 / minutes)),
        seed=seed,
        # the model knows its task: a milder jitter leaves its rates what they will be
        jitter=Jitter(elastic=2.0, turn=0.3, scale=0.1, contrast=0.15, brightness=0.06, noise=0.03),
        of=of,
        bits=bits,
        taught=taught,
        rehearsed=rehearsed,
    )


class Finetuner(Trainer):
    """One fine-tuning.

    Parameters
    ----------
    recipe : TuneRecipe
    data : Data
        What is validated on is checked every few seconds, so a little of it is enough.
    start : Model
    folder : Path, optional
        For the checkpoint; a run with the same recipe found there resumes.
    """

    def __init__(self, recipe: TuneRecipe, data: Data, start: Model, folder=None):
        self.start = start
        self._teacher = TrainableNet(start.layers, start.rate_hz)
        state = self._teacher.state()
        for layer in start.layers:
            state[f"{layer.name}/kernel"] = start.kernels[layer.name]
            state[f"{layer.name}/bias"] = start.biases[layer.name]
        self._teacher.restore(state)
        self._given = data  # alone: rates are set for what the net is to see
        if recipe.rehearsed:
            data = teaching.rehearsing(data, start, recipe.rehearsed)
        super().__init__(recipe, data, folder, start)
        self.net.levels = recipe.levels

    def _start_from(self, model: Model) -> None:
        """Take the model's weights; each channel is scaled into its bounds."""
        bounds = self.recipe.rates
        for layer in model.populations():
            # the net's too: it is one dict
            self.rate_hz[layer.name] = float(bounds.of(layer.name)[1])
        reached = channel_percentiles(model, self._pieces(), bounds.percentile)
        kernels, biases = ranging.scaled(
            self.layers, model.floats or model.kernels, model.biases, reached, self.rate_hz, bounds
        )
        state = self.net.state()
        for layer in self.layers:
            state[f"{layer.name}/kernel"] = kernels[layer.name]
            state[f"{layer.name}/bias"] = biases[layer.name]
        self.net.restore(state)

    def _step(self, image, truth, batch_norm, measured=None):
        """As the trainer's; the target is partly what the start says."""
        share = self.recipe.taught
        if share:
            curve = activations.CURVES[self.start.populations()[0].activation]
            tf = tensorflow()
            said = tf.sigmoid(self._teacher(image, curve)[0])
            # what does not count is not taught either
            truth = tf.where(truth < 0, truth, (1 - share) * truth + share * said)
        return super()._step(image, truth, batch_norm, measured)

    def _pieces(self, count: int = 12) -> np.ndarray:
        """Pieces of the sections that are trained on, ``(count, side, side)``."""
        random = np.random.default_rng(0)
        side, pieces = self.recipe.side, []
        for _ in range(count):
            image = self._given.draw(random)[0]
            top, left = (random.integers(size - side + 1) for size in image.shape)
            pieces.append(image[top : top + side, left : left + side])
        return np.stack(pieces)

    # ---- the run --------------------------------------------------------

    def run(self, progress=None, cancel=None, watch: Callable | None = None) -> Model:
        """Train until the budget is spent.

        Parameters
        ----------
        progress : callable, optional
            ``progress(fraction, stage)``, after every step.
        cancel : callable, optional
            Returns True to stop; the step that is done is kept.
        watch : callable, optional
            ``watch(tuner, entry)`` after every check, in the training's own thread.

        Returns
        -------
        Model
            The best check's, not yet finished (`finished`).

        Raises
        ------
        Cancelled
        """
        progress = progress or (lambda fraction, stage: None)
        watch = watch or (lambda tuner, entry: None)
        if not self.history or self.best is None:
            self._enter(self.check_of(self.start) | {"loss": None, "rate_loss": None}, watch)
            self._enter(self.validate() | {"loss": None, "rate_loss": None}, watch)
            resuming.keep(self)
        batches = Batches(self.data.draw, self.recipe, self.done_steps)
        next_check, keeper = self._next_check(), resuming.Keeper(self)
        begun = time.monotonic()
        try:
            while self.fraction < 1:
                if cancel and cancel():
                    keeper.keep()
                    raise Cancelled
                self.optimiser.learning_rate.assign(self._learning_rate())
                image, truth = batches.get()
                task, rates = self._compiled(image, truth, False, None)
                self._took(task, rates)
                self._average()
                self.done_steps += 1
                now = time.monotonic()
                self.spent, begun = self.spent + now - begun, now
                progress(min(self.fraction, 1.0), f"step {self.done_steps}{self.unkept}")
                if self.fraction >= min(next_check, 1):
                    self._enter(self.validate() | self._mean_losses(), watch)
                    next_check = self._next_check()
                    keeper.keep()
                keeper.stepped()
        finally:
            batches.close()
        return self.model(self.best[1])

    def _enter(self, entry: dict, watch: Callable) -> None:
        self.history.append(entry)
        watch(self, entry)

    # ---- checks ---------------------------------------------------------

    def validate(self) -> dict:
        """Check the averaged net; keep it if it is the best so far."""
        entry = self._checked(self.averaged, self.rate_hz)
        worth = merit(entry["pixel_accuracy"], entry["v_rand"])
        worth += IN_RANGE_COUNTS * entry["in_range"]
        if self.best is None or worth > self.best[0]:
            self.best = (worth, {key: np.copy(value) for key, value in self.averaged.items()})
        return entry

    def check_of(self, model: Model) -> dict:
        """The same of a model as it is, rates and rounding included."""
        state = self.net.state()
        for layer in model.layers:
            state[f"{layer.name}/kernel"] = model.kernels[layer.name]
            state[f"{layer.name}/bias"] = model.biases[layer.name]
        return self._checked(state, model.rate_hz, False)

    def _checked(self, state: dict, rate_hz: dict[str, float], rounded: bool = True) -> dict:
        tf = tensorflow()
        kept = self.net.state()
        self.net.restore(state)
        seen, active = [], {}
        for image in self.data.images:
            logits, values = self.net(image[None, :, :, None], self.shown_curve, quantised=rounded)
            seen.append(tf.sigmoid(logits)[0, :, :, 0].numpy())
            for name, value in values.items():
                active.setdefault(name, []).append(value)
        self.net.restore(kept)
        accuracy, v_rand = self._scores(np.stack(seen))
        reached = {
            layer.name: regulariser.percentile(
                regulariser.pooled(
                    tf.concat(active[layer.name], 0) * rate_hz[layer.name],
                    "channel",
                    1 if layer.kind == "conv" else layer.stride,
                ),
                self.recipe.rates.percentile,
            ).numpy()
            for layer in self._populations()
        }
        found = ranging.spread(reached, self.recipe.of, self.recipe.rates)
        return {
            "step": self.done_steps,
            "seconds": self.spent,
            "pixel_accuracy": accuracy,
            "v_rand": v_rand,
            "in_range": found.share,
            "rates": found.layers,
        }

    @property
    def shown_curve(self):
        """The rate curve without the chance of counted spikes."""
        return activations.CURVES[self.recipe.neuron]

    def _populations(self) -> list[Layer]:
        return [layer for layer in self.layers if layer.activation != "linear"]

    def preview(self, image: np.ndarray) -> np.ndarray:
        """Cell probability of an image ``(h, w)`` by the averaged net as it is now."""
        return self.forward(self.averaged, image[None])[0]

    # ---- the result -----------------------------------------------------

    def _as_model(self, name: str = "tuned") -> Model:
        state, levels = self.net.state(), self.recipe.levels
        return finishing.rounded(name, self.layers, state, self.rate_hz, most=levels)

    def finished(self, model: Model, images: np.ndarray, labels: np.ndarray) -> Model:
        """Set the scales for good, the threshold and the quantiles, on training data.

        Parameters
        ----------
        images, labels : numpy.ndarray
            ``(n, height, width)``, sides multiples of the net's.
        """
        if self.recipe.neuron == "relu":
            model = ranging.into_bounds(model, images, self.recipe.rates, self.recipe.levels)
        return finish(model, images, labels)

"""Train the detector: first with batch normalisation, then folded, balanced, and in 8 bits.

The loop is that of all trainings (`snnlab.training.loop`): its checkpoints, its running average,
its learning rate. When the normalisation is folded each channel is scaled to one percentile
(`balancing`), which costs nothing, and the percentile regulariser keeps it there.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab.compat import tensorflow
from snnlab.data.instances import boxes_of
from snnlab.nets.detector.boxes import Detections
from snnlab.nets.detector.graph import all_anchors, read
from snnlab.nets.detector.inference import padded
from snnlab.nets.detector.model import Detector, from_float
from snnlab.nets.graph.forward import forward
from snnlab.nets.model import PERCENTILES
from snnlab.results import detection
from snnlab.training import regulariser
from snnlab.training.detector.balancing import balanced, groups
from snnlab.training.detector.crops import DetectorBatches, Sections
from snnlab.training.detector.losses import focal, smooth_l1
from snnlab.training.detector.net import TrainableDetector
from snnlab.training.detector.recipe import Recipe
from snnlab.training.loop import Loop
from snnlab.training.net import RunningAverage

SEEN = 8  # sections of which percentiles are taken


class DetectorTrainer(Loop):
    """One training run.

    Parameters
    ----------
    recipe : Recipe
    training, choice : Sections
        What weights see, and what the best checkpoint is chosen on.
    folder : Path, optional
        Where checkpoints go; a run with the same recipe found there resumes.
    """

    scored = ("average_precision_50", "average_precision_75")

    def __init__(
        self, recipe: Recipe, training: Sections, choice: Sections, folder: Path | None = None
    ):
        self.recipe, self.training, self.choice = recipe, training, choice
        self.folder = Path(folder) if folder else None
        self.net = TrainableDetector(recipe.plan, recipe.seed)
        self.folded = False
        self._begin(RunningAverage(self.net))

    # ---- one step -------------------------------------------------------

    def _batches(self) -> DetectorBatches:
        side = self.recipe.drawing.side
        return DetectorBatches(self.training, self.recipe, all_anchors(side, side), self.done_steps)

    def _loss(self, image, truth, batch_norm, measured):
        tf = tensorflow()
        kinds, wanted = truth
        logits, offsets, drive = self.net.forward(
            image, batch_norm=batch_norm, training=batch_norm, quantised=not batch_norm
        )
        task = focal(logits, kinds) + self.recipe.offsets * smooth_l1(offsets, wanted, kinds)
        shrunk = tf.add_n([tf.nn.l2_loss(kernel) for kernel in self.net.kernels.values()])
        return task, self._rate_loss(drive) + self.recipe.decay * self.recipe.rate * shrunk

    def _rate_loss(self, drive):
        tf, bounds = tensorflow(), self.recipe.rates
        if bounds is None:
            return tf.constant(0.0)
        samples: dict[str, list] = {}
        for name, group in groups(self.recipe.plan).items():
            flat = tf.reshape(drive[name], (1, -1, 1, drive[name].shape[-1]))
            samples.setdefault(group, []).append(flat * self.recipe.rate_hz)
        return tf.add_n(
            [
                regulariser.penalty(
                    tf.concat(parts, 1),
                    *bounds.aim(name),
                    bounds.percentile,
                    bounds.weight,
                    bounds.pool,
                )  # fmt: skip
                for name, parts in samples.items()
            ]
        )

    def _fold(self) -> None:
        super()._fold()
        bounds = self.recipe.rates
        if bounds is None:
            return
        names = [one.name for one in self.recipe.plan.weights()]
        state = self.net.state()
        kernels, biases = (
            {name: state[f"{name}/{part}"] for name in names} for part in ("kernel", "bias")
        )
        target = np.sqrt(bounds.lower_hz * bounds.upper_hz) / self.recipe.rate_hz
        reached = self._reached(bounds.percentile)
        kernels, biases = balanced(self.recipe.plan, kernels, biases, reached, target)
        for name in names:
            state[f"{name}/kernel"], state[f"{name}/bias"] = kernels[name], biases[name]
        self.net.restore(state)
        self.averaged = state

    def _reached(self, percentile: float) -> dict[str, np.ndarray]:
        """Percentile of each channel's activation, ``(channels,)`` by group, on some sections."""
        samples: dict[str, list] = {}
        for image in spread(self.training.images):
            _, _, drive = self.net.forward(padded(image)[None, ..., None])
            for name, group in groups(self.recipe.plan).items():
                values = np.maximum(drive[name].numpy(), 0)
                samples.setdefault(group, []).append(values.reshape(-1, values.shape[-1]))
        return {
            group: np.percentile(np.concatenate(parts), percentile, axis=0)
            for group, parts in samples.items()
        }

    # ---- validation -----------------------------------------------------

    def detect(self, image: np.ndarray) -> Detections:
        """Boxes that the net as it is finds in a section ``(height, width)``."""
        shown = padded(image)
        logits, offsets, _ = self._shown(shown[None, ..., None])
        answer = np.concatenate([logits.numpy().ravel(), offsets.numpy().ravel()])
        return read(answer, all_anchors(*shown.shape), *image.shape)

    def _shown(self, image):
        return self.net.forward(image, batch_norm=not self.folded, quantised=self.folded)

    def validate(self) -> dict:
        """Score the averaged net; keep it if it is the best so far."""
        kept = self.net.state()
        self.net.restore(self.averaged)
        found = [self.detect(image) for image in self.choice.images]
        self.net.restore(kept)
        scores = detection.scores(found, [boxes(things) for things in self.choice.things])
        worth = scores.average_precision_50 + scores.average_precision_75
        if self.best is None or worth >= self.best[0]:
            self.best = (worth, {key: np.copy(value) for key, value in self.averaged.items()})
        return {
            "step": self.done_steps,
            "minutes": self.spent / 60,
            "folded": self.folded,
            **{name: getattr(scores, name) for name in self.scored},
        }

    def told(self, entry: dict) -> str:
        """An entry of the history, for a person."""
        return (
            f"step {entry['step']}, {entry['minutes']:.1f} min, loss {entry['loss']:.4f}, rates"
            f" {entry['rate_loss']:.4f}, AP50 {entry['average_precision_50']:.4f}, AP75"
            f" {entry['average_precision_75']:.4f}" + (", 8 bit" if entry["folded"] else "")
        )

    def model(self, state: dict | None = None, name: str = "trained") -> Detector:
        """The 8-bit detector of a state (folded or not)."""
        kept = self.net.state()
        self.net.restore(self.averaged if state is None else state)
        if not self.folded:
            self.net.fold()
        state = self.net.state()
        self.net.restore(kept)
        names = [one.name for one in self.recipe.plan.weights()]
        kernels, biases = (
            {key: state[f"{key}/{part}"] for key in names} for part in ("kernel", "bias")
        )
        return from_float(name, self.recipe.plan, kernels, biases)


def spread(images, most: int = SEEN) -> list[np.ndarray]:
    """Some sections, from the first to the last."""
    places = np.unique(np.linspace(0, len(images) - 1, most).astype(int))
    return [images[place] for place in places]


def boxes(things: np.ndarray) -> np.ndarray:
    """The truth of a section, ``(n, 4)``."""
    return boxes_of(things)[0]


def with_activations(detector: Detector, images) -> Detector:
    """The same, with the percentiles of its activations on some sections."""
    neurons = {step.name for step in detector.plan.steps() if step.neurons}
    samples: dict[str, list] = {}
    for image in spread(images):
        shown = padded(image)
        for name, values in forward(detector.graph(*shown.shape), shown[None, ..., None]):
            if name in neurons:
                samples.setdefault(name, []).append(values.ravel())
    active = {}
    for name, parts in samples.items():
        values = np.concatenate(parts)
        above = values[values > 0]
        above = above if above.size else np.zeros(1)
        active[name] = np.stack([np.percentile(part, PERCENTILES) for part in (values, above)])
    return replace(detector, active={k: v.astype(np.float32) for k, v in active.items()})

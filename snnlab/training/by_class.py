"""Train a U-Net for three classes a pixel, from one that tells membrane from cell.

The body is the other net's, and so is the start of the readout: what it said of cell is said of
cell and, less likely, of mitochondria. The loss is the cross-entropy of one softmax. Of a section
whose mitochondria nobody labelled, membrane is held against the other two together.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import softmax

from snnlab.compat import tensorflow
from snnlab.data.classes import CLASSES, INSIDE, MEMBRANE, MITOCHONDRIA
from snnlab.nets.architecture import Layer, unet
from snnlab.nets.model import Model, from_float
from snnlab.training.fitting import Trainer
from snnlab.training.recipe import Recipe

RARE = 2.0  # by how much a mitochondrion's logit is below its cell's to begin with


@dataclass(frozen=True)
class ClassesRecipe(Recipe):
    """A recipe for three classes.

    Attributes
    ----------
    mitochondria_weight : float
        Weight of a mitochondrion's pixel in the loss against a cell's.
    """

    mitochondria_weight: float = 1.5

    def layers(self) -> tuple[Layer, ...]:
        """The net that is trained."""
        return unet(self.encoder, self.widths, self.neuron, len(CLASSES))


def with_classes(model: Model) -> Model:
    """A net that says cell or membrane as the given one does, and of each cell pixel what it is.

    Parameters
    ----------
    model : Model
        Of one output; one with as many as there are classes is given back.
    """
    last = model.layers[-1]
    if last.channels != 1:
        return model
    layers = (*model.layers[:-1], replace(last, channels=len(CLASSES)))
    cell, bias = model.kernels[last.name], model.biases[last.name]
    kernels = model.kernels | {last.name: np.concatenate([0 * cell, cell, cell], -1)}
    biases = model.biases | {last.name: np.concatenate([0 * bias, bias, bias - RARE])}
    return from_float(model.name, layers, kernels, biases, model.rate_hz, model.card)


class ClassesTrainer(Trainer):
    """One training run; see `snnlab.training.fitting.Trainer`.

    Labels of its data are those of `snnlab.data.classes`.
    """

    scored = (*Trainer.scored, "mitochondria_dice")

    def _start_from(self, model: Model) -> None:
        super()._start_from(with_classes(model))

    def _begin(self, averages) -> None:
        self.net.by_class = True
        super()._begin(averages)

    def _task_loss(self, logits, truth):
        tf = tensorflow()
        truth = truth[..., 0]
        every = tf.reduce_logsumexp(logits, -1)
        of_class = tf.gather(
            logits, tf.cast(tf.clip_by_value(truth, 0, len(CLASSES) - 1), tf.int32), batch_dims=3
        )
        inside = tf.reduce_logsumexp(logits[..., MEMBRANE + 1 :], -1)
        error = every - tf.where(truth == INSIDE, inside, of_class)
        weight = tf.where(truth == MEMBRANE, self.recipe.membrane_weight, 1.0)
        weight = tf.where(truth == MITOCHONDRIA, self.recipe.mitochondria_weight, weight)
        weight *= tf.cast(truth >= 0, weight.dtype)
        return tf.reduce_sum(weight * error) / tf.maximum(tf.reduce_sum(weight), 1)

    def classes(self, state: dict, images: np.ndarray) -> np.ndarray:
        """Probabilities of the classes ``(n, h, w, classes)`` by the plain rate curve."""
        kept = self.net.state()
        self.net.restore(state)
        shown = [self._shown(image[None, :, :, None]) for image in images]
        self.net.restore(kept)
        return np.concatenate([softmax(logits.numpy(), -1) for logits in shown])

    def forward(self, state: dict, images: np.ndarray) -> np.ndarray:
        """Cell probability ``(n, h, w)`` by the plain rate curve."""
        return 1 - self.classes(state, images)[..., MEMBRANE]

    def _marked(self) -> dict[str, float]:
        said = self.classes(self.averaged, self.data.images)
        accuracy, v_rand = self._scores(1 - said[..., MEMBRANE])
        told = np.isin(self.data.labels, range(len(CLASSES)))
        found, true = (
            (values == MITOCHONDRIA) & told for values in (said.argmax(-1), self.data.labels)
        )
        both = found.sum() + true.sum()
        dice = 2 * (found & true).sum() / both if both else 1.0
        return {"pixel_accuracy": accuracy, "v_rand": v_rand, "mitochondria_dice": float(dice)}

    def _worth(self, entry: dict) -> float:
        return super()._worth(entry) + entry["mitochondria_dice"]

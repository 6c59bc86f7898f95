"""Run the ANN: one image in, cell probability and activations out.

A large image goes through in tiles.
"""

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from snnlab.errors import Cancelled
from snnlab.images import tiles
from snnlab.nets.architecture import halo, multiple
from snnlab.nets.classes import one_logit, shares
from snnlab.nets.familiarity import Familiarity, Windows, from_card
from snnlab.nets.model import Model

WHOLE = 1024 * 1024  # pixels; above that, tiles
TILE = 512


@dataclass(frozen=True)
class AnnResult:
    """What the ANN makes of an image.

    Attributes
    ----------
    probability : numpy.ndarray
        Of cell, float32 ``(height, width)``.
    seconds : float
        Wall-clock time of the forward pass.
    familiarity : Familiarity or None
        How familiar the image is to the model; None where that is not known.
    classes : numpy.ndarray or None
        Probabilities of each class, float32 ``(height, width, classes)``, membrane first; None of
        a model that tells cell from membrane alone.
    """

    probability: np.ndarray
    seconds: float
    familiarity: Familiarity | None = None
    classes: np.ndarray | None = None


def segment(
    model: Model,
    image: np.ndarray,
    progress=None,
    cancel=None,
    kernels=None,
    seen: Windows | None = None,
) -> AnnResult:
    """Segment an image.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; any size from 32 x 32.
    kernels : dict, optional
        Float kernels to use in place of the model's 8-bit ones.
    seen : snnlab.nets.familiarity.Windows, optional
        Takes every layer's activations as they pass.

    Raises
    ------
    Cancelled
    """
    from snnlab.nets.forward import forward, warm_up  # numba's import takes a second

    warm_up()  # not the net's time
    begun = time.perf_counter()

    by_class = model.layers[-1].channels > 2

    def answer(tile: tiles.Tile) -> np.ndarray:
        if cancel and cancel():
            raise Cancelled
        for layer, (_, values) in zip(
            model.layers, forward(model, padded[tile.outer], kernels), strict=True
        ):
            if seen is not None:
                seen.add(tile, layer, values)
            logits = values
        cell = expit(one_logit(logits, 0))
        if not by_class:
            return cell
        return np.concatenate([cell[..., None], np.moveaxis(shares(logits, 0), 0, -1)], -1)

    side = multiple(model.layers)
    padded = tiles.pad(image, side)
    core = TILE if image.size > WHOLE else max(padded.shape)
    plan = tiles.plan(padded.shape, core, halo(model.layers), side)

    def parts():
        for done, tile in enumerate(plan, start=1):
            yield tile, answer(tile)[tile.inner]
            if progress:
                progress(done / len(plan), "ANN")

    found = tiles.stitch(parts(), image.shape)
    seconds = time.perf_counter() - begun
    if not by_class:
        return AnnResult(found, seconds)
    return AnnResult(np.ascontiguousarray(found[..., 0]), seconds, classes=found[..., 1:])


def looked_at(
    model: Model, image: np.ndarray, tissue=None, progress=None, cancel=None
) -> AnnResult:
    """As `segment`, with how familiar the image is where the model's card knows that.

    Parameters
    ----------
    tissue : numpy.ndarray or None
        bool, the image's shape: False where it is only fill; None: nowhere.
    """
    known = from_card(model.card, model.layers)
    seen = None if known is None else Windows(image.shape, tissue)
    found = segment(model, image, progress, cancel, seen=seen)
    if known is None or seen is None:
        return found
    return replace(found, familiarity=known.familiarity(seen, model.layers))


def activations(model: Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """Activations of every population.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of 16.

    Returns
    -------
    dict of str to numpy.ndarray
        float32 ``(h, w, channels)`` by layer.
    """
    from snnlab.nets.forward import forward

    neurons = {layer.name for layer in model.populations()}
    return {
        name: np.ascontiguousarray(values.transpose(1, 2, 0))
        for name, values in forward(model, image)
        if name in neurons
    }


def activations_of(model: Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """As `activations`, of several images ``(n, height, width)``: ``(n, h, w, channels)``."""
    found = [activations(model, image) for image in images]
    return {name: np.stack([one[name] for one in found]) for name in found[0]}

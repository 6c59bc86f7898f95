"""Run the ANN: one image in, cell probability and activations out.

A large image goes through in tiles.
"""

import time
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from snnlab.errors import Cancelled
from snnlab.images import tiles
from snnlab.nets.architecture import halo, multiple
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
    """

    probability: np.ndarray
    seconds: float


def segment(model: Model, image: np.ndarray, progress=None, cancel=None, kernels=None) -> AnnResult:
    """Segment an image.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; any size from 32 x 32.
    kernels : dict, optional
        Float kernels to use in place of the model's 8-bit ones.

    Raises
    ------
    Cancelled
    """
    from snnlab.nets.forward import forward, warm_up  # numba's import takes a second

    warm_up()  # not the net's time
    begun = time.perf_counter()

    def probability(piece: np.ndarray) -> np.ndarray:
        if cancel and cancel():
            raise Cancelled
        for _, values in forward(model, piece, kernels):
            logits = values
        # of two classes the difference, whose sigmoid is their softmax
        return expit(logits[0] if len(logits) == 1 else logits[1] - logits[0])

    found = tiles.apply(
        probability,
        image,
        multiple(model.layers),
        TILE if image.size > WHOLE else None,
        halo(model.layers),
        lambda share: progress(share, "ANN") if progress else None,
    )
    return AnnResult(found, time.perf_counter() - begun)


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

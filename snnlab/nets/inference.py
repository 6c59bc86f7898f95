"""Run the ANN: one image in, cell probability and sampled activations out.

TensorFlow promises no thread safety for inference and is imported on first
use, so one lock holds all calls. A large image goes through in tiles.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from snnlab.compat import tensorflow
from snnlab.errors import Cancelled
from snnlab.images import tiles
from snnlab.nets.architecture import halo, multiple
from snnlab.nets.keras import keras_model
from snnlab.nets.model import Model

_lock = threading.Lock()
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


KEPT = 16  # nets that stay built, some five megabytes each; building one takes as long as four runs
_nets: OrderedDict[str, tuple] = OrderedDict()  # by content of the model


def _net(model: Model):
    """Keras net of a model, and the same with every activation as output."""
    if model.digest not in _nets:
        net = keras_model(model)
        names = [layer.name for layer in model.populations()]
        outputs = [net.get_layer(name).output for name in names]
        _nets[model.digest] = net, tensorflow().keras.Model(net.input, outputs)
        while len(_nets) > KEPT:
            _nets.popitem(last=False)
    _nets.move_to_end(model.digest)
    return _nets[model.digest]


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
    side = multiple(model.layers)
    with _lock:
        net = keras_model(model, kernels=kernels) if kernels else _net(model)[0]
        # the first call of a shape builds its kernels; that is not the net's time
        net(np.zeros((1, side, side, 1), np.float32), training=False)
        begun = time.perf_counter()

        def forward(piece: np.ndarray) -> np.ndarray:
            if cancel and cancel():
                raise Cancelled
            logits = net(piece[None, :, :, None], training=False)
            return tensorflow().sigmoid(logits)[0, :, :, 0].numpy()

        tile = TILE if image.size > WHOLE else None
        probability = tiles.apply(
            forward,
            image,
            side,
            tile,
            halo(model.layers),
            lambda share: progress(share, "ANN") if progress else None,
        )
    return AnnResult(probability, time.perf_counter() - begun)


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
    return {name: values[0] for name, values in activations_of(model, image[None]).items()}


def activations_of(model: Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """As `activations`, of several images ``(n, height, width)``: ``(n, h, w, channels)``."""
    with _lock:
        _, all_layers = _net(model)
        outputs = all_layers(images[..., None], training=False)
    names = [layer.name for layer in model.populations()]
    return {name: output.numpy() for name, output in zip(names, outputs, strict=True)}

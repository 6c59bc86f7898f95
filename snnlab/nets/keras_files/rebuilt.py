"""Keras's own net of the same layers, made from the checked description, to compare with.

Nothing of the file gets into Keras but names of layers, checked settings and numbers. It is made of
what the file describes, and not of the lab's graph: what the graph has wrong, this has not.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.compat import tensorflow
from snnlab.nets.graph.forward import forward
from snnlab.nets.graph.net import IMAGE
from snnlab.nets.keras_files.activation import activation_of
from snnlab.nets.keras_files.allowed import DROPPED
from snnlab.nets.keras_files.description import Described
from snnlab.nets.keras_files.reading import Imported

SAMPLES = 2
_DIM = 0.05  # factors below that are of a net that takes grey values up to 255


def keras_net(imported: Imported):
    """Build it.

    Returns
    -------
    tf.keras.Model
        ``(batch, height, width, channels)`` to what each call gives, a list; of Keras 2.
    """
    keras = tensorflow().keras
    image = keras.Input(imported.graph.image_shape)
    outputs, layers = {IMAGE: image}, {}
    for call in imported.description.calls:
        path = call.layer.place.path
        if path not in layers:
            layers[path] = _layer(keras, call.layer)
        given = [outputs[name] for name in call.inputs]
        outputs[call.name] = layers[path](given[0] if len(given) == 1 else given)
    model = keras.Model(image, [outputs[call.name] for call in imported.description.calls])
    for path, weights in imported.translated.weights.items():
        if weights and layers[path].weights:
            layers[path].set_weights(weights)
    return model


def _layer(keras, layer: Described):
    if layer.kind in DROPPED:
        return keras.layers.Activation("linear")
    settings = dict(layer.settings)
    for only_keras_3 in ("lora_rank", "lora_alpha", "quantization_config", "renorm", "fused"):
        settings.pop(only_keras_3, None)
    for unused in ("input_mean", "input_variance", "virtual_batch_size", "synchronized"):
        settings.pop(unused, None)
    if layer.kind == "DepthwiseConv2D":
        settings.pop("filters")
    if "activation" in settings:
        settings["activation"] = _activation(keras, settings["activation"], layer.place.said)
    if layer.kind == "Reshape":
        settings = {"target_shape": settings["target_shape"]}
    if layer.kind in ("Dense", "Activation", "ReLU"):
        settings = {key: value for key, value in settings.items() if value is not None}
    if layer.kind == "BatchNormalization":
        return keras.layers.BatchNormalization(**settings)
    return getattr(keras.layers, layer.kind)(**settings)


def _activation(keras, value, name: str):
    """As Keras takes it; the layers that it may be are the lab's, whose settings are checked."""
    if value == "relu6":
        return tensorflow().nn.relu6
    if isinstance(value, str):
        return value
    made = activation_of(value, name)
    if not made:
        return "linear"
    if hasattr(made[0], "ceiling"):
        return keras.layers.ReLU(made[0].ceiling)
    return made[0].kind


def samples(imported: Imported) -> np.ndarray:
    """Images of seeded noise, in the range that the net seems to take."""
    calls = imported.description.calls
    first = calls[0].layer
    scale = np.ravel(first.settings.get("scale", 1.0)) if first.kind == "Rescaling" else [1.0]
    most = 255 if 0 < abs(scale[0]) < _DIM else 1
    shape = (SAMPLES, *imported.graph.image_shape)
    return np.random.default_rng(0).uniform(0, most, shape).astype(np.float32)


@dataclass(frozen=True)
class Difference:
    """How far the graph is from Keras.

    Attributes
    ----------
    answer : float
        The largest difference of the net's answer.
    share : float
        The largest difference of any layer's output, as a share of its largest value: an answer
        may be right by chance, or saturated.
    layer : str
        Which layer's that is.
    """

    answer: float
    share: float
    layer: str


def difference(imported: Imported, images: np.ndarray | None = None) -> Difference:
    """The largest differences between the graph and Keras.

    Parameters
    ----------
    images : numpy.ndarray, optional
        ``(n, height, width, channels)``; noise, if not given.
    """
    images = samples(imported) if images is None else images
    outputs = keras_net(imported)(images, training=False)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    # several calls may end in one node, as one that is dropped
    calls: dict[str, list] = {}
    for call, theirs in zip(imported.description.calls, outputs, strict=True):
        calls.setdefault(imported.translated.ends[call.name], []).append((call.name, theirs))
    share, layer, of_answer = 0.0, "", 0.0
    for node, ours in forward(imported.graph, images):
        for name, theirs in calls.get(node, ()):
            values = np.asarray(theirs)
            off = float(np.abs(values - ours).max())
            if off > share * np.abs(values).max():
                share, layer = off / float(np.abs(values).max()), name
            if node == imported.graph.output.name:
                of_answer = max(of_answer, off)
    return Difference(of_answer, share, layer)

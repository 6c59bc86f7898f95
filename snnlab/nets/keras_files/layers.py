"""Of each kind of Keras's layers the lab's layers that compute the same, one after the other."""

from collections.abc import Callable

import numpy as np

from snnlab.nets.graph.net import Layer
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution

Shape = tuple[int, ...]
Weights = list[np.ndarray]


def layers_of(kind: str, settings: dict, weights: Weights, given: Shape) -> list[Layer]:
    """What a layer is, but for its activation.

    Parameters
    ----------
    weights : list of numpy.ndarray
        As `snnlab.nets.keras_files.weights.weights_of` has them.
    given : tuple of int
        Shape of its (first) input.

    Returns
    -------
    list of Layer
        Each fed by the one before it; none, if nothing happens.

    Raises
    ------
    ValueError
        If what comes in does not go with the settings.
    """
    maker: Callable | None = _MAKERS.get(kind)
    return maker(settings, weights, given) if maker else []


def _with_bias(settings: dict, weights: Weights, many: int) -> np.ndarray:
    return weights[-1] if settings["use_bias"] else np.zeros(many, np.float32)


def _place(settings: dict) -> tuple:
    return settings["strides"], settings["padding"], settings["dilation_rate"]


def _conv(settings, weights, given):
    bias = _with_bias(settings, weights, weights[0].shape[3])
    return [Convolution(weights[0], bias, *_place(settings), settings["groups"])]


def _depthwise_kernel(kernel: np.ndarray) -> np.ndarray:
    """``(rows, columns, in, times)`` as that of a convolution in groups."""
    return kernel.reshape(*kernel.shape[:2], 1, -1)


def _depthwise(settings, weights, given):
    kernel = _depthwise_kernel(weights[0])
    bias = _with_bias(settings, weights, kernel.shape[3])
    return [Convolution(kernel, bias, *_place(settings), given[-1])]


def _separable(settings, weights, given):
    kernel = _depthwise_kernel(weights[0])
    none = np.zeros(kernel.shape[3], np.float32)
    bias = _with_bias(settings, weights, weights[1].shape[3])
    return [
        Convolution(kernel, none, *_place(settings), given[-1]),
        Convolution(weights[1], bias),
    ]


def _transposed(settings, weights, given):
    kernel = weights[0].transpose(0, 1, 3, 2)
    bias = _with_bias(settings, weights, kernel.shape[3])
    return [TransposedConvolution(kernel, bias, *_place(settings), settings["output_padding"])]


def _dense(settings, weights, given):
    return [Dense(weights[0], _with_bias(settings, weights, weights[0].shape[1]))]


def _batch_norm(settings, weights, given):
    _channels(settings["axis"], given)
    *scaled, mean, variance = (one.astype(np.float64) for one in weights)
    gamma = scaled.pop(0) if settings["scale"] else np.ones_like(mean)
    beta = scaled.pop(0) if settings["center"] else np.zeros_like(mean)
    if settings["epsilon"] < 0 or (variance + settings["epsilon"] <= 0).any():
        raise ValueError("a variance above 0")
    return [_affine(gamma / np.sqrt(variance + settings["epsilon"]), mean, beta)]


def _affine(scale: np.ndarray, mean: np.ndarray, shift: np.ndarray) -> Affine:
    """``(x - mean) scale + shift``."""
    return Affine(scale.astype(np.float32), (shift - mean * scale).astype(np.float32))


def _channels(axis: int | None, given: Shape) -> None:
    if axis is not None and axis not in (-1, len(given)):
        raise ValueError(f"channels on axis {axis}")


def _rescaling(settings, weights, given):
    scale, shift = (_each(settings[key], given) for key in ("scale", "offset"))
    return [Affine(scale.astype(np.float32), shift.astype(np.float32))]


def _each(value, given: Shape) -> np.ndarray:
    """One number for each channel."""
    values = np.asarray(value, float)
    if values.size not in (1, given[-1]):
        raise ValueError(f"{values.size} channels")
    return np.broadcast_to(values.reshape(-1), given[-1:])


def _normalization(settings, weights, given):
    _channels(settings["axis"], given)
    mean = settings["mean"] if settings["mean"] is not None else weights[0]
    variance = settings["variance"] if settings["mean"] is not None else weights[1]
    if variance is None:
        raise ValueError("a variance beside its mean")
    mean, variance = _each(mean, given), _each(variance, given)
    if (variance < 0).any():
        raise ValueError("a variance of 0 or more")
    # as Keras has it
    deviation = np.maximum(np.sqrt(variance), 1e-7)
    if settings["invert"]:
        return [_affine(deviation, np.zeros_like(mean), mean)]
    return [_affine(1 / deviation, mean, np.zeros_like(mean))]


def _pool(kind: str):
    def make(settings, weights, given):
        size = settings["pool_size"]
        return [Pooling(kind, size, settings["strides"] or size, settings["padding"])]

    return make


def _whole(kind: str):
    def make(settings, weights, given):
        row = [] if settings["keepdims"] else [Reshape()]
        return [Pooling(kind, None, None), *row]

    return make


def _taken_off(settings, weights, given):
    (top, bottom), (left, right) = settings["cropping"]
    return [Borders((-top, -bottom), (-left, -right))]


def _joined(settings, weights, given):
    _channels(settings["axis"], given)
    return [Concatenate()]


def _reshape(settings, weights, given):
    to, total = settings["target_shape"], int(np.prod(given))
    if -1 in to:
        rest = -int(np.prod(to))
        if total % rest:
            raise ValueError(f"a multiple of {rest} values")
        to = tuple(total // rest if side == -1 else side for side in to)
    return [Reshape(to)]


def _relu(settings, weights, given):
    if any(np.any(np.asarray(settings[key]) != 0) for key in ("negative_slope", "threshold")):
        raise ValueError("no slope below zero and no threshold, which neurons cannot follow")
    return [Neurons(settings["max_value"])]


def _softmax(settings, weights, given):
    _channels(settings["axis"], given)
    return [OffChip("softmax")]


_MAKERS = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "Conv2DTranspose": _transposed,
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "Rescaling": _rescaling,
    "Normalization": _normalization,
    "ReLU": _relu,
    "Softmax": _softmax,
    "MaxPooling2D": _pool("max"),
    "AveragePooling2D": _pool("average"),
    "GlobalMaxPooling2D": _whole("max"),
    "GlobalAveragePooling2D": _whole("average"),
    "UpSampling2D": lambda settings, *_: [
        Upsampling(settings["size"], settings["interpolation"] == "bilinear")
    ],
    "ZeroPadding2D": lambda settings, *_: [Borders(*settings["padding"])],
    "Cropping2D": _taken_off,
    "Add": lambda *_: [Add()],
    "Concatenate": _joined,
    "Flatten": lambda *_: [Reshape()],
    "Reshape": _reshape,
}

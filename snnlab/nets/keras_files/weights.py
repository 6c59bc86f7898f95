"""Which weights a layer has, and of what shape: from its settings and from what it is given."""

import math

Shape = tuple[int, ...]


def weights_of(kind: str, settings: dict, given: Shape) -> list[tuple[tuple[str, ...], Shape]]:
    """The weights of a layer, in Keras's order.

    Parameters
    ----------
    kind : str
    settings : dict
        Checked.
    given : tuple of int
        Shape of its input.

    Returns
    -------
    list of tuple
        The names that a weight may have, and its shape.

    Raises
    ------
    ValueError
        If what comes in does not go with the settings.
    """
    depth = given[-1]
    maker = _MAKERS.get(kind)
    return maker(settings, depth) if maker else []


def _bias(settings: dict, many: int) -> list:
    return [(("bias",), (many,))] if settings["use_bias"] else []


def _conv(settings, depth):
    groups, filters = settings["groups"], settings["filters"]
    if depth % groups or filters % groups:
        raise ValueError(f"channels that divide into {groups} groups")
    kernel = (*settings["kernel_size"], depth // groups, filters)
    return [(("kernel",), kernel), *_bias(settings, filters)]


def _depthwise(settings, depth):
    many = settings["depth_multiplier"]
    kernel = (*settings["kernel_size"], depth, many)
    return [(("depthwise_kernel", "kernel"), kernel), *_bias(settings, depth * many)]


def _separable(settings, depth):
    many, filters = settings["depth_multiplier"], settings["filters"]
    return [
        (("depthwise_kernel",), (*settings["kernel_size"], depth, many)),
        (("pointwise_kernel",), (1, 1, depth * many, filters)),
        *_bias(settings, filters),
    ]


def _transposed(settings, depth):
    filters = settings["filters"]
    kernel = (*settings["kernel_size"], filters, depth)
    return [(("kernel",), kernel), *_bias(settings, filters)]


def _dense(settings, depth):
    units = settings["units"]
    return [(("kernel", "_kernel"), (depth, units)), *_bias(settings, units)]


def _batch_norm(settings, depth):
    names = ["gamma"] * settings["scale"] + ["beta"] * settings["center"]
    return [((name,), (depth,)) for name in (*names, "moving_mean", "moving_variance")]


def _normalization(settings, depth):
    if settings["mean"] is not None:
        return []
    shape = () if settings["axis"] is None else (depth,)
    return [(("mean",), shape), (("variance",), shape), (("count",), ())]


_MAKERS = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "Conv2DTranspose": _transposed,
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "Normalization": _normalization,
}


def numbers_in(weights) -> int:
    """How many numbers they are."""
    return sum(math.prod(shape) for _, shape in weights)

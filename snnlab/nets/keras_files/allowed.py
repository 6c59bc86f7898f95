"""The layers that are known, and of each the settings that mean something.

What only training needs (initialisers, regularisers, constraints) is passed over unread. Any other
setting that is there and not empty is refused: what is not known may change what a layer computes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from snnlab.nets.keras_files import values as v

PASSED_OVER = frozenset(
    {
        "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "seed",
        "noise_shape", "autocast", "momentum", "renorm_momentum", "renorm_clipping", "rate",
        "stddev", "ragged", "sparse", "optional",
    }
)  # fmt: skip
ENDINGS = ("_initializer", "_regularizer", "_constraint")

REFUSED = {
    "lambda": (
        "is a Lambda, which is code, and no code of a file is run",
        "put a layer of Keras in its place (such as Rescaling) and save the model again",
    ),
    "recurrent": (
        "is recurrent, and only nets without loops become spikes here",
        "train one of convolutions in its place",
    ),
    "attention": (
        "is an attention layer, whose products spikes cannot form",
        "train a net of convolutions in its place",
    ),
    "curve": (
        "has an activation that neurons cannot follow, since it goes below zero",
        "train the net again with ReLU in its place",
    ),
    "product": (
        "multiplies what its inputs bring, which spikes cannot",
        "leave it out, or put Add or Concatenate in its place, and train again",
    ),
    "norm": (
        "normalises by what it is given, which changes from image to image",
        "train with BatchNormalization in its place",
    ),
}
_KINDS = {
    "lambda": "Lambda TFOpLambda SlicingOpLambda",
    "recurrent": "LSTM GRU SimpleRNN RNN ConvLSTM1D ConvLSTM2D ConvLSTM3D Bidirectional LSTMCell"
    " GRUCell SimpleRNNCell StackedRNNCells CuDNNLSTM CuDNNGRU",
    "attention": "Attention AdditiveAttention MultiHeadAttention GroupedQueryAttention"
    " GroupQueryAttention Embedding ReversibleEmbedding",
    "curve": "LeakyReLU ELU PReLU",
    "product": "Multiply Dot Maximum Minimum",
    "norm": "LayerNormalization GroupNormalization UnitNormalization RMSNormalization"
    " SpectralNormalization InstanceNormalization",
}
KIND_OF = {kind: why for why, kinds in _KINDS.items() for kind in kinds.split()}

# no part of the answer once trained
DROPPED = frozenset(
    {
        "Dropout", "SpatialDropout2D", "SpatialDropout1D", "GaussianNoise", "GaussianDropout",
        "AlphaDropout", "ActivityRegularization", "Identity",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """The settings of a kind of layer.

    Attributes
    ----------
    settings : dict
        Of each its check and what it is where a file leaves it out.
    """

    settings: Mapping[str, tuple[Callable, object]]


_CONV = {
    "filters": (v.count, None),
    "kernel_size": (v.taps, None),
    "strides": (v.stride, (1, 1)),
    "padding": (v.choice("valid", "same"), "valid"),
    "data_format": (v.channels_last, None),
    "dilation_rate": (v.stride, (1, 1)),
    "groups": (v.count, 1),
    "activation": (v.activation, "linear"),
    "use_bias": (v.flag, True),
}
_DEPTH = {"depth_multiplier": (v.count, 1)}
_POOL = {
    "pool_size": (v.taps, (2, 2)),
    "strides": (v.maybe(v.stride), None),
    "padding": (v.choice("valid", "same"), "valid"),
    "data_format": (v.channels_last, None),
}
_WHOLE = {"data_format": (v.channels_last, None), "keepdims": (v.flag, False)}
_FORMAT = {"data_format": (v.channels_last, None)}
_NO_GROUPS = {key: entry for key, entry in _CONV.items() if key != "groups"}
_NO_FILTERS = {key: entry for key, entry in _CONV.items() if key != "filters"}

KNOWN = {
    "Conv2D": Known(_CONV),
    # Keras 2 writes the settings of Conv2D with it, unused
    "DepthwiseConv2D": Known(_NO_FILTERS | _DEPTH | {"filters": (v.maybe(v.count), None)}),
    "SeparableConv2D": Known(_CONV | _DEPTH),
    "Conv2DTranspose": Known(_CONV | {"output_padding": (v.maybe(v.pair(0, 63)), None)}),
    "Dense": Known(
        {
            "units": (v.count, None),
            "activation": (v.activation, "linear"),
            "use_bias": (v.flag, True),
            "lora_rank": (v.off, None),
            "lora_alpha": (lambda _: None, None),
            "quantization_config": (v.off, None),
        }
    ),
    "BatchNormalization": Known(
        {
            "axis": (v.last_axis, -1),
            "epsilon": (v.number, 1e-3),
            "center": (v.flag, True),
            "scale": (v.flag, True),
            "renorm": (v.off, False),
            "virtual_batch_size": (v.off, None),
            "fused": (lambda _: None, None),
            "synchronized": (v.flag, False),
        }
    ),
    "Activation": Known({"activation": (v.activation, None)}),
    "ReLU": Known(
        {
            "max_value": (v.maybe(v.number), None),
            "negative_slope": (v.numbers, 0.0),
            "threshold": (v.numbers, 0.0),
        }
    ),
    "Softmax": Known({"axis": (v.last_axis, -1)}),
    "MaxPooling2D": Known(_POOL),
    "AveragePooling2D": Known(_POOL),
    "GlobalAveragePooling2D": Known(_WHOLE),
    "GlobalMaxPooling2D": Known(_WHOLE),
    "UpSampling2D": Known(
        _FORMAT
        | {
            "size": (v.pair(1, 64), (2, 2)),
            "interpolation": (v.choice("nearest", "bilinear"), "nearest"),
        }
    ),
    "ZeroPadding2D": Known(_FORMAT | {"padding": (v.borders, ((1, 1), (1, 1)))}),
    "Cropping2D": Known(_FORMAT | {"cropping": (v.borders, ((0, 0), (0, 0)))}),
    "Add": Known({}),
    "Concatenate": Known({"axis": (v.last_axis, -1)}),
    "Flatten": Known(_FORMAT),
    "Reshape": Known({"target_shape": (v.target, None)}),
    "Rescaling": Known({"scale": (v.numbers, None), "offset": (v.numbers, 0.0)}),
    "Normalization": Known(
        {
            "axis": (v.maybe(v.last_axis), -1),
            "invert": (v.flag, False),
            "mean": (v.maybe(v.numbers), None),
            "variance": (v.maybe(v.numbers), None),
            "input_mean": (v.off, None),
            "input_variance": (v.off, None),
        }
    ),
}

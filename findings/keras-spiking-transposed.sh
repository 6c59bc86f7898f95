#!/usr/bin/env bash
# One would guess: keras_spiking.ModelEnergy counts the connections of every kind of layer that it knows, and warns of one that it does
# not, as it does for UpSampling2D or DepthwiseConv2D. No warning: the count, and the energy made of it, can be used.
#
# What happens: Conv2DTranspose is taken for Conv2D, whose subclass it is, without a warning. But its kernel is stored the other way
# round (rows, columns, outputs, inputs), and each *input* position, not each output position, meets the whole kernel.
# So inputs and outputs are exchanged and every upsampled position counts in full: 1/16 of the connections for a readout of 16
# channels to 1, twice as many for 16 to 8 channels with stride 2, and 8.7 times for 8 to 16.
#
# Why it matters: the upsampling layers of a U-Net are just these, and synaptic events are most of the energy that a chip is said to need.
# The error has either sign, so that encoder and decoder, or two nets, cannot be compared, and chips come out better or
# worse than they are. ModelEnergy.register_layer mends it with a count of one's own.
#
# Source: keras_spiking/model_energy.py (conv_stats, and the search along the class's bases); Keras: the weights of Conv2DTranspose.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    keras-spiking==0.3.0 tensorflow==2.21.0 tf_keras==2.21.0 numpy==2.4.6

TF_USE_LEGACY_KERAS=1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import warnings
from importlib.metadata import version

import keras_spiking
import numpy as np
import tensorflow as tf

LAYERS = tf.keras.layers
SIDE = 8


def count(layer, channels):
    """Connections by ModelEnergy, its warnings, and pairs of input and output that really are connected."""
    source = tf.keras.Input((SIDE, SIDE, channels))
    model = tf.keras.Model(source, layer(source))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        told = keras_spiking.ModelEnergy(model).layer_stats[layer].get("connections", 0)
    layer.set_weights([np.ones_like(w) if w.ndim > 1 else w for w in layer.get_weights()])  # biases stay 0
    each = np.eye(SIDE * SIDE * channels, dtype=np.float32).reshape(-1, SIDE, SIDE, channels)
    real = np.count_nonzero(model(each))  # one input at a time
    return int(told), len(said), int(real)


CASES = {
    "Conv2D 3 x 3, 4 to 8, valid": (LAYERS.Conv2D(8, 3), 4, 1.0),
    "Conv2DTranspose 1 x 1, 16 to 1": (LAYERS.Conv2DTranspose(1, 1), 16, 1 / 16),
    "Conv2DTranspose 2 x 2, stride 2, 16 to 8": (LAYERS.Conv2DTranspose(8, 2, strides=2), 16, 2.0),
    "Conv2DTranspose 3 x 3, stride 2, 8 to 16": (
        LAYERS.Conv2DTranspose(16, 3, strides=2, padding="same"), 8, 8.71,
    ),
}
names = ("keras-spiking", "tensorflow", "tf_keras", "numpy")
print(", ".join(f"{name} {version(name)}" for name in names))
there = True
for name, (layer, channels, factor) in CASES.items():
    told, warned, real = count(layer, channels)
    print(f"{name}: expected {real} connections, seen {told}, {told / real:.3g} times; {warned} warnings")
    there &= abs(told / real - factor) < 0.01 and warned == 0
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON

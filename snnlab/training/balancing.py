"""Move a layer's scale from one side of its neurons to the other, channel by channel.

A ReLU network computes the same if what drives a channel is multiplied by a
positive number and what the channel drives is divided by it. So each channel
can be given the firing rate that it should have before training for rates
begins, at no cost. For Loihi's stepped rate curve it holds approximately.

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682, section 2.2.2: the same per
layer.
"""

import numpy as np

from snnlab.nets.architecture import wires


def balance(layers, kernels, biases, reached, target: float):
    """Rescale every channel so that its percentile activation is the target.

    Parameters
    ----------
    layers : tuple of Layer
    kernels, biases : dict of str to numpy.ndarray
        Float, by layer; ``(rows, columns, in, out)`` and ``(out,)``.
    reached : dict of str to numpy.ndarray
        ``(channels,)``, by layer: the percentile of each channel's activation.
        A channel at 0 is silent and left alone.
    target : float
        Activation that the percentile should have.

    Returns
    -------
    kernels, biases : dict
        New arrays.
    """
    factor = {
        name: np.where(values > 1e-6, target / np.maximum(values, 1e-6), 1.0).astype(np.float32)
        for name, values in reached.items()
    }
    new_kernels, new_biases = {}, {}
    for layer in layers:
        kernel, bias = kernels[layer.name].copy(), biases[layer.name].copy()
        for wire in wires(layer, layers):
            if wire.source in factor:
                part = kernel[:, :, wire.first : wire.last]
                part /= factor[wire.source][None, None, :, None]
        if layer.name in factor:
            kernel *= factor[layer.name]
            bias *= factor[layer.name]
        new_kernels[layer.name], new_biases[layer.name] = kernel, bias
    return new_kernels, new_biases

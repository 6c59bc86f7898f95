"""The U-Net of the lab with random weights, as a converted network."""

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.nets.architecture import IMAGE, shapes, unet, wires
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire

RATE = 100.0


def random_unet(size, reset="subtraction", tau=None, seed=0, neurons=None):
    """Weights are scaled so that all layers fire, at some tens of Hz on average."""
    random = np.random.RandomState(seed)
    layers = unet()
    shape = shapes(layers, size, size)
    populations = []
    with nengo.Network(seed=1) as network:
        image = nengo.Node(random.rand(size * size))
        outputs = {IMAGE: image}
        for layer in layers[:-1]:
            count = int(np.prod(shape[layer.name]))
            bias = random.uniform(-0.1, 0.3, size=layer.channels) * RATE
            ensemble = nengo.Ensemble(
                count,
                1,
                neuron_type=neurons or IntegrateAndFire(reset, amplitude=1 / RATE),
                gain=Choice([1]),
                bias=np.tile(bias, count // layer.channels),
                label=layer.name,
            )
            inputs = wires(layer, layers)
            depth = inputs[-1].last
            for wire in inputs:
                name = wire.source
                init = random.randn(
                    layer.kernel, layer.kernel, wire.last - wire.first, layer.channels
                )
                init *= 0.6 * RATE * np.sqrt(2 / (layer.kernel**2 * depth))
                if name == IMAGE:
                    init = np.abs(init) / 2
                shape_in = shape.get(name, (size, size, 1))
                kernel, strides = (wire.kernel,) * 2, (wire.stride,) * 2
                if wire.kind == "conv":
                    transform = nengo.Convolution(
                        layer.channels, shape_in, kernel, strides, "same", init=init
                    )
                else:
                    transform = nengo.transforms.ConvolutionTranspose(
                        layer.channels,
                        shape_in,
                        shape[layer.name],
                        kernel,
                        strides,
                        "same",
                        init=init,
                    )
                nengo.Connection(
                    outputs[name],
                    ensemble.neurons,
                    transform=transform,
                    synapse=None if name == IMAGE or tau is None else nengo.Lowpass(tau),
                )
            outputs[layer.name] = ensemble.neurons
            populations.append(Population(layer.name, ensemble, shape[layer.name], RATE, True))
    readout = Readout(random.randn(8).astype(np.float32), 0.1)
    return SpikingNetwork(network, image, tuple(populations), readout, tau, reset)

"""The Nengo network that NengoLoihi builds, from the layers as `network.describe` has them."""

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab import compat
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.limits import rim
from snnlab.simulation.loihi.network import IMAGE, ChipLayer
from snnlab.simulation.neurons import IntegrateAndFire


def assemble(layers: tuple[ChipLayer, ...], block_shapes: dict, image: np.ndarray, seed: int = 0):
    """Make the Nengo network that NengoLoihi builds.

    Parameters
    ----------
    layers : tuple of ChipLayer
    block_shapes : dict of str to tuple of int
        Neurons a core, ``(height, width, channels)``, by layer on the chip.
    image : numpy.ndarray
        ``(height, width)``.

    Returns
    -------
    network : nengo.Network
    ensembles : dict of str to nengo.Ensemble
    """
    nengo_loihi = compat.nengo_loihi()
    outputs, ensembles = {}, {}
    with nengo.Network(seed=seed) as network:
        nengo_loihi.add_params(network)
        outputs[IMAGE] = nengo.Node(np.ravel(image).astype(float), label=IMAGE)
        for layer in layers:
            ensemble = nengo.Ensemble(
                len(layer.bias),
                dimensions=1,
                neuron_type=_type(layer),
                gain=Choice([1.0]),
                bias=layer.bias,
                encoders=Choice([[1.0]]),
                n_eval_points=2,
                label=layer.name,
            )
            network.config[ensemble].on_chip = layer.on_chip
            if layer.on_chip:
                network.config[ensemble].block_shape = nengo_loihi.BlockShape(
                    block_shapes[layer.name], layer.shape
                )
            for link in layer.links:
                nengo.Connection(
                    outputs[link.source],
                    ensemble.neurons,
                    transform=_transform(link.operator),
                    synapse=link.tau or None,
                    label=f"{link.source} to {layer.name}",
                )
            outputs[layer.name], ensembles[layer.name] = ensemble.neurons, ensemble
    return network, ensembles


def _type(layer: ChipLayer):
    loihi = compat.nengo_loihi().neurons.LoihiSpikingRectifiedLinear
    if layer.on_chip:
        # on the chip, a potential starts at zero
        return loihi(layer.amplitude, initial_state={"voltage": Choice([0])})
    reset, lower, start = layer.host
    state = {"voltage": Choice([start])}
    if reset == "loihi":
        return loihi(layer.amplitude, initial_state=state)
    return IntegrateAndFire(reset, layer.amplitude, lower, state)


def _transform(operator: Convolve):
    """The connection's transform, worded so that NengoLoihi places it as Nengo does.

    NengoLoihi 1.1 pads a transposed convolution with ``same`` padding by a rule
    of its own, which agrees with Nengo's only for Nengo's default output size;
    a kernel of 2x2 with stride 2 onto twice the size lands one pixel up and
    left. ``valid`` padding says the same without room for reading: NengoLoihi
    then begins at the first output and leaves out what lies beyond the last.
    Where that is no choice, the kernel gets a rim of zeros that moves it into place.
    """
    if not operator.transposed:
        return nengo.Convolution(
            operator.shape_out[2],
            operator.shape_in,
            kernel_size=operator.kernel.shape[:2],
            strides=operator.strides,
            padding=operator.padding,
            init=operator.kernel,
        )
    kernel = np.pad(operator.kernel, (*(rim(operator, axis) for axis in range(2)), (0, 0), (0, 0)))
    transform = nengo.transforms.ConvolutionTranspose(
        operator.shape_out[2],
        operator.shape_in,
        operator.shape_out,
        kernel_size=kernel.shape[:2],
        strides=operator.strides,
        padding=operator.padding,
        init=kernel,
    )
    if operator.pads == (0, 0):
        # Nengo would refuse some of these sizes for "valid", which NengoLoihi takes;
        # set as NengoLoihi itself sets a transform's kernel
        type(transform).padding.data[transform] = "valid"
    return transform

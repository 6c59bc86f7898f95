"""Round other weights for a chip that is wired already.

Nearly all of NengoLoihi's time goes into cutting connections into cores, and
the cut depends on shapes only. When a chip of the same shapes was built
before, new weights, biases and rates need but its rounding: NengoLoihi's own
`discretize_block`, once for every kind of core, on a block that holds the
numbers and no wires. The tests hold the result against a full build.
"""

import warnings
from dataclasses import replace

import nengo
import numpy as np

from snnlab import compat
from snnlab.errors import LabError
from snnlab.simulation.loihi.building import MISFIT
from snnlab.simulation.loihi.network import DT, ChipLayer
from snnlab.simulation.loihi.reading import UNIT, BuiltLayer, BuiltLink, join


def round_again(
    twin: tuple[BuiltLayer, ...], layers: tuple[ChipLayer, ...]
) -> tuple[BuiltLayer, ...]:
    """A chip with the wiring of another.

    Parameters
    ----------
    twin : tuple of BuiltLayer
        A chip that NengoLoihi built for layers of the same shapes, kernels'
        sizes, strides, paddings and time constants, whatever their numbers.
    layers : tuple of ChipLayer
        The numbers.
    """
    amplitude = {layer.name: layer.amplitude for layer in layers}
    return tuple(
        _layer(chip, layer, amplitude) if layer.on_chip else chip
        for chip, layer in zip(twin, layers, strict=True)
    )


def _layer(chip: BuiltLayer, layer: ChipLayer, amplitude: dict) -> BuiltLayer:
    # NengoLoihi's order of operations, and its single precision
    floats = [
        (link.operator.kernel / DT * amplitude[link.source] * 1.0).astype(np.float32)
        for link in layer.links
    ]
    height, width, channels = layer.shape
    rows, columns, depth = chip.block
    bias, threshold = (np.zeros(layer.shape, np.int32) for _ in range(2))
    kernels, variants, known = [[] for _ in floats], np.zeros_like(chip.variants), {}
    shared = set()
    for place in np.ndindex(*chip.variants.shape):
        down = slice(place[0] * rows, min((place[0] + 1) * rows, height))
        along = slice(place[1] * columns, min((place[1] + 1) * columns, width))
        taps = [
            np.ix_(_taps(link.operator, 0, down), _taps(link.operator, 1, along))
            for link in layer.links
        ]
        here = [
            tuple(np.zeros(kernel.shape, kind) for kind in (np.int32, bool)) for kernel in floats
        ]
        for first in range(0, channels, depth):
            out = slice(first, min(first + depth, channels))
            core = np.ascontiguousarray(layer.bias.reshape(layer.shape)[down, along, out])
            key = (
                first,
                core.shape,
                core.tobytes(),
                tuple(part.tobytes() for tap in taps for part in tap),
            )
            if key not in known:
                weights = [kernel[tap][..., out] for kernel, tap in zip(floats, taps, strict=True)]
                known[key] = _core(weights, core.ravel(), [link.tau for link in layer.links])
            rounded, part = known[key]
            bias[down, along, out] = part.bias.reshape(core.shape)
            threshold[down, along, out] = part.vth.reshape(core.shape)
            shared.add((4096 - 1 - int(part.decay_u[0]), int(part.vmin), int(part.vmax)))
            for (kernel, seen), tap, values in zip(here, taps, rounded, strict=True):
                kernel[(*tap, slice(None), out)] = values
                seen[(*tap, slice(None), out)] = True
        variants[place] = join(kernels, here)
    ((decay, lowest, highest),) = shared
    links = tuple(
        BuiltLink(
            link.source, link.geometry, np.array([kernel for kernel, _ in found]).astype(np.int16)
        )
        for link, found in zip(chip.links, kernels, strict=True)
    )
    return replace(
        chip,
        links=links,
        variants=variants,
        bias=bias.ravel(),
        threshold=threshold.ravel(),
        decay=decay,
        lowest=lowest,
        highest=highest,
    )


def _taps(operator, axis: int, piece: slice) -> np.ndarray:
    """Kernel indices that reach any of some outputs along an axis."""
    return np.array(
        [
            tap
            for tap in range(operator.kernel.shape[axis])
            if any(piece.start <= into < piece.stop for into in operator.meet(axis, tap)[0])
        ],
        int,
    )


def _core(weights, bias, taus):
    """Round one core with NengoLoihi; weights in units of `UNIT`, and its compartments."""
    nengo_loihi = compat.nengo_loihi()
    block = nengo_loihi.block.LoihiBlock(len(bias))
    block.compartment.bias[:] = bias
    block.compartment.configure_relu(vth=1.0 / DT, dt=DT)
    for values, tau in zip(weights, taus, strict=True):
        synapse = nengo_loihi.block.Synapse(1)
        # where a connection reaches no neuron of the core, one weight of zero stands for none
        row = values.reshape(1, -1).copy() if values.size else np.zeros((1, 1), np.float32)
        synapse.set_population_weights([row], [np.zeros(row.shape, np.int32)], [0], [0], 32)
        block.add_synapse(synapse)
        with warnings.catch_warnings():
            # of connections with different filters: a core has one, the slowest
            warnings.simplefilter("ignore")
            block.compartment.configure_filter(tau, dt=DT)
    with warnings.catch_warnings():
        # of weights that lose bits where two connections share a core
        warnings.simplefilter("ignore")
        try:
            nengo_loihi.builder.discretize.discretize_block(block)
        except (nengo.exceptions.BuildError, AssertionError) as error:
            raise LabError(MISFIT) from error
    rounded = [
        (synapse.weights[0].ravel()[: values.size] // UNIT).reshape(values.shape)
        for synapse, values in zip(block.synapses, weights, strict=True)
    ]
    return rounded, block.compartment

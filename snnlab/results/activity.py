"""How active each layer was in a run: spikes, rates, synaptic events."""

from dataclasses import replace
from math import isqrt

import nengo
import numpy as np

from snnlab.nets.architecture import Layer, Wire, fan_out
from snnlab.results.segmentation import LayerStats


def activity(unet, network, recording, inside=None) -> tuple[LayerStats, ...]:
    """Sum a recording up, layer by layer.

    Parameters
    ----------
    unet : Model
    network : SpikingNetwork
        Made of it.
    recording : Recording
    inside : tuple of slice, optional
        Rows and columns, in pixels of the image, to which it is confined.
    """
    from snnlab.simulation.words import tally  # compiled: not before there is something to count

    stats = []
    for population in network.populations:
        part = (slice(None), slice(None))
        if inside is not None:
            # gates and relays are populations too, but no layers of the net
            step = isqrt(network.image.size_out // int(np.prod(population.shape[:2])))
            part = tuple(slice(side.start // step, -(-side.stop // step)) for side in inside)
        histogram, spikes = tally(recording[population.name], *part)
        events = spikes * _synapses(unet.layers[-1], population, network)[part]
        stats.append(
            LayerStats(
                population.name,
                (*spikes.shape, population.shape[2]),
                population.on_chip,
                histogram,
                int(events.sum()),
                recording.timesteps,
                population.rate_hz,
                recording.dt,
            )
        )
    return tuple(stats)


def _synapses(readout: Layer, population, network) -> np.ndarray:
    """Synapses that a spike reaches, by position ``(height, width)``; the readout's too."""
    height, width, _ = population.shape
    # who draws for a softmax is read as it is
    last = population is network.populations[-1] and not network.readout.shares
    total = np.full((height, width), readout.channels if last else 0, np.int64)
    for connection in network.network.all_connections:
        if connection.pre_obj == population.ensemble.neurons:
            made = connection.transform
            kind = "conv" if isinstance(made, nengo.Convolution) else "conv_transpose"
            wire = Wire(population.name, kind, made.kernel_size[0], made.strides[0], 0, 0)
            into = made.output_shape.spatial_shape
            reached = np.outer(fan_out(wire, height, into[0]), fan_out(wire, width, into[1]))
            total += reached * (made.n_filters // getattr(made, "groups", 1))
    return total


def merged(parts: tuple[LayerStats, ...], shape: tuple[int, int]) -> LayerStats:
    """One layer's activity over tiles that cover an image of that shape once."""
    longest = max(len(part.histogram) for part in parts)
    histogram = sum(np.pad(part.histogram, (0, longest - len(part.histogram))) for part in parts)
    first = parts[0]
    channels = first.shape[2]
    positions = int(histogram.sum()) // channels
    factor = round((shape[0] * shape[1] / positions) ** 0.5)
    return replace(
        first,
        histogram=histogram,
        shape=(shape[0] // factor, shape[1] // factor, channels),
        synaptic_events=sum(part.synaptic_events for part in parts),
    )

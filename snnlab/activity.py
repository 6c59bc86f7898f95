"""How active each layer was in a run: spikes, rates, synaptic events."""

from dataclasses import replace

import numpy as np

from snnlab.result import LayerStats
from snnlab.simulation.words import tally
from snnlab.unet.architecture import Layer, fan_out, resolution, wires


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
    factor = resolution(unet.layers)
    stats = []
    for population in network.populations:
        part = (slice(None), slice(None))
        if inside is not None:
            step = factor[population.name]
            part = tuple(slice(side.start // step, -(-side.stop // step)) for side in inside)
        histogram, spikes = tally(recording[population.name], *part)
        events = spikes * _synapses(unet.layers, population, network)[part]
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


def _synapses(layers: tuple[Layer, ...], population, network) -> np.ndarray:
    """Synapses that a spike reaches, by position ``(height, width)``; the readout's too."""
    shape_of = {p.name: p.shape for p in network.populations}
    height, width, _ = population.shape
    shape_of[layers[-1].name] = (*shape_of[network.populations[-1].name][:2], 1)
    total = np.zeros((height, width), np.int64)
    for layer in layers:
        for wire in wires(layer, layers):
            if wire.source == population.name:
                rows = fan_out(wire, height, shape_of[layer.name][0])
                columns = fan_out(wire, width, shape_of[layer.name][1])
                total += np.outer(rows, columns) * layer.channels
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

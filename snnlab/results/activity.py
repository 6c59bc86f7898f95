"""How active each layer was in a run: spikes, rates, synaptic events."""

from dataclasses import replace
from math import isqrt

import nengo
import numpy as np

from snnlab.nets.architecture import Layer, Wire, fan_out
from snnlab.results.segmentation import LayerStats

ALL = slice(None)


class Counting:
    """Sums a run up, layer by layer; a large one as its rows pass by.

    Parameters
    ----------
    unet : Model
    network : SpikingNetwork
        Made of it.
    """

    def __init__(self, unet, network):
        self._network = network
        self._synapses = {
            population.name: _synapses(unet.layers[-1], population, network)
            for population in network.populations
        }
        self._found: dict[str, LayerStats] = {}

    def add(self, population, trains, top: int = 0, rows: slice = ALL, columns: slice = ALL):
        """Count spikes of a population.

        Parameters
        ----------
        population : Population
        trains : SpikeTrains
            Of its rows from ``top`` on.
        rows, columns : slice
            Of the trains, to which it is confined.
        """
        from snnlab.simulation.words import (
            tally,
        )  # compiled: not before there is something to count

        histogram, spikes = tally(trains, rows, columns)
        first = top + (rows.start or 0)
        events = sum(
            int(down[first : first + len(spikes)] @ spikes @ across[columns])
            for down, across in self._synapses[population.name]
        )
        new = LayerStats(
            population.name,
            (*spikes.shape, population.shape[2]),
            population.on_chip,
            histogram,
            events,
            trains.timesteps,
            population.rate_hz,
            trains.dt,
        )
        known = self._found.get(population.name)
        self._found[population.name] = _below(known, new) if known else new

    def layers(self) -> tuple[LayerStats, ...]:
        """Of all that was counted, in the network's order."""
        return tuple(self._found[population.name] for population in self._network.populations)


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
    counting = Counting(unet, network)
    for population in network.populations:
        part = (ALL, ALL)
        if inside is not None:
            # gates and relays are populations too, but no layers of the net
            step = isqrt(network.image.size_out // int(np.prod(population.shape[:2])))
            part = tuple(slice(side.start // step, -(-side.stop // step)) for side in inside)
        counting.add(population, recording[population.name], 0, *part)
    return counting.layers()


def _synapses(readout: Layer, population, network) -> list[tuple[np.ndarray, np.ndarray]]:
    """Synapses that a spike reaches, by position; the readout's too.

    Pairs of int64 ``(height,)`` and ``(width,)``: the sum of their outer products.
    """
    height, width, _ = population.shape
    found = []
    # who draws for a softmax is read as it is
    if population is network.populations[-1] and not network.readout.shares:
        found.append((np.full(height, readout.channels), np.ones(width, np.int64)))
    for connection in network.network.all_connections:
        if connection.pre_obj == population.ensemble.neurons:
            made = connection.transform
            kind = "conv" if isinstance(made, nengo.Convolution) else "conv_transpose"
            wire = Wire(population.name, kind, made.kernel_size[0], made.strides[0], 0, 0)
            into = made.output_shape.spatial_shape
            filters = made.n_filters // getattr(made, "groups", 1)
            down = np.array(fan_out(wire, height, into[0])) * filters
            found.append((down, np.array(fan_out(wire, width, into[1]))))
    return found


def _together(*parts: LayerStats) -> dict:
    """Sums over parts of one layer."""
    longest = max(len(part.histogram) for part in parts)
    return {
        "histogram": sum(
            np.pad(part.histogram, (0, longest - len(part.histogram))) for part in parts
        ),
        "synaptic_events": sum(part.synaptic_events for part in parts),
    }


def _below(above: LayerStats, below: LayerStats) -> LayerStats:
    """One layer's activity over rows and those below them."""
    height = above.shape[0] + below.shape[0]
    return replace(above, shape=(height, *above.shape[1:]), **_together(above, below))


def merged(parts: tuple[LayerStats, ...], shape: tuple[int, int]) -> LayerStats:
    """One layer's activity over tiles that cover an image of that shape once."""
    together, first = _together(*parts), parts[0]
    channels = first.shape[2]
    positions = int(together["histogram"].sum()) // channels
    factor = round((shape[0] * shape[1] / positions) ** 0.5)
    tall, wide = shape[0] // factor, shape[1] // factor
    return replace(first, shape=(tall, wide, channels), **together)

"""What the two networks do for one image, in the units that energy is charged for.

Counted from the layers and from the spikes of a run: multiply-accumulates
(MACs) of the ANN with the borders exact, spikes, synaptic events, neuron
updates with and without input, and messages between cores and chips.

A MAC is a synapse used once: an output neuron's kernel tap that falls on the
padding is no MAC. So a layer's MACs are the synapses of its wires, which
`snnlab.nets.architecture.fan_out` counts for convolutions and transposed ones.
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from snnlab.nets.architecture import IMAGE, Layer, channels, fan_out, shapes, wires

COMPARTMENTS = 1024  # neurons a Loihi 1 core
CORES = 128  # cores a Loihi 1 chip


def macs(layers: tuple[Layer, ...], height: int, width: int) -> dict[str, int]:
    """Multiply-accumulates of each layer for one image, borders exact.

    Parameters
    ----------
    layers : tuple of Layer
    height, width : int
        Of the image; multiples of the network's.
    """
    shape_of = shapes(layers, height, width) | {IMAGE: (height, width, 1)}
    return {
        layer.name: sum(
            sum(fan_out(wire, shape_of[wire.source][0], shape_of[layer.name][0]))
            * sum(fan_out(wire, shape_of[wire.source][1], shape_of[layer.name][1]))
            * (wire.last - wire.first)
            * layer.channels
            for wire in wires(layer, layers)
        )
        for layer in layers
    }


def synapses(layers: tuple[Layer, ...], source: str, shape_of: dict) -> np.ndarray:
    """Synapses that a spike of each position reaches, in all layers that it feeds.

    Parameters
    ----------
    source : str
        A population.
    shape_of : dict of str to tuple of int
        Of every layer, the readout's too.

    Returns
    -------
    numpy.ndarray
        int64 ``(height, width)``; the same for all channels.
    """
    height, width, _ = shape_of[source]
    total = np.zeros((height, width), np.int64)
    for layer in layers:
        for wire in wires(layer, layers):
            if wire.source == source:
                rows = fan_out(wire, height, shape_of[layer.name][0])
                columns = fan_out(wire, width, shape_of[layer.name][1])
                total += np.outer(rows, columns) * layer.channels
    return total


def fed(layers: tuple[Layer, ...], source: str) -> int:
    """How many layers on the chip a population's spikes go to; at least 1, the host's reading."""
    return max(sum(source in layer.inputs for layer in layers if layer.on_chip), 1)


def weights(layers: tuple[Layer, ...]) -> int:
    """Weights of all kernels, biases not counted."""
    width = channels(layers)
    return sum(
        layer.kernel**2 * sum(width[name] for name in layer.inputs) * layer.channels
        for layer in layers
    )


@dataclass(frozen=True)
class LayerWork:
    """What one layer's neurons do in a run.

    Attributes
    ----------
    name : str
    neurons : int
    macs : int
        Of the ANN, into this layer.
    spikes : float
        Sent. A fraction where a run was scaled to other settings.
    events : float
        Synapses that these spikes reach.
    active : float
        Neurons times the steps in which a spike arrived.
    messages : float
        Of these spikes to cores of the same chip.
    interchip : float
        Of these spikes to other chips.
    """

    name: str
    neurons: int
    macs: int
    spikes: float
    events: float
    active: float
    messages: float = 0.0
    interchip: float = 0.0


@dataclass(frozen=True)
class Work:
    """What both networks do for one image.

    Attributes
    ----------
    pixels : int
        Of the image as computed, its padding included.
    timesteps : int
    layers : tuple of LayerWork
        The populations, in order.
    readout_macs : int
        Of the last layer, which has no neurons.
    cores, chips : int
        Of Loihi 1.
    mapping : str
        What cores, chips and messages are from.
    """

    pixels: int
    timesteps: int
    layers: tuple[LayerWork, ...]
    readout_macs: int
    cores: int
    chips: int
    mapping: str

    def _sum(self, what: str) -> float:
        return sum(getattr(layer, what) for layer in self.layers)

    @property
    def macs(self) -> int:
        """Of the ANN."""
        return self._sum("macs") + self.readout_macs

    @property
    def between(self) -> tuple[LayerWork, ...]:
        """Neurons that a method puts between layers, and the ANN has not: gates, relays, pixels."""
        # what is a layer of the ANN computes something
        return tuple(layer for layer in self.layers if self.macs and not layer.macs)

    @property
    def depth(self) -> int:
        """Layers that the ANN computes one after the other."""
        return len(self.layers) - len(self.between) + 1

    @property
    def neurons(self) -> int:
        """Of the SNN."""
        return self._sum("neurons")

    @property
    def ann_neurons(self) -> int:
        """Of the ANN: the same, but for those that a method puts `between` its layers."""
        return self.neurons - sum(layer.neurons for layer in self.between)

    @property
    def spikes(self) -> float:
        """Sent by all neurons."""
        return self._sum("spikes")

    @property
    def events(self) -> float:
        """Synaptic events."""
        return self._sum("events")

    @property
    def updates(self) -> int:
        """Neuron updates: every neuron, every step."""
        return self.neurons * self.timesteps

    @property
    def active(self) -> float:
        """Neuron updates with input."""
        return self._sum("active")

    @property
    def inactive(self) -> float:
        """Neuron updates without."""
        return self.updates - self.active

    @property
    def messages(self) -> float:
        """Between cores of one chip."""
        return self._sum("messages")

    @property
    def interchip(self) -> float:
        """Between chips."""
        return self._sum("interchip")

    @property
    def spikes_per_neuron(self) -> float:
        """Over the whole run."""
        return self.spikes / self.neurons


UNMAPPED = (
    "no partition: one message per spike and layer that it feeds, as few cores as hold the neurons"
)


def unmapped(layers: tuple[Layer, ...], work: Work) -> Work:
    """The least that any mapping to cores could need.

    A spike goes at least once to each layer that it feeds, and a core holds
    at most 1024 neurons. Spikes between chips are not known: 0.
    """
    cores = ceil(work.neurons / COMPARTMENTS)
    busy = tuple(
        replace(layer, messages=layer.spikes * fed(layers, layer.name), interchip=0.0)
        for layer in work.layers
    )
    return replace(work, layers=busy, cores=cores, chips=ceil(cores / CORES), mapping=UNMAPPED)


def mapped(work: Work, partition, traffic, pixels: int, on_chip) -> Work:
    """With the messages of a partition of a tile, a spike's worth of each.

    Parameters
    ----------
    partition : object
        With ``partitioner``, ``chips``, ``chip_of``, ``intrachip`` and ``interchip``; see
        `snnlab.chips.board.Partition`.
    traffic : object
        With ``spiked``, ``from_host`` and ``host_edges.spikes``; see
        `snnlab.chips.board.Traffic`.
    pixels : int
        Of the tile. The image is taken to be cut into tiles like it, one beside the other.
    on_chip : collection of str
        Layers that lie on the chips; the spikes of others come from the host.
    """
    sent = max(float(np.sum(traffic.spiked)), 1.0)
    within, between = float(partition.intrachip) / sent, float(partition.interchip) / sent
    sent_by_host = max(float(np.sum(traffic.host_edges.spikes)), 1.0)
    delivered = float(np.sum(traffic.from_host)) / sent_by_host
    tiles = work.pixels / pixels
    busy = tuple(
        replace(
            layer,
            messages=layer.spikes * (within if layer.name in on_chip else delivered),
            interchip=layer.spikes * (between if layer.name in on_chip else 0.0),
        )
        for layer in work.layers
    )
    return replace(
        work,
        layers=busy,
        cores=ceil(len(partition.chip_of) * tiles),
        chips=ceil(int(partition.chips) * tiles),
        mapping=f"a spike's worth of each as counted in a tile of {pixels} pixels, partitioned by"
        f" {partition.partitioner}; as many such tiles as the image has",
    )

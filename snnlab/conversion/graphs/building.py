"""The Nengo network of a graph: a population for each layer of neurons and each pooling gate.

As `snnlab.conversion.building` does it for the lab's U-Net: a layer's input is multiplied by its
rate, a spike of rate ``s`` counts ``1 / s``. A ReLU's neurons start from half a threshold.
"""

from collections.abc import Mapping

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.conversion.graphs.fusing import fused
from snnlab.conversion.graphs.gates import gates_of
from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.conversion.graphs.steady import biases
from snnlab.conversion.graphs.stencils import Scale, shape_of
from snnlab.conversion.graphs.terms import Term, spikes, terms_of
from snnlab.conversion.graphs.transforms import transform_of
from snnlab.errors import LabError
from snnlab.nets.graph.net import IMAGE, Graph
from snnlab.nets.graph.pointwise import Neurons
from snnlab.simulation.network import Population
from snnlab.simulation.neurons import IntegrateAndFire, Tiled

NEURONS = 20_000_000  # of a network, at most


def build(
    graph: Graph,
    image: np.ndarray,
    rates_hz: Mapping[str, float],
    initial: float = 0.5,
    reset: str = "subtraction",
    synapse: float | None = None,
) -> GraphNetwork:
    """Make the network that computes one image.

    Parameters
    ----------
    graph : Graph
        In spiking form; see `snnlab.nets.graph.rewriting`.
    image : numpy.ndarray
        ``(height, width, channels)``.
    rates_hz : dict
        Firing rate for an activation of 1, by layer of neurons.
    initial : float
        Potential to begin with, in thresholds.
    reset : {"subtraction", "zero"}
        Of a ReLU's neurons. Those that are reset to zero, or hear through a synapse, have no
        potential below zero, as `snnlab.conversion.rate_scaling.neuron` says.
    synapse : float, optional
        Time constant (s) of the low-pass filter on what spikes bring.

    Returns
    -------
    GraphNetwork

    Raises
    ------
    LabError
        If there is something that spikes cannot compute; the sentence names the layer.
    """
    return _Builder(graph, image, rates_hz, initial, reset, synapse).made()


def in_front_of_neurons(graph: Graph) -> set[str]:
    """Nodes that some neurons depend on, the neurons themselves too; the rest is a host's."""
    found: set[str] = set()
    for node in reversed(graph.nodes):
        if node.name in found or isinstance(node.layer, Neurons):
            found.update((node.name, *node.inputs))
    return found


class _Builder:
    def __init__(self, graph, image, rates_hz, initial, reset, synapse):
        self.graph, self.rates, self.initial = graph, rates_hz, initial
        self.reset, self.synapse = reset, synapse
        self.image = np.asarray(image, float).reshape(graph.image_shape)
        self.populations: list[Population] = []
        self.outputs: dict = {}  # by node: what puts out its values
        self.rate_of: dict[str, float] = {}
        self.spiking: dict[str, str] = {}
        self.constants: dict[str, nengo.Node] = {}  # what is known before any spike

    def made(self) -> GraphNetwork:
        many = sum(
            int(np.prod(self.graph.shapes[node.name])) for node in self.graph.nodes if spikes(node)
        )
        if many > NEURONS:
            raise LabError(
                f"the net would have {many:,} spiking neurons, and at most {NEURONS:,} are run;"
                " give it smaller images."
            )
        steady, needed = biases(self.graph), in_front_of_neurons(self.graph)
        with nengo.Network(label=self.graph.name) as network:
            source = nengo.Node(self.image.ravel(), label=IMAGE)
            self.outputs[IMAGE] = self.constants[IMAGE] = source
            for node in self.graph.nodes:
                if isinstance(node.layer, Neurons):
                    self._neurons(node, steady[node.name])
                elif spikes(node):
                    gates_of(self, node, node.name in needed)
        if not self.populations:
            raise LabError("the net has no ReLU, so nothing of it would spike.")
        return GraphNetwork(
            network, source, tuple(self.populations), None, self.synapse, self.reset,
            self.graph, self.spiking, self.constants,
        )  # fmt: skip

    def _neurons(self, node, steady: np.ndarray) -> None:
        terms, rate = terms_of(self.graph, node.inputs[0]), self.rates[node.name]
        start = {"voltage": Choice([self.initial])}
        lower = 0 if self.reset == "zero" or self.synapse else -np.inf
        neurons = IntegrateAndFire(self.reset, 1 / rate, lower, start)
        shape = shape_of(self.graph.shapes[node.name])
        ensemble = self.population(node.name, shape, neurons, rate, per_channel(steady * rate))
        self.spiking[node.name] = node.name
        for term in terms:
            scale = Scale(np.full(shape[2], rate), shape)
            self._wire(Term(term.source, term.shape, [*term.maps, scale]), ensemble, node.name)
        self.outputs[node.name] = ensemble.neurons

    def population(self, name, shape, neurons, rate: float, bias) -> nengo.Ensemble:
        """Add a population of neurons."""
        ensemble = nengo.Ensemble(
            int(np.prod(shape)), 1, neuron_type=neurons, gain=Choice([1.0]), bias=bias,
            # only the neurons are used: nothing is encoded or decoded
            encoders=Choice([[1.0]]), n_eval_points=2, label=name,
        )  # fmt: skip
        self.populations.append(Population(name, ensemble, shape, rate, True))
        self.rate_of[name] = rate
        return ensemble

    def _wire(self, term: Term, ensemble, name: str) -> None:
        """Connect a term, by way of passing nodes if it takes several maps."""
        now, maps = self.outputs[term.source], fused(term.maps)
        for number, one in enumerate(maps):
            try:
                transform = transform_of(one)
            except ValueError as error:
                raise LabError(
                    f"the layer {name} {error}; make the net smaller, or its kernels."
                ) from error
            last = number == len(maps) - 1
            there = ensemble.neurons if last else nengo.Node(size_in=transform.size_out)
            label = f"{term.source} to {name}"
            filtered = self.synapse if last and term.source not in self.constants else None
            nengo.Connection(now, there, transform=transform, synapse=filtered, label=label)
            now = there


def per_channel(values: np.ndarray):
    """Biases as Nengo takes them: one a channel if all pixels agree."""
    pixels = values.reshape(-1, values.shape[-1])
    if (pixels == pixels[0]).all():
        return Tiled(pixels[0])
    return values.ravel()

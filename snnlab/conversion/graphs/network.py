"""A spiking network of any graph, and the answer that its spikes give."""

from dataclasses import dataclass, field

import nengo
import numpy as np

from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording


@dataclass(frozen=True)
class GraphNetwork(SpikingNetwork):
    """A converted graph. What comes behind the last neurons a host computes from their rates.

    Attributes
    ----------
    graph : Graph
        In the form that was converted.
    spiking : dict of str to str
        By a node of the graph, the population whose rates give its values.
    constants : dict of str to nengo.Node
        By a node of the graph (and ``"image"``), what puts out values known before any spike.
    """

    graph: Graph = None
    spiking: dict[str, str] = field(default_factory=dict)
    constants: dict[str, nengo.Node] = field(default_factory=dict)

    def see(self, image: np.ndarray) -> None:
        """Put another image in the place of the one that the network was made for."""
        image = np.asarray(image, float).reshape(1, *self.graph.image_shape)
        for name, node in self.constants.items():
            if name == IMAGE:
                node.output = image.ravel()
                continue
            part = Graph(name, self.graph.image_shape, self.graph.up_to(name))
            node.output = answer(part, image).ravel()

    def answer(self, recording: Recording, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The net's answer from the spikes of steps ``start <= t < stop``.

        Returns
        -------
        numpy.ndarray
            float32, of the shape of the graph's output.
        """
        given = {}
        rate_of = {population.name: population.rate_hz for population in self.populations}
        for node, name in self.spiking.items():
            rates = recording[name].rates_hz(start, stop) / np.float32(rate_of[name])
            given[node] = rates.reshape(1, *self.graph.shapes[node])
        image = np.asarray(self.image.output, np.float32).reshape(1, *self.graph.image_shape)
        return answer(self.graph, image, given)[0]

    def probability(self, recording: Recording, start: int = 0, stop: int | None = None):
        """As `answer`."""
        return self.answer(recording, start, stop)

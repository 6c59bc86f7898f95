"""A spiking network of any graph, and the answer that its spikes give."""

from dataclasses import dataclass, field
from functools import cached_property

import nengo
import numpy as np

from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording

TOGETHER = 16  # steps whose answers are computed at once


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

    @cached_property
    def read(self) -> tuple[str, ...]:
        """Nodes of the graph from whose rates the host computes the answer."""
        wanted, found = {self.graph.output.name}, []
        for node in reversed(self.graph.nodes):
            if node.name not in wanted:
                continue
            if node.name in self.spiking:
                found.append(node.name)
            else:
                wanted.update(node.inputs)
        return tuple(reversed(found))

    def answers(self, recording: Recording) -> np.ndarray:
        """The answer after each step: `answer` many times, but quick.

        Returns
        -------
        numpy.ndarray
            float32 ``(timesteps, ...)``.
        """
        rate_of = {population.name: population.rate_hz for population in self.populations}
        image = np.asarray(self.image.output, np.float32).reshape(1, *self.graph.image_shape)
        found = []
        for first in range(1, recording.timesteps + 1, TOGETHER):
            steps = range(first, min(first + TOGETHER, recording.timesteps + 1))
            given = {}
            for node in self.read:
                name = self.spiking[node]
                rates = np.stack([recording[name].rates_hz(0, step) for step in steps])
                given[node] = (rates / np.float32(rate_of[name])).reshape(
                    len(steps), *self.graph.shapes[node]
                )
            found.append(answer(self.graph, np.repeat(image, len(steps), axis=0), given))
        return np.concatenate(found)

    def probability(self, recording: Recording, start: int = 0, stop: int | None = None):
        """As `answer`."""
        return self.answer(recording, start, stop)

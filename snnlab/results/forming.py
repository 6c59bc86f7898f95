"""How boxes form: the score and the box of an anchor after each step, and when they have settled.

Rates are those of all steps so far; behind synapses, of the later half of them, since currents need
a while to arrive. Score and offsets are weighted sums of the rates of the last neurons at the
anchor's place, which is all that is read here.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.nets.detector.anchors import PLACES, decoded
from snnlab.nets.detector.boxes import paired
from snnlab.nets.detector.graph import all_anchors
from snnlab.nets.detector.plan import LEVELS, OFFSETS
from snnlab.nets.graph.forward import answer
from snnlab.simulation.recording import Recording

NEAR = 0.1  # of its last score, within which a score is taken to be settled
SAME = 0.75  # overlap with its last box, from which on a box is


@dataclass(frozen=True)
class Forming:
    """What anchors say step by step.

    Attributes
    ----------
    scores : numpy.ndarray
        ``(timesteps, anchors)``.
    boxes : numpy.ndarray
        ``(timesteps, anchors, 4)``.
    """

    scores: np.ndarray
    boxes: np.ndarray

    @property
    def settled(self) -> np.ndarray:
        """The step, counted from 1, from which on an anchor says what it says at last, ``(n,)``."""
        steps = len(self.scores)
        same = paired(self.boxes, self.boxes[-1:])
        other = (np.abs(self.scores - self.scores[-1]) > NEAR) | (same < SAME)
        return np.where(other.any(0), steps - other[::-1].argmax(0), 0) + 1


def first(network: GraphNetwork, steps: int) -> int:
    """The first of so many steps whose spikes are read."""
    return steps // 2 if network.synapse else 0


def forming(network: GraphNetwork, recording: Recording, places: np.ndarray) -> Forming:
    """Read some anchors after each step.

    Parameters
    ----------
    network : GraphNetwork
        Of a detector.
    recording : Recording
    places : numpy.ndarray
        Which anchors, int ``(n,)``, in the order of the net's answer.
    """
    height, width = network.graph.image_shape[:2]
    at = all_anchors(height, width)
    steps = recording.timesteps
    logits, offsets = np.zeros((steps, len(places))), np.zeros((steps, len(places), OFFSETS))
    first = 0
    for level in LEVELS:
        many = (height >> level) * (width >> level) * PLACES
        here = np.flatnonzero((places >= first) & (places < first + many))
        pixel, anchor = np.divmod(places[here] - first, PLACES)
        logits[:, here] = _read(network, recording, f"score-level{level}", pixel, anchor, 1)[..., 0]
        offsets[:, here] = _read(network, recording, f"box-level{level}", pixel, anchor, OFFSETS)
        first += many
    boxes = np.stack([decoded(now, at[places]) for now in offsets])
    return Forming(expit(logits), boxes)


def answered(network: GraphNetwork, recording: Recording, step: int) -> np.ndarray:
    """The net's whole answer as it stands after a step, counted from 1.

    Unlike `forming` it holds boxes that are gone again at the end; it takes longer, too.

    Returns
    -------
    numpy.ndarray
        As `snnlab.conversion.graphs.network.GraphNetwork.answer`.
    """
    rate_of = {population.name: population.rate_hz for population in network.populations}
    start, given = first(network, step), {}
    for node in network.read:
        name = network.spiking[node]
        rates = recording[name].rates_hz(start, step) / np.float32(rate_of[name])
        given[node] = rates.reshape(1, *network.graph.shapes[node])
    image = np.asarray(network.image.output, np.float32)
    return answer(network.graph, image.reshape(1, *network.graph.image_shape), given)[0]


def _read(network, recording, readout: str, pixel, anchor, each: int) -> np.ndarray:
    """What a readout gives at some pixels for one anchor of each, ``(timesteps, n, each)``."""
    node = network.graph.by_name[readout]
    (source,) = node.inputs
    population = next(p for p in network.populations if p.name == network.spiking[source])
    channels = population.shape[2]
    neurons = (pixel[:, None] * channels + np.arange(channels)).ravel()
    spikes = recording[population.name].raster(neurons) > 0
    sent = np.concatenate([np.zeros((1, len(neurons))), np.cumsum(spikes, 0)])
    last = np.arange(1, recording.timesteps + 1)
    start = np.array([first(network, steps) for steps in last])
    rates_hz = (sent[last] - sent[start]) / ((last - start) * recording.dt)[:, None]
    active = (rates_hz / population.rate_hz).reshape(len(last), len(pixel), channels)
    kernel = node.layer.kernel[0, 0].reshape(channels, -1, each)[:, anchor]  # (channels, n, each)
    bias = node.layer.bias.reshape(-1, each)[anchor]
    return np.einsum("tnc,cne->tne", active, kernel) + bias

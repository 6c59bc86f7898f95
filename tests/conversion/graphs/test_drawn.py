"""Graphs that are drawn: the same spikes in Nengo and in the event engine, whatever they are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import rates, reached
from snnlab.errors import LabError
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.simulation import nengo_reference
from snnlab.simulation.event import running
from tests.conversion.graphs import nets

STEPS = 12
KINDS = ("conv", "wide", "depth", "up", "norm", "max", "mean", "double", "smooth", "pad", "cut")


def layer_of(draw, weights: nets.Drawn, kind: str, depth: int):
    """A layer, whatever it is given."""
    side, padding = draw(st.integers(1, 3)), draw(st.sampled_from(["same", "valid"]))
    pair = (side, side)
    return {
        "conv": lambda: weights.conv(side, depth, 3, draw(st.integers(1, 2)), padding),
        "wide": lambda: weights.conv(side, depth, 2 * depth, 1, padding, depth),
        "depth": lambda: weights.conv(side, depth, depth, 1, padding, depth),
        "up": lambda: weights.up(side, depth, 2, draw(st.integers(1, 2))),
        "norm": lambda: weights.norm(depth),
        "max": lambda: Pooling("max", pair, (draw(st.integers(1, 2)),) * 2, padding),
        "mean": lambda: Pooling("average", pair, pair, padding),
        "double": lambda: Upsampling((2, 1)),
        "smooth": lambda: Upsampling((1, 2), True),
        "pad": lambda: Borders((side, 0), (1, side)),
        "cut": lambda: Borders((-1, 0), (0, 1)),
    }[kind]()


@st.composite
def graphs(draw):
    """A graph of a few layers, with sums, joins, maxima and neurons among them."""
    weights = nets.Drawn(draw(st.integers(0, 5)))
    nodes, shapes, rectified = [], {IMAGE: (6, 5, 2)}, False

    def add(layer, *inputs):
        try:
            shape = layer.shape(*(shapes[name] for name in inputs))
        except ValueError:
            return
        if np.prod(shape) <= 1500:
            nodes.append(Node(f"n{len(nodes)}", layer, inputs))
            shapes[nodes[-1].name] = shape

    for _ in range(draw(st.integers(2, 9))):
        before = nodes[-1].name if nodes else IMAGE
        what = draw(st.sampled_from(["layer", "layer", "neurons", "neurons", "add", "join"]))
        if what == "layer":
            add(layer_of(draw, weights, draw(st.sampled_from(KINDS)), shapes[before][2]), before)
        elif what == "neurons" or (what == "join" and not nodes):
            add(Neurons(draw(st.sampled_from([None, None, 6.0]))), before)
            rectified = True
        else:
            other = draw(st.sampled_from(sorted(shapes)))
            add(Add() if what == "add" else Concatenate(), before, other)
    if draw(st.booleans()) and nodes:
        add(Reshape(), nodes[-1].name)
        add(weights.dense(shapes[nodes[-1].name][-1], 4), nodes[-1].name)
    if not rectified or draw(st.booleans()) or not nodes:
        add(Neurons(), nodes[-1].name if nodes else IMAGE)
    return Graph("drawn", (6, 5, 2), tuple(nodes))


@settings(max_examples=25)
@given(graph=graphs())
def test_spikes_do_not_depend_on_who_runs_the_graph(graph):
    images = nets.images(3, graph.image_shape)
    moved = spiking_form(graph)
    expected = answer(graph, images)
    np.testing.assert_allclose(answer(moved, images), expected, atol=1e-4 * np.abs(expected).max())
    try:
        network = build(moved, images[0], rates(moved, reached(moved, images)))
    except LabError as error:  # of what spikes cannot, a sentence
        assert "takes the maximum of sums" in str(error) or "no ReLU" in str(error)
        return
    ours = running.run(network, STEPS, dtype="float64")
    theirs = nengo_reference.run(network, STEPS)
    for population in network.populations:
        assert np.array_equal(ours[population.name].words, theirs[population.name].words)
    assert network.answer(ours).shape == expected[0].shape
    units = {
        node.name: moved.shapes[node.name] for node in moved.nodes if node.name in network.spiking
    }
    sizes = {p.name: p.ensemble.n_neurons for p in network.populations}
    assert all(sizes[name] == np.prod(shape) for name, shape in units.items())

"""Graphs as spiking networks: the spikes of Nengo and of the event engine, and the net's answer."""

import numpy as np
import pytest
from scipy.special import expit

from snnlab.conversion import data_normalisation
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import METHODS, rates, reached
from snnlab.errors import LabError
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling
from snnlab.nets.graph.unet import unet_graph
from snnlab.settings import Settings
from snnlab.simulation import nengo_dl, nengo_reference
from snnlab.simulation.event import running
from tests import small_models
from tests.conversion.graphs import nets


def converted(graph, method="data-normalisation", number=0):
    graph = spiking_form(graph)
    images = nets.images(shape=graph.image_shape)
    chosen = rates(graph, reached(graph, images), method)
    return build(graph, images[number], chosen)


@pytest.mark.parametrize("which", nets.ALL)
def test_event_and_nengo_give_the_same_spikes(which):
    graph = nets.ALL[which]()
    assert nets.alive(graph)
    network = converted(graph)
    ours = running.run(network, 40, dtype="float64")
    theirs = nengo_reference.run(network, 40)
    assert ours.spikes() > 500
    for population in network.populations:
        assert np.array_equal(ours[population.name].words, theirs[population.name].words)
    np.testing.assert_array_equal(network.answer(ours), network.answer(theirs))
    # in single precision what is doubtful is settled in double
    fast = running.run(network, 40)
    assert all(
        np.array_equal(fast[p.name].words, theirs[p.name].words) for p in network.populations
    )


@pytest.mark.filterwarnings("ignore:.*does not have a native TensorFlow:UserWarning")
@pytest.mark.parametrize("which", nets.ALL)
def test_nengo_dl_gives_the_same_answer(which):
    network = converted(nets.ALL[which]())
    ours, theirs = running.run(network, 40), nengo_dl.run(network, 40)
    same = [
        (ours[one.name].words == theirs[one.name].words).all(axis=0) for one in network.populations
    ]
    assert np.concatenate(same).mean() >= 0.9  # it computes in single precision
    np.testing.assert_allclose(network.answer(ours), network.answer(theirs), atol=0.02)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("which", nets.ALL)
def test_many_steps_give_the_answer_of_the_net(which, method):
    graph = nets.ALL[which]()
    network = converted(graph, method)
    expected = answer(graph, nets.images()[:1])[0]
    few, many = (
        np.abs(network.answer(running.run(network, steps), steps // 2) - expected).max()
        for steps in (16, 3000)
    )
    scale = np.abs(expected).max()
    # gates count one maximum, and 99.9 % of activations are below one spike a step
    assert many < 0.08 * scale and many <= few + 0.01 * scale


def test_relu6_saturates_at_six():
    layer = nets.Drawn().conv(1, 2, 1)
    layer.kernel[:] = 20
    graph = Graph("six", nets.SHAPE, (Node("c", layer, (IMAGE,)), Node("r", Neurons(6.0), ("c",))))
    network = converted(graph)
    assert network.populations[0].rate_hz == pytest.approx(1000 / 6)
    found = network.answer(running.run(network, 50))
    expected = answer(graph, nets.images()[:1])[0]
    assert (expected == 6).mean() > 0.5
    np.testing.assert_allclose(found, expected, atol=6 / 50 + 1e-5)


def test_every_rectified_unit_is_a_neuron():
    graph = spiking_form(nets.classifier())
    network = converted(graph)
    for population in network.populations:
        assert population.ensemble.n_neurons == np.prod(graph.shapes[population.name])
    assert {p.name for p in network.populations} == {"relu1", "relu2", "relu3", "relu4", "pool"}
    # residual sums, norms and separable convolutions are connections, not stations
    assert len(network.network.all_nodes) == 1
    assert sorted(c.label for c in network.network.all_connections if "relu2" in c.label[-6:]) == [
        "relu1 to relu2", "relu1 to relu2",
    ]  # fmt: skip


def test_a_maximum_of_sums_moves_behind_the_neurons():
    graph = nets.copied_unet()
    moved = spiking_form(graph)
    assert moved.by_name["r2"].inputs == ("c2",) and moved.by_name["p1"].inputs == ("r2",)
    images = nets.images()
    np.testing.assert_allclose(answer(moved, images), answer(graph, images), atol=1e-6)
    means = spiking_form(graph, average=True)
    assert means.by_name["p1"].layer.kind == "average"
    norm = Node("n", nets.Drawn().norm(4), ("p1",))
    nodes = {node.name: node for node in graph.nodes} | {"r2": Node("r2", Neurons(), ("n",))}
    with_norm = Graph(
        "n", nets.SHAPE, (*[nodes[k] for k in ("c1", "r1", "c2", "p1")], norm, nodes["r2"])
    )
    moved = spiking_form(with_norm)
    assert moved.by_name["p1"].inputs == ("r2",) and moved.output.name == "p1"
    np.testing.assert_allclose(answer(moved, images), answer(with_norm, images), atol=1e-6)


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        (
            [Node("s", OffChip("sigmoid"), (IMAGE,)), Node("r", Neurons(), ("s",))],
            "layer s is a sig",
        ),
        (
            [
                Node("a", Neurons(), (IMAGE,)),
                Node("b", Add(), ("a", IMAGE)),
                Node("m", Pooling("max", (2, 2), (2, 2)), ("b",)),
                Node("c", Add(), ("m", "m")),
                Node("n", nets.Drawn().norm(2), ("c",)),
                Node("r", Neurons(), ("n",)),
            ],
            "the layer m takes the maximum of sums",
        ),
        (
            [
                Node("a", Neurons(), (IMAGE,)),
                Node("m", Pooling("max", (5, 5), (1, 1)), ("a",)),
                Node("n", nets.Drawn().norm(2), ("m",)),
                Node("r", Neurons(), ("n",)),
            ],
            "the layer m takes the maximum of windows larger",
        ),
        ([Node("n", nets.Drawn().norm(2), (IMAGE,))], "has no ReLU"),
    ],
)
def test_what_spikes_cannot_compute_is_named(nodes, sentence):
    with pytest.raises(LabError, match=sentence):
        converted(Graph("bad", nets.SHAPE, tuple(nodes)))


def test_maxima_at_the_ends_of_the_net():
    nodes = (
        Node("m", Pooling("max", (2, 2), (2, 2)), (IMAGE,)),
        Node("m2", Pooling("max", (2, 2), (1, 1)), ("m",)),
        Node("c", nets.Drawn().conv(3, 2, 3), ("m2",)),
        Node("r", Neurons(), ("c",)),
        Node("last", Pooling("max", None, None), ("r",)),
    )
    graph = Graph("ends", nets.SHAPE, nodes)
    network = converted(graph)
    assert [p.name for p in network.populations][:1] == ["r"] and "last" in network.spiking
    for number in (0, 3):
        network.see(nets.images()[number])
        found = network.answer(running.run(network, 2000))
        expected = answer(graph, nets.images()[number : number + 1])[0]
        np.testing.assert_allclose(found, expected, rtol=0.03)
    anew = running.run(converted(graph, number=3), 100)
    again = running.run(network, 100)
    assert all(np.array_equal(anew[p.name].words, again[p.name].words) for p in network.populations)


def test_maxima_of_joins_and_of_what_is_padded():
    d = nets.Drawn()
    nodes = (
        Node("c1", d.conv(3, 2, 3), (IMAGE,)),
        Node("a", Neurons(), ("c1",)),
        Node("c2", d.conv(3, 3, 2), ("a",)),
        Node("b", Neurons(6.0), ("c2",)),
        Node("join", Concatenate(), ("a", "b")),
        Node("norm", d.norm(5), ("join",)),
        Node("m1", Pooling("max", (2, 2), (2, 2)), ("norm",)),
        Node("c3", d.conv(3, 5, 4), ("m1",)),
        Node("r", Neurons(), ("c3",)),
        Node("pad", Borders((1, 1), (0, 2)), ("r",)),
        Node("m2", Pooling("max", (3, 3), (2, 2)), ("pad",)),
        Node("c4", d.conv(2, 4, 4), ("m2",)),
        Node("end", Neurons(), ("c4",)),
    )
    graph = Graph("joined", nets.SHAPE, nodes)
    moved = spiking_form(graph)
    np.testing.assert_allclose(
        answer(moved, nets.images()), answer(graph, nets.images()), atol=1e-6
    )
    network = converted(graph)
    assert {"m1(1)", "m1(2)", "m2"} <= set(network.spiking)
    ours = running.run(network, 40, dtype="float64")
    theirs = nengo_reference.run(network, 40)
    assert all(
        np.array_equal(ours[p.name].words, theirs[p.name].words) for p in network.populations
    )
    found = network.answer(running.run(network, 3000))
    expected = answer(graph, nets.images()[:1])[0]
    assert np.abs(found - expected).max() < 0.05 * expected.max()


def test_the_labs_unet_is_a_case():
    """Built from its graph, it sends the spikes that it sends when it is built by itself."""
    for model in (small_models.model(3), small_models.pooled_model(1)):
        image = small_models.image(32)
        settings = Settings(method="data-normalisation", synapse_ms=0.0, timesteps=30)
        direct = data_normalisation.convert(model, image, settings)
        rates_hz = {p.name: p.rate_hz for p in direct.populations}
        graph = spiking_form(unet_graph(model, *image.shape))
        general = build(graph, image[..., None], rates_hz)
        one, other = (running.run(network, 30, dtype="float64") for network in (direct, general))
        assert one.spikes() > 1000
        for layer in model.populations():
            assert np.array_equal(one[layer.name].words, other[layer.name].words), layer.name
        np.testing.assert_allclose(
            direct.readout.probability(one[direct.populations[-1].name].rates_hz()
                                       / np.float32(direct.populations[-1].rate_hz)),
            expit(_one_logit(general.answer(other))), atol=1e-5,
        )  # fmt: skip


def _one_logit(logits):
    return logits[..., 0] if logits.shape[-1] == 1 else logits[..., 1] - logits[..., 0]


def test_there_is_no_other_method():
    graph = nets.classifier()
    with pytest.raises(LabError, match="there is no method 'magic'"):
        rates(graph, reached(graph, nets.images()), "magic")

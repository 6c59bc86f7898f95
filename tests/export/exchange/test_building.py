"""Converted networks as NIR graphs: by NIR's own equations their spikes are the event engine's."""

import h5py
import nir
import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.conversion.detector import convert
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import rates, reached
from snnlab.errors import LabError
from snnlab.export.exchange import building, files, literal, profiles
from snnlab.lab import exchanging
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.graph.shaping import Add, Borders, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Convolution, TransposedConvolution
from snnlab.settings import Settings
from snnlab.simulation.event import running
from tests import small_detector, small_models
from tests.conversion.graphs import nets

STEPS = 40


def unet(reset, initial, seed=0, **more):
    settings = Settings(
        reset=reset, initial=initial, lower_hz=400.0, upper_hz=450.0, synapse_ms=0.0, **more
    )
    return rate_scaling.convert(small_models.model(seed), small_models.image(32), settings)


def net(nodes, shape=nets.SHAPE, initial=0.5, **more):
    graph = spiking_form(Graph("net", shape, tuple(nodes)), **more)
    images = nets.images(shape=shape)
    return build(graph, images[0], rates(graph, reached(graph, images)), initial)


def by_nir(made):
    """Through a file, as a reader has it."""
    layout = made.exported.layouts["input"]
    return literal.run(made.exported.graph, layout.to_nir(made.pixels), made.recording.timesteps)


@pytest.mark.parametrize(("reset", "initial"), [
    ("zero", 0.0), ("zero", 0.375), ("subtraction", 0.0), ("subtraction", 0.5),
])  # fmt: skip
@pytest.mark.parametrize("seed", [0, 1])
def test_a_unets_spikes_are_the_engines(reset, initial, seed):
    made = exchanging.made(unet(reset, initial, seed), STEPS)
    found = exchanging.checked(made)
    assert set(found.layers) == {trains.name for trains in made.recording.populations}
    assert min(trains.total() for trains in made.recording.populations) > 0
    assert (found.spikes_equal, found.step, found.layer) == (1.0, None, None)


def test_after_a_reset_to_zero_nothing_is_left_to_metadata():
    made = exchanging.made(unet("zero", 0.375), 20)
    before = by_nir(made)
    for node in made.exported.graph.nodes.values():
        node.metadata = {}
    after = by_nir(made)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    soft = exchanging.made(unet("subtraction", 0.5), 20)
    for node in soft.exported.graph.nodes.values():
        node.metadata = {}
    assert exchanging.checked(soft).spikes_equal < 0.9
    assert any("subtraction" in note for note in soft.notes)


def test_the_mean_output_is_the_labs_answer():
    made = exchanging.made(unet("subtraction", 0.5), STEPS)
    layout = made.exported.layouts["output"]
    logits = layout.from_nir(by_nir(made)["output"].mean(0))
    ours = made.network.probability(made.recording)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), ours.ravel(), atol=1e-6)


def test_a_file_holds_graph_and_run_and_both_are_read_by_nir(tmp_path):
    made = exchanging.made(unet("zero", 0.0), 20)
    path = tmp_path / "net.nir"
    path.write_bytes(made.packed())
    graph, run = nir.read(path), files.trains_in(path)
    assert graph.metadata["dt"] == 0.001
    pixels = run["input"][0].reshape(made.exported.layouts["input"].nir_shape)
    found = literal.run(graph, pixels, 20)
    for trains in made.recording.populations:
        np.testing.assert_array_equal(run[trains.name], found[trains.name].reshape(20, -1))
    with h5py.File(path) as file:
        assert file["version"][()].decode() == nir.version
    # skips are two edges, and transposed convolutions plain ones
    ways = [a for a, b in graph.edges if b == "up0"]
    assert len(ways) == 2 and all(isinstance(graph.nodes[a], nir.Conv2d) for a in ways)
    assert list(graph.nodes["up0"].metadata["phases"]) == [4, 4]


def test_an_imported_classifier_and_its_answer():
    d = nets.Drawn(3)
    network = net(
        [
            Node("conv", d.conv(3, 2, 4, 2), (IMAGE,)),
            Node("relu", Neurons(), ("conv",)),
            Node("mean", Pooling("average", (2, 2), (2, 2)), ("relu",)),
            Node("flat", Reshape(), ("mean",)),
            Node("dense1", d.dense(16, 6), ("flat",)),
            Node("relu2", Neurons(), ("dense1",)),
            Node("dense2", d.dense(6, 3), ("relu2",)),
            Node("soft", OffChip("softmax"), ("dense2",)),
        ]
    )
    made = exchanging.made(network, STEPS, "zero")
    assert exchanging.checked(made).spikes_equal == 1
    about = made.exported.graph.metadata
    mean = by_nir(made)["output"].mean(0)
    shares = np.exp(mean) / np.exp(mean).sum()
    assert about["answer_is"] == "softmax"
    np.testing.assert_allclose(shares, network.answer(made.recording), atol=1e-6)
    # nothing before the last neurons is left to the host
    assert shares.argmax() in range(3) and answer(network.graph, nets.images(1)).shape == (1, 3)


def test_upsampling_residual_and_odd_sizes():
    d = nets.Drawn(5)
    network = net(
        [
            Node("conv", d.conv(3, 1, 3, 2), (IMAGE,)),
            Node("relu", Neurons(), ("conv",)),
            Node("conv2", d.conv(3, 3, 3), ("relu",)),
            Node("sum", Add(), ("conv2", "relu")),
            Node("relu2", Neurons(), ("sum",)),
            Node("large", Upsampling((2, 2)), ("relu2",)),
            Node("conv3", d.conv(3, 3, 2), ("large",)),
            Node("relu3", Neurons(), ("conv3",)),
            Node("conv4", d.conv(3, 2, 2, 2, "valid"), ("relu3",)),
            Node("relu4", Neurons(), ("conv4",)),
        ],
        (7, 7, 1),
    )
    made = exchanging.made(network, STEPS)
    assert exchanging.checked(made).spikes_equal == 1
    assert min(trains.total() for trains in made.recording.populations) > 0


def test_what_nir_has_no_word_for_is_refused():
    d = nets.Drawn(0)
    pooled = [
        Node("conv", d.conv(3, 2, 4), (IMAGE,)),
        Node("relu", Neurons(), ("conv",)),
        Node("pool", Pooling("max", (2, 2), (2, 2)), ("relu",)),
        Node("conv2", d.conv(3, 4, 4), ("pool",)),
        Node("relu2", Neurons(), ("conv2",)),
    ]
    with pytest.raises(
        LabError, match=r"^the population pool is of MaxPoolGate neurons.*--pool average"
    ):
        exchanging.made(net(pooled), 5)
    assert exchanging.checked(exchanging.made(net(pooled, average=True), 20)).spikes_equal == 1
    settings = Settings(synapse_ms=3.0)
    filtered = rate_scaling.convert(small_models.model(), small_models.image(32), settings)
    with pytest.raises(LabError, match="low-pass filter.*--synapse 0"):
        exchanging.made(filtered, 5)


def test_limits(monkeypatch):
    monkeypatch.setattr(building, "DENSE", 10_000)
    with pytest.raises(LabError, match="more than 10,000 weights, zeros included"):
        exchanging.made(unet("zero", 0.0), 5)
    monkeypatch.undo()
    made = exchanging.made(unet("zero", 0.0), 5)
    monkeypatch.setattr(files, "MOST", 1000)
    with pytest.raises(LabError, match="too large"):
        made.packed()


def test_potentials_that_the_lab_cuts_off_are_not_cut_off_and_it_says_so():
    network = unet("zero", 0.0)
    lab = running.run(network, STEPS, dtype="float64")
    made = exchanging.made(unet("zero", 0.0), STEPS)
    assert any("no such bound" in note for note in made.notes)
    assert lab.spikes() != made.recording.spikes()
    assert not any("no such bound" in one for one in exchanging.made(
        unet("subtraction", 0.5), 5).notes)  # fmt: skip


def conv(d, rows, columns, out, strides=(1, 1), padding="same", dilation=(1, 1), groups=1):
    kernel, bias = d._of(rows, columns, 4 // groups, out)
    return Convolution(kernel, bias, strides, padding, dilation, groups)


def up(d, rows, columns, strides, padding="same"):
    return TransposedConvolution(*d._of(rows, columns, 4, 4), strides, padding)


LAYERS = {
    "strides": lambda d: [conv(d, 3, 3, 4, (2, 2))],
    "strides, valid": lambda d: [conv(d, 3, 3, 4, (3, 3), "valid")],
    "oblong kernel": lambda d: [conv(d, 1, 3, 4)],
    "oblong strides": lambda d: [conv(d, 2, 5, 4, (1, 2))],
    "dilation": lambda d: [conv(d, 3, 3, 4, dilation=(2, 2))],
    "depthwise, separable": lambda d: [conv(d, 3, 3, 4, groups=4), d.conv(1, 4, 5)],
    "depthwise, strides": lambda d: [conv(d, 3, 3, 8, (2, 2), groups=4)],
    "groups": lambda d: [conv(d, 3, 3, 6, groups=2)],
    "transposed": lambda d: [up(d, 3, 3, (2, 2))],
    "transposed, valid": lambda d: [up(d, 2, 2, (2, 2), "valid")],
    "transposed, oblong": lambda d: [up(d, 3, 2, (2, 1))],
    "transposed, cut nowhere": lambda d: [up(d, 5, 5, (2, 2), "valid")],
    "mean": lambda d: [Pooling("average", (2, 2), (2, 2))],
    "mean, overlapping": lambda d: [Pooling("average", (3, 3), (2, 2))],
    "mean, same": lambda d: [Pooling("average", (3, 3), (2, 2), "same")],
    "mean, oblong": lambda d: [Pooling("average", (2, 1), (2, 1))],
    "global mean": lambda d: [Pooling("average", None, None), Reshape()],
    "flatten": lambda d: [Reshape()],
    "reshape": lambda d: [Reshape((4, 16, 4))],
    "upsampling": lambda d: [Upsampling((2, 2))],
    "upsampling, oblong": lambda d: [Upsampling((3, 1))],
    "upsampling, smooth": lambda d: [Upsampling((2, 2), True)],
    "borders": lambda d: [Borders((1, 2), (0, 3))],
    "borders, valid": lambda d: [Borders((1, 1), (1, 1)), conv(d, 3, 3, 4, (2, 2), "valid")],
    "cropping": lambda d: [Borders((-1, -2), (-1, 0))],
    "normalised": lambda d: [d.norm(4)],
    "normalised, borders": lambda d: [d.norm(4), Borders((1, 1), (1, 1))],
    "dense in each pixel": lambda d: [d.dense(4, 5)],
    "two convolutions": lambda d: [d.norm(4), conv(d, 3, 3, 4), conv(d, 3, 3, 4, (2, 2))],
}


@pytest.mark.parametrize("kind", LAYERS)
def test_each_kind_of_layer_of_an_imported_net(kind):
    d = nets.Drawn(2)
    nodes = [Node("a/conv", d.conv(3, 2, 4), (IMAGE,)), Node("output", Neurons(6.0), ("a/conv",))]
    for number, layer in enumerate(LAYERS[kind](d)):
        nodes.append(Node(f"layer{number}", layer, (nodes[-1].name,)))
    shape = Graph("net", nets.SHAPE, tuple(nodes)).shapes[nodes[-1].name]
    last = d.conv(3, shape[2], 3) if len(shape) == 3 else d.dense(shape[0], 5)
    nodes += [Node("last", last, (nodes[-1].name,)), Node("a/relu", Neurons(), ("last",))]
    made = exchanging.made(
        net([*nodes, Node("sums", d.dense(last.kernel.shape[-1], 2), ("a/relu",))]), 24
    )
    assert exchanging.checked(made).spikes_equal == 1
    assert min(trains.total() for trains in made.recording.populations) > 30
    assert set(made.exported.nodes.items()) == {("output", "output_"), ("a/relu", "a_relu")}
    mean = made.exported.layouts["output"].from_nir(by_nir(made)["output"].mean(0))
    np.testing.assert_allclose(mean, made.network.answer(made.recording).ravel(), atol=1e-5)


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("name", nets.ALL)
def test_whole_nets_go_out_with_means_in_place_of_maxima(name, average):
    graph = nets.ALL[name]()
    if not average:
        with pytest.raises(LabError, match="MaxPoolGate neurons"):
            exchanging.made(net(graph.nodes), 2)
        return
    made = exchanging.made(net(graph.nodes, average=True), 24)
    assert exchanging.checked(made).spikes_equal == 1 and made.recording.spikes() > 500


def test_a_detectors_heads_are_outputs_of_their_own():
    settings = Settings(method="data-normalisation")
    network = convert(small_detector.detector(), small_detector.image(32, 64), settings)
    made = exchanging.made(network, STEPS)
    assert exchanging.checked(made).spikes_equal == 1
    found, about = by_nir(made), made.exported.graph.metadata
    rows = [name.decode() for name in about["answer_is_a_row_of"]]
    answer_ = [made.exported.layouts[name].from_nir(found[name].mean(0)) for name in rows]
    ours = network.answer(made.recording)
    for library in ("snntorch", "spikingjelly"):
        with pytest.raises(LabError, match="has one output, and this one has"):
            profiles.readable(made.exported.graph, library)
    profiles.readable(made.exported.graph, "norse")
    assert len(rows) == 6 and about["answer_is"] == "nothing"
    np.testing.assert_allclose(np.concatenate(answer_), ours, atol=1e-5)

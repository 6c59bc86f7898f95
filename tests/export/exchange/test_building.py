"""Converted networks as NIR graphs: by NIR's own equations their spikes are the event engine's."""

import h5py
import nir
import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import rates, reached
from snnlab.errors import LabError
from snnlab.export.exchange import building, files, literal
from snnlab.lab import exchanging
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.graph.shaping import Add, Pooling, Reshape, Upsampling
from snnlab.settings import Settings
from snnlab.simulation.event import running
from tests import small_models
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
    with pytest.raises(LabError, match=r"^the population pool is of MaxPoolGate neurons.*average"):
        exchanging.made(net(pooled), 5)
    assert exchanging.checked(exchanging.made(net(pooled, average=True), 20)).spikes_equal == 1
    normed = [
        Node("norm", d.norm(2), (IMAGE,)),
        Node("conv", d.conv(3, 2, 4), ("norm",)),
        Node("relu", Neurons(), ("conv",)),
    ]
    with pytest.raises(LabError, match="^the neurons of relu have biases that differ"):
        exchanging.made(net(normed), 5)
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

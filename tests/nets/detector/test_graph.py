"""The graph computes what the net that is trained computes."""

import numpy as np
import pytest

from snnlab.nets.detector.graph import all_anchors, detector_graph, parted, read
from snnlab.nets.detector.model import from_float
from snnlab.nets.detector.plan import Plan
from snnlab.nets.graph.forward import answer, forward
from snnlab.nets.graph.pointwise import Neurons
from snnlab.training.detector.net import TrainableDetector

PLAN = Plan((4, 6, 8, 8, 8), pyramid=6, subnet=5)


@pytest.fixture(scope="module")
def net():
    made = TrainableDetector(PLAN, seed=3)
    random = np.random.default_rng(0)
    state = made.state()
    for key, value in state.items():
        if key.endswith(("bias", "mean")):
            state[key] = value + random.normal(0, 0.1, value.shape).astype(np.float32)
        if key.startswith(("score-readout/k", "box-readout/k")):
            state[key] = random.normal(0, 0.3, value.shape).astype(np.float32)
    made.restore(state)
    return made


def parts(net):
    kernels = {key: value.numpy() for key, value in net.kernels.items()}
    return kernels, {key: value.numpy() for key, value in net.biases.items()}


def test_graph_and_trained_net_agree_layer_by_layer(net):
    image = np.random.default_rng(1).random((2, 64, 96, 1)).astype(np.float32)
    logits, offsets, drive = net.forward(image)
    graph = detector_graph("some", PLAN, *parts(net), 64, 96)
    seen = dict(forward(graph, image))
    for name, values in drive.items():
        np.testing.assert_allclose(seen[name], np.maximum(values, 0), atol=1e-4)
    found = parted(seen["answer"])
    np.testing.assert_allclose(found[0], logits, atol=1e-4)
    np.testing.assert_allclose(found[1], offsets, atol=1e-4)
    assert found[0].shape[1] == len(all_anchors(64, 96))


def test_folding_changes_nothing(net):
    image = np.random.default_rng(2).random((1, 32, 32, 1)).astype(np.float32)
    kept = net.state()
    before = [part.numpy() for part in net.forward(image, batch_norm=True)[:2]]
    net.fold()
    after = [part.numpy() for part in net.forward(image)[:2]]
    net.restore(kept)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_levels_share_layers_and_have_neurons_of_their_own(net):
    graph = detector_graph("some", PLAN, *parts(net), 32, 32)
    layers = {id(node.layer) for node in graph.nodes if hasattr(node.layer, "kernel")}
    assert len(layers) == len(PLAN.weights())
    neurons = [node.name for node in graph.nodes if isinstance(node.layer, Neurons)]
    assert neurons == [step.name for step in PLAN.steps() if step.neurons]


def test_the_graph_of_8_bits_is_what_training_saw(net):
    image = np.random.default_rng(4).random((1, 64, 64, 1)).astype(np.float32)
    logits, _, _ = net.forward(image, quantised=True)
    made = from_float("some", PLAN, *parts(net))
    found, _ = parted(answer(made.graph(64, 64), image))
    np.testing.assert_allclose(found, logits, atol=1e-4)
    assert not np.allclose(parted(answer(made.graph(64, 64, rounded=False), image))[0], logits)


def test_an_answer_becomes_a_box():
    at = all_anchors(64, 64)
    values = np.concatenate([np.full(len(at), -9.0), np.zeros(4 * len(at))])
    values[7] = 3.0
    found = read(values, at, 64, 60)
    np.testing.assert_array_equal(found.places, [7])
    np.testing.assert_allclose(found.scores, 1 / (1 + np.exp(-3)))
    np.testing.assert_allclose(found.boxes[0], np.clip(at[7], 0, [60, 64, 60, 64]))


def test_sides_that_do_not_fit_are_refused(net):
    with pytest.raises(ValueError, match="multiple of 32"):
        detector_graph("some", PLAN, *parts(net), 40, 64)

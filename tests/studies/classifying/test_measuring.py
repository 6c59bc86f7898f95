"""Classifiers on test sets: answers after each step, settling, confusion, agreement, storing."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.conversion.graphs.building import build
from snnlab.data.examples import Examples
from snnlab.errors import LabError
from snnlab.nets.graph.forward import answer, forward
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.graph.shaping import Pooling, Reshape
from snnlab.simulation.event import running
from snnlab.studies.classifying import storing
from snnlab.studies.classifying.measuring import measured
from tests.conversion.graphs import nets

STEPS = 20


@pytest.fixture(scope="module")
def graph():
    return spiking_form(nets.classifier())


@pytest.fixture(scope="module")
def found(graph):
    examples = Examples(nets.images(5), np.array([0, 1, 2, 0, 7]), ("a", "b", "c"))
    return measured(graph, examples, ("data-normalisation", "ecc"), STEPS)


def test_answers_after_each_step_are_those_of_runs_so_long(graph):
    rates = dict.fromkeys(graph.by_name, 300.0)
    network = build(graph, nets.images(1)[0], rates)
    recording = running.run(network, STEPS)
    every = network.answers(recording)
    assert every.shape == (STEPS, 3)
    for step in (1, 7, 16, 17, STEPS):
        alone = running.run(network, step)
        assert np.allclose(every[step - 1], network.answer(alone), atol=1e-6), step
    assert network.read == ("relu4",)


def test_what_is_kept_of_an_image_is_what_a_run_of_it_gives(graph, found):
    run, image = found.runs[0], found.examples.images[3]
    network = build(graph, found.examples.images[0], run.rates_hz)
    network.see(image)
    recording = running.run(network, STEPS)
    assert list(run.neurons) == [trains.name for trains in recording.populations]
    for at, trains in enumerate(recording.populations):
        assert run.spikes[3, :, at].sum() == trains.total()
        assert run.spikes[3, 4, at] == trains.total(4, 5)
        part = run.raster[3][:, run.part(trains.name)]
        assert np.array_equal(part, trains.raster(run.sampled[trains.name]) > 0)
        rates = trains.rates_hz().ravel()
        assert run.high[3, at] == pytest.approx(np.percentile(rates, 99.9), rel=1e-5)
    ann = dict(forward(graph, image[None]))["relu2"].ravel()
    snn = recording["relu2"].rates_hz().ravel() / run.rates_hz["relu2"]
    at = list(run.neurons).index("relu2")
    assert run.correlation[3, at] == pytest.approx(np.corrcoef(ann, snn)[0, 1], rel=1e-4)
    assert run.error[3, at] == pytest.approx(np.abs(snn - ann).sum() / ann.sum(), rel=1e-4)
    # events: of each population's spikes, the synapses that they reach, and the host's 3 classes
    many = recording.synaptic_events()
    last = recording["relu4"].total() * 3
    assert sum(many.values()) + last > 0
    everything = (run.spikes.sum(axis=1) * run.events).sum()
    assert everything > 0 and np.isclose(run.events[-1], 3)


def test_an_answer_is_settled_from_when_on_it_does_not_change(found):
    run = found.runs[0]
    hot = np.eye(3)[[[0, 1, 1, 2, 2], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]]]
    made = replace(run, answers=hot)
    assert made.settled.tolist() == [4, 1, 5]
    assert made.timesteps == 5


def test_right_answers_and_confusion(found):
    classes = np.array([[0, 1], [1, 1], [0, 2], [2, 0], [1, 1]])
    assert found.right(classes) == pytest.approx([2 / 5, 3 / 5])
    table = found.confusion(classes[:, 0])
    assert table.tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 0]]  # a label of no class is none
    bare = replace(found, examples=replace(found.examples, labels=None))
    assert bare.right(bare.ann) == 1
    assert np.trace(bare.confusion(bare.ann)) == 5


def test_spikes_follow_the_ann_better_the_longer_they_run(graph, found):
    longer = measured(graph, found.examples, ("ecc",), 10 * STEPS)
    shorter = found.runs[1]
    assert np.nanmean(longer.runs[0].error) < np.nanmean(shorter.error)
    ann, snn = longer.runs[0].said("relu2")
    assert np.corrcoef(ann, snn)[0, 1] > 0.99
    assert longer.expected.shape == (5, 3) and longer.classes == ("a", "b", "c")


def test_a_test_comes_back_from_its_file(found, tmp_path):
    storing.save(found, {"by": "nobody"}, tmp_path / "x.npz")
    again, about = storing.load(tmp_path / "x.npz", found.graph)
    assert about == {"by": "nobody"} and again.classes == found.classes
    assert again.reached == found.reached and again.percentile == found.percentile
    for ours, theirs in zip(found.runs, again.runs, strict=True):
        assert ours.method == theirs.method and ours.neurons == theirs.neurons
        assert np.array_equal(ours.answers, theirs.answers)
        assert np.array_equal(ours.spikes, theirs.spikes)
        assert np.array_equal(ours.raster, theirs.raster)
        for name in ("correlation", "error", "activation", "high"):
            one, other = getattr(ours, name), getattr(theirs, name)
            assert np.allclose(one, other, rtol=2e-3, atol=2e-3, equal_nan=True), name
    data = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(data[: len(data) // 2])
    with pytest.raises(LabError, match="cut.npz is missing or damaged"):
        storing.load(tmp_path / "cut.npz", found.graph)


@pytest.mark.parametrize("last", ["sigmoid", "linear"])
def test_of_a_single_output_the_classes_are_no_and_yes(last):
    d = nets.Drawn(3)
    nodes = (
        Node("c", d.conv(3, 2, 4), (IMAGE,)),
        Node("r", Neurons(), ("c",)),
        Node("m", Pooling("average", None, None), ("r",)),
        Node("f", Reshape(), ("m",)),
        Node("d", d.dense(4, 1), ("f",)),
        Node("answer", OffChip(last), ("d",)),
    )
    graph, images = Graph("one", nets.SHAPE, nodes), nets.images(6)
    got = measured(graph, Examples(images, np.array([0, 1] * 3)), ("ecc",), 60)
    alone = answer(graph, images)[:, 0]
    assert got.expected.shape == (6, 2) and got.classes == ("0", "1")
    half = 0.5 if last == "sigmoid" else 0.0
    assert np.array_equal(got.ann, (alone > half).astype(int))
    assert got.runs[0].answers.shape == (6, 60, 2)
    assert np.allclose(got.runs[0].answers[:, -1], got.expected, atol=0.1)


def test_masks_are_no_labels_of_classes(graph):
    masks = Examples(nets.images(2), np.zeros((2, 8, 8), int))
    with pytest.raises(LabError, match="one label for each image"):
        measured(graph, masks, ("ecc",), 4)


def test_stages_of_a_wide_maximum_have_no_ann_beside_them():
    made = spiking_form(nets.assorted())
    examples = Examples(nets.images(2), np.array([0, 1]))
    run = measured(made, examples, ("ecc",), 6).runs[0]
    stages = [at for at, name in enumerate(run.neurons) if name not in made.by_name]
    assert stages and np.isnan(run.error[:, stages]).all()
    known = [at for at, name in enumerate(run.neurons) if name in made.by_name]
    assert not np.isnan(run.error[:, known]).all()

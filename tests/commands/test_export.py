"""``export``: contract, refusals, and the file that comes out."""

import json
import re
from dataclasses import replace

import nir
import numpy as np
import pytest

from snnlab.commands import cli
from snnlab.export.exchange import files as exchange_files
from snnlab.export.exchange import readers
from snnlab.nets.detector import model as detectors
from snnlab.nets.graph import files
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from tests import small_detector
from tests.conversion.graphs import nets


def run(capsys, *words) -> tuple[int, str, str]:
    code = cli.main(["export", *map(str, words), "--quiet"])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of nets with one in it."""
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    d = nets.Drawn(1)
    nodes = (
        Node("conv", d.conv(3, 2, 3), (IMAGE,)),
        Node("relu", Neurons(), ("conv",)),
        Node("out", d.conv(1, 3, 1), ("relu",)),
        Node("sigmoid", OffChip("sigmoid"), ("out",)),
    )
    files.save(Graph("tiny", nets.SHAPE, nodes), tmp_path / "models" / "nets")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Without other libraries, whatever is installed."""
    monkeypatch.setattr(readers, "installed", lambda library: False)


def test_a_model_of_the_lab(capsys, tmp_path):
    out = tmp_path / "phantom.nir"
    code, said, err = run(
        capsys, "phantom", out, "--height", 16, "--width", 32, "--reset", "zero", "--initial", 0,
        "--timesteps", 12, "--verify", "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    answer = json.loads(said)
    assert answer["spikes_equal"] == 1 and answer["checked_with"] == ["NIR's equations"]
    graph = nir.read(out)
    assert (answer["nodes"], answer["edges"]) == (len(graph.nodes), len(graph.edges))
    trains = exchange_files.trains_in(out)
    assert answer["spikes"] == sum(t.sum() for name, t in trains.items() if name != "input") > 500
    neurons = [node for node in graph.nodes.values() if isinstance(node, nir.IF)]
    assert answer["neurons"] == sum(node.r.size for node in neurons)
    assert tuple(graph.nodes["input"].input_type["input"]) == (1, 16, 32)
    assert trains["input"].shape == (12, 512)


def test_an_imported_net_and_what_people_read(capsys, tmp_path, shelf):
    code, said, _ = run(capsys, "tiny", tmp_path / "tiny.nir", "--timesteps", 16, "--verify")
    assert code == 0
    assert "tiny: 5 nodes, 4 edges, 192 neurons" in said
    assert "NIR's equations           100.0000 %  none" in said
    assert "by subtraction" in said and "seeded noise" in said
    path = tmp_path / "images.npz"
    np.savez(path, images=nets.images(4))
    code, said, _ = run(capsys, "tiny", tmp_path / "tiny.nir", "--data", path)
    assert code == 0 and "seeded noise" not in said


def test_a_detector_and_its_file(capsys, tmp_path):
    place, out = tmp_path / "small.detector.npz", tmp_path / "small.nir"
    detectors.save(replace(small_detector.detector(), name="small"), tmp_path)
    words = out, "--height", 32, "--width", 64, "--timesteps", 12, "--verify", "--json"
    code, said, err = run(capsys, place, *words)
    assert (code, err) == (0, "")
    answer = json.loads(said)
    assert answer["spikes_equal"] == 1 and answer["spikes"] > 100
    graph = nir.read(out)
    assert {name for name, one in graph.nodes.items() if isinstance(one, nir.Output)} == {
        f"output_{head}-level{level}" for head in ("score", "box") for level in (3, 4, 5)
    }
    code, said, _ = run(capsys, "mitochondria", out, "--timesteps", 2, "--reset", "zero")
    assert code == 0 and "mitochondria: 63 nodes" in said and "reset to zero" in said


@pytest.mark.parametrize(("words", "sentence"), [
    (("nobody", "x.nir"), "there is no net 'nobody'"),
    (("relu", "x.nir", "--height", 40), "multiples of 16, up to 256"),
    (("relu", "x.nir", "--timesteps", 0), "between 1 and 4096"),
    (("relu", "x.nir", "--initial", 2), "--initial must be between 0 and 1"),
    (("relu", "no/such/folder/x.nir"), "no/such/folder"),
    (("pooled", "x.nir"), "the population pool-.* is of MaxPoolGate neurons"),
    (("relu", "x.nir", "--method", "multi-threshold"), "MultiThreshold neurons.*rate-scaling"),
    (("loihi", "x.nir"), "low-pass filter"),
    (("mitochondria", "x.nir", "--height", 48), "mitochondria is exported .* multiples of 32"),
    (("mitochondria", "x.nir", "--method", "bistable"), "a detector cannot be converted by"),
    (("no.detector.npz", "x.nir"), "there is no detector 'no'"),
    (("relu", "x.nir", "--data", "x.npz"), "--data and --size are for imported nets"),
    (("tiny", "x.nir", "--range", 1, 2), "--range and --synapse are for the lab's models"),
])  # fmt: skip
def test_a_mistake_is_one_sentence(capsys, tmp_path, monkeypatch, shelf, words, sentence):
    monkeypatch.chdir(tmp_path)
    code, said, err = run(capsys, *words)
    assert (code, said) == (2, "") and not (tmp_path / "x.nir").exists()
    assert err.startswith("snnlab: error: ") and err.count("\n") == 1
    assert re.search(sentence, err)

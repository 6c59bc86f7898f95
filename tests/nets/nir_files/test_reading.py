"""NIR graphs of anybody: read without trust, refused in one sentence that names the node."""

import random
from pathlib import Path

import h5py
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.export.exchange import stepping
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.nir_files.reading import read, read_nodes
from tests.export.exchange import test_remembering
from tests.nets.nir_files import graphs


@pytest.fixture
def path(tmp_path):
    return graphs.write(tmp_path / "net.nir", graphs.classifier())


def test_neurons_keep_their_names_and_shapes(path):
    imported = read(path, "literal", 0.001)
    graph = imported.graph
    assert (imported.reset, imported.initial, imported.dt) == ("zero", 0.25, 0.001)
    found = {n.name: graph.shapes[n.name] for n in graph.nodes if isinstance(n.layer, Neurons)}
    assert found == {"n1": (5, 5, 4), "n2": (5, 5, 4), "n3": (2, 2, 4), "n4": (6,), "n5": (3,)}
    assert graph.image_shape == (9, 10, 2) and graph.output.name == "n5"


def test_what_r_means_is_asked_for(path):
    with pytest.raises(LabError, match="does not say how long a step is, nor what r means; give"):
        read(path)
    with pytest.raises(LabError, match="give --dt"):
        read(path, "literal")
    with pytest.raises(LabError, match="between 0 and 10 seconds"):
        read(path, "literal", -1.0)
    literal, step = read(path, "literal", 0.001), read(path, "step")
    # its r is 2000, its threshold 2 above its reset, and a step adds dt r I, or I
    scales = [one.graph.by_name["n2(scale)"].layer.scale[0] for one in (literal, step)]
    assert scales == pytest.approx([1.0, 0.5], rel=1e-6)
    assert scales[0] < 1  # what is just at the threshold is not above it


def changed(path, change):
    with h5py.File(path, "r+") as file:
        change(file, file["node/nodes"])
    return path


def put(group, name, value):
    del group[name]
    group[name] = value


def linked(file, nodes):
    del nodes["a/bias"]
    nodes["a/bias"] = h5py.ExternalLink("/etc/hostname", "x")


def soft(file, nodes):
    nodes["n1"].create_group("metadata")["reset"] = "subtraction"


OTHERS = 1 + np.arange(100.0).reshape(4, 5, 5)
REFUSED = {
    "a LIF": (lambda f, n: put(n["n1"], "type", "LIF"), "^the node n1 is a LIF neuron, which"),
    "a CubaLIF": (lambda f, n: put(n["n1"], "type", "CubaLIF"), "^the node n1 is a CubaLIF"),
    "a delay": (lambda f, n: put(n["s"], "type", "Delay"), "^the node s is a delay"),
    "unknown": (lambda f, n: put(n["s"], "type", "Magic"), "^the node s is a Magic, which"),
    "no type": (lambda f, n: n["s"].__delitem__("type"), "^the node s has numbers that are not in"),
    "no weight": (lambda f, n: n["c1"].__delitem__("weight"), "^the node c1 .* says no weight"),
    "not numbers": (lambda f, n: put(n["a"], "bias", [np.nan] * 6), "^the node a .* are infinite"),
    "too large": (lambda f, n: put(n["a"], "bias", [1e35] * 6), "^the node a has numbers"),
    "other": (lambda f, n: put(n["a"], "weight", np.ones((6, 15))), "^the node a .* 15 values"),
    "a stride of 0": (lambda f, n: put(n["c1"], "stride", [0, 1]), "^the node c1 has numbers that"),
    "below": (lambda f, n: put(n["n1"], "v_threshold", -OTHERS), "^the node n1 does not fit"),
    "differ": (lambda f, n: put(n["n1"], "v_threshold", OTHERS), "^the node n1 does not fit"),
    "another reset": (soft, "reset or begin in different ways"),
    "a link": (linked, "^the node a .* another file"),
    "a loop": (lambda f, n: put(f["node"], "edges", [[b"n1", b"c1"], [b"c1", b"n1"]]), "in a loop"),
    "nowhere": (lambda f, n: put(f["node"], "edges", [[b"n1", b"x"]]), "^the node x is at the end"),
    "no edges": (lambda f, n: put(f["node"], "edges", 3.0), "edges that are no pairs"),
    "no graph": (lambda f, n: f.__delitem__("node"), "holds no graph"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_a_sentence(path, what):
    change, sentence = REFUSED[what]
    with pytest.raises(LabError, match=sentence) as caught:
        read(changed(path, change), "literal", 0.001)
    said = str(caught.value)
    assert "\n" not in said and said.endswith(".") and len(said) < 500


def test_what_is_no_file_or_no_graph(tmp_path):
    for name, data, sentence in (
        ("a.nir", b"hello", "is no NIR graph; choose a .nir file"),
        ("b.nir", b"\x89HDF\r\n\x1a\n" + bytes(50), "damaged or cut short"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LabError, match=sentence):
            read(tmp_path / name, "step")
    with pytest.raises(LabError, match="is a folder and no NIR graph"):
        read(tmp_path, "step")
    with pytest.raises(LabError, match="no such file"):
        read(tmp_path / "c.nir", "step")


def test_an_older_file_has_no_reset(path):
    with h5py.File(path, "r+") as file:
        for name in ("n1", "n2", "n3", "n4", "n5"):
            del file[f"node/nodes/{name}/v_reset"]
    assert read(path, "step").initial == 0


ODD = (-1, 0, 2, 10**9, 0.5, 1e25, float("nan"), b"", b"IF", b"Conv2d", b"Affine", [1, 2], [[3.0]])


def damaged(data: bytes, target: Path, draw: random.Random) -> None:
    """Cut off, or with members left out, exchanged, or put to odd values."""
    target.write_bytes(data[: draw.randrange(len(data))] if draw.random() < 0.3 else data)
    try:
        with h5py.File(target, "r+") as file:
            for _ in range(draw.choice((1, 1, 2, 4))):
                places = []
                file.visit(places.append)
                place, other = draw.choice(places), draw.choice(places)
                how = draw.choice(("odd", "odd", "out", "other"))
                value = file[other] if how == "other" else draw.choice(ODD)
                if how == "other" and place.startswith(other):
                    continue
                del file[place]
                if how != "out":
                    file[place] = value
    except (OSError, KeyError, IndexError, RuntimeError, ValueError):
        pass


@pytest.mark.parametrize("within", [True, False])
def test_damaged_files_of_other_nodes(tmp_path, within):
    """Read, and run if that can be."""
    path, target = tmp_path / "net.nir", tmp_path / "damaged.nir"
    if within:
        test_remembering.written(path, *test_remembering.recurrent(True))
    else:
        test_remembering.every_kind(path)
    data, seen = path.read_bytes(), {"run": 0, "refused": 0}
    for number in range(300):
        damaged(data, target, random.Random(number))
        try:
            found = read_nodes(target)
            shape = stepping.input_shape(found)
            stepping.run(found, np.ones((2, *shape)), 0.001)
            seen["run"] += 1
        except LabError as error:
            said = str(error)
            assert "\n" not in said and said.endswith(".") and len(said) < 600, said
            seen["refused"] += 1
    assert seen["refused"] > 100 and seen["run"] > 3


def test_five_hundred_damaged_files(path, tmp_path):
    data, target = path.read_bytes(), tmp_path / "damaged.nir"
    seen = {"read": 0, "refused": 0}
    for number in range(500):
        damaged(data, target, random.Random(number))
        try:
            read(target, "literal", 0.001)
            seen["read"] += 1
        except LabError as error:
            said = str(error)
            assert "\n" not in said and said.endswith(".") and len(said) < 600, said
            seen["refused"] += 1
    assert seen["refused"] > 300 and seen["read"] > 5

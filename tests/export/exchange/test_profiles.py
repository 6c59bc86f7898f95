"""Graphs for single libraries, and what the libraries make of them where they are installed."""

import sys

import h5py
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.export.exchange import profiles, readers
from snnlab.export.exchange.files import trains_in
from snnlab.lab import exchanging
from snnlab.nets.graph.net import IMAGE, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.shaping import Add, Reshape, Upsampling
from tests.conversion.graphs import nets
from tests.export.exchange.test_building import net, unet


def written(folder, library, reset="zero", initial=0.0, steps=20):
    made = exchanging.made(unet(reset, initial), steps, library=library)
    path = folder / "net.nir"
    path.write_bytes(made.packed())
    return made, path


def chain(d, *more):
    """Without branches, as Spyx has it."""
    nodes = [Node("conv", d.conv(3, 2, 4, 2), (IMAGE,)), Node("relu", Neurons(), ("conv",))]
    nodes += [Node("conv2", d.conv(3, 4, 4), ("relu",)), *more]
    nodes += [Node("relu2", Neurons(), (nodes[-1].name,)), Node("flat", Reshape(), ("relu2",))]
    return [*nodes, Node("dense", d.dense(64, 7), ("flat",)), Node("relu3", Neurons(), ("dense",))]


@pytest.mark.parametrize("library", profiles.LIBRARIES)
def test_by_nirs_equations_a_librarys_graph_has_the_same_spikes(library):
    network = net(chain(nets.Drawn(3)), initial=0.0) if library == "spyx" else unet("zero", 0.0)
    made = exchanging.made(network, 30, "zero", library)
    assert exchanging.checked(made).spikes_equal == 1
    assert any(f"for {library}" in note for note in made.notes)


@pytest.mark.parametrize(("library", "reset", "initial", "sentence"), [
    ("norse", "subtraction", 0.5, "norse resets to zero.*--reset zero --initial 0"),
    ("norse", "zero", 0.25, "norse resets to zero.*--reset zero --initial 0"),
    ("snntorch", "subtraction", 0.0, "snntorch resets LIF neurons to zero"),
    ("spikingjelly", "zero", 0.25, "spikingjelly resets to v_reset, and begins there"),
    ("sinabs", "zero", 0.25, "sinabs resets to zero or by subtraction"),
    ("spyx", "zero", 0.0, "spyx follows one edge .* leaves out the others, and down0 feeds sev"),
    ("lava", "zero", 0.0, "there is no profile for 'lava'; choose norse"),
])  # fmt: skip
def test_what_would_not_survive_is_refused(library, reset, initial, sentence):
    with pytest.raises(LabError, match=sentence):
        exchanging.made(unet(reset, initial), 2, library=library)


def test_places_without_a_neuron_have_a_threshold_of_their_own():
    d = nets.Drawn(2)
    nodes = [
        Node("conv", d.conv(3, 1, 2, 2), (IMAGE,)),
        Node("relu", Neurons(), ("conv",)),
        Node("large", Upsampling((2, 2)), ("relu",)),
        Node("conv2", d.conv(2, 2, 2, padding="valid"), ("large",)),
        Node("relu2", Neurons(), ("conv2",)),
    ]
    with pytest.raises(LabError, match="wants one threshold per population, and relu2"):
        exchanging.made(net(nodes, (7, 7, 1), 0.0), 2, "zero", "spikingjelly")


def test_spyx_has_no_second_edge():
    nodes = chain(nets.Drawn(3), Node("sum", Add(), ("conv2", "relu")))
    with pytest.raises(LabError, match="and relu feeds several"):
        exchanging.made(net(nodes), 2, "zero", "spyx")


def test_sinabs_has_a_file_that_its_nir_can_read(tmp_path):
    _, path = written(tmp_path, "sinabs", steps=3)
    with h5py.File(path) as file:
        nodes = file["node/nodes"]
        assert all("v_reset" not in nodes[name] for name in nodes)
        assert "v_threshold" in nodes["up0"]


def test_what_a_library_says_is_compared_and_repeated(tmp_path, monkeypatch):
    """With a library that is none: it sends the reference run back, without one of its spikes."""
    _, path = written(tmp_path, None, steps=10)
    place = tmp_path / "build" / "norse"
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(readers, "PLACE", tmp_path)
    assert not readers.installed("norse") and exchanging.checked_by("norse", path) is None
    (place / "installed").touch()
    script = tmp_path / "read.py"
    trains = {name: spikes for name, spikes in trains_in(path).items() if name != "input"}
    where = np.argwhere(trains["down1"])[0]
    trains["down1"][tuple(where)] = False
    np.savez(tmp_path / "answer.npz", about=np.array("norse 0"), **trains)
    script.write_text(
        "import shutil, sys; shutil.copy(sys.argv[0].replace('read.py', 'answer.npz'), sys.argv[3])"
    )
    found = exchanging.checked_by("norse", path)
    assert found.versions == "norse 0"
    assert (found.compared.step, found.compared.layer) == (where[0], "down1")
    assert found.compared.layers["up0"] == 1 > found.compared.layers["down1"] > 0.9
    np.savez(tmp_path / "answer.npz", about=np.array("norse 0"))
    with pytest.raises(LabError, match="norse made no neurons of down0"):
        readers.read("norse", path)
    script.write_text("raise ValueError('its own words')")
    with pytest.raises(LabError, match="^norse cannot run this graph: ValueError: its own words$"):
        readers.read("norse", path)


@pytest.mark.parametrize(("library", "reset", "initial", "profile"), [
    ("norse", "zero", 0.0, "norse"), ("sinabs", "zero", 0.0, "sinabs"),
    ("sinabs", "subtraction", 0.5, "sinabs"), ("snntorch", "zero", 0.0, "snntorch"),
    ("spikingjelly", "zero", 0.0, "spikingjelly"), ("spikingjelly", "subtraction", 0.5, None),
])  # fmt: skip
def test_with_its_lines_a_library_sends_every_spike(tmp_path, library, reset, initial, profile):
    if not readers.installed(library):
        pytest.skip(f"made by benchmarks/exchange/environment.sh {library}")
    _, path = written(tmp_path, profile, reset, initial)
    assert readers.read(library, path).compared.spikes_equal == 1


@pytest.mark.parametrize(("reset", "initial"), [("zero", 0.0), ("subtraction", 0.5)])
def test_with_its_lines_spyx_sends_every_spike(tmp_path, reset, initial):
    if not readers.installed("spyx"):
        pytest.skip("made by benchmarks/exchange/environment.sh spyx")
    made = exchanging.made(net(chain(nets.Drawn(3)), initial=initial), 20, reset, "spyx")
    path = tmp_path / "net.nir"
    path.write_bytes(made.packed())
    assert readers.read("spyx", path).compared.spikes_equal == 1
    assert readers.read("spyx", path, lines=False).compared.spikes_equal < 0.5

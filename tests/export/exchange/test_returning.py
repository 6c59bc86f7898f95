"""NIR graphs that come in: the same spikes as where they come from, and there and back."""

import json
from pathlib import Path

import numpy as np
import pytest

from snnlab.commands import cli
from snnlab.errors import LabError
from snnlab.export.exchange import returning
from snnlab.lab import exchanging
from snnlab.nets.nir_files.reading import read
from tests.export.exchange.test_building import unet
from tests.nets.nir_files import graphs

PAPER = Path(__file__).resolve().parents[4] / "shared" / "data" / "nir-paper"


@pytest.mark.parametrize(("meaning", "dt"), [("literal", 0.001), ("step", None)])
@pytest.mark.parametrize("more", [{}, {"reset": "subtraction", "initial": 0.0}])
def test_by_nirs_equations_it_has_the_same_spikes(tmp_path, meaning, dt, more):
    path = graphs.write(tmp_path / "net.nir", graphs.classifier(**more))
    imported = read(path, meaning, dt)
    assert imported.reset == more.get("reset", "zero")
    found, with_what, off = returning.checked(imported, path)
    assert with_what == "NIR's equations"
    assert (found.spikes_equal, found.step, off) == (1.0, None, 0.0)
    network = returning.network_of(imported, np.full((9, 10, 2), 0.5))
    spikes = returning.running.run(network, 32).populations
    assert all(trains.total() > 10 for trains in spikes)


@pytest.mark.parametrize(
    ("reset", "initial"), [("zero", 0.0), ("zero", 0.25), ("subtraction", 0.5)]
)
def test_there_and_back_every_spike_is_the_same(tmp_path, reset, initial):
    path = tmp_path / "net.nir"
    made = exchanging.made(unet(reset, initial), 40)
    path.write_bytes(made.packed())
    imported = read(path)
    assert (imported.reset, imported.initial) == (reset, initial)
    found, with_what, off = returning.checked(imported, path)
    assert with_what == "the file's own run"
    assert (found.spikes_equal, found.step, off) == (1.0, None, 0.0)
    assert set(found.layers) == {trains.name for trains in made.recording.populations}


def test_a_difference_is_seen(tmp_path):
    path = graphs.write(tmp_path / "net.nir", graphs.classifier())
    imported = read(path, "literal", 0.001)
    imported.nodes["n2"].holds["v_threshold"] *= 1.2
    found, _, off = returning.checked(imported, path)
    assert found.layer == "n2" and found.layers["n1"] == 1 > found.layers["n2"] and off > 0


def test_the_command_keeps_the_net(capsys, tmp_path):
    path = graphs.write(tmp_path / "My net.nir", graphs.classifier())
    words = ["import", str(path), "--r", "literal", "--dt", "0.001", "--out", str(tmp_path)]
    assert cli.main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["name"] == "my-net" and answer["input_shape"] == [9, 10, 2]
    assert answer["spikes_equal"] == 1 and answer["refused"] == []
    assert answer["spiking_neurons"] == sum(one["neurons"] for one in answer["layers"]) == 225
    assert (tmp_path / "my-net.net.npz").is_file()
    assert cli.main(words) == 0
    assert "those of NIR's equations: 100.00 %" in capsys.readouterr().out
    assert cli.main(["import", str(path)]) == 2
    assert "nor what r means; give --r" in capsys.readouterr().err
    assert cli.main(["import", "net.keras", "--r", "step"]) == 2
    assert "--r and --dt are for .nir files" in capsys.readouterr().err


@pytest.mark.skipif(not PAPER.is_dir(), reason="the graphs of NIR's paper are not here")
def test_the_papers_graphs():
    path = PAPER / "cnn_sinabs.nir"
    found, with_what, _ = returning.checked(read(path, "step"), path)
    assert found.spikes_equal == 1 and len(found.layers) == 5
    for name, node in (("lif_norse", "1 is a LIF"), ("braille_noDelay_bias_zero", "lif1.lif is a")):
        with pytest.raises(LabError, match=f"^the node {node}"):
            read(PAPER / f"{name}.nir", "step")

"""Graphs with leaky neurons: the engine's spikes are those of NIR's equations as they are."""

import json
from pathlib import Path
from types import SimpleNamespace

import h5py
import nir
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.commands import cli
from snnlab.errors import LabError
from snnlab.export.exchange import literal, stepping
from snnlab.nets.nir_files.nodes import Found
from snnlab.nets.nir_files.reading import Nodes, read_nodes

PAPER = Path(__file__).resolve().parents[4] / "shared" / "data" / "nir-paper"
DT = 0.001
papers = pytest.mark.skipif(not PAPER.is_dir(), reason="the graphs of NIR's paper are not here")


def neurons(kind, random, shape, soft=False):
    """Of a graph: numbers that differ from neuron to neuron, time constants that do not."""
    each = {key: random.uniform(0.5, 1.5, shape) for key in ("r", "v_threshold")}
    each |= {"v_leak": random.uniform(-0.3, 0.6, shape), "v_reset": random.uniform(-1, 0.3, shape)}
    tau, tau_syn = np.full(shape, random.uniform(1e-3, 0.03)), np.full(shape, 0.004)
    if kind == "IF":
        each = {key: each[key] for key in ("r", "v_threshold", "v_reset")}
        each["r"] *= 100
    elif kind == "LIF":
        each["tau"] = tau
    else:
        each |= {"tau_mem": tau, "tau_syn": tau_syn, "w_in": random.uniform(0.5, 2, shape)}
    return Found(kind, each, soft, 0.1 if soft else 0.0)


@st.composite
def graphs(draw, loop=False):
    """An image, a linear node, neurons, another, neurons; perhaps a loop."""
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    kinds = st.sampled_from(["LIF", "CubaLIF", "LIF", "CubaLIF", "IF"])
    many, more = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    if draw(st.booleans()):
        shape, inner = (2, 5, 4), (3, 5, 4)
        first = Found("Conv2d", {
            "weight": random.uniform(-1, 2, (3, 2, 3, 3)), "bias": random.uniform(-1, 1, 3),
            "stride": np.array([1, 1]), "padding": np.array([1, 1]), "dilation": np.array([1, 1]),
            "groups": np.array([1]),
        })  # fmt: skip
    else:
        shape, inner = (many,), (more,)
        weight = random.uniform(-2, 4, (more, many))
        first = Found("Affine", {"weight": weight, "bias": random.uniform(-1, 1, more)})
    size = int(np.prod(inner))
    nodes = {
        "input": Found("Input", {"shape": np.array(shape)}),
        "first": first,
        "one": neurons(draw(kinds), random, inner, draw(st.booleans())),
        "flat": Found("Flatten", {"start_dim": np.array([0]), "end_dim": np.array([-1])}),
        "second": Found("Linear", {"weight": random.uniform(-2, 4, (5, size)) * 4 / size}),
        "two": neurons(draw(kinds), random, (5,), draw(st.booleans())),
        "output": Found("Output"),
    }
    names = list(nodes)
    edges = list(zip(names, names[1:], strict=False))
    if loop:
        nodes["back"] = Found("Linear", {"weight": random.uniform(-2, 2, (5, 5))})
        edges += [("two", "back"), ("back", "two")]
    values = random.uniform(-1, 3, (draw(st.sampled_from([20, 70])), *shape))
    return Nodes("net.nir", nodes, edges, None), values


def same(found, values, ran):
    """Potentials and spikes of every step."""
    assert stepping.checked(found, values, DT, ran).spikes_equal == 1
    graph = SimpleNamespace(nodes=stepping.as_nodes(found.nodes), edges=found.edges)
    wanted = literal.run(graph, values, len(values), DT, ran.late, potentials=True)
    for name, voltage in ran.potentials.items():
        whole = wanted[name].reshape(voltage.shape)
        np.testing.assert_allclose(voltage, whole, rtol=1e-6, atol=1e-8, err_msg=name)


@settings(deadline=None, max_examples=25)
@given(graphs())
def test_the_event_engine_has_the_spikes_of_nirs_equations(made):
    found, values = made
    ran = stepping.run(found, values, DT)
    assert ran.simulator == "event" and not ran.late
    same(found, values, ran)


@settings(deadline=None, max_examples=6)
@given(graphs(loop=True))
def test_loops_are_run_by_nengo_and_their_last_edge_takes_a_step(made):
    found, values = made
    ran = stepping.run(found, values, DT)
    assert ran.simulator == "nengo" and ran.late == {("back", "two")}
    same(found, values, ran)


@papers
def test_the_papers_leaky_neuron_spikes_as_its_platforms_do():
    found = read_nodes(PAPER / "lif_norse.nir")
    traces = {one: np.loadtxt(PAPER / f"lif_{one}.csv", delimiter=",")
              for one in ("exact", "norse", "snntorch", "nengo", "sinabs")}  # fmt: skip
    given_ = traces["exact"][:, :1]
    ran = stepping.run(found, given_, 1e-4)
    same_spikes = [
        one
        for one, trace in traces.items()
        if np.array_equal(np.flatnonzero(trace[:, 2]), np.flatnonzero(ran.spikes["1"]))
    ]
    assert same_spikes == ["exact", "norse", "snntorch", "nengo"]  # sinabs spikes earlier
    off = np.abs(ran.potentials["1"][:, 0] - traces["exact"][:, 1])
    among = np.abs(traces["norse"][:, 1] - traces["exact"][:, 1])
    assert off.max() <= among.max() and off.max() < 0.007  # of a threshold of 0.1


@papers
def test_the_papers_recurrent_graph_runs():
    found = read_nodes(PAPER / "braille_noDelay_bias_zero.nir")
    values = (np.random.default_rng(0).random((300, 12)) < 0.1).astype(float)
    ran = stepping.run(found, values, 1e-4)
    assert ran.simulator == "nengo" and ran.late == {("lif1.w_rec", "lif1.lif")}
    assert {name: spikes.sum() > 50 for name, spikes in ran.spikes.items()} == {
        "lif1.lif": True, "lif2": True,
    }  # fmt: skip
    assert stepping.checked(found, values, 1e-4, ran).spikes_equal == 1


def lif(**more):
    """A graph of one neuron."""
    one = np.ones(2)
    holds = {"tau": one * 0.01, "r": one, "v_leak": one * 0, "v_threshold": one, **more}
    nodes = {"input": Found("Input", {"shape": np.array([2])}), "n": Found("LIF", holds)}
    nodes["output"] = Found("Output")
    return Nodes("net.nir", nodes, [("input", "n"), ("n", "output")], None)


@pytest.mark.parametrize(
    "found, named",
    [
        (lif(tau=np.zeros(2)), "^the node n has time constants that are not above 0"),
        (lif(v_reset=np.array([0.0, 1.0])), "thresholds above the potential that is reset to"),
        (lif(v_threshold=np.ones(3)), "^the node n has numbers of different shapes"),
        (
            Nodes(
                "net.nir",
                lif().nodes | {"input": Found("Input", {"shape": np.array([1])})},
                lif().edges,
                None,
            ),
            "^the node n does not fit what comes before it .numbers for 2 neurons",
        ),
        (Nodes("net.nir", lif().nodes, [("input", "x")], None), "^the node x is at the end"),
        (Nodes("net.nir", {}, [], None), "has 0 inputs"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(found, named):
    with pytest.raises(LabError, match=named) as caught:
        stepping.input_shape(found)
        stepping.run(found, np.ones((3, *stepping.input_shape(found))), DT)
    assert "\n" not in str(caught.value)


def test_the_command_runs_an_input_and_keeps_the_run(tmp_path, capsys):
    one = np.ones(1)
    node = nir.CubaLIF(tau_syn=one * 0.005, tau_mem=one * 0.01, r=one, v_leak=one * 0,
                       v_threshold=one, w_in=one * 3)  # fmt: skip
    graph = nir.NIRGraph.from_list(nir.Linear(weight=np.array([[0.5, 1.0]])), node)
    path, csv = tmp_path / "net.nir", tmp_path / "in.csv"
    nir.write(path, graph)
    csv.write_text("1,0.5\n" * 40)
    words = ["import", str(path), "--input", str(csv), "--out", str(tmp_path / "runs")]
    assert cli.main(words) == 2
    assert "give --r literal --dt 0.001" in capsys.readouterr().err
    words += ["--r", "literal", "--dt", "0.001"]
    assert cli.main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["spikes_equal"] == 1 and answer["simulator"] == "event"
    kept = np.load(answer["file"])
    spikes = [name for name in kept if name.endswith(" spikes")]
    assert len(spikes) == 1 and 0 < kept[spikes[0]].sum() < 40
    assert kept[spikes[0]].sum() == sum(layer["spikes"] or 0 for layer in answer["layers"])
    assert cli.main(words[:2] + words[-4:]) == 0
    assert "not kept as a net" in capsys.readouterr().out
    csv.write_text("1,x\n")
    assert cli.main(words) == 2
    assert "in.csv is no table of numbers" in capsys.readouterr().err
    csv.write_text("1\n")
    assert cli.main(words) == 2
    assert "in.csv has 1 numbers per line" in capsys.readouterr().err
    assert cli.main([*words[:2], "--input", str(tmp_path / "none.csv"), *words[-4:]]) == 2
    assert "none.csv cannot be read" in capsys.readouterr().err
    with h5py.File(path, "r+") as file:
        name = next(one for one in file["node/nodes"] if "tau_mem" in file["node/nodes"][one])
        del file["node/nodes"][name]["w_in"]
    assert cli.main(words) == 2
    assert "it says no w_in" in capsys.readouterr().err

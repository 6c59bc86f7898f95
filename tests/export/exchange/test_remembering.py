"""Files with nodes that remember, as other frameworks write them, against NIR's equations."""

import json

import h5py
import nir
import numpy as np
import pytest

from snnlab.commands import cli
from snnlab.export.exchange import remembering, stepping
from snnlab.nets.nir_files.reading import read_nodes

DT, FINE = 0.001, 2000
RANDOM = np.random.default_rng(4)
MANY = 5


def numbers(low, high, shape=MANY):
    return RANDOM.uniform(low, high, shape)


def by_small_steps(node, given, dt=DT):
    """NIR's differential equations by Euler's rule in very small steps; potentials and spikes."""
    v, current = np.zeros(MANY), np.zeros(MANY)
    sent = []
    for now in given:
        for _ in range(FINE):
            drive = now
            if hasattr(node, "tau_syn"):
                current = current + dt / FINE / node.tau_syn * (node.w_in * now - current)
                drive = current
            if isinstance(node, nir.I):
                v = v + dt / FINE * node.r * drive
            else:
                tau = getattr(node, "tau_mem", getattr(node, "tau", None))
                v = v + dt / FINE / tau * (node.v_leak - v + node.r * drive)
        fired = v > getattr(node, "v_threshold", np.inf)
        sent.append(fired if hasattr(node, "v_threshold") else v)
        v = np.where(fired, getattr(node, "v_reset", 0.0), v)
    return np.array(sent)


def leaky(kind, **more):
    taus = {"tau": numbers(0.004, 0.03)}
    if "Cuba" in kind.__name__:
        taus = {"tau_mem": numbers(0.004, 0.03), "tau_syn": numbers(0.002, 0.01)}
        taus["w_in"] = numbers(0.5, 3)
    return kind(**taus, r=numbers(0.5, 2), v_leak=numbers(-0.1, 0.2), **more)


SPIKING = {"v_threshold": numbers(0.2, 0.6), "v_reset": numbers(-0.3, 0.1)}
NODES = {
    "LI": leaky(nir.LI),
    "CubaLI": leaky(nir.CubaLI),
    "I": nir.I(r=numbers(50, 200)),
    "LIF, time constants differ": leaky(nir.LIF, **SPIKING),
    "CubaLIF, time constants differ": leaky(nir.CubaLIF, **SPIKING),
}


BEGIN = RANDOM.bit_generator.state


@pytest.fixture(autouse=True)
def same_numbers():
    """Whatever tests ran before."""
    RANDOM.bit_generator.state = BEGIN


@pytest.mark.parametrize("kind", NODES)
def test_a_node_does_what_its_differential_equation_says(kind):
    node, given = NODES[kind], numbers(-1, 3, (60, MANY))
    made = remembering.Remembering(node_of(node), type(node).__name__, (MANY,), DT, False)
    ours = np.array([made(0.0, one) for one in given])
    wanted = by_small_steps(node, given)
    if made.sent is None:
        np.testing.assert_allclose(ours, wanted, atol=2e-3)
    else:  # a potential may come within an error of its threshold
        assert (ours != wanted).mean() < 0.01 and 20 < ours.sum() < 280


def node_of(node):
    node.metadata = {"initial": 0.0}
    return node


def written(path, nodes, edges=None, **more):
    names = list(nodes)
    edges = edges or list(zip(names, names[1:], strict=False))
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=edges, type_check=False, **more))
    return read_nodes(path)


def ends(before, after):
    return (
        nir.Input(input_type={"input": np.atleast_1d(before)}),
        nir.Output(output_type={"output": np.atleast_1d(after)}),
    )


def lif(shape=MANY, threshold=0.5):
    full = np.ones(shape)
    return nir.LIF(full * 0.01, full, full * 0, full * threshold, full * 0)


def every_kind(path):
    source, sink = ends((2, 12), MANY)
    line = nir.Conv1d(
        12, RANDOM.normal(0.2, 0.4, (4, 1, 3)), 2, 1, 1, 2, RANDOM.normal(0.1, 0.1, 4)
    )
    integrator = nir.LI(*(np.full((4, 6), number) for number in (0.003, 2.0, 0.1)))
    return written(path, {
        "input": source, "line": line, "li": integrator,
        "threshold": nir.Threshold(np.full((4, 6), 0.3)),
        "late": nir.Delay(np.linspace(0, 0.0071, 24).reshape(4, 6)),
        "flat": nir.Flatten({"input": np.array([4, 6])}, 0, -1),
        "affine": nir.Affine(numbers(-0.2, 0.6, (MANY, 24)), numbers(0, 0.1)),
        "scale": nir.Scale(numbers(0.5, 2)), "lif": leaky(nir.LIF, **SPIKING),
        "last": nir.Linear(numbers(-1, 2, (MANY, MANY))),
        "if": nir.IF(numbers(50, 200), numbers(0.5, 1)),
        "output": sink,
    })  # fmt: skip


def test_a_graph_of_every_kind_and_its_delays(tmp_path):
    found, values = every_kind(tmp_path / "net.nir"), numbers(-1, 2, (50, 2, 12))
    assert found.stepped and found.in_seconds == "Delay, LI, LIF"
    ran = stepping.run(found, values, DT)
    assert ran.simulator == "nengo" and not ran.closing
    assert stepping.checked(found, values, DT, ran).spikes_equal == 1
    assert all(spikes.sum() > 20 for spikes in ran.spikes.values()) and len(ran.spikes) == 2


def test_a_delay_is_as_long_as_it_says(tmp_path):
    source, sink = ends(3, 3)
    node = nir.IF(np.full(3, 1000.0), np.full(3, 0.5))
    delays = nir.Delay(np.array([0.0, 0.002, 0.005]))
    found = written(tmp_path / "net.nir", {"in": source, "d": delays, "n": node, "out": sink})
    values = np.zeros((9, 3))
    values[1] = 1
    ran = stepping.run(found, values, DT)
    assert ran.spikes["n"].argmax(0).tolist() == [1, 3, 6]
    assert stepping.checked(found, values, DT, ran).spikes_equal == 1
    # all of at least one step: in a loop, nothing else has to wait
    loop = nir.Delay(np.array([0.003]))
    source, sink = ends(1, 1)
    one = nir.IF(np.full(1, 1000.0), np.full(1, 0.5))
    nodes = {"in": source, "n": one, "d": loop, "out": sink}
    edges = [("in", "n"), ("n", "d"), ("d", "n"), ("n", "out")]
    found = written(tmp_path / "loop.nir", nodes, edges)
    ran = stepping.run(found, values[:, :1], DT)
    assert np.flatnonzero(ran.spikes["n"]).tolist() == [1, 4, 7] and not ran.closing
    assert stepping.checked(found, values[:, :1], DT, ran).spikes_equal == 1


def recurrent(within):
    """A recurrent layer: as a graph within the graph, as snnTorch and Spyx have it, or flat."""
    size, weights = 6, np.random.default_rng(1).normal(0, 1, (6, 6))
    inner = {"lif": lif(size), "w_rec": nir.Linear(weights)}
    loop = [("lif", "w_rec"), ("w_rec", "lif")]
    source, sink = ends(4, size)
    outer = {"input": source, "fc": nir.Affine(np.abs(weights[:, :4]), np.zeros(size))}
    if within:
        begin, end = ends(size, size)
        inner |= {"input": begin, "output": end}
        outer["lif1"] = nir.NIRGraph(
            inner, [*loop, ("input", "lif"), ("lif", "output")], type_check=False
        )
        return outer | {"output": sink}, [("input", "fc"), ("fc", "lif1"), ("lif1", "output")]
    flat = [(f"lif1.{a}", f"lif1.{b}") for a, b in loop]
    outer |= {f"lif1.{name}": node for name, node in inner.items()} | {"output": sink}
    return outer, [("input", "fc"), ("fc", "lif1.lif"), *flat, ("lif1.lif", "output")]


def test_a_graph_within_the_graph_is_the_same_as_a_flat_one(tmp_path):
    values = numbers(0, 2, (80, 4))
    flat, within = (
        written(tmp_path / f"{number}.nir", *recurrent(number)) for number in (False, True)
    )
    assert within.nodes["lif1.input"].kind == within.nodes["lif1.output"].kind == "Pass"
    one, other = (stepping.run(found, values, DT) for found in (flat, within))
    assert one.closing == other.closing == {("lif1.w_rec", "lif1.lif")}
    assert np.array_equal(one.spikes["lif1.lif"], other.spikes["lif1.lif"])
    assert one.spikes["lif1.lif"].sum() > 30
    assert stepping.checked(within, values, DT, other).spikes_equal == 1


def test_what_frameworks_leave_out_or_write_in_another_way(tmp_path):
    """No ``v_reset`` (nir before 1.0.5), one number for all neurons, an axis for a batch."""
    values = numbers(-1, 3, (50, 1, 2, 3))
    path = tmp_path / "net.nir"
    source, sink = ends((1, 2, 3, 3), 4)
    weights = RANDOM.normal(0.1, 0.4, (4, 18))
    nodes = {
        "input": source, "flat": nir.Flatten({"input": np.array([1, 2, 3, 3])}, 1, -1),
        "fc": nir.Affine(weights, np.zeros(4)), "lif": lif(4), "output": sink,
    }  # fmt: skip
    written(path, nodes)
    with h5py.File(path, "r+") as file:
        group = file["node/nodes/lif"]
        del group["v_reset"], file["version"]
        for key in ("r", "tau", "v_leak", "v_threshold"):
            number = group[key][0]
            del group[key]
            group[key] = number
        file["node/nodes/input/shape"][...] = (1, 2, 3, 3)
    found = read_nodes(path)
    assert stepping.input_shape(found) == (2, 3, 3)
    values = numbers(-1, 3, (50, 2, 3, 3))
    ran = stepping.run(found, values, DT)
    assert ran.simulator == "event" and ran.spikes["lif"].sum() > 10
    assert stepping.checked(found, values, DT, ran).spikes_equal == 1


def test_loops_of_neurons_without_a_leak_need_no_seconds(tmp_path, capsys):
    path, full = tmp_path / "net.nir", np.ones(2)
    source, sink = ends(2, 2)
    nodes = {"in": source, "n": nir.IF(full, full), "w": nir.Linear(-0.5 * np.eye(2)), "out": sink}
    written(path, nodes, [("in", "n"), ("n", "w"), ("w", "n"), ("n", "out")])
    assert cli.main(["import", str(path), "--r", "step", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["spikes_equal"] == 1 and answer["spiking_neurons"] == 2
    assert answer["dt"] is None and "w to n" in answer["notes"][1]
    every_kind(path)
    assert cli.main(["import", str(path), "--r", "step"]) == 2
    assert "has Delay, LI, LIF nodes, whose equations need" in capsys.readouterr().err
    assert cli.main(["import", str(path), "--r", "literal", "--dt", "0.001", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spikes_equal"] == 1

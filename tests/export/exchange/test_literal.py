"""NIR's own equations, worked by hand."""

import nir
import numpy as np
import pytest

from snnlab.export.exchange import literal


def graph(*nodes, shape=(1,), **more):
    names = ["input", *(f"n{number}" for number in range(len(nodes))), "output"]
    out = nir.Output(output_type={"output": np.array(more.get("out", shape))})
    made = dict(zip(names, [nir.Input(input_type={"input": np.array(shape)}), *nodes, out],
                    strict=True))  # fmt: skip
    edges = list(zip(names, names[1:], strict=False)) + more.get("edges", [])
    return nir.NIRGraph(nodes=made, edges=edges, type_check=False)


def neuron(r=1000.0, threshold=1.0, v_reset=0.0, **metadata):
    one = np.ones(1)
    return nir.IF(one * r, one * threshold, one * v_reset, metadata=metadata)


@pytest.mark.parametrize(
    ("node", "current", "train"),
    [
        (neuron(), 0.4, "001001001"),  # 0.4, 0.8, 1.2, 0: what is above is lost
        (neuron(), 0.5, "001001001"),  # 1.0 is not above 1
        (neuron(threshold=np.nextafter(1, 0)), 0.5, "010101010"),
        (neuron(r=500.0), 0.8, "001001001"),
        (neuron(v_reset=-0.9), 0.8, "010010010"),
        (neuron(reset="subtraction", subtract=1.0), 0.4, "001010010"),
        (neuron(reset="subtraction", initial=0.5), 0.4, "010100101"),
        (neuron(), -0.4, "000000000"),
    ],
)
def test_an_integrate_and_fire_neuron(node, current, train):
    if node.metadata.get("reset") and "initial" not in node.metadata:
        current += 1e-12  # 5 times 0.4 are 2
    found = literal.run(graph(node), np.array([current]), 9)
    assert "".join(str(int(one)) for one in found["n0"][:, 0]) == train


def test_a_leaky_neuron_is_exact():
    one = np.ones(1)
    leaky = nir.LIF(tau=one * 0.01, r=one, v_leak=one * 0, v_threshold=one * 0.5, v_reset=one * 0)
    found = literal.run(graph(leaky), np.array([1.0]), 20)
    # 1 - exp(-t / 10 ms) passes a half after 6.93 ms
    assert list(np.flatnonzero(found["n0"])) == [6, 13]


def test_a_leak_next_to_nothing_is_none():
    """As snnTorch's profile has it: of the potential 1e-16 leaks in a step, of the input none."""
    one = np.ones(1)
    node = nir.LIF(tau=one * 1e12, r=one * 1e16, v_leak=one * 0, v_threshold=one, v_reset=one * 0)
    found = literal.run(graph(node), np.array([0.4]), 9, dt=1e-4)
    assert list(np.flatnonzero(found["n0"])) == [2, 5, 8]


def test_what_several_edges_bring_is_added_and_passes_within_the_step():
    wide = nir.Linear(weight=np.array([[0.6]]))
    more = graph(wide, neuron(), edges=[("input", "n1")])
    assert literal.run(more, np.array([1.0]), 3)["n1"].all()
    assert list(literal.run(graph(wide, neuron()), np.array([1.0]), 4)["n1"][:, 0]) == [
        False, True, False, True,
    ]  # fmt: skip


def test_sums_means_and_groups():
    x = np.arange(32.0).reshape(2, 4, 4)
    two, none = np.array([2, 2]), np.array([0, 0])
    total = literal.linear(nir.SumPool2d(two, two, none), "SumPool2d", x)
    np.testing.assert_array_equal(total[0], [[10, 18], [42, 50]])
    np.testing.assert_array_equal(
        literal.linear(nir.AvgPool2d(two, two, none), "AvgPool2d", x), total / 4
    )
    weight = np.array([2.0, 3.0]).reshape(2, 1, 1, 1)
    node = nir.Conv2d(None, weight, 1, 0, 1, 2, np.array([0.0, 1.0]))
    found = literal.linear(node, "Conv2d", x)
    np.testing.assert_array_equal(found[0], 2 * x[0])
    np.testing.assert_array_equal(found[1], 3 * x[1] + 1)
    flat = nir.Flatten(input_type={"input": np.array([2, 4, 4])}, start_dim=0)
    np.testing.assert_array_equal(literal.linear(flat, "Flatten", x), x.ravel())


@pytest.mark.parametrize("tau_mem", [0.01, 0.004])
def test_a_current_based_neuron_is_exact(tau_mem):
    """Against a thousand small steps of Euler's a step."""
    one = np.ones(1)
    node = nir.CubaLIF(
        tau_syn=one * 0.004, tau_mem=one * tau_mem, r=one * 1.5, v_leak=one * 0.2,
        v_threshold=one * 9, w_in=one * 0.7,
    )  # fmt: skip
    given = np.array([[1.0], [0.0], [2.0], [-1.0], [0.5]])
    found = literal.run(graph(node), given, 5, potentials=True)["n0"][:, 0]
    i = v = 0.0
    for step, s in enumerate(given[:, 0]):
        for _ in range(1000):
            i, v = i + 1e-6 / 0.004 * (0.7 * s - i), v + 1e-6 / tau_mem * (0.2 - v + 1.5 * i)
        assert found[step] == pytest.approx(v, abs=2e-4)

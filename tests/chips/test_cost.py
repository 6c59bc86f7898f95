"""Time and energy of a step, by hand."""

import numpy as np
import pytest
from scipy import sparse

from snnlab.chips.board import Block, Edges, Layout, Partition, Traffic
from snnlab.chips.cost import CONSTANTS, step_cost


def one_step():
    """Two cores on two chips; the first sends its three spikes to the second."""
    block = Block("a", (0, 0, 0), (1, 1, 10), 10, 4, 4, 64)
    edges = Edges(np.array([0], np.int32), np.array([0, 1]), np.array([1], np.int32), np.array([3]))
    none = Edges(*(np.zeros(n, int) for n in (0, 1, 0, 0)))
    column = lambda *values: np.array(values)[:, None]  # noqa: E731
    traffic = Traffic(
        sparse.csr_array([[0, 3], [0, 0]]),
        edges,
        none,
        column(3, 1),
        column(3, 0),
        column(0, 3),
        column(0, 0),
        np.array([0, 1]),
        column(0, 90),
    )
    layout = Layout("searched", {"a": (1, 1, 10)}, (block, block), traffic, 0.0)
    partition = Partition(
        "greedy",
        "searched",
        np.array([0, 1]),
        2,
        (1, 2),
        np.array([[0, 0], [0, 1]]),
        3,
        3,
        0,
        np.array([[0, 3], [0, 0]]),
        3,
        0.0,
    )
    return layout, partition


def test_a_step_by_hand():
    cost = step_cost(*one_step())
    # the second core: 10 updates, one spike, 90 events, 3 messages
    assert cost.busiest == 1
    assert cost.parts["updates"] == pytest.approx((9 * 6e-9 + 30e-9, 10 * 9.7e-9 + 30e-9))
    assert cost.parts["synaptic events"] == pytest.approx((90 * 4e-9,) * 2)
    assert cost.parts["messages"] == pytest.approx((3 * 7.6e-9,) * 2)
    assert cost.parts["between chips"] == pytest.approx((0, 3 * 100e-9))
    assert cost.parts["barrier"] == pytest.approx((299e-9, 299e-9 + 1e-6))
    assert cost.seconds == pytest.approx([sum(x) for x in zip(*cost.parts.values(), strict=True)])
    assert cost.energy["synaptic event"] == pytest.approx((90 * 23.6e-12, 90 * 24e-12))
    assert cost.energy["neuron update"] == pytest.approx((20 * 52e-12, 20 * 81e-12))
    # three messages, each from one tile of 8 x 4 to another or to itself
    pairs = [abs(a - b) + abs(c - d) for a in range(8) for b in range(8) for c in range(4)
             for d in range(4)]  # fmt: skip
    hops = 3 * sum(pairs) / len(pairs)
    assert cost.energy["hop between tiles"] == pytest.approx((hops * 3e-12, hops * 4e-12))
    assert cost.energy["spike between chips"] == pytest.approx((0, 3e-9))
    assert cost.joules == pytest.approx([sum(x) for x in zip(*cost.energy.values(), strict=True)])


def test_what_is_not_published_is_a_band_and_says_so():
    for constant in CONSTANTS.values():
        assert constant.source and 0 <= constant.low <= constant.high
        if "not published" in constant.source:
            assert constant.low < constant.high and "assumed" in constant.source

"""Fronts against brute force, indices against a hand calculation and an analytic function."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.studies.sweep import summary

KNOBS = {"model": "m", "method": "x", "lower": 1.0}


def rows_of(function, **values):
    names = ("percentile", "upper", "timesteps")
    return [
        KNOBS | dict(zip(names, place, strict=True)) | {"v_rand": function(*place)}
        for place in product(*(values[name] for name in names))
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25
    )
)
def test_the_front_is_what_nothing_beats(points):
    rows = [
        {"v_rand": quality, "synaptic_events": events, "spikes": spikes}
        for quality, events, spikes in points
    ]

    def beaten(index):
        q, e, s = points[index]
        return any(
            oq >= q and oe <= e and os <= s and (oq, oe, os) != (q, e, s) for oq, oe, os in points
        )

    front = summary.pareto(rows)
    assert set(front) == {index for index in range(len(points)) if not beaten(index)}
    costs = [rows[index]["synaptic_events"] for index in front]
    assert costs == sorted(costs)


def test_no_rows():
    assert summary.pareto([]) == [] and summary.sensitivity([], "v_rand") == []


def test_indices_by_hand():
    # f = a + 2 b over a, b in {0, 1}: variances 1/4 and 1, no interplay
    rows = rows_of(lambda a, b, c: a + 2 * b, percentile=(0, 1), upper=(0, 1), timesteps=(5, 6))
    found = {item.knob: item for item in summary.sensitivity(rows, "v_rand")}
    assert list(found) == ["upper", "percentile", "timesteps"]
    for knob, share in (("upper", 0.8), ("percentile", 0.2), ("timesteps", 0.0)):
        assert found[knob].alone == pytest.approx(share)
        assert found[knob].together == pytest.approx(share)
    assert found["upper"].means == {0: 0.5, 1: 2.5} and found["upper"].span == 2.0


def test_interplay_shows_in_the_total_only():
    # f = (2a - 1)(2b - 1): neither says anything alone, each decides all with the other
    rows = rows_of(
        lambda a, b, c: (2 * a - 1) * (2 * b - 1), percentile=(0, 1), upper=(0, 1), timesteps=(5,)
    )
    found = summary.sensitivity(rows, "v_rand")
    assert {item.knob for item in found} == {"percentile", "upper"}
    for item in found:
        assert item.alone == pytest.approx(0) and item.together == pytest.approx(1)


@given(st.integers(0, 10_000))
def test_indices_by_loops(seed):
    random = np.random.default_rng(seed)
    table = random.random((3, 4, 2))
    rows = rows_of(
        lambda a, b, c: table[a, b, c], percentile=range(3), upper=range(4), timesteps=range(2)
    )
    order = random.permutation(len(rows))
    found = {i.knob: i for i in summary.sensitivity([rows[i] for i in order], "v_rand")}
    variance = np.mean([(v - table.mean()) ** 2 for v in table.ravel()])
    for axis, knob in enumerate(("percentile", "upper", "timesteps")):
        slices = [table.take(i, axis) for i in range(table.shape[axis])]
        alone = np.mean([(part.mean() - table.mean()) ** 2 for part in slices]) / variance
        inner = [np.var(line) for line in np.moveaxis(table, axis, -1).reshape(-1, len(slices))]
        assert found[knob].alone == pytest.approx(alone)
        assert found[knob].together == pytest.approx(np.mean(inner) / variance)
        assert found[knob].together >= found[knob].alone - 1e-9


def test_no_indices_while_points_are_missing():
    rows = rows_of(lambda a, b, c: a, percentile=(0, 1), upper=(0, 1), timesteps=(5,))
    assert summary.sensitivity(rows[:-1], "v_rand") == []


def test_means_over_sections_and_v_rand_at_one_threshold_for_all():
    point = KNOBS | {"percentile": 99.0, "upper": 150.0, "timesteps": 8}
    curves = [{"v_rand": [0.1, 0.5, 0.4]}, {"v_rand": [0.7, 0.2, 0.5]}]
    rows = [
        point | {"image": "a", "section": 0, "v_rand": 0.5, "spikes": 10, "curves": curves[0]},
        point | {"image": "b", "section": 1, "v_rand": 0.7, "spikes": 30, "curves": curves[1]},
        point | {"timesteps": 16, "image": "a", "section": 0, "spikes": 1},
    ]
    first, second = summary.over_sections(rows)
    # 0.45 at the last threshold; each section's own best would give 0.6
    assert first["v_rand"] == pytest.approx(0.45) and first["spikes"] == 20
    # one section alone has its own best, which need not be known at every threshold
    assert summary.over_sections([point | {"v_rand": 0.5}])[0]["v_rand"] == 0.5
    assert "v_rand" not in summary.over_sections([point | {"v_rand": 0.5}] * 2)[0]
    assert first["sections"] == 2 and second["sections"] == 1
    assert "v_rand" not in second and "image" not in first and "section" not in first


def test_mute_points_are_not_on_the_front_unless_all_are():
    rows = [
        {"v_rand": 0.9, "synaptic_events": 1, "spikes": 1, "mute": True},
        {"v_rand": 0.8, "synaptic_events": 5, "spikes": 5, "mute": False},
        {"v_rand": 0.7, "synaptic_events": 9, "spikes": 9, "mute": False},
    ]
    assert summary.pareto(rows) == [1]
    assert summary.pareto([row | {"mute": True} for row in rows]) == [0]
    point = KNOBS | {"percentile": 1, "upper": 1, "timesteps": 1}
    means = summary.over_sections([point | {"mute": True}, point | {"mute": False}])
    assert means[0]["mute"] is False
    assert summary.over_sections([point])[0]["mute"] is False

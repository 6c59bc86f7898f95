import pytest

from snnlab.figures import classroom

# 16 steps at 74 Hz, 64 at 36 Hz: the first is further right, and sends half the spikes
RATES, STEPS = (74.0, 36.0), (16, 64)
SENT = tuple(hz * steps / 1000 for hz, steps in zip(RATES, STEPS, strict=True))


def drawn(accuracies=(0.9209, 0.9217), elsewhere=(False, False)):
    return classroom.runs(("Teal otter", "Red fox"), RATES, accuracies, STEPS, SENT, elsewhere)


def test_the_area_of_a_dot_is_what_the_run_costs():
    figure = drawn()
    (dots,) = figure.data
    by_name = dict(zip(dots.text, dots.marker.size, strict=True))
    assert by_name == {"Teal otter": pytest.approx(1.184), "Red fox": pytest.approx(2.304)}
    assert dots.marker.sizemode == "area"
    # as Plotly's makeBubbleSizeFn has it
    across = [2 * (size / 2 / dots.marker.sizeref) ** 0.5 for size in dots.marker.size]
    assert max(across) == pytest.approx(classroom.LARGEST)
    assert list(dots.text) == ["Red fox", "Teal otter"]  # the small one lies on top
    assert "customdata[1]" in dots.hovertemplate and "spikes per neuron" in dots.hovertemplate
    assert [tuple(one) for one in dots.customdata] == [(64, SENT[1]), (16, SENT[0])]


def test_runs_that_are_hardly_apart_do_not_fill_the_axis():
    low, high = drawn().layout.yaxis.range
    assert low < 92.09 < 92.17 < high and high - low >= 2


@pytest.mark.parametrize("accuracies", [(0.5, 0.9), (1.0, 1.0), (0.0, 0.0), (0.999, 0.2)])
def test_every_dot_is_inside_the_axis(accuracies):
    low, high = drawn(accuracies).layout.yaxis.range
    assert high - low >= 2 and high < 110
    for one in accuracies:
        assert low < 100 * one < high


def test_a_class_whose_runs_are_silent_has_dots():
    figure = classroom.runs(("a",), (0.0,), (0.5,), (8,), (0.0,), (True,))
    (dots,) = figure.data
    assert dots.marker.sizeref > 0 and dots.marker.sizemin > 0 and dots.name == "other images"

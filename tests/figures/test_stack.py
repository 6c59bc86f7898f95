"""A stack's numbers over its sections."""

from snnlab.figures import palette
from snnlab.figures import stack as figures


def test_each_network_has_its_colour_and_a_section_without_labels_is_a_gap():
    lines = {"snn_v_rand": [0.9, None, 0.8], "ann_v_rand": [0.95, None, 0.7]}
    made = figures.over_sections([18, 19, 20], lines, "V_Rand")
    snn, ann = made.data
    assert (snn.name, snn.line.color) == ("SNN", palette.SNN)
    assert (ann.name, ann.line.color) == ("ANN", palette.ANN)
    assert list(snn.x) == [18, 19, 20] and list(snn.y) == [0.9, None, 0.8]
    assert made.layout.yaxis.title.text == "V_Rand" and made.layout.showlegend


def test_sections_are_whole_numbers_on_the_axis_however_few():
    one = figures.over_sections([7], {"mean_rate_hz": [70.0]}, "Mean rate (Hz)")
    assert one.layout.xaxis.dtick == 1 and list(one.layout.xaxis.range) == [6.5, 7.5]
    many = figures.over_sections(range(40), {"mean_rate_hz": [1.0] * 40}, "Mean rate (Hz)")
    assert many.layout.xaxis.dtick == 4

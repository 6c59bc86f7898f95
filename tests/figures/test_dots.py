"""Dots stand where their values are, and like stands beside like."""

from snnlab.figures import dots as figures
from snnlab.figures import palette


def test_dots_have_no_bars_and_stand_by_group():
    rows = [
        figures.Dot("machines", "GPU", "3 J", 3.0, palette.ANN, 1.0, 4.0),
        figures.Dot("machines", "chip", "1 J", 1.0, palette.SNN),
        figures.Dot("arithmetic", "sums", "2 J", 2.0, palette.SNN),
    ]
    figure = figures.dots(rows, {"title_text": "energy"})
    assert {one.type for one in figure.data} == {"scatter"}
    dots = [one for one in figure.data if one.mode == "markers"]
    assert [one.x[0] for one in dots] == [3, 1, 2]
    gpu, chip, sums = (one.y[0] for one in dots)
    assert gpu - chip < chip - sums  # a gap and a heading lie between the groups
    (band,) = [one for one in figure.data if one.mode == "lines"]
    assert list(band.x) == [1, 4]
    assert figure.layout.xaxis.type == "log" and figure.layout.xaxis.showgrid is False
    assert "<b>arithmetic</b>" in [note.text for note in figure.layout.annotations]

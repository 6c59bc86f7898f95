"""A stack's numbers, section by section."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from snnlab.figures import curves, palette, style

_AXIS = curves.Axis("section", "section %{x}")


def over_sections(
    places: Sequence[int], lines: Mapping[str, Sequence[float | None]], title: str
) -> go.Figure:
    """A measure over the sections.

    Parameters
    ----------
    places : sequence of int
        Numbers of the sections, rising; one or more.
    lines : mapping
        By name of a column, a value a section; None is a gap. Those of the ANN begin with
        ``ann_``.
    title : str
        Of the measure.
    """
    figure = style.new(curves.HEIGHT, legend=len(lines) > 1)
    whole = all(isinstance(value, int) for values in lines.values() for value in values)
    for name, values in lines.items():
        ann = name.startswith("ann_")
        colour = palette.ANN if ann else palette.SNN
        form = ",d" if whole else ".4f"
        curves.draw(figure, _AXIS, places, values, "ANN" if ann else "SNN", colour, digits=form)
    each = -(-(places[-1] - places[0] + 1) // 10)
    ends = [places[0] - 0.5, places[-1] + 0.5]
    figure.update_xaxes(title_text="Section", tick0=places[0], dtick=each, range=ends)
    figure.update_yaxes(title_text=title)
    return figure

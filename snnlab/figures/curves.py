"""Curves of something under way: numbers that come in one after another, drawn against time."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from snnlab.figures import palette, style, ticks

HEIGHT = 300


@dataclass(frozen=True)
class Axis:
    """What the curves are drawn against.

    Attributes
    ----------
    title : str
    at : str
        How a place on it is called where the pointer rests, in Plotly's template.
    end : float or None
        Where it ends; None: with the last point.
    """

    title: str
    at: str
    end: float | None = None

    def put(self, figure: go.Figure) -> None:
        """Make it the horizontal axis of a figure."""
        reach = {"rangemode": "tozero"} if self.end is None else {"range": [0, self.end]}
        figure.update_xaxes(title_text=self.title, **reach)


SECONDS = Axis("seconds", "%{x:.0f} s")


def draw(
    figure: go.Figure,
    axis: Axis,
    at: Sequence[float],
    values: Sequence[float | None],
    name: str | None,
    colour: str,
    dash: str = "solid",
    digits: str = ".4f",
    unit: str = "",
) -> None:
    """Add a curve.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    axis : Axis
    at, values : sequence of float
        Where, and what; None is a gap.
    name : str or None
        In the legend and where the pointer rests.
    colour, dash : str
    digits, unit : str
        How a value is written where the pointer rests.
    """
    figure.add_scatter(
        x=list(at),
        y=list(values),
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2, "dash": dash},
        marker={"size": 5},
        hovertemplate=f"{axis.at}<br>%{{y:{digits}}}{unit}<extra>{name or ''}</extra>",
    )


def losses(
    axis: Axis,
    at: Sequence[float],
    task: Sequence[float],
    rates: Sequence[float],
    title: str,
    bounded: bool = True,
    dash: str = "solid",
) -> go.Figure:
    """The loss and its rate term, both logarithmic.

    Parameters
    ----------
    axis : Axis
    at : sequence of float
    task, rates : sequence of float
        Means since the point before; a rate term of 0 is a gap.
    title : str
        Of the vertical axis.
    bounded : bool
        Whether there is a rate term.
    dash : str
        Of its line.
    """
    figure = style.new(HEIGHT, legend=bounded)
    named = {"segmentation": (list(task), palette.TRUTH, "solid")}
    if bounded:
        named["firing rates"] = ([value or None for value in rates], palette.NEUTRAL, dash)
    for name, (values, colour, line) in named.items():
        draw(figure, axis, at, values, name, colour, line, ".4g")
    axis.put(figure)
    everything = [value for values, _, _ in named.values() for value in values]
    figure.update_yaxes(title_text=title, **ticks.logarithmic(everything))
    return figure

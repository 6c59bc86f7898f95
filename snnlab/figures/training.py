"""Figures of a training under way: scores and losses against steps."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from snnlab.figures import curves, palette, style

EDGE = 1.02  # of the axis of steps: the last one is not on its end
_SERIES = {
    "ann": ("ANN", palette.ANN, "solid"),
    "snn": ("SNN", palette.SNN, "solid"),
    "snn_fast": ("SNN, few steps", palette.SNN, "dot"),
}


def scores(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    steps: int,
    stages: Sequence[float] = (),
    title: str = "V_Rand, held out",
    nothing: tuple[str, float] | None = None,
) -> go.Figure:
    """A held-out score against steps.

    Parameters
    ----------
    series : mapping
        Steps and scores of ``"ann"``, ``"snn"``, ``"snn_fast"``; those there are.
    steps : int
        Of the whole training: the axis does not move while it goes on.
    stages : sequence of float
        Steps at which a new stage begins.
    nothing : (str, float), optional
        What a net that has learnt nothing says, and its score: a dotted line.
    """
    figure = style.new(curves.HEIGHT, legend=len(series) > 1)
    axis = _steps(steps)
    for key, (at, values) in series.items():
        curves.draw(figure, axis, at, values, *_SERIES[key])
    axis.put(figure)
    figure.update_yaxes(title_text=title, range=[0, 1.02])
    if nothing is not None:
        said, score = nothing
        figure.add_hline(y=score, line={"color": palette.NEUTRAL, "dash": "dot", "width": 1.5})
        figure.add_annotation(
            x=1, xref="paper", y=score, text=said, showarrow=False, xanchor="right",
            yanchor="top", font={"size": style.FONT - 1},
        )  # fmt: skip
    _stages(figure, stages)
    return figure


def losses(
    at: Sequence[float],
    task: Sequence[float],
    rates: Sequence[float],
    steps: int,
    stages: Sequence[float] = (),
) -> go.Figure:
    """The loss and, where there are bounds, its rate term, both logarithmic, against steps."""
    bounded = any(value > 0 for value in rates)
    figure = curves.losses(_steps(steps), at, task, rates, "loss, training", bounded)
    _stages(figure, stages)
    return figure


def _steps(steps: int) -> curves.Axis:
    return curves.Axis("step", "step %{x}", EDGE * steps)


def _stages(figure: go.Figure, places: Sequence[float]) -> None:
    for place in places:
        figure.add_vline(x=place, line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5})

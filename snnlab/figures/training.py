"""Figures of a training under way: scores and losses against steps."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from snnlab.figures import palette, style, ticks

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
    figure = style.new(300, legend=len(series) > 1)
    for key, (at, values) in series.items():
        name, colour, dash = _SERIES[key]
        figure.add_scatter(
            x=list(at),
            y=list(values),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 5},
            hovertemplate="step %{x}<br>%{y:.4f}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title_text="step", range=[0, EDGE * steps])
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
    figure = style.new(300, legend=bounded)
    named = {"segmentation": (task, palette.TRUTH)}
    if bounded:
        named["firing rates"] = ([value or None for value in rates], palette.NEUTRAL)
    for name, (values, colour) in named.items():
        figure.add_scatter(
            x=list(at),
            y=list(values),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 5},
            hovertemplate="step %{x}<br>%{y:.4g}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title_text="step", range=[0, EDGE * steps])
    everything = [value for values, _ in named.values() for value in values]
    figure.update_yaxes(title_text="loss, training", **ticks.logarithmic(everything))
    _stages(figure, stages)
    return figure


def _stages(figure: go.Figure, places: Sequence[float]) -> None:
    for place in places:
        figure.add_vline(x=place, line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5})

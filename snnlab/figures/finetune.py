"""Figures of a fine-tuning under way: losses, scores, and rates on their way into the bounds."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from snnlab.figures import curves, palette, style


def losses(seconds: Sequence[float], task: Sequence[float], rates: Sequence[float]) -> go.Figure:
    """The loss and its rate term, both logarithmic, against time.

    Parameters
    ----------
    seconds : sequence of float
        Spent by each check.
    task, rates : sequence of float
        Means since the check before.
    """
    return curves.losses(curves.SECONDS, seconds, task, rates, "loss (log)", dash="dash")


def quality(
    seconds: Sequence[float],
    scores: Mapping[str, Sequence[float]],
    before: Mapping[str, float],
) -> go.Figure:
    """Held-out scores against time, and what they were before as dashed lines.

    Parameters
    ----------
    scores : mapping of str to sequence of float
        By name; the first is drawn solid.
    before : mapping of str to float
        The same of the model as it was.
    """
    figure = style.new(curves.HEIGHT, legend=True)
    marks = zip(scores.items(), (palette.ANN, palette.SNN), ("solid", "dot"), strict=False)
    for (name, values), colour, dash in marks:
        curves.draw(figure, curves.SECONDS, seconds, values, name, colour, dash)
        figure.add_hline(y=before[name], line={"color": colour, "dash": "dash", "width": 1.2})
    everything = [value for values in scores.values() for value in values] + list(before.values())
    low = min(everything)
    curves.SECONDS.put(figure)
    figure.update_yaxes(title_text="held-out score", range=[low - 0.1 * (1.01 - low), 1.005])
    return figure


def rates(
    names: Sequence[str],
    before: Sequence[tuple[float, float, float]],
    now: Sequence[tuple[float, float, float]],
    bounds: Sequence[tuple[float, float]],
    percentile: float,
) -> go.Figure:
    """Each layer's percentile rates before and now, against its bounds.

    Parameters
    ----------
    names : sequence of str
        Layers, in the order of the net.
    before, now : sequence of (float, float, float)
        A low, the middle and a high neuron of each layer, Hz.
    bounds : sequence of (float, float)
        Of each layer, Hz.
    percentile : float
    """
    figure = style.new(64 + 30 * len(names) + 50, legend=True)
    for row, (lower, upper) in enumerate(bounds):
        figure.add_shape(
            type="rect", x0=lower, x1=upper, y0=row - 0.45, y1=row + 0.45,
            fillcolor=palette.faded(palette.SNN, 0.2), layer="below",
            line={"width": 1, "color": palette.faded(palette.SNN, 0.5)},
        )  # fmt: skip
    sides = ("before", before, palette.NEUTRAL, 0.2), ("now", now, palette.SNN, -0.12)
    for name, spread, colour, shift in sides:
        figure.add_scatter(
            x=[middle for _, middle, _ in spread],
            y=[row - shift for row in range(len(names))],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - middle for _, middle, high in spread],
                "arrayminus": [middle - low for low, middle, _ in spread],
                "color": colour,
                "thickness": 2,
                "width": 4,
            },
            name=name,
            mode="markers",
            marker={"color": colour, "size": 9},
            text=[
                f"{layer}, {name}: {low:.0f} to {high:.0f} Hz, middle {middle:.0f}"
                for layer, (low, middle, high) in zip(names, spread, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    everything = [value for three in (*before, *now) for value in three]
    highest = max(upper for _, upper in bounds)
    # a runaway neuron of before does not squeeze all else, and no bound lies on the edge
    top = max(1.25 * highest, min(1.05 * max(everything), 6 * highest))
    figure.update_xaxes(title_text=f"{percentile:g}th percentile rate (Hz)", range=[0, top])
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
    )
    return figure


def share(seconds: Sequence[float], inside: Sequence[float], before: float) -> go.Figure:
    """Share of channels in band against time; what it was before is a dashed line.

    Parameters
    ----------
    inside, before : sequence of float, float
        0..1.
    """
    figure = style.new(curves.HEIGHT)
    shares = [100 * value for value in inside]
    curves.draw(figure, curves.SECONDS, seconds, shares, None, palette.SNN, digits=".1f", unit=" %")
    figure.add_hline(y=100 * before, line={"color": palette.SNN, "dash": "dash", "width": 1.2})
    curves.SECONDS.put(figure)
    figure.update_yaxes(title_text="channels in band (%)", range=[0, 103])
    return figure

"""Figures of the lessons: the net as a U, when layers begin to speak, two resets, dots by row."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from snnlab.figures import palette, style
from snnlab.figures.numbers import many


def u_net(names: Sequence[str], shapes: Sequence[tuple[int, int, int]]) -> go.Figure:
    """The layers of a net in their order, the coarser the lower.

    Parameters
    ----------
    names : sequence of str
    shapes : sequence of tuple of int
        Height, width and channels of each layer.
    """
    tall = np.array([shape[0] for shape in shapes])
    level = np.log2(tall.max() / tall)
    figure = style.new(330)
    line = {"color": palette.NEUTRAL, "width": 1.5}
    figure.add_scatter(x=np.arange(len(names)), y=-level, mode="lines", line=line, hoverinfo="skip")
    bottom = int(np.argmax(level))
    for depth in np.unique(level[level < level[bottom]]):
        before = np.flatnonzero(level[:bottom] == depth)
        after = bottom + np.flatnonzero(level[bottom:] == depth)
        if len(before) and len(after):
            figure.add_scatter(
                x=[before[-1], after[0]],
                y=[-depth, -depth],
                mode="lines",
                line=line | {"dash": "dot"},
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=np.arange(len(names)),
        y=-level,
        mode="markers+text",
        text=[str(channels) for *_, channels in shapes],
        textposition="top center",
        textfont={"size": style.FONT - 3},
        marker={
            "size": [9 + 2 * np.log2(channels + 1) for *_, channels in shapes],
            "color": [palette.layer(name) for name in names],
            "symbol": "square",
        },
        customdata=[
            (name, f"{h} × {w}", many(c, "channel"))
            for name, (h, w, c) in zip(names, shapes, strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]} pixels, %{customdata[2]}<extra></extra>",
        cliponaxis=False,
    )
    at = np.unique(level, return_index=True)
    figure.update_yaxes(
        tickvals=-at[0],
        ticktext=[f"{shapes[place][0]} × {shapes[place][1]}" for place in at[1]],
        range=[-level.max() - 0.5, 0.6],
        fixedrange=True,
    )
    figure.update_xaxes(
        title_text="layers, from the image to the answer →",
        showticklabels=False,
        showgrid=False,
        fixedrange=True,
    )
    return figure


def settled(names: Sequence[str], steps: Sequence[int], last: int) -> go.Figure:
    """From which step on each layer says what it should.

    Parameters
    ----------
    names : sequence of str
        Layers, in the order of the network.
    steps : sequence of int
        From 1; 0 of a layer that does not by the end.
    last : int
        Steps of the run.
    """
    figure = style.new(24 * len(names) + 80)
    colours = [palette.layer(name) for name in names]
    for name, step, colour in zip(names, steps, colours, strict=True):
        figure.add_scatter(
            x=[0, step or last],
            y=[name, name],
            mode="lines",
            line={"color": palette.faded(colour, 0.45), "width": 2},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=[step or last],
            y=[name],
            mode="markers+text" if not step else "markers",
            text=["not yet"],
            textposition="middle right",  # on the left is the layer's own line
            textfont={"size": style.FONT - 2},
            marker={"symbol": "circle" if step else "x-thin", "size": 12, "color": colour,
                    "line": {"width": 0 if step else 2, "color": colour}},
            hovertemplate=f"{name}: from step {step} on<extra></extra>" if step
            else f"{name}: not by step {last}<extra></extra>",
            cliponaxis=False,
        )  # fmt: skip
    figure.update_yaxes(
        autorange="reversed",
        categoryorder="array",
        categoryarray=list(names),
        showgrid=False,
        fixedrange=True,
    )
    room = 1.03 if all(steps) else 1.2  # for the words beside the last step
    figure.update_xaxes(title_text="timestep", range=[0, room * last], fixedrange=True)
    return figure


def agreement(step: np.ndarray, share: np.ndarray, enough: float) -> go.Figure:
    """On how many pixels two networks agree after each step, and how many are enough.

    Parameters
    ----------
    step, share : numpy.ndarray
        ``(n,)``; a share is 0..1. Steps that are not known are not joined.
    enough : float
        0..1: a dashed line.
    """
    figure = style.new(240)
    known = np.arange(step.min(), step.max() + 1)
    values = np.full(len(known), np.nan)
    values[np.asarray(step) - step.min()] = 100 * np.asarray(share)
    figure.add_scatter(
        x=known,
        y=values,
        mode="lines+markers",
        line={"color": palette.SNN, "width": 2},
        marker={"size": 6},
        connectgaps=False,
        hovertemplate="step %{x}: %{y:.2f} %<extra></extra>",
    )
    figure.add_hline(y=100 * enough, line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5})
    figure.update_yaxes(title_text="SNN = ANN (%)", fixedrange=True)
    figure.update_xaxes(title_text="timestep", rangemode="tozero", fixedrange=True)
    return figure


def resets(
    current: np.ndarray, followed: Mapping[str, tuple[np.ndarray, np.ndarray]], initial: float
) -> go.Figure:
    """One neuron's potential under the same current with each reset, a panel each.

    Parameters
    ----------
    current : numpy.ndarray
        ``(timesteps,)``, thresholds a step.
    followed : mapping of str to tuple of numpy.ndarray
        By what it is called: the potential that each step reached, and what the reset left of it;
        ``(timesteps,)`` each, in thresholds.
    initial : float
        The potential to begin with.
    """
    rows = len(followed)
    spikes = {name: int((reached >= 1).sum()) for name, (reached, _) in followed.items()}
    figure = style.dressed(
        make_subplots(
            rows, 1, shared_xaxes=True, vertical_spacing=0.16,
            subplot_titles=[f"{name}: {many(n, 'spike')}" for name, n in spikes.items()],
        ), 190 * rows + 50,
    )  # fmt: skip
    step = np.arange(1, len(current) + 1)
    for row, (reached, left) in enumerate(followed.values(), 1):
        sent = reached >= 1
        twice = 1 + sent
        climb = np.repeat(left, twice)
        climb[np.cumsum(twice)[sent] - 2] = reached[sent]
        figure.add_scatter(
            x=np.append(0, np.repeat(step, twice)), y=np.append(initial, climb), mode="lines",
            line={"color": palette.SNN, "width": 2}, hovertemplate="%{y:.2f}<extra></extra>",
            row=row, col=1,
        )  # fmt: skip
        figure.add_scatter(
            x=step[sent], y=reached[sent], mode="markers",
            marker={"color": palette.SNN, "size": 7},
            hovertemplate="step %{x}: spike, %{y:.2f} reached<extra></extra>", row=row, col=1,
        )  # fmt: skip
        figure.add_hline(
            y=1, line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5}, row=row, col=1
        )
    figure.update_annotations(font_size=style.FONT, x=0, xanchor="left")
    figure.update_layout(margin_t=30)
    top = max(float(reached.max(initial=1)) for reached, _ in followed.values())
    low = min(float(left.min(initial=0)) for _, left in followed.values())
    figure.update_yaxes(title_text="potential", range=[min(low, 0) - 0.05, 1.08 * top],
                        fixedrange=True)  # fmt: skip
    figure.update_xaxes(fixedrange=True)
    figure.update_xaxes(title_text="timestep", row=rows, col=1)
    return figure

"""Figures of the lessons: the net as a U, when layers begin to speak, two resets, dots by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
            textposition="middle left",
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
    figure.update_xaxes(title_text="timestep", range=[0, 1.03 * last], fixedrange=True)
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


@dataclass(frozen=True)
class Dot:
    """A row of `dots`.

    Attributes
    ----------
    group, name, text : str
        Rows of a group stand together under its name; the text is what is written at the dot.
    value : float
        Above 0.
    colour : str
        Hexadecimal.
    low, high : float or None
        Ends of its range, if there is one.
    """

    group: str
    name: str
    text: str
    value: float
    colour: str
    low: float | None = None
    high: float | None = None


def dots(found: Sequence[Dot], axis: dict) -> go.Figure:
    """Dots on a logarithmic axis, where the length of a bar would mean nothing; like beside like.

    Parameters
    ----------
    found : sequence of Dot
        From top to bottom; those of a group one after the other.
    axis : dict
        For Plotly: title and ticks of the logarithmic axis.
    """
    rows, texts, heads = [], [], []
    place, group = 0.0, ""
    for one in found:
        if one.group != group:
            place -= 0.5 * bool(rows)
            heads.append((place, one.group))
            place, group = place - 0.75, one.group
        rows.append(place)
        texts.append(f"{one.name}: {one.text}")
        place -= 1
    figure = style.new(int(46 * -place) + 70)
    for row, one in zip(rows, found, strict=True):
        if one.low and one.high and one.high > one.low:
            figure.add_scatter(
                x=[one.low, one.high], y=[row, row], mode="lines", hoverinfo="skip",
                line={"color": palette.faded(one.colour, 0.55), "width": 4},
            )  # fmt: skip
        figure.add_scatter(
            x=[one.value], y=[row], mode="markers", marker={"color": one.colour, "size": 13},
            name=one.name, hovertemplate=f"{one.name}: {one.text}<extra></extra>", cliponaxis=False,
        )  # fmt: skip
    written = [(row, text, 8, False) for row, text in zip(rows, texts, strict=True)]
    for row, text, up, bold in [*written, *((row, text, -6, True) for row, text in heads)]:
        figure.add_annotation(
            x=0, xref="paper", y=row, text=f"<b>{text}</b>" if bold else text, showarrow=False,
            xanchor="left", yanchor="bottom", yshift=up, font={"size": style.FONT - 1},
        )  # fmt: skip
    ends = [v for one in found for v in (one.low, one.value, one.high) if v]
    span = [np.log10(min(ends) / 3), np.log10(max(ends) * 3)]
    figure.update_xaxes(
        **{"type": "log", "range": span, "fixedrange": True, "ticks": "outside", **axis},
        # a line would cross what is written at a dot
        showgrid=False,
    )
    figure.update_yaxes(
        range=[rows[-1] - 0.5, 0.6], showticklabels=False, showgrid=False, fixedrange=True
    )
    return figure

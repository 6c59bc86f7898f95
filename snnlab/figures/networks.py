"""Figures of the page Networks: what a classifier answers step by step, on one image and on many.

Names of classes and layers are others' text: whatever Plotly would take for HTML is escaped here.
"""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from snnlab.figures import palette, style

MOST = 12  # classes of one image that are drawn
FRAMES = 64
WRITTEN = 16  # classes whose confusions are written out
_LONG = 18  # letters of a name
_COLOURS = ("#2a9d5c", "#3d7ec0", "#cc7525", "#b5477c")
_DASHES = ("solid", "dot", "dashdot", "longdash")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up")
_OFF = palette.faded(palette.TRUTH, 0.75)
_ON = palette.faded(palette.SNN, 0.6)


def named(text: str) -> str:
    """A name as Plotly shows it, letter by letter, and not longer than there is room for."""
    short = text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
    return escape(short, quote=False)


def _shown(answers: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The classes that matter for an image, in order."""
    most = np.maximum(answers.max(axis=0), expected)
    return np.sort(np.argsort(-most, kind="stable")[:MOST])


def bars(classes: Sequence[str], answers: np.ndarray, expected: np.ndarray) -> go.Figure:
    """Class bars that grow step by step: a slider, and a button that plays.

    Parameters
    ----------
    classes : sequence of str
    answers : numpy.ndarray
        ``(timesteps, classes)``.
    expected : numpy.ndarray
        ``(classes,)``, the ANN's.
    """
    answers, expected = np.asarray(answers, float), np.asarray(expected, float)
    drawn = _shown(answers, expected)
    names = [named(classes[at]) for at in drawn]
    steps = len(answers)
    at = np.unique(np.linspace(1, steps, min(steps, FRAMES)).round().astype(int))
    values = answers[:, drawn]
    figure = style.new(400, legend=True)
    figure.add_bar(
        x=names,
        y=values[-1],
        name="SNN so far",
        marker={"color": palette.SNN, "line": {"width": 0}},
        hovertemplate="%{x}: %{y:.3f}<extra>SNN</extra>",
    )
    figure.add_scatter(
        x=names,
        y=expected[drawn],
        name="ANN",
        mode="markers",
        marker={"symbol": "line-ew", "size": 22, "line": {"width": 3, "color": palette.ANN}},
        hovertemplate="%{x}: %{y:.3f}<extra>ANN</extra>",
    )
    figure.frames = [
        go.Frame(
            name=str(step),
            # the marks too: a frame that leaves a curve out may be drawn without it
            data=[
                {"type": "bar", "y": values[step - 1]},
                {"type": "scatter", "y": expected[drawn]},
            ],
            traces=[0, 1],
        )
        for step in at
    ]
    moves = {"frame": {"duration": 0, "redraw": True}, "mode": "immediate"}
    figure.update_layout(
        bargap=0.25,
        sliders=[
            {
                "active": len(at) - 1,
                "x": 0.28,  # beside the buttons, on a phone too
                "len": 0.72,
                "y": 0,
                "pad": {"t": 44, "b": 4},
                "currentvalue": {"prefix": "after step ", "xanchor": "left"},
                "bgcolor": palette.GRID,
                "activebgcolor": palette.SNN,
                "bordercolor": palette.NEUTRAL,
                "ticklen": 0,
                "minorticklen": 0,
                "font": {"size": style.FONT - 1},
                "steps": [
                    {
                        "label": str(step),
                        "method": "animate",
                        "args": [[str(step)], moves],
                    }
                    for step in at
                ],
            }
        ],
        updatemenus=[
            {
                "type": "buttons",
                "direction": "left",
                "x": 0,
                "y": 0,
                "xanchor": "left",
                "yanchor": "top",
                "pad": {"t": 66, "l": 0},
                "showactive": False,
                "bgcolor": palette.GRID,
                "bordercolor": palette.NEUTRAL,
                "font": {"size": style.FONT},
                "buttons": [
                    {
                        "label": "▶",
                        "method": "animate",
                        "args": [
                            None,
                            {
                                "frame": {"duration": max(40, 3000 // len(at)), "redraw": True},
                                "transition": {"duration": 0},
                                "mode": "immediate",
                            },
                        ],
                    },
                    {"label": "■", "method": "animate", "args": [[None], moves]},
                ],
            }
        ],
    )
    low, high = min(0.0, values.min(), expected.min()), max(values.max(), expected.max(), 1e-6)
    room = 0.06 * (high - low)
    figure.update_xaxes(type="category", showgrid=False, fixedrange=True, tickangle=0)
    figure.update_yaxes(range=[low - (room if low else 0), high + room], fixedrange=True)
    return figure


def course(
    classes: Sequence[str], answers: np.ndarray, settled: int, label: int | None
) -> go.Figure:
    """The same over time, a line a class, with the step at which the answer settles.

    Parameters
    ----------
    classes : sequence of str
    answers : numpy.ndarray
        ``(timesteps, classes)``.
    settled : int
        The first step, from 1, from which the largest stays the same.
    label : int or None
        The right class.
    """
    answers = np.asarray(answers, float)
    figure = style.new(400, legend=True)
    steps = np.arange(1, len(answers) + 1)
    order = np.argsort(-answers.max(axis=0), kind="stable")[:MOST]
    last = int(answers[-1].argmax())
    for at in order[::-1]:
        role = (palette.NEUTRAL, 1.2)
        if at == last:
            role = (palette.SNN, 3)
        elif at == label:
            role = (palette.TRUTH, 3)
        figure.add_scatter(
            x=steps,
            y=answers[:, at],
            mode="lines",
            name=named(classes[at]),
            showlegend=bool(at in (last, label)),
            line={"color": role[0], "width": role[1]},
            hovertemplate="after step %{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
    style.marks(figure, {f"settled: {settled}": settled})
    figure.update_layout(
        margin_t=58, legend_y=1.08
    )  # fmt: skip
    figure.update_xaxes(title_text="timesteps", range=[0.5, len(answers) + 0.5], fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure


def accuracy(runs: Mapping[str, Sequence[float]], ann: float, title: str) -> go.Figure:
    """Share of right answers after each step, a line a method, and the ANN's.

    Parameters
    ----------
    runs : mapping of str to sequence of float
        By method: a share for each step, from 1.
    ann : float
    title : str
        Of the vertical axis.
    """
    figure = style.new(380, legend=True)
    longest = max((len(values) for values in runs.values()), default=1)
    for place, (name, values) in enumerate(runs.items()):
        kind = place % len(_COLOURS)
        figure.add_scatter(
            x=np.arange(1, len(values) + 1),
            y=[100 * value for value in values],
            name=named(name),
            mode="lines+markers",
            line={"color": _COLOURS[kind], "dash": _DASHES[kind], "width": 2},
            marker={"size": 6, "symbol": _SYMBOLS[kind]},
            hovertemplate=f"{named(name)}, %{{x}} steps: %{{y:.1f}} %<extra></extra>",
        )
    figure.add_hline(y=100 * ann, line={"color": palette.ANN, "dash": "dash", "width": 2})
    figure.add_annotation(
        x=1, xref="paper", y=100 * ann, text=f"ANN {100 * ann:.1f} %", showarrow=False,
        xanchor="right", yanchor="bottom",
    )  # fmt: skip
    ticks = [2**power for power in range(12) if 2**power <= longest]
    figure.update_xaxes(
        title_text="timesteps",
        type="log",
        tickvals=ticks,
        ticktext=[str(tick) for tick in ticks],
        range=[np.log10(0.9), np.log10(1.1 * longest)],
        fixedrange=True,
    )
    figure.update_yaxes(title_text=title, range=[0, 106], fixedrange=True)
    return figure


def confusion(classes: Sequence[str], table: np.ndarray, rows: str, columns: str) -> go.Figure:
    """Which class was taken for which.

    Parameters
    ----------
    classes : sequence of str
    table : numpy.ndarray
        Counts ``(classes, classes)``: a row for each class that it was.
    rows, columns : str
        Titles.
    """
    names = [named(name) for name in classes]
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(names), dtype=bool)
    written = len(names) <= WRITTEN
    figure = style.new(max(300, min(26 * len(names) + 110, 700)))
    figure.add_heatmap(
        x=names,
        y=names,
        z=np.where(right, share, -share),
        zmin=-1,
        zmax=1,
        colorscale=[[0, _OFF], [0.499, _OFF.replace("0.75", "0.12")], [0.5, "rgba(0,0,0,0)"],
                    [0.501, _ON.replace("0.6", "0.1")], [1, _ON]],
        showscale=False,
        xgap=2,
        ygap=2,
        text=[[str(count) if count else "" for count in row] for row in table],
        texttemplate="%{text}" if written else None,
        customdata=table,
        hovertemplate="%{y}, taken for %{x}: %{customdata}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text=columns, type="category", showgrid=False, fixedrange=True)
    figure.update_yaxes(
        title_text=rows, type="category", autorange="reversed", showgrid=False, fixedrange=True
    )
    return figure


def rates(layers: Sequence[str], mean: Sequence[float], high: Sequence[float]) -> go.Figure:
    """Firing rates of every layer: the mean, and the 99.9th percentile.

    Parameters
    ----------
    layers : sequence of str
    mean, high : sequence of float
        Hz.
    """
    names = [named(name) for name in layers]
    figure = style.new(34 * len(names) + 110, legend=True)
    figure.add_bar(
        x=list(mean),
        y=names,
        orientation="h",
        name="mean",
        marker={"color": palette.SNN, "line": {"width": 0}},
        hovertemplate="%{y}: %{x:.1f} Hz on average<extra></extra>",
    )
    figure.add_scatter(
        x=list(high),
        y=names,
        name="99.9th percentile",
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": palette.TRUTH},
        hovertemplate="%{y}: %{x:.1f} Hz, the 99.9th percentile<extra></extra>",
    )
    figure.update_layout(bargap=0.3)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, fixedrange=True)
    figure.update_xaxes(title_text="firing rate (Hz)", rangemode="tozero", fixedrange=True)
    return figure


def fidelity(
    layers: Sequence[str], correlation: Sequence[float], error: Sequence[float]
) -> go.Figure:
    """How well each layer's spikes say what the ANN's neurons say, in two ways.

    Parameters
    ----------
    layers : sequence of str
    correlation : sequence of float
        -1..1; NaN draws nothing.
    error : sequence of float
        Mean difference over the mean activation.
    """
    names = [named(name) for name in layers]
    figure = style.dressed(
        make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.06), 34 * len(names) + 110
    )
    for column, (values, colour, form, text) in enumerate(
        (
            (list(correlation), palette.SNN, "{:.3f}", "correlation"),
            ([100 * value for value in error], palette.TRUTH, "{:.1f} %", "error, %"),
        ),
        start=1,
    ):
        known = [value for value in values if value == value]
        figure.add_bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            text=[form.format(value) if value == value else "" for value in values],
            textposition="inside" if column == 1 else "auto",
            hovertemplate=f"%{{y}}: %{{text}}<extra>{text}</extra>",
            row=1,
            col=column,
        )
        top = 1.0 if column == 1 else 1.2 * max(known, default=1.0) or 1.0
        low = min(0.0, min(known, default=0.0)) if column == 1 else 0.0
        figure.update_xaxes(title_text=text, range=[low, top], fixedrange=True, row=1, col=column)
    figure.update_layout(bargap=0.3)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, fixedrange=True)
    return figure

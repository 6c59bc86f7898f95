"""Figures of chips: spikes between them, and how full their cores are."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from snnlab.figures import numbers, palette, style

AWAY = "#cf4a8e"  # spikes that leave their chip, here and on the board
USED = "#1f9681"  # what is used of a limit
PARTS = ("#3d7ec0", "#de8f33", "#2a9d5c", "#9970ab", AWAY)  # of a step's time
# grows as the root: beside one busy pair of chips the others are still to be seen
_FADING = [
    [share, palette.faded(AWAY, 0.95 * share**0.5)]
    for share in (0, 0.003, 0.01, 0.03, 0.08, 0.2, 0.4, 0.7, 1)
]
READABLE = 9  # chips up to which a matrix has its numbers written in


def partitioners(
    names: Sequence[str],
    between: Sequence[int],
    shown: Sequence[str],
    worst: int,
    counted: str = "spikes",
) -> go.Figure:
    """Spikes between chips by partitioner, the fewest on top.

    Parameters
    ----------
    names : sequence of str
        In the order in which they are drawn.
    between : sequence of int
        Spikes between chips, once a destination chip.
    shown : sequence of str
        Names on the board; they are drawn full, the others faded.
    worst : int
        Where the axis ends: the largest number that is to be seen.
    counted : str
        What they are called on the axis.
    """
    figure = style.new(30 * len(names) + 70)
    figure.add_bar(
        x=list(between),
        y=list(names),
        orientation="h",
        width=0.72,
        marker={"color": [AWAY if n in shown else palette.faded(AWAY, 0.42) for n in names]},
        text=[f"{value:,}" for value in between],
        textposition="outside",
        textfont={"size": style.FONT - 1},
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} " + f"{counted} between chips<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(
        title_text=f"{counted} between chips",
        range=[0, 1.35 * max(worst, 1)],
        fixedrange=True,
        nticks=5,
        tickangle=0,
    )
    return figure


def between(names: Sequence[str], matrices: Sequence[np.ndarray]) -> go.Figure:
    """Spikes from chip to chip, a matrix a partition, one scale for all.

    Parameters
    ----------
    names : sequence of str
    matrices : sequence of numpy.ndarray
        Integer ``(chips, chips)``: row sends, column receives.
    """
    chips = max(len(matrix) for matrix in matrices)
    figure = make_subplots(
        rows=1, cols=len(matrices), subplot_titles=list(names), horizontal_spacing=0.1
    )
    figure = style.dressed(figure, min(150 + 60 * chips, 560))
    top = max(1, *(int(matrix.max(initial=0)) for matrix in matrices))
    for column, matrix in enumerate(matrices, 1):
        ticks = [str(chip) for chip in range(len(matrix))]
        figure.add_heatmap(
            z=matrix,
            x=ticks,
            y=ticks,
            zmin=0,
            zmax=top,
            # see-through where nothing is sent, so that one scale serves both themes
            colorscale=_FADING,
            showscale=column == len(matrices) and chips > READABLE,
            colorbar={"title": {"text": "spikes"}, "thickness": 12, "outlinewidth": 0},
            text=[[_short(value) for value in row] for row in matrix.tolist()],
            texttemplate="%{text}" if len(matrix) <= READABLE else None,
            xgap=1,
            ygap=1,
            hovertemplate="chip %{y} to chip %{x}: %{z:,} spikes<extra></extra>",
            row=1,
            col=column,
        )
        figure.update_xaxes(title_text="to chip", constrain="domain", row=1, col=column)
        beside = "x" if column == 1 else f"x{column}"  # as wide as high
        figure.update_yaxes(scaleanchor=beside, constrain="domain", row=1, col=column)
    figure.update_xaxes(type="category", showgrid=False, fixedrange=True, nticks=9, tickangle=0)
    figure.update_yaxes(
        type="category", showgrid=False, fixedrange=True, autorange="reversed", nticks=17
    )
    figure.update_yaxes(title_text="from chip", col=1)
    figure.update_layout(margin_t=34)
    return figure


def steps(
    names: Sequence[str], parts: Mapping[str, Sequence[float]], band: Sequence[float]
) -> go.Figure:
    """How long a timestep takes, part by part, and what is not known of it.

    Parameters
    ----------
    names : sequence of str
        Partitions.
    parts : mapping of str to sequence of float
        Microseconds by part, a value a partition: at least this much.
    band : sequence of float
        Microseconds that may come on top.
    """
    figure = style.new(44 * len(names) + 130, legend=True)
    figure.update_layout(
        barmode="stack", margin_t=66, legend_yref="container", legend_y=1, legend_yanchor="top",
        legend_traceorder="normal",
    )  # fmt: skip
    for (part, values), colour in zip(parts.items(), PARTS, strict=False):
        figure.add_bar(
            x=list(values),
            y=list(names),
            orientation="h",
            width=0.36,
            name=part,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{y}: %{x:.2f} µs for " + part + "<extra></extra>",
        )
    figure.add_bar(
        x=list(band),
        y=list(names),
        orientation="h",
        width=0.36,
        name="not published",
        marker={
            "color": palette.faded(palette.NEUTRAL, 0.12),
            "pattern": {"shape": "/", "fgcolor": palette.NEUTRAL, "size": 6},
            "line": {"width": 0},
        },
        hovertemplate="%{y}: up to %{x:.2f} µs more<extra></extra>",
    )
    style.rows(figure, names[::-1], names[::-1])
    figure.update_xaxes(title_text="time per step (µs)", rangemode="tozero", fixedrange=True)
    return figure


def limits(
    layers: Sequence[str], resources: Sequence[str], mean: np.ndarray, fullest: np.ndarray
) -> go.Figure:
    """How much of each limit the cores of each layer use.

    Parameters
    ----------
    layers, resources : sequence of str
    mean, fullest : numpy.ndarray
        ``(layers, resources)``: share of the limit, 0..1, of the mean core and
        of the fullest; the second is written in.
    """
    figure = style.new(28 * len(layers) + 60)
    figure.add_heatmap(
        z=fullest,
        x=list(resources),
        y=list(layers),
        zmin=0,
        zmax=1,
        colorscale=[[0, palette.faded(USED, 0.04)], [1, palette.faded(USED, 0.85)]],
        showscale=False,
        text=[[f"{100 * value:.0f} %" for value in row] for row in fullest],
        texttemplate="%{text}",
        customdata=100 * mean,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: the fullest core uses %{text} of the limit, the mean one"
        " %{customdata:.0f} %<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(side="top", showgrid=False, fixedrange=True)
    return figure


def _short(value: int) -> str:
    """At most three digits and a letter; nothing for nothing."""
    return numbers.short(value) if value else ""

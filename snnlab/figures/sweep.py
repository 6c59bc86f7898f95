"""Figures of a sweep: heat map, Pareto front, and how much each knob matters."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style, ticks

FRONT = palette.SNN
# see-through, so that the page's own text colour reads on every cell in both themes
_GOOD = [[0, palette.faded(palette.SNN, 0.05)], [1, palette.faded(palette.SNN, 0.72)]]
_COST = [[0, palette.faded(palette.TRUTH, 0.05)], [1, palette.faded(palette.TRUTH, 0.72)]]


def heat_map(
    across: Sequence[str],
    down: Sequence[str],
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    rows: Sequence[Sequence[int]],
    titles: tuple[str, str, str],
    limits: tuple[float, float],
    ends: tuple[str, str],
    cost: bool = False,
    chosen: int | None = None,
) -> go.Figure:
    """A cell a point of the sweep, with its value written into it.

    Parameters
    ----------
    across, down : sequence of str
        Values of the two knobs.
    values : numpy.ndarray
        ``(len(down), len(across))``; NaN where nothing is known yet.
    texts : sequence of sequence of str
        What is written, of the same shape.
    rows : sequence of sequence of int
        Which row of the sweep a cell is; -1 for none.
    titles : tuple of str
        Of the two knobs and of the measure.
    limits : tuple of float
        Values of the palest and of the fullest colour.
    ends : tuple of str
        How the colour bar names them.
    cost : bool
        Whether less is better: another colour.
    chosen : int, optional
        A row to frame.
    """
    figure = style.new(64 + 46 * len(down) + 110)
    figure.add_heatmap(
        x=list(across),
        y=list(down),
        z=values,
        zmin=limits[0],
        zmax=limits[1],
        colorscale=_COST if cost else _GOOD,
        # above, where it takes no width from a narrow screen
        colorbar={
            "orientation": "h",
            "title": {"text": titles[2], "font": {"size": style.FONT}},
            "tickvals": list(limits),
            "ticktext": list(ends),
            "tickfont": {"size": style.FONT - 1},
            "len": 0.6,
            "thickness": 12,
            "outlinewidth": 0,
            "x": 0.5,
            "y": 1,
            "yanchor": "bottom",
            "ypad": 8,
        },
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    cells = [
        (across[j], down[i], texts[i][j], rows[i][j])
        for i in range(len(down))
        for j in range(len(across))
        if rows[i][j] >= 0
    ]
    # a heat map tells nobody what was clicked, markers do
    figure.add_scatter(
        x=[cell[0] for cell in cells],
        y=[cell[1] for cell in cells],
        text=[cell[2] for cell in cells],
        customdata=[cell[3] for cell in cells],
        mode="markers+text",
        textfont={"size": style.FONT - 1},
        marker={
            "symbol": "square",
            "size": 40,
            "color": "rgba(0,0,0,0)",
            "line": {
                "width": [3 if cell[3] == chosen else 0 for cell in cells],
                "color": palette.NEUTRAL,
            },
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertemplate=f"{titles[0]} %{{x}}, {titles[1]} %{{y}}<br>{titles[2]} %{{text}}"
        "<extra>click to choose</extra>",
    )
    figure.update_xaxes(title_text=titles[0], type="category", showgrid=False, fixedrange=True)
    figure.update_yaxes(title_text=titles[1], type="category", showgrid=False, fixedrange=True)
    figure.update_xaxes(categoryorder="array", categoryarray=list(across))
    figure.update_yaxes(categoryorder="array", categoryarray=list(down))
    figure.update_xaxes(range=[-0.5, len(across) - 0.5])
    figure.update_yaxes(range=[-0.5, len(down) - 0.5])
    return figure


def pareto(
    cost: Sequence[float],
    quality: Sequence[float],
    texts: Sequence[str],
    front: Sequence[int],
    titles: tuple[str, str],
    chosen: int | None = None,
    ann: float | None = None,
    lowest: float | None = None,
) -> go.Figure:
    """Every point of a sweep, and those that none beats.

    Parameters
    ----------
    cost, quality : sequence of float
        By row.
    texts : sequence of str
        Settings of each, for the tip.
    front : sequence of int
        Rows on the front.
    titles : tuple of str
        Of the two axes.
    chosen : int, optional
        A row to mark.
    ann : float, optional
        The ANN's quality.
    lowest : float, optional
        Where the axis of quality begins; all points are within it if not given.
    """
    figure = style.new(440, legend=True)
    on_front = set(front)
    groups = (
        (
            "beaten",
            [i for i in range(len(cost)) if i not in on_front],
            palette.NEUTRAL,
            "circle",
            9,
        ),
        ("on the front", list(front), FRONT, "diamond", 12),
    )
    for name, members, colour, symbol, size in groups:
        figure.add_scatter(
            x=[cost[i] for i in members],
            y=[quality[i] for i in members],
            text=[texts[i] for i in members],
            customdata=members,
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": symbol, "size": size},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate=f"%{{text}}<br>{titles[1]} %{{y:.4f}}<br>{titles[0]} %{{x:.3g}}"
            "<extra>click to choose</extra>",
        )
    if chosen is not None:
        figure.add_scatter(
            x=[cost[chosen]],
            y=[quality[chosen]],
            mode="markers",
            name="chosen",
            marker={
                "symbol": "circle-open",
                "size": 22,
                "color": palette.TRUTH,
                "line": {"width": 3},
            },
            hoverinfo="skip",
        )
    if ann is not None:
        figure.add_hline(y=ann, line={"color": palette.ANN, "dash": "dash", "width": 1.5})
        figure.add_annotation(
            x=0, xref="paper", y=ann, text="ANN", showarrow=False, xanchor="left", yanchor="bottom"
        )
    figure.update_xaxes(title_text=titles[0], fixedrange=True, **ticks.logarithmic(cost))
    top = max([*quality, *([ann] if ann is not None else [])])
    room = 0.06 * (top - lowest) if lowest is not None else 0
    figure.update_yaxes(title_text=titles[1], fixedrange=True)
    if lowest is not None:
        figure.update_yaxes(range=[lowest - room, top + room])
    return figure


def sensitivity(
    knobs: Sequence[str], alone: Sequence[float], together: Sequence[float]
) -> go.Figure:
    """Share of a measure's variance that each knob explains.

    Parameters
    ----------
    knobs : sequence of str
        The strongest first.
    alone, together : sequence of float
        By itself, and with its interplay with the others; 0..1.
    """
    figure = style.new(110 + 52 * len(knobs), legend=True)
    for name, values, alpha in (("by itself", alone, 1.0), ("with the others", together, 0.4)):
        figure.add_bar(
            y=list(knobs),
            x=[100 * value for value in values],
            orientation="h",
            name=name,
            marker={"color": palette.faded(palette.SNN, alpha)},
            hovertemplate="%{y}: %{x:.0f} % " + name + "<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(title_text="share of the variance (%)", range=[0, 100], fixedrange=True)
    return figure


def effects(means: Mapping[str, Mapping], title: str) -> go.Figure:
    """The measure's mean at each value of each knob, side by side on one scale.

    Parameters
    ----------
    means : mapping of str to mapping
        By knob: value to mean.
    title : str
        Of the measure.
    """
    from plotly.subplots import make_subplots

    figure = style.dressed(
        make_subplots(
            rows=1,
            cols=max(len(means), 1),
            shared_yaxes=True,
            horizontal_spacing=0.03,
            subplot_titles=list(means),
        ),
        260,
    )
    for place, (knob, values) in enumerate(means.items(), start=1):
        figure.add_scatter(
            x=[f"{value:g}" if isinstance(value, float | int) else value for value in values],
            y=list(values.values()),
            mode="lines+markers",
            line={"color": palette.SNN, "width": 2},
            marker={"size": 8},
            hovertemplate=f"{knob} %{{x}}: mean %{{y:.4f}}<extra></extra>",
            row=1,
            col=place,
        )
    figure.update_layout(margin_t=34)
    figure.update_annotations(font_size=style.FONT - 1)
    figure.update_xaxes(
        type="category", fixedrange=True, showgrid=False, autotickangles=[0, 90], tickmode="linear"
    )
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(title_text=title, row=1, col=1)
    return figure

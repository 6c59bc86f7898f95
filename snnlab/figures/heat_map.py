"""A heat map whose cells say their numbers, good or costly ones in strong colour."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style

# see-through, so that the page's own text colour reads on every cell in both themes
_GOOD = [[0, palette.faded(palette.SNN, 0.05)], [1, palette.faded(palette.SNN, 0.72)]]
_COST = [[0, palette.faded(palette.TRUTH, 0.05)], [1, palette.faded(palette.TRUTH, 0.72)]]


def draw(
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
            # beside the bar, as Plotly has it, nothing is left of a bar on a narrow screen
            "title": {"text": titles[2], "font": {"size": style.FONT}, "side": "top"},
            "tickangle": 0,
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
    # a name below the numbers: with a colour bar above, Plotly measures from the axis itself
    figure.update_xaxes(range=[-0.5, len(across) - 0.5], title_standoff=32)
    figure.update_yaxes(range=[-0.5, len(down) - 0.5])
    return figure

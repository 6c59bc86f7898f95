"""What all figures have in common: size, grid, legend, and how they are drawn.

The page's theme (light or dark) colours the text on screen; what is set here reads on both, and a
saved picture has dark text on no background. There is no template: Plotly takes one for changed
whenever it is handed a figure again, and draws all of it anew.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from snnlab.figures import palette

FONT = 14
_FAMILY = "Inter, system-ui, sans-serif"
_INK, _CLEAR = "#18211f", "rgba(0,0,0,0)"

# a dot that was clicked grows; Plotly would fade all others instead
CHOSEN = {
    "selected": {"marker": {"size": 12, "opacity": 1}},
    "unselected": {"marker": {"opacity": 1}},
}

# for the page's chart command: no logo, no buttons that nobody asked for
CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "snnlab"},
}


def new(height: int, legend: bool = False) -> go.Figure:
    """An empty figure in the lab's style.

    Parameters
    ----------
    height : int
        Pixels; the width is the page's.
    legend : bool
        Above the plot, where it takes no width from a narrow screen.
    """
    return dressed(go.Figure(), height, legend)


def dressed(figure: go.Figure, height: int, legend: bool = False) -> go.Figure:
    """The same figure in the lab's style."""
    figure.layout.template = None
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 40 if legend else 12, "b": 8, "pad": 7},
        font={"size": FONT, "family": _FAMILY, "color": _INK},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        modebar={"bgcolor": _CLEAR, "color": palette.NEUTRAL, "activecolor": palette.SNN},
        showlegend=legend,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "xanchor": "left",
            "yanchor": "bottom",
            "font": {"size": FONT - 1},
        },
        hoverlabel={
            "font": {"size": FONT, "family": _FAMILY, "color": "#ffffff"},
            "bgcolor": _INK,
            "bordercolor": palette.NEUTRAL,
        },
        dragmode=False,
        bargap=0,
    )
    axis = {
        "automargin": True,
        "gridcolor": palette.GRID,
        "zeroline": False,
        "zerolinecolor": palette.GRID,
        "title": {"standoff": 8, "font": {"size": FONT}},
        "tickfont": {"size": FONT - 1},
    }
    figure.update_xaxes(**axis, showgrid=False)
    figure.update_yaxes(**axis)
    return figure


def rows(figure: go.Figure, names: Sequence[str], texts: Sequence[str]) -> None:
    """Texts above horizontal bars, where they take no width from a narrow screen.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    names : sequence of str
        Of the bars, from bottom to top.
    texts : sequence of str
        What is written above each.
    """
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=list(names),
        showticklabels=False,
        showgrid=False,
        fixedrange=True,
        range=[-0.75, len(names) - 0.15],
    )
    for row, text in enumerate(texts):
        figure.add_annotation(
            x=0,
            xref="paper",
            y=row,
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            yshift=6,
            font={"size": FONT - 1},
        )


def marks(figure: go.Figure, places: dict[str, float]) -> None:
    """Draw a vertical dashed line at each place, with its label above the plot.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    places : dict of str to float
        At most two, the lower one first; its label goes to the left.
    """
    for (text, at), anchor in zip(places.items(), ("right", "left"), strict=False):
        figure.add_vline(x=at, line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5})
        figure.add_annotation(
            x=at,
            y=1,
            yref="paper",
            text=text,
            showarrow=False,
            xanchor=anchor if len(places) > 1 else "center",
            yanchor="bottom",
            font={"size": FONT - 1},
        )


def bounds(lower_hz: float, upper_hz: float, place=float) -> dict[str, float]:
    """Labels and places of the firing-rate bounds, for `marks`; one if they are equal."""
    found = {f"{hertz:g} Hz": place(hertz) for hertz in (lower_hz, upper_hz)}
    return dict(sorted(found.items(), key=lambda item: item[1]))

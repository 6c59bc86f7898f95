"""Figures of all layers at once: how far the spikes are from the ANN."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from snnlab.figures import palette, style


def layers(names: Sequence[str], error: Sequence[float]) -> go.Figure:
    """Relative error of every layer, in the order of the network.

    Parameters
    ----------
    names : sequence of str
    error : sequence of float
        Mean ``|SNN - ANN|`` over mean ANN activation; NaN draws no bar.
    """
    figure = style.new(22 * len(names) + 70)
    figure.add_bar(
        x=[100 * value for value in error],
        y=list(names),
        orientation="h",
        marker={"color": [palette.layer(name) for name in names], "line": {"width": 0}},
        text=[f"{100 * value:.0f} %" if value == value else "silent" for value in error],
        textposition="outside",
        textfont={"size": style.FONT - 1},
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1f} % of the mean activation<extra></extra>",
    )
    top = max((100 * value for value in error if value == value), default=1.0)
    figure.update_layout(bargap=0.3)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(
        title_text="mean |SNN − ANN|, % of the mean activation",
        range=[0, 1.14 * top],
        fixedrange=True,
    )
    return figure


ACROSS = 4  # small figures side by side; also on a telephone they have to be seen
SIDE = 170  # pixels a row of them


def multiples(pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> go.Figure:
    """Every layer's activations against what its spikes say, small and side by side.

    Each has axes of its own, equal in both directions, so that the dashed line
    always is where spikes say what the ANN says.

    Parameters
    ----------
    pairs : mapping of str to tuple of numpy.ndarray
        ANN and SNN by layer, ``(n,)`` each, in units of the ANN's activation. Of trace
        ``2 i + 1`` point ``j`` is neuron ``j`` of layer ``i``.
    """
    rows = -(-len(pairs) // ACROSS)
    figure = style.dressed(
        make_subplots(
            rows,
            ACROSS,
            subplot_titles=list(pairs),
            horizontal_spacing=0.03,
            vertical_spacing=min(0.3, 26 / (SIDE * rows)),
        ),
        SIDE * rows + 70,
    )
    for place, (name, (ann, snn)) in enumerate(pairs.items()):
        at = {"row": place // ACROSS + 1, "col": place % ACROSS + 1}
        top = float(max(ann.max(initial=0), snn.max(initial=0), 1e-6)) * 1.06
        figure.add_scatter(
            x=[0, top],
            y=[0, top],
            mode="lines",
            line={"color": palette.NEUTRAL, "dash": "dash", "width": 1},
            hoverinfo="skip",
            **at,
        )
        figure.add_scatter(
            x=ann,
            y=snn,
            mode="markers",
            name=name,
            marker={"color": palette.faded(palette.layer(name), 0.6), "size": 4},
            **style.CHOSEN,
            hovertemplate=f"{name}: ANN %{{x:.3f}}, SNN %{{y:.3f}}<extra></extra>",
            **at,
        )
        span = [-0.04 * top, top]
        figure.update_xaxes(range=span, **at)
        figure.update_yaxes(range=span, **at)
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=True, fixedrange=True)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=True, fixedrange=True)
    figure.update_annotations(font_size=style.FONT - 2)
    figure.add_annotation(
        text="ANN activation →",
        x=0.5,
        y=0,
        yshift=-22,
        xref="paper",
        yref="paper",
        yanchor="top",
        showarrow=False,
    )
    figure.add_annotation(
        text="SNN: rate / rate of 1 →",
        x=0,
        y=0.5,
        xshift=-6,
        xref="paper",
        yref="paper",
        textangle=-90,
        xanchor="right",
        showarrow=False,
    )
    figure.update_layout(margin={"l": 30, "r": 8, "t": 26, "b": 44})
    return figure

"""Figure of all layers at once: how far the spikes are from the ANN."""

from collections.abc import Sequence

import plotly.graph_objects as go

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

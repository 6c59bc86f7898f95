"""Figures of an RBF network: the mixture of its two kernels while it is learned."""

from collections.abc import Sequence

import plotly.graph_objects as go

from snnlab.figures import curves, palette, style


def mixture(
    steps: Sequence[int], a1: Sequence[float], a2: Sequence[float], euclid: Sequence[float]
) -> go.Figure:
    """Both kernels' weights against steps, and the share of the output that is Euclid's.

    Parameters
    ----------
    steps : sequence of int
    a1, a2 : sequence of float
        Of the Euclidean and of the cosine kernel.
    euclid : sequence of float
        0..1.
    """
    figure = style.new(curves.HEIGHT, legend=True)
    axis = curves.Axis("step of the descent", "step %{x}", 1.02 * max(steps, default=1))
    for values, name, colour, dash in (
        (a1, "a1, Euclidean", palette.ANN, "solid"),
        (a2, "a2, cosine", palette.SNN, "solid"),
        (euclid, "Euclid's share of the output", palette.NEUTRAL, "dot"),
    ):
        curves.draw(figure, axis, steps, values, name, colour, dash, ".2f")
    axis.put(figure)
    figure.update_yaxes(title_text="weight, share", rangemode="tozero")
    return figure

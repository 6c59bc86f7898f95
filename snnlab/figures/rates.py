"""Figures of firing rates: over all layers, within one, and against the ANN."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style


def overview(
    names: Sequence[str],
    mean_hz: Sequence[float],
    percentile_hz: Sequence[float],
    max_hz: Sequence[float],
    percentile: float,
    lower_hz: float,
    upper_hz: float,
) -> go.Figure:
    """Firing rates of every layer beside the range that they were meant for.

    Parameters
    ----------
    names : sequence of str
        Layers, in the order of the network.
    mean_hz, percentile_hz, max_hz : sequence of float
        One value a layer.
    percentile : float
        Which percentile ``percentile_hz`` is.
    lower_hz, upper_hz : float
        The range.
    """
    figure = style.new(26 * len(names) + 110, legend=True)
    figure.add_vrect(x0=lower_hz, x1=upper_hz, fillcolor=palette.SHADE, line_width=0, layer="below")
    for at in (lower_hz, upper_hz):
        figure.add_vline(x=at, line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5})
    colours = [palette.layer(name) for name in names]
    tip = "%{y}: %{x:.0f} Hz<extra>%{fullData.name}</extra>"
    for label, values, symbol, size in (
        ("mean", mean_hz, "line-ns", 9),
        (f"{percentile:g}th percentile", percentile_hz, "diamond", 11),
        ("largest", max_hz, "circle-open", 7),
    ):
        figure.add_scatter(
            x=list(values),
            y=list(names),
            mode="markers",
            name=label,
            marker={
                "symbol": symbol,
                "size": size,
                "color": colours,
                "line": {"width": 2, "color": colours},
            },
            hovertemplate=tip,
        )
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(title_text="firing rate (Hz)", rangemode="tozero", fixedrange=True)
    return figure


def histogram(
    name: str,
    rate_hz: np.ndarray,
    neurons: np.ndarray,
    percentile: float,
    percentile_hz: float,
    lower_hz: float,
    upper_hz: float,
) -> go.Figure:
    """How many neurons of one layer fire at which rate, on a logarithmic count.

    Parameters
    ----------
    name : str
        Of the layer.
    rate_hz, neurons : numpy.ndarray
        ``(n,)``: so many neurons fired at this rate. A run of T steps allows
        only multiples of 1000 / T Hz, so each bar is one number of spikes.
    percentile, percentile_hz : float
        Which percentile is marked, and its rate.
    lower_hz, upper_hz : float
    """
    figure = style.new(340)
    colour = palette.layer(name)
    figure.add_vrect(x0=lower_hz, x1=upper_hz, fillcolor=palette.SHADE, line_width=0, layer="below")
    width = float(rate_hz[1] - rate_hz[0]) if len(rate_hz) > 1 else 1.0
    figure.add_bar(
        x=rate_hz,
        y=neurons,
        width=0.92 * width,
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        hovertemplate="%{y:,} neurons at %{x:.1f} Hz<extra></extra>",
    )
    style.mark(figure, lower_hz, f"{lower_hz:g} Hz", "top left")
    style.mark(figure, upper_hz, f"{upper_hz:g} Hz", "top right")
    figure.add_scatter(
        x=[percentile_hz],
        y=[1],
        mode="markers",
        name="percentile",
        marker={
            "symbol": "diamond",
            "size": 15,
            "color": colour,
            "line": {"width": 2, "color": "#ffffff"},
        },
        hovertemplate=f"{percentile:g}th percentile: %{{x:.0f}} Hz<extra></extra>",
        cliponaxis=False,
    )
    figure.update_layout(margin_t=34)
    figure.update_yaxes(title_text="neurons (log)", type="log", dtick=1, fixedrange=True)
    figure.update_xaxes(title_text="firing rate (Hz)", fixedrange=True)
    return figure


def ann_against_snn(name: str, ann: np.ndarray, snn: np.ndarray) -> go.Figure:
    """Activation of the ANN's neurons against what their spikes say.

    Parameters
    ----------
    name : str
        Of the layer.
    ann, snn : numpy.ndarray
        ``(n,)``, in units of the ANN's activation.
    """
    figure = style.new(420)
    top = float(max(ann.max(initial=0), snn.max(initial=0), 1e-6)) * 1.04
    figure.add_scatter(
        x=[0, top],
        y=[0, top],
        mode="lines",
        name="equal",
        line={"color": palette.NEUTRAL, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )
    figure.add_scattergl(
        x=ann,
        y=snn,
        mode="markers",
        name=name,
        marker={"color": palette.faded(palette.layer(name), 0.55), "size": 5},
        hovertemplate="ANN %{x:.3f}, SNN %{y:.3f}<extra></extra>",
    )
    figure.update_xaxes(title_text="ANN activation", range=[-0.02 * top, top])
    figure.update_yaxes(title_text="SNN: rate / rate of 1", range=[-0.02 * top, top])
    return figure


def error(
    step: np.ndarray, error_: np.ndarray, agreement: np.ndarray, accuracy: np.ndarray | None
) -> go.Figure:
    """How far the SNN is from the ANN after each number of timesteps.

    Parameters
    ----------
    step : numpy.ndarray
        ``(n,)``.
    error_ : numpy.ndarray
        Mean absolute difference of the cell probabilities, 0..1.
    agreement : numpy.ndarray
        Share of pixels on the same side of the threshold, 0..1.
    accuracy : numpy.ndarray or None
        Pixel accuracy against the labels, 0..1.
    """
    from plotly.subplots import make_subplots

    figure = style.dressed(
        make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08), 480, legend=True
    )
    line = {"width": 2.5}
    figure.add_scatter(
        x=step,
        y=error_,
        mode="lines+markers",
        name="difference SNN - ANN",
        line=line | {"color": palette.NEUTRAL},
        marker={"size": 5},
        hovertemplate="after %{x} steps: %{y:.4f}<extra></extra>",
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=step,
        y=100 * agreement,
        mode="lines+markers",
        name="agreement with the ANN",
        line=line | {"color": palette.SNN},
        marker={"size": 5},
        hovertemplate="after %{x} steps: %{y:.2f} %<extra></extra>",
        row=2,
        col=1,
    )
    if accuracy is not None:
        figure.add_scatter(
            x=step,
            y=100 * accuracy,
            mode="lines+markers",
            name="pixel accuracy",
            line=line | {"color": palette.TRUTH, "dash": "dot"},
            marker={"size": 5},
            hovertemplate="after %{x} steps: %{y:.2f} %<extra></extra>",
            row=2,
            col=1,
        )
    figure.update_yaxes(title_text="mean difference", type="log", row=1, col=1)
    figure.update_yaxes(title_text="pixels (%)", row=2, col=1)
    figure.update_xaxes(title_text="timesteps (1 ms each)", row=2, col=1)
    return figure

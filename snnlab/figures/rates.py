"""Figures of firing rates: over all layers, within one, and against the ANN."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style

MANY_TICKS = 300  # a logarithmic axis from 1 to this has room for 1, 2, 5, 10 and so on


def overview(
    names: Sequence[str],
    mean_hz: Sequence[float],
    percentile_hz: Sequence[float],
    max_hz: Sequence[float],
    percentile: float,
    lower_hz: float | None,
    upper_hz: float | None,
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
    lower_hz, upper_hz : float or None
        The range; None if there is none.
    """
    figure = style.new(26 * len(names) + 130, legend=True)
    figure.update_layout(margin_t=62, legend_yref="container", legend_y=1, legend_yanchor="top")
    _band(figure, lower_hz, upper_hz)
    colours = [palette.layer(name) for name in names]
    for name, low, high, colour in zip(names, mean_hz, max_hz, colours, strict=True):
        figure.add_scatter(
            x=[low, high],
            y=[name, name],
            mode="lines",
            line={"color": palette.faded(colour, 0.45), "width": 2},
            showlegend=False,
            hoverinfo="skip",
        )
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


def _band(figure: go.Figure, low: float | None, high: float | None) -> None:
    """The range that rates were meant for, if there is one."""
    if low is None or high is None:
        return
    figure.add_vrect(x0=low, x1=high, fillcolor=palette.SHADE, line_width=0, layer="below")
    style.marks(figure, style.bounds(low, high))


def histogram(
    name: str,
    rate_hz: np.ndarray,
    neurons: np.ndarray,
    percentile: float,
    percentile_hz: float,
    lower_hz: float | None,
    upper_hz: float | None,
    here_hz: Sequence[float] = (),
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
    lower_hz, upper_hz : float or None
        The range; None if there is none.
    here_hz : sequence of float
        Rates of neurons to point out, such as those of a place.
    """
    figure = style.new(340)
    colour = palette.layer(name)
    _band(figure, lower_hz, upper_hz)
    width = float(rate_hz[1] - rate_hz[0]) if len(rate_hz) > 1 else 1.0
    figure.add_bar(
        x=rate_hz,
        y=neurons,
        width=0.92 * width,
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        hovertemplate="%{y:,} neurons at %{x:.1f} Hz<extra></extra>",
    )
    if len(here_hz):
        figure.add_scatter(
            x=here_hz,
            y=[0.75] * len(here_hz),
            mode="markers",
            name="here",
            marker={
                "symbol": "triangle-up",
                "size": 12,
                "color": "#ffd21f",  # of the place in the image
                "line": {"color": "#18211f", "width": 1},
            },
            hovertemplate="at the chosen place: %{x:.0f} Hz<extra></extra>",
            cliponaxis=False,
        )
    last = max(float(rate_hz[-1]), upper_hz or width) * 1.04
    figure.add_scatter(
        x=[percentile_hz],
        y=[3 * float(neurons.max())],
        mode="markers+text",
        name="percentile",
        text=[f"{percentile:g}th percentile"],
        textposition="middle left" if percentile_hz > last / 2 else "middle right",
        textfont={"size": style.FONT - 1},
        marker={"symbol": "diamond", "size": 13, "color": colour},
        hovertemplate=f"{percentile:g}th percentile: %{{x:.0f}} Hz<extra></extra>",
        cliponaxis=False,
    )
    figure.add_shape(
        type="line",
        x0=percentile_hz,
        x1=percentile_hz,
        y0=0.5,
        y1=3 * float(neurons.max()),
        line={"color": colour, "width": 2},
        layer="below",
    )
    figure.update_layout(margin_t=34, margin_r=44)
    figure.update_yaxes(title_text="neurons (log)", type="log", dtick=1, fixedrange=True)
    figure.update_xaxes(title_text="firing rate (Hz)", range=[-0.6 * width, last], fixedrange=True)
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
    figure.add_scatter(
        x=ann,
        y=snn,
        mode="markers",
        name=name,
        marker={"color": palette.faded(palette.layer(name), 0.55), "size": 5},
        **style.CHOSEN,
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
        name="|SNN − ANN|",
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
    drawn = error_[error_ > 0]
    wide = len(drawn) and drawn.max() > MANY_TICKS * drawn.min()
    digits = (1,) if wide else (1, 2, 5)  # more would run into one another
    ticks = [digit * 10.0**power for power in range(-5, 1) for digit in digits]
    figure.update_yaxes(
        title_text="mean difference",
        type="log",
        tickvals=ticks,
        ticktext=[f"{tick:g}" for tick in ticks],
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="pixels (%)", nticks=6, row=2, col=1)
    figure.update_xaxes(title_text="timesteps (1 ms each)", row=2, col=1)
    return figure

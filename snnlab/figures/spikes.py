"""Figures of spikes: a raster, potentials and currents, intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from snnlab.figures import palette, style

# told apart by lightness as well as hue, on both themes
NEURONS = ("#3d7ec0", "#de8f33", "#2a9d5c", "#9970ab")

SVG_DOTS = 15_000


def raster(rasters: Mapping[str, np.ndarray], dt: float = 0.001) -> go.Figure:
    """A dot for each spike: time to the right, neurons below one another by layer.

    Parameters
    ----------
    rasters : mapping of str to numpy.ndarray
        For each layer, integer ``(timesteps, n)``: spikes in each step.
    dt : float
        Seconds a step.
    """
    rows = sum(values.shape[1] for values in rasters.values())
    figure = style.new(max(360, 5 * rows + 80))
    dots = sum(np.count_nonzero(values) for values in rasters.values())
    # SVG is drawn everywhere; beyond so many dots only WebGL stays quick
    kind = go.Scatter if dots <= SVG_DOTS else go.Scattergl
    ticks, labels, top = [], [], 0
    for name, values in rasters.items():
        step, neuron = np.nonzero(values)
        figure.add_trace(
            kind(
                x=(step + 1) * dt * 1000,
                y=neuron + top,
                mode="markers",
                name=name,
                marker={"color": palette.layer(name), "size": 5, "symbol": "square"},
                **style.CHOSEN,
                hovertemplate=f"{name}: %{{x:.0f}} ms<extra></extra>",
            )
        )
        ticks.append(top + (values.shape[1] - 1) / 2)
        labels.append(name)
        top += values.shape[1] + 2
        figure.add_hline(y=top - 1.5, line={"color": palette.GRID, "width": 1})
    figure.update_yaxes(
        tickvals=ticks, ticktext=labels, range=[top - 1.5, -1.5], showgrid=False, fixedrange=True
    )
    steps = next(iter(rasters.values())).shape[0] if rasters else 1
    figure.update_xaxes(title_text="time (ms)", range=[0, (steps + 0.7) * dt * 1000])
    return figure


def traces(
    labels: Sequence[str],
    current: np.ndarray,
    potential: np.ndarray,
    spikes: np.ndarray,
    reached: np.ndarray,
    initial: np.ndarray,
    sizes: Sequence[float] = (),
    dt: float = 0.001,
) -> go.Figure:
    """Input current, membrane potential and spikes of a few neurons.

    Step ``n`` lasts from ``n - 1`` to ``n``: its current lies there, and what comes of it,
    potential and spike, at the end.

    Parameters
    ----------
    labels : sequence of str
        One a neuron.
    current : numpy.ndarray
        ``(timesteps, n)``, in thresholds per step.
    potential : numpy.ndarray
        ``(timesteps, n)``, threshold = 1, at the end of each step.
    spikes : numpy.ndarray
        ``(timesteps, n)``: 0, or what is sent: a number of spikes, or the size of a graded one.
    reached : numpy.ndarray
        ``(timesteps, n)``: the potential before the reset; drawn where there is a spike.
    initial : numpy.ndarray
        ``(n,)``: the potential before the first step.
    sizes : sequence of float
        Of graded spikes, each of which has its threshold.
    dt : float
        Seconds a step.
    """
    count = len(labels)
    figure = style.dressed(
        make_subplots(
            rows=3,
            cols=1,
            shared_xaxes=True,
            vertical_spacing=0.05,
            row_heights=[0.12 + 0.03 * count, 0.44, 0.38],
        ),
        560,
        legend=True,
    )
    time = (np.arange(len(potential)) + 1) * dt * 1000
    for n, label in enumerate(labels):
        colour = NEURONS[n % len(NEURONS)]
        when = np.flatnonzero(spikes[:, n])
        shared = {"name": label, "legendgroup": label}
        sent = spikes[when, n]
        tall = 5 + 15 * sent / max(sizes) if sizes else 12
        figure.add_scatter(
            x=time[when],
            y=np.full(len(when), n),
            mode="markers",
            showlegend=False,
            marker={
                "symbol": "line-ns",
                "size": tall,
                "opacity": 1,  # of several sizes they are translucent else
                "line": {"width": 2, "color": colour},
            },
            customdata=sent if sizes else None,
            hovertemplate=f"spike{' of size %{customdata:.3g}' if sizes else ''} at %{{x:.0f}} ms"
            "<extra>%{fullData.name}</extra>",
            row=1,
            col=1,
            **shared,
        )
        # up to what was reached, and straight down to what the reset left
        twice = 1 + (spikes[:, n] > 0)
        climb = np.repeat(potential[:, n], twice)
        climb[np.cumsum(twice)[when] - 2] = reached[when, n]
        figure.add_scatter(
            x=np.append(0, np.repeat(time, twice)),
            y=np.append(initial[n], climb),
            mode="lines",
            line={"color": colour, "width": 2},
            hovertemplate="%{y:.3f}<extra>%{fullData.name}</extra>",
            row=2,
            col=1,
            **shared,
        )
        figure.add_scatter(
            x=np.append(0, time),
            y=np.append(current[:1, n], current[:, n]),
            mode="lines",
            showlegend=False,
            line={"color": colour, "width": 1.5, "shape": "vh"},
            hovertemplate="%{y:.3f}<extra>%{fullData.name}</extra>",
            row=3,
            col=1,
            **shared,
        )
    dashed = {"color": palette.NEUTRAL, "dash": "dash", "width": 1.5}
    for size in sizes or (1,):
        figure.add_hline(y=size, line=dashed, row=2, col=1)
    figure.update_yaxes(
        title_text="spikes",
        showticklabels=False,
        showgrid=False,
        range=[count - 0.5, -0.5],
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="potential", row=2, col=1)
    figure.update_yaxes(title_text="current", row=3, col=1)
    figure.update_xaxes(range=[0, time[-1] + 0.5 * dt * 1000])
    figure.update_xaxes(title_text="time (ms)", row=3, col=1)
    return figure


def intervals(
    name: str,
    milliseconds: np.ndarray,
    count: np.ndarray,
    lower_hz: float | None,
    upper_hz: float | None,
) -> go.Figure:
    """How much time lies between two spikes of one neuron.

    Parameters
    ----------
    name : str
        Of the layer.
    milliseconds, count : numpy.ndarray
        ``(n,)``: an interval, and how often it occurred.
    lower_hz, upper_hz : float or None
        The range of rates; its inverses are drawn in. None if there is none.
    """
    figure = style.new(320)
    figure.add_bar(
        x=milliseconds,
        y=count,
        width=0.92,
        name=name,
        marker={"color": palette.layer(name), "line": {"width": 0}},
        hovertemplate="%{y:,} intervals of %{x:.0f} ms<extra></extra>",
    )
    if lower_hz is not None and upper_hz is not None:
        style.marks(figure, style.bounds(lower_hz, upper_hz, lambda hertz: 1000 / hertz))
    figure.update_layout(margin_t=34)
    figure.update_yaxes(title_text="intervals", fixedrange=True)
    figure.update_xaxes(title_text="time between two spikes (ms)", rangemode="tozero")
    return figure

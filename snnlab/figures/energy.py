"""Figures of energy: by device, by part, where spikes stop winning, and against quality."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style
from snnlab.figures.dots import Dot, dots
from snnlab.figures.numbers import joules, short

NETWORKS = {"ann": ("ANN", palette.ANN), "snn": ("SNN", palette.SNN)}
PARTS = {
    "synapses": ("synapses, MACs", palette.layer("down2")),
    "neurons": ("neurons", palette.layer("up1")),
    "messages": ("spikes and messages", palette.SNN),
    "overhead": ("starting layers", palette.ANN),
    "static": ("idle power", palette.NEUTRAL),
}
SAMPLE, ABOVE = 22, 10  # pixels: length of a piece of a line by its name, and its height above
_LINES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MODELS = (
    palette.layer("down3"), palette.layer("up1"), palette.SNN, palette.ANN, palette.layer("down0"),
    palette.layer("up3"), palette.NEUTRAL,
)  # fmt: skip
MANY_DECADES = 10  # on an axis, of which only every other one is named
_SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def decades(low: float, high: float) -> dict:
    """Decades as energies, the unit below its number: so each has room on a narrow screen."""
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    powers = range(first, last + 1)
    every = 1 if len(powers) <= MANY_DECADES else 2
    return {
        "tickvals": [10.0**power for power in powers],
        "ticktext": [
            joules(10.0**power).replace(" ", "<br>") if power % every == 0 else ""
            for power in powers
        ],
        "tickangle": 0,
    }


def devices(
    found: Sequence[tuple[str, str, str, tuple[float, float, float]]],
    mark: tuple[str, float] | None = None,
) -> go.Figure | None:
    """Energy of an image by device, like beside like, the dearest of a group on top.

    Parameters
    ----------
    found : sequence of (str, {"ann", "snn"}, str, tuple of float)
        Group, network, name, and low end, value and high end in J; groups in their order.
    mark : tuple of (str, float), optional
        A line in a group at this energy, and one at twice of it.

    Returns
    -------
    plotly.graph_objects.Figure or None
        Nothing if nothing costs anything: a logarithmic axis has no place for that.
    """
    groups = list(dict.fromkeys(group for group, *_ in found))
    rows = [
        Dot(group, name, joules(value), value, NETWORKS[network][1], low, high)
        for group, network, name, (low, value, high) in sorted(
            found, key=lambda one: (groups.index(one[0]), -one[3][1])
        )
        if value > 0
    ]
    if not rows:
        return None
    ends = [end for row in rows for end in (row.low, row.value, row.high) if end]
    lines = (
        []
        if not (mark and mark[1])
        else [(mark[0], "SNN", mark[1]), (mark[0], "twice", 2 * mark[1])]
    )
    return dots(rows, axis(ends), lines)


def axis(values: Sequence[float]) -> dict:
    """A logarithmic axis on which all of these energies (J, above 0) have room."""
    # the decades are written in two lines
    return {"title_text": "energy of an image (log)", "title_standoff": 14} | decades(
        min(values) / 3, 3 * max(values)
    )


def breakdown(names: Sequence[str], parts: dict[str, Sequence[float]]) -> go.Figure:
    """What each device's energy goes into, as shares.

    Parameters
    ----------
    names : sequence of str
        From top to bottom.
    parts : dict of str to sequence of float
        J by part (see `PARTS`), a value a device.
    """
    figure = style.new(40 * len(names) + 140, legend=True)
    figure.update_layout(
        barmode="stack", margin_t=82, legend_yref="container", legend_y=1, legend_yanchor="top",
        legend_traceorder="normal",
    )  # fmt: skip
    total = np.sum(list(parts.values()), axis=0)
    for key, (label, colour) in PARTS.items():
        if key not in parts or not np.any(parts[key]):
            continue
        values = np.asarray(parts[key], float)
        figure.add_bar(
            y=list(names),
            x=100 * values / np.where(total > 0, total, 1.0),
            orientation="h",
            width=0.32,
            name=label,
            marker={"color": colour, "line": {"width": 0}},
            customdata=[joules(value) for value in values],
            hovertemplate="%{y}, " + label + ": %{customdata}, %{x:.1f} %<extra></extra>",
        )
    texts = [f"{name}: {joules(whole)}" for name, whole in zip(names, total, strict=True)]
    style.rows(figure, names[::-1], texts[::-1])
    figure.update_xaxes(
        title_text="share of the energy (%)", range=[0, 100], fixedrange=True, nticks=6
    )
    return figure


def break_even(
    timesteps: np.ndarray,
    lines: dict[str, np.ndarray],
    run: tuple[float, float],
    rate_hz: float,
    measured: bool = True,
) -> go.Figure:
    """Spikes a neuron at which an SNN and ANNs on several devices cost the same.

    Parameters
    ----------
    timesteps : numpy.ndarray
    lines : dict of str to numpy.ndarray
        By the ANN's device; NaN where the SNN cannot win, and none without an end.
    run : tuple of float
        Timesteps and spikes a neuron of the run.
    rate_hz : float
        Its mean rate; a line of runs with that rate.
    measured : bool
        Whether the run was, or is an estimate.
    """
    figure = style.new(470)
    figure.add_scatter(
        x=timesteps,
        y=timesteps * rate_hz / 1000,
        mode="lines",
        name="its mean rate",
        line={"color": palette.SNN, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    above = np.inf
    for index, name in enumerate(sorted(lines, key=lambda one: -np.nanmax(lines[one]))):
        colour = _MODELS[index % len(_MODELS)]
        figure.add_scatter(
            x=timesteps,
            y=lines[name],
            mode="lines",
            name=name,
            line={"color": colour, "width": 2.5, "dash": _LINES[index % len(_LINES)]},
            customdata=[short(value) for value in lines[name]],
            hovertemplate=f"{name}: at %{{x:.0f}} steps the SNN wins below %{{customdata}} spikes"
            " per neuron<extra></extra>",
        )
        # a line close under another has its name below, so that neither covers the other
        first = np.log10(np.nanmax(lines[name]))
        close = above - first < 0.5
        at, side = np.log10(30) if above - first < 0.1 else 0.02, -1 if close else 1
        figure.add_annotation(
            x=at, y=first, text=name, showarrow=False, xanchor="left", xshift=SAMPLE + 4,
            yanchor="top" if close else "bottom", yshift=2 * side, font={"size": style.FONT - 2},
        )  # fmt: skip
        # whose name it is: a piece of the line's colour before it
        figure.add_annotation(
            x=at, y=first, text="", yshift=ABOVE * side, ax=SAMPLE, ay=0, arrowhead=0,
            arrowwidth=3, arrowcolor=colour,
        )  # fmt: skip
        above = first
    figure.add_scatter(
        x=[run[0]],
        y=[run[1]],
        mode="markers+text",
        name="this run",
        text=["this run" if measured else "estimate"],
        textposition="bottom right" if run[0] < 150 else "bottom left",
        textfont={"size": style.FONT - 1},
        marker={
            "symbol": "star" if measured else "star-open",
            "size": 17,
            "color": palette.SNN,
            "line": {"width": 1.5, "color": palette.SNN},
        },
        customdata=[short(run[1])],
        hovertemplate="%{x} steps, %{customdata} spikes per neuron<extra></extra>",
    )
    seen = [v for line in lines.values() for v in line if np.isfinite(v) and v > 0]
    seen += [run[1]] if run[1] > 0 else []  # a silent run is below any logarithm
    top, bottom = max(seen, default=1.0) * 3, max(min(seen, default=1.0) / 2, 1e-3)
    bottom = max(bottom, run[1] / 1000)
    powers = range(int(np.ceil(np.log10(bottom))), int(np.floor(np.log10(top))) + 1)
    figure.update_yaxes(
        title_text="spikes per neuron (log)",
        type="log",
        range=[np.log10(bottom), np.log10(top)],
        tickvals=[10.0**power for power in powers],
        ticktext=[short(10.0**power) for power in powers],
    )
    ticks = [1, 10, 100, 1000]
    figure.update_xaxes(
        title_text="timesteps (log)",
        type="log",
        range=[0, 3.03],
        tickvals=ticks,
        ticktext=[str(tick) for tick in ticks],
        showgrid=True,
    )
    return figure


def pareto(
    series: Sequence[dict],
    anns: Sequence[tuple[str, float, float]],
    quality: str,
    device: str,
) -> go.Figure:
    """Quality against energy, a line a model and way of running it.

    Parameters
    ----------
    series : sequence of dict
        ``model``, ``way``, ``steps``, ``joules``, ``quality`` (0..1), ``near``
        (bool: within half a point of its ANN).
    anns : sequence of (str, float, float)
        Model, joules and quality of each ANN.
    quality : str
        Name of the axis.
    device : str
        Of the ANNs.
    """
    models = list(dict.fromkeys([one["model"] for one in series] + [one[0] for one in anns]))
    ways = list(dict.fromkeys(one["way"] for one in series))
    rows = len(models) + len(ways) + 1
    figure = style.new(500 + 8 * rows, legend=True)
    figure.update_layout(
        margin_t=34 + 10 * rows, legend_yref="container", legend_y=1, legend_yanchor="top"
    )
    for model in models:
        figure.add_scatter(
            x=[None], y=[None], mode="lines", name=model,
            line={"color": _colour(models, model), "width": 4},
        )  # fmt: skip
    for index, way in enumerate(ways):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=way,
            marker={"symbol": _SYMBOLS[index % len(_SYMBOLS)], "size": 9, "color": palette.NEUTRAL},
        )  # fmt: skip
    for one in series:
        colour = _colour(models, one["model"])
        symbol = _SYMBOLS[ways.index(one["way"]) % len(_SYMBOLS)]
        figure.add_scatter(
            x=list(one["joules"]),
            y=[100 * value for value in one["quality"]],
            mode="lines+markers",
            name=f"{one['model']}, {one['way']}",
            showlegend=False,
            line={"color": palette.faded(colour, 0.6), "width": 1.5},
            marker={
                "size": 9,
                "symbol": [symbol if near else f"{symbol}-open" for near in one["near"]],
                "color": colour,
            },
            customdata=[
                [steps, joules(value)]
                for steps, value in zip(one["steps"], one["joules"], strict=True)
            ],
            hovertemplate=f"{one['model']}, {one['way']}<br>%{{customdata[0]}} steps: "
            "%{y:.2f} % at %{customdata[1]}<extra></extra>",
        )
    figure.add_scatter(
        x=[one[1] for one in anns],
        y=[100 * one[2] for one in anns],
        mode="markers",
        name=f"ANN, {device}",
        marker={
            "symbol": "star",
            "size": 14,
            "color": [_colour(models, one[0]) for one in anns],
            "line": {"width": 1, "color": palette.NEUTRAL},
        },
        customdata=[[one[0], joules(one[1])] for one in anns],
        hovertemplate="ANN of %{customdata[0]}: %{y:.2f} % at %{customdata[1]}<extra></extra>",
    )
    used = [v for one in series for v in one["joules"] if v > 0] + [one[1] for one in anns]
    low, high = min(used) / 1.6, max(used) * 1.6
    figure.update_xaxes(
        title_text="energy of an image (log)",
        type="log",
        range=[np.log10(low), np.log10(high)],
        showgrid=True,
        **decades(low, high),
    )
    seen = [100 * v for one in series for v in one["quality"]] + [100 * one[2] for one in anns]
    # what is far below cannot be used, whatever it costs
    figure.update_yaxes(
        title_text=f"{quality} (%)", range=[max(min(seen), max(seen) - 12) - 0.5, max(seen) + 1]
    )
    return figure


def _colour(models: list[str], model: str) -> str:
    return _MODELS[models.index(model) % len(_MODELS)]

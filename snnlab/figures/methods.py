"""Figures of the methods side by side: quality, errors, and one picture a method."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style
from snnlab.figures.numbers import short

# told apart by every kind of colour vision, and by symbol and dash besides
_COLOURS = ("#3d7ec0", "#cc7525", "#2a9d5c", "#b5477c", "#7a6ad8", "#8a7a1f", "#2b9aa8", "#a05026",
            "#7f8b88", "#5b7f2b")  # fmt: skip
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon",
            "hexagon", "triangle-down")  # fmt: skip
_PARTS = {
    "inherited": (palette.NEUTRAL, "inherited"),
    "clipping": ("#cc7525", "clipping"),
    "quantisation": ("#3d7ec0", "quantisation"),
    "timing": ("#b5477c", "unevenness (timing)"),
    "wrong": ("#8a7a1f", "wrongly fired"),
}
_ROLES = {
    "right": (palette.ANN, "dash", 2.0),
    "other": (palette.NEUTRAL, "solid", 1.8),
    "method": (palette.SNN, "solid", 2.4),
}


def quality(
    series: Sequence[Mapping],
    anns: Sequence[tuple[str, float]],
    titles: tuple[str, str],
    costs: Mapping[str, float] | None = None,
    lowest: float | None = None,
) -> go.Figure:
    """Quality of every method against timesteps, spikes or energy.

    Parameters
    ----------
    series : sequence of mapping
        A method each: ``name``, ``x``, ``y``, ``steps``, and ``able``, whether Loihi 1 can run
        it (full marks, or else hollow ones); ``ann``, if it has one of its own, that one's
        quality: a thin line of the same colour.
    anns : sequence of tuple
        What each ANN is called, and its quality: a line each.
    titles : tuple of str
        Of both axes.
    costs : mapping of str to float, optional
        What an ANN costs, in the unit of the x axis, by what it is called: a vertical line each.
    lowest : float, optional
        Where the axis of quality begins; points below it are at its edge.
    """
    figure = style.new(520, legend=True)
    shown = [value for one in series for value in one["y"]]
    floor = lowest if lowest is not None else min(shown, default=0.0)
    for place, one in enumerate(series):
        colour = _COLOURS[place % len(_COLOURS)]
        symbol = _SYMBOLS[place % len(_SYMBOLS)]
        figure.add_scatter(
            x=one["x"],
            y=[max(value, floor) for value in one["y"]],
            customdata=[
                [steps, value] for steps, value in zip(one["steps"], one["y"], strict=True)
            ],
            name=one["name"],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={
                "symbol": symbol if one["able"] else f"{symbol}-open",
                "size": 10,
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            hovertemplate=f"{one['name']}, %{{customdata[0]}} steps<br>{titles[1]}"
            f" %{{customdata[1]:.4f}}<br>{titles[0]} %{{x:.3g}}<extra></extra>",
        )
        if one.get("ann") is not None:
            figure.add_hline(y=one["ann"], line={"color": colour, "dash": "dot", "width": 1.2})
    for place, (name, value) in enumerate(anns):
        figure.add_hline(y=value, line={"color": palette.ANN, "dash": "dash", "width": 1.5})
        # side by side: those of two ANNs may be as good as one
        figure.add_annotation(
            x=place / max(len(anns), 1),
            xref="paper",
            y=value,
            text=name,
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
        )
    for name, value in (costs or {}).items():
        figure.add_vline(x=value, line={"color": palette.ANN, "dash": "dot", "width": 1.5})
        figure.add_annotation(
            x=np.log10(value), y=0, yref="paper", text=name, showarrow=False, textangle=-90,
            xanchor="right", yanchor="bottom",
        )  # fmt: skip
    _log(figure, [x for one in series for x in one["x"]] + list((costs or {}).values()), titles[0])
    own = [one["ann"] for one in series if one.get("ann") is not None]
    top = max([*shown, *own, *(value for _, value in anns)], default=1.0)
    room = 0.05 * max(top - floor, 1e-3)
    figure.update_yaxes(title_text=titles[1], range=[floor - room, top + 2 * room], fixedrange=True)
    return figure


def _log(figure: go.Figure, values: Sequence[float], title: str) -> None:
    low, high = min(values, default=1.0), max(values, default=1.0)
    if title == "timesteps":
        ticks = sorted(set(values))
    else:
        every = (1, 2, 5) if high / low < 300 else (1,)
        ticks = [digit * 10.0**power for power in range(-9, 13) for digit in every]
        ticks = [tick for tick in ticks if low / 1.5 < tick < high * 1.5]
    figure.update_xaxes(
        title_text=title,
        type="log",
        tickvals=ticks,
        ticktext=[short(tick) for tick in ticks],
        range=[np.log10(low / 1.25), np.log10(high * 1.25)],
        fixedrange=True,
    )


def errors(parts: Mapping[str, Mapping[str, float]], title: str, most: float = 1.2) -> go.Figure:
    """Where errors come from, by layer or by method.

    Parameters
    ----------
    parts : mapping of str to mapping
        By layer or method: the parts and ``total``, as shares.
    title : str
        Of the horizontal axis.
    most : float
        Share at which the axis ends at the latest; longer bars are cut.
    """
    # a long name takes the width of the bars
    parts = {name.replace(", ", ",<br>"): values for name, values in parts.items()}
    names = list(parts)
    figure = style.new(52 * len(names) + 170, legend=True)
    longest = max((value for one in parts.values() for value in one.values()), default=1.0)
    for part, (colour, called) in _PARTS.items():
        figure.add_bar(
            x=[100 * parts[name][part] for name in names],
            y=names,
            name=called,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"%{{y}}, {called}: %{{x:.1f}} %<extra></extra>",
        )
    figure.add_scatter(
        x=[100 * parts[name]["total"] for name in names],
        y=names,
        name="SNN − ANN in total",
        mode="markers",
        marker={"symbol": "diamond", "size": 12, "color": palette.SNN},
        hovertemplate="%{y}, in total: %{x:.1f} %<extra></extra>",
    )
    figure.update_layout(barmode="group", bargap=0.22, bargroupgap=0)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(title_text=title, range=[0, 104 * min(longest, most) or 1], fixedrange=True)
    return figure


def drawing(lines: Sequence, across: str, up: str) -> go.Figure:
    """Curves on one axis.

    Parameters
    ----------
    lines : sequence
        With ``name``, ``x``, ``y`` and ``role``; see `snnlab.studies.methods.drawn.Line`.
    across, up : str
        Titles of the axes.
    """
    figure = style.new(330, legend=True)
    for line in lines:
        colour, dash, width = _ROLES[line.role]
        figure.add_scatter(
            x=line.x,
            y=line.y,
            name=line.name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": width},
            hovertemplate=f"{line.name}: %{{y:.3f}} at %{{x:.3f}}<extra></extra>",
        )
    figure.update_xaxes(title_text=across, fixedrange=True)
    figure.update_yaxes(title_text=up, fixedrange=True)
    return figure


def course(lines: Sequence, across: str) -> go.Figure:
    """Rows of bars over timesteps, one below the other; see `drawing`."""
    from plotly.subplots import make_subplots

    figure = style.dressed(
        make_subplots(
            rows=len(lines),
            cols=1,
            shared_xaxes=True,
            vertical_spacing=0.12,
            subplot_titles=[line.name for line in lines],
        ),
        330,
    )
    for row, line in enumerate(lines, start=1):
        figure.add_bar(
            x=line.x,
            y=line.y,
            width=0.55,
            marker={"color": _ROLES[line.role][0], "line": {"width": 0}},
            hovertemplate=f"{line.name}, step %{{x}}: %{{y:.3g}}<extra></extra>",
            row=row,
            col=1,
        )
    figure.update_layout(margin_t=30)
    figure.update_annotations(font_size=style.FONT - 1)
    figure.update_xaxes(fixedrange=True, showgrid=False)
    figure.update_xaxes(title_text=across, row=len(lines), col=1)
    figure.update_yaxes(fixedrange=True, nticks=4, zeroline=True, zerolinecolor=palette.NEUTRAL)
    return figure

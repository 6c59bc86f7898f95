"""Figures of a sweep: Pareto front, and how much each knob matters; see `heat_map` too."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from snnlab.figures import palette, style, ticks

FRONT = palette.SNN


def pareto(
    cost: Sequence[float],
    quality: Sequence[float],
    texts: Sequence[str],
    front: Sequence[int],
    titles: tuple[str, str],
    chosen: int | None = None,
    ann: float | None = None,
    lowest: float | None = None,
) -> go.Figure:
    """Every point of a sweep, and those that none beats.

    Parameters
    ----------
    cost, quality : sequence of float
        By row.
    texts : sequence of str
        Settings of each, for the tip.
    front : sequence of int
        Rows on the front.
    titles : tuple of str
        Of the two axes.
    chosen : int, optional
        A row to mark.
    ann : float, optional
        The ANN's quality.
    lowest : float, optional
        Where the axis of quality begins; all points are within it if not given.
    """
    figure = style.new(440, legend=True)
    on_front = set(front)
    groups = (
        (
            "beaten",
            [i for i in range(len(cost)) if i not in on_front],
            palette.NEUTRAL,
            "circle",
            9,
        ),
        ("on the front", list(front), FRONT, "diamond", 12),
    )
    for name, members, colour, symbol, size in groups:
        figure.add_scatter(
            x=[cost[i] for i in members],
            y=[quality[i] for i in members],
            text=[texts[i] for i in members],
            customdata=members,
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": symbol, "size": size},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate=f"%{{text}}<br>{titles[1]} %{{y:.4f}}<br>{titles[0]} %{{x:.3g}}"
            "<extra>click to choose</extra>",
        )
    if chosen is not None:
        figure.add_scatter(
            x=[cost[chosen]],
            y=[quality[chosen]],
            mode="markers",
            name="chosen",
            marker={
                "symbol": "circle-open",
                "size": 22,
                "color": palette.TRUTH,
                "line": {"width": 3},
            },
            hoverinfo="skip",
        )
    if ann is not None:
        figure.add_hline(y=ann, line={"color": palette.ANN, "dash": "dash", "width": 1.5})
        figure.add_annotation(
            x=0, xref="paper", y=ann, text="ANN", showarrow=False, xanchor="left", yanchor="bottom"
        )
    figure.update_xaxes(title_text=titles[0], fixedrange=True, **ticks.logarithmic(cost))
    top = max([*quality, *([ann] if ann is not None else [])])
    room = 0.06 * (top - lowest) if lowest is not None else 0
    figure.update_yaxes(title_text=titles[1], fixedrange=True)
    if lowest is not None:
        figure.update_yaxes(range=[lowest - room, top + room])
    return figure


def sensitivity(
    knobs: Sequence[str], alone: Sequence[float], together: Sequence[float]
) -> go.Figure:
    """Share of a measure's variance that each knob explains.

    Parameters
    ----------
    knobs : sequence of str
        The strongest first.
    alone, together : sequence of float
        By itself, and with its interplay with the others; 0..1.
    """
    figure = style.new(110 + 52 * len(knobs), legend=True)
    for name, values, alpha in (("by itself", alone, 1.0), ("with the others", together, 0.4)):
        figure.add_bar(
            y=list(knobs),
            x=[100 * value for value in values],
            orientation="h",
            name=name,
            marker={"color": palette.faded(palette.SNN, alpha)},
            hovertemplate="%{y}: %{x:.0f} % " + name + "<extra></extra>",
        )
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(title_text="share of the variance (%)", range=[0, 100], fixedrange=True)
    return figure


def effects(means: Mapping[str, Mapping], title: str) -> go.Figure:
    """The measure's mean at each value of each knob, side by side on one scale.

    Parameters
    ----------
    means : mapping of str to mapping
        By knob: value to mean.
    title : str
        Of the measure.
    """
    from plotly.subplots import make_subplots

    figure = style.dressed(
        make_subplots(
            rows=1,
            cols=max(len(means), 1),
            shared_yaxes=True,
            horizontal_spacing=0.03,
            subplot_titles=list(means),
        ),
        260,
    )
    for place, (knob, values) in enumerate(means.items(), start=1):
        figure.add_scatter(
            x=[f"{value:g}" if isinstance(value, float | int) else value for value in values],
            y=list(values.values()),
            mode="lines+markers",
            line={"color": palette.SNN, "width": 2},
            marker={"size": 8},
            hovertemplate=f"{knob} %{{x}}: mean %{{y:.4f}}<extra></extra>",
            row=1,
            col=place,
        )
    figure.update_layout(margin_t=34)
    figure.update_annotations(font_size=style.FONT - 1)
    figure.update_xaxes(
        type="category", fixedrange=True, showgrid=False, autotickangles=[0, 90], tickmode="linear"
    )
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(title_text=title, row=1, col=1)
    return figure

"""Dots on a logarithmic axis, like beside like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style

BELOW, ABOVE = 0.34, 0.16  # rows: how far from its middle nothing is written


@dataclass(frozen=True)
class Dot:
    """A row of `dots`.

    Attributes
    ----------
    group, name, text : str
        Rows of a group stand together under its name; the text is what is written at the dot.
    value : float
        Above 0.
    colour : str
        Hexadecimal.
    low, high : float or None
        Ends of its range, if there is one.
    """

    group: str
    name: str
    text: str
    value: float
    colour: str
    low: float | None = None
    high: float | None = None


def dots(
    found: Sequence[Dot], axis: dict, marks: Sequence[tuple[str, str, float]] = ()
) -> go.Figure:
    """Dots on a logarithmic axis, where the length of a bar would mean nothing; like beside like.

    Parameters
    ----------
    found : sequence of Dot
        From top to bottom; those of a group one after the other.
    axis : dict
        For Plotly: title and ticks of the logarithmic axis.
    marks : sequence of (str, str, float)
        Lines across the rows of a group: the group, what is written below, and where.
    """
    rows, texts, heads = [], [], []
    place, group = 0.0, ""
    for one in found:
        if one.group != group:
            place -= 0.5 * bool(rows)
            heads.append((place, one.group))
            place, group = place - 0.75, one.group
        rows.append(place)
        texts.append(f"{one.name}: {one.text}")
        place -= 1
    figure = style.new(int(46 * -place) + 70)
    ends = [v for one in found for v in (one.low, one.value, one.high) if v]
    span = [np.log10(min(ends) / 3), np.log10(max(ends) * 3)]
    for row, one in zip(rows, found, strict=True):
        if one.low is not None and one.high is not None and one.high > one.low:
            figure.add_scatter(
                # a range that begins at nothing begins at the end of the axis
                x=[one.low or 10 ** span[0], one.high], y=[row, row], mode="lines",
                hoverinfo="skip", line={"color": palette.faded(one.colour, 0.55), "width": 4},
            )  # fmt: skip
        figure.add_scatter(
            x=[one.value], y=[row], mode="markers", marker={"color": one.colour, "size": 13},
            name=one.name, hovertemplate=f"{one.name}: {one.text}<extra></extra>", cliponaxis=False,
        )  # fmt: skip
    for index, (name, text, at) in enumerate(marks):
        of = [row for row, one in zip(rows, found, strict=True) if one.group == name]
        for row in of:  # a piece a row: a whole line would cross what is written
            figure.add_shape(
                type="line", x0=at, x1=at, y0=row - BELOW, y1=row + ABOVE, layer="below",
                line={"color": palette.NEUTRAL, "width": 1.5},
            )  # fmt: skip
        if of:
            figure.add_annotation(
                # a place on a logarithmic axis is its logarithm
                x=np.log10(at), y=of[-1] - BELOW, text=text, showarrow=False, yanchor="top",
                xanchor="left" if index else "right", font={"size": style.FONT - 2},
            )  # fmt: skip
    written = [(row, text, 8, False) for row, text in zip(rows, texts, strict=True)]
    for row, text, up, bold in [*written, *((row, text, -6, True) for row, text in heads)]:
        figure.add_annotation(
            x=0, xref="paper", y=row, text=f"<b>{text}</b>" if bold else text, showarrow=False,
            xanchor="left", yanchor="bottom", yshift=up, font={"size": style.FONT - 1},
        )  # fmt: skip
    figure.update_xaxes(
        **{"type": "log", "range": span, "fixedrange": True, "ticks": "outside", **axis},
        # a line would cross what is written at a dot
        showgrid=False,
    )
    figure.update_yaxes(
        range=[rows[-1] - 0.5, 0.6], showticklabels=False, showgrid=False, fixedrange=True
    )
    return figure

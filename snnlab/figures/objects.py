"""Figures of the page Objects: precision against recall, and the neurons behind a box."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from snnlab.figures import palette, style

COLOURS = {"ann": palette.ANN, "snn": palette.SNN}
DASHES = {"ann": "dash", "snn": "solid"}


def precision_recall(curves: Mapping, score: float) -> go.Figure:
    """A curve a network, from the surest box on; a ring where boxes count from `score` on.

    Parameters
    ----------
    curves : mapping of str to snnlab.results.detection.Curve
        By network.
    """
    figure = style.new(340, legend=True)
    for name, curve in curves.items():
        shared = {"legendgroup": name, "name": name.upper()}
        figure.add_scatter(
            x=curve.recall,
            y=curve.precision,
            mode="lines+markers",
            line={"color": COLOURS[name], "width": 2, "dash": DASHES[name]},
            marker={"size": 5},
            customdata=curve.scores,
            hovertemplate="score %{customdata:.2f}: precision %{y:.2f}, recall %{x:.2f}"
            f"<extra>{name.upper()}</extra>",
            **shared,
        )
        precision, recall = curve.at(score)
        figure.add_scatter(
            x=[recall],
            y=[precision],
            mode="markers",
            marker={
                "size": 14, "symbol": "circle-open", "color": COLOURS[name], "line": {"width": 3}
            },
            showlegend=False,
            hovertemplate=f"from {score:.2f} on: precision %{{y:.2f}}, recall %{{x:.2f}}"
            f"<extra>{name.upper()}</extra>",
            **shared,
        )  # fmt: skip
    figure.update_xaxes(title_text="recall", range=[-0.02, 1.04])
    figure.update_yaxes(title_text="precision", range=[-0.02, 1.06])
    return figure


def busiest(layer, most: int) -> np.ndarray:
    """Which neurons of a layer are drawn: those of the highest rates in either network."""
    order = np.argsort(-np.maximum(layer.rates_hz, layer.ann_hz), kind="stable")
    return order[:most]


def neurons(layers: Sequence, titles: Sequence[str], most: int = 8) -> go.Figure:
    """Spikes of a few neurons of each layer, and beside each its rate and the ANN's.

    Parameters
    ----------
    layers : sequence of snnlab.results.anchored.Layer
    titles : sequence of str
        What each layer is called.
    most : int
        Neurons of a layer; the busiest.
    """
    figure = style.dressed(
        make_subplots(
            rows=1, cols=2, shared_yaxes=True, column_widths=[0.6, 0.4], horizontal_spacing=0.03
        ),
        max(360, len(layers) * (10 * most + 22) + 90),
        legend=True,
    )
    top, at, marks = 0, [], {"ann": ([], [], []), "snn": ([], [], [])}
    steps = layers[0].raster.shape[0]
    times, rows, lines = [], [], []
    for layer, title in zip(layers, titles, strict=True):
        chosen = busiest(layer, most)
        step, neuron = np.nonzero(layer.raster[:, chosen])
        times += (step + 1).tolist()
        rows += (neuron + top).tolist()
        for name, rates_hz in (("ann", layer.ann_hz), ("snn", layer.rates_hz)):
            x, y, text = marks[name]
            x += rates_hz[chosen].tolist()
            y += range(top, top + len(chosen))
            text += [f"{title}, channel {one}" for one in chosen]
        at.append(top + (len(chosen) - 1) / 2)
        top += len(chosen) + 2
        lines.append(top - 1.5)
    # SVG is drawn everywhere, WebGL is not; these are few enough
    figure.add_trace(
        go.Scatter(
            x=times, y=rows, mode="markers", name="spikes", showlegend=False,
            marker={"color": palette.SNN, "size": 5, "symbol": "square"},
            hovertemplate="step %{x}<extra></extra>",
        ),
        1, 1,
    )  # fmt: skip
    symbols = {"ann": ("ANN, as a rate", "line-ns", 12), "snn": ("SNN", "circle", 7)}
    for name, (x, y, text) in marks.items():
        title, symbol, size = symbols[name]
        figure.add_trace(
            go.Scatter(
                x=x, y=y, mode="markers", name=title, customdata=text,
                marker={"symbol": symbol, "size": size, "color": COLOURS[name],
                        "line": {"width": 3 if name == "ann" else 0, "color": COLOURS[name]}},
                hovertemplate=f"%{{customdata}}: %{{x:.0f}} Hz<extra>{title}</extra>",
            ),
            1, 2,
        )  # fmt: skip
    for y in lines[:-1]:
        figure.add_hline(y=y, line={"color": palette.GRID, "width": 1})
    figure.update_yaxes(showgrid=False, range=[top - 1.5, -1.5], fixedrange=True)
    figure.update_yaxes(tickvals=at, ticktext=list(titles), col=1)
    figure.update_xaxes(title_text="time (ms)", range=[0, steps + 0.7], col=1)
    figure.update_xaxes(title_text="rate (Hz)", rangemode="tozero", col=2)
    return figure


def counts(rows: Sequence[Mapping[str, int]]) -> go.Figure:
    """Boxes of each network, and those that there are, section by section.

    Parameters
    ----------
    rows : sequence of mapping
        ``section``, ``ann``, ``snn``, and perhaps ``there``.
    """
    figure = style.new(320, legend=True)
    lines = (("there", "there are", palette.TRUTH, "dot"), ("ann", "ANN", palette.ANN, "dash"),
             ("snn", "SNN", palette.SNN, "solid"))  # fmt: skip
    for key, name, colour, dash in lines:
        if key not in rows[0]:
            continue
        figure.add_scatter(
            x=[row["section"] for row in rows],
            y=[row[key] for row in rows],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"section %{{x}}: %{{y}}<extra>{name}</extra>",
        )
    figure.update_xaxes(title_text="section", tickformat="d")
    figure.update_yaxes(title_text="boxes", rangemode="tozero")
    return figure

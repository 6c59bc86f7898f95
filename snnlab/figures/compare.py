"""Figures of two runs side by side."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style


def spikes(
    names: Sequence[str],
    one: Sequence[int],
    other: Sequence[int],
    called: Sequence[str] = ("A", "B"),
) -> go.Figure:
    """Spikes of every layer in two runs, the first hatched and the second full.

    Parameters
    ----------
    names : sequence of str
        Layers.
    one, other : sequence of int
        Spikes of A and of B, one a layer.
    called : sequence of str
        The two runs.
    """
    figure = style.new(34 * len(names) + 90, legend=True)
    colours = [palette.layer(name) for name in names]
    for label, values, pattern in ((called[0], one, "/"), (called[1], other, "")):
        figure.add_bar(
            x=list(values),
            y=list(names),
            name=label,
            orientation="h",
            marker={
                "color": colours,
                "line": {"width": 0},
                "pattern": {"shape": pattern, "size": 5, "solidity": 0.45},
            },
            hovertemplate="%{y}: %{x:,} spikes<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(bargap=0.25, barmode="group")
    figure.update_yaxes(autorange="reversed", showgrid=False, fixedrange=True)
    figure.update_xaxes(title_text="spikes", rangemode="tozero", fixedrange=True)
    return figure


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two pictures differ, in the colours of a comparison, clear where they do not.

    Parameters
    ----------
    one, other : numpy.ndarray
        uint8 ``(height, width)``, probability of cell.

    Returns
    -------
    numpy.ndarray
        uint8 ``(height, width, 4)``: purple where ``one`` is larger, green where ``other`` is,
        the more opaque the larger the difference. So the page shows where there is none, light
        or dark.
    """
    ends = [
        np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
        for colour in (palette.ANN, palette.SNN)
    ]
    apart = (other.astype(np.float32) - one) / 255
    side = np.where((apart < 0)[..., None], *ends)
    # the root shows small differences, as in the viewer: a tenth is a third of the way
    strength = np.rint(255 * np.sqrt(np.abs(apart))).astype(np.uint8)
    return np.dstack((side, strength))

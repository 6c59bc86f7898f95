"""Figure of a class's runs: firing rate against accuracy, a dot for each student.

A dot's area is what the run costs: spikes per neuron, which is rate times time. Rate alone is no
cost where runs are of different lengths.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from snnlab.figures import palette, style

LARGEST, LEAST = 30, 7  # pixels across: of the dot with the most spikes, and of any
SPAN = 2.0  # percentage points that the accuracies' axis shows at least


def runs(
    labels: Sequence[str],
    rates_hz: Sequence[float],
    accuracies: Sequence[float],
    timesteps: Sequence[int],
    sent: Sequence[float],
    elsewhere: Sequence[bool],
) -> go.Figure:
    """The last run of each student.

    Parameters
    ----------
    labels : sequence of str
        Of the students; all arguments have as many.
    rates_hz : sequence of float
        Spikes per second and neuron.
    accuracies : sequence of float
        Pixel accuracy, 0..1.
    timesteps : sequence of int
    sent : sequence of float
        Spikes per neuron over the whole run.
    elsewhere : sequence of bool
        Whether it is on another image than the class's usual one: such dots are hollow.
    """
    figure = style.new(380, legend=any(elsewhere))
    figure.update_layout(legend_itemsizing="constant")
    most = max(sent, default=0.0) or 1.0
    for name, other, symbol in (
        ("the image most of the class uses", False, "circle"),
        ("other images", True, "circle-open"),
    ):
        here = [place for place in range(len(labels)) if elsewhere[place] == other]
        here.sort(key=lambda place: -sent[place])  # small ones lie on top
        if here:
            figure.add_scatter(
                x=[rates_hz[place] for place in here],
                y=[100 * accuracies[place] for place in here],
                mode="markers",
                name=name,
                marker={
                    "symbol": symbol,
                    "size": [sent[place] for place in here],
                    "sizemode": "area",
                    "sizeref": 2 * most / LARGEST**2,
                    "sizemin": LEAST / 2,  # a radius
                    "color": palette.SNN,
                    "opacity": 0.75,
                    "line": {"width": 2, "color": palette.SNN},
                },
                text=[labels[place] for place in here],
                customdata=[(timesteps[place], sent[place]) for place in here],
                hovertemplate=(
                    "%{text}: %{y:.2f} % for %{customdata[1]:.3g} spikes per neuron"
                    "<br>%{x:.3g} Hz, timesteps: %{customdata[0]}<extra></extra>"
                ),
            )
    figure.update_xaxes(title_text="mean firing rate (Hz)", rangemode="tozero", fixedrange=True)
    figure.update_yaxes(
        title_text="pixel accuracy (%)",
        range=_span([100 * one for one in accuracies]),
        fixedrange=True,
    )
    return figure


def _span(values: Sequence[float]) -> list[float]:
    """What an axis of percentages shows: all values with room, and `SPAN` at least."""
    low, high = min(values, default=0.0), max(values, default=100.0)
    room = max(0.12 * (high - low), (SPAN - (high - low)) / 2)
    # nothing is above 100 % but the half of a dot
    top = min(high + room, 100 + 0.1 * (high - low + 2 * room))
    return [min(low - room, top - SPAN), top]

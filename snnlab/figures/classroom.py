"""Figure of a class's runs: firing rate against accuracy, a dot for each student."""

from collections.abc import Sequence

import plotly.graph_objects as go

from snnlab.figures import palette, style


def runs(
    labels: Sequence[str],
    rates_hz: Sequence[float],
    accuracies: Sequence[float],
    timesteps: Sequence[int],
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
    elsewhere : sequence of bool
        Whether it is on another image than the class's usual one: such dots are hollow.
    """
    figure = style.new(380, legend=any(elsewhere))
    for name, other, symbol in (
        ("the image most of the class uses", False, "circle"),
        ("other images", True, "circle-open"),
    ):
        here = [place for place in range(len(labels)) if elsewhere[place] == other]
        if here:
            figure.add_scatter(
                x=[rates_hz[place] for place in here],
                y=[100 * accuracies[place] for place in here],
                mode="markers",
                name=name,
                marker={
                    "symbol": symbol,
                    "size": 12,
                    "color": palette.SNN,
                    "opacity": 0.85,
                    "line": {"width": 2, "color": palette.SNN},
                },
                text=[labels[place] for place in here],
                customdata=[timesteps[place] for place in here],
                hovertemplate=(
                    "%{text}: %{x:.3g} Hz, %{y:.1f} %, timesteps: %{customdata}<extra></extra>"
                ),
            )
    figure.update_xaxes(title_text="mean firing rate (Hz)", rangemode="tozero", fixedrange=True)
    figure.update_yaxes(title_text="pixel accuracy (%)", fixedrange=True)
    return figure

"""Scores, rates and the course over time as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from snnlab.result import Segmentation


def scores_csv(result: Segmentation) -> str:
    """Scores, a line a network.

    Raises
    ------
    ValueError
        If the picture has no labels.
    """
    if result.ann_scores is None or result.snn_scores is None:
        raise ValueError("a picture without labels has no scores")
    rows = {"ann": result.ann_scores.as_dict(), "snn": result.snn_scores.as_dict()}
    heads = ("network", *rows["ann"])
    return _csv(heads, ((network, *values.values()) for network, values in rows.items()))


def rates_csv(result: Segmentation) -> str:
    """Activity, a line a layer."""
    percentile = result.settings.percentile
    heads = (
        "layer", "height", "width", "channels", "neurons", "on_chip", "spikes", "synaptic_events",
        "mean_rate_hz", f"p{percentile:g}_rate_hz", "largest_rate_hz", "hz_of_activation_1",
    )  # fmt: skip
    return _csv(
        heads,
        (
            (
                layer.name,
                *layer.shape,
                layer.neurons,
                int(layer.on_chip),
                layer.spikes,
                layer.synaptic_events,
                round(layer.mean_rate_hz, 4),
                round(layer.percentile_hz(percentile), 4),
                round(layer.percentile_hz(100), 4),
                round(layer.rate_hz, 4),
            )
            for layer in result.layers
        ),
    )


def over_time_csv(curve: dict) -> str:
    """What `snnlab.lab.error_curve` gives, a line a timestep."""
    heads = [name for name, values in curve.items() if values is not None]
    return _csv(heads, zip(*(curve[name].tolist() for name in heads), strict=True))


def _csv(heads: Sequence[str], rows: Iterable[Sequence]) -> str:
    file = io.StringIO()
    out = csv.writer(file, lineterminator="\n")
    out.writerow(heads)
    out.writerows(rows)
    return file.getvalue()

"""Scores, rates and the course over time as CSV.

Every line ends with the image and the settings of its run, so that files of
many runs can be put one below the other. A field is empty where there is
nothing to say: a setting that the method does not read, a score that was not
computed.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from snnlab import conversion
from snnlab.images import pixel_size
from snnlab.images.pictures import Picture
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that spreadsheets compute


def run(picture: Picture, settings: Settings) -> dict[str, str | int | float]:
    """What a run is of, as columns: the image, its section, and each setting."""
    image = {
        "image": picture.name,
        "section": picture.section,
        "resampled_from_nm": picture.file_nm and pixel_size.written(picture.file_nm) or "",
        "labels_inverted": "" if picture.labels is None else int(picture.inverted),
    }
    return image | of_settings(settings)


def of_settings(settings: Settings) -> dict[str, str | int | float]:
    """Each setting as a column; empty where the method does not read it."""
    unread = conversion.unread(settings.method)
    return {
        key: "" if key in unread else value
        for key, value in asdict(settings).items()
        if key != "section"  # of the controls; the picture knows its own
    }


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
    lines = ((network, *values.values()) for network, values in rows.items())
    return write(heads, lines, run(result.picture, result.settings))


def rates_csv(result: Segmentation) -> str:
    """Activity, a line a layer."""
    percentile = result.settings.percentile
    heads = (
        "layer", "height", "width", "channels", "neurons", "on_chip", "spikes", "synaptic_events",
        "mean_rate_hz", f"p{percentile:g}_rate_hz", "largest_rate_hz", "hz_of_activation_1",
    )  # fmt: skip
    lines = (
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
    )
    return write(heads, lines, run(result.picture, result.settings))


def over_time_csv(result: Segmentation, curve: Mapping, v_rand: Mapping[int, float]) -> str:
    """How the SNN approaches ANN and labels, a line a timestep.

    Parameters
    ----------
    result : Segmentation
    curve : mapping
        From `snnlab.results.approach.error_curve`.
    v_rand : mapping of int to float
        By step, at the threshold in use: as far as it is known.
    """
    known = {name: values.tolist() for name, values in curve.items() if values is not None}
    if v_rand:
        known["v_rand_at_threshold"] = [v_rand.get(step, "") for step in known["step"]]
    lines = zip(*known.values(), strict=True)
    return write(tuple(known), lines, run(result.picture, result.settings))


def write(
    heads: Sequence[str], lines: Iterable[Sequence], of: Mapping[str, str | int | float]
) -> str:
    """A table, with the same fields at the end of each line.

    Parameters
    ----------
    heads : sequence of str
    lines : iterable of sequence
    of : mapping
        From `run`, and what else holds for all lines.
    """
    file = io.StringIO()
    out = csv.writer(file, lineterminator="\n")
    out.writerow((*heads, *of))
    for line in lines:
        out.writerow([_plain(value) for value in (*line, *of.values())])
    return file.getvalue()


def of_rows(rows: Sequence[Mapping], without: Sequence[str] = ()) -> str:
    """Rows as a table: a column for each name that any of them has, in the order of first sight.

    Parameters
    ----------
    rows : sequence of mapping
    without : sequence of str
        Names that are left out.
    """
    names = [n for n in dict.fromkeys(name for row in rows for name in row) if n not in without]
    file = io.StringIO()
    out = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
    out.writeheader()
    out.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _plain(value):
    """A number written out: spreadsheets and people stumble over exponents."""
    if isinstance(value, float) and np.isfinite(value):
        return np.format_float_positional(value, trim="-")
    return harmless(value)


def harmless(value):
    """A cell that no spreadsheet takes for a formula: files and sections are called anything.

    Parameters
    ----------
    value : object
        Of a cell; a text that begins as a formula does gets an apostrophe in front, and
        numbers stay numbers.
    """
    if not isinstance(value, str):
        return value
    # a carriage return alone is not quoted where lines end with a line feed, and would end one
    text = value.replace("\r", " ")
    return f"'{text}" if value.startswith(FORMULA) else text

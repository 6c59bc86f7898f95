"""Tables hold what the result says, and nothing but numbers."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from snnlab.export import tables
from snnlab.results import approach
from snnlab.settings import Settings
from tests.results.test_segmentation import made


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_scores():
    result = made()
    ann, snn = rows(tables.scores_csv(result))
    assert (ann["network"], snn["network"]) == ("ann", "snn")
    for key, value in result.snn_scores.as_dict().items():
        assert float(snn[key]) == value
    with pytest.raises(ValueError, match="labels"):
        tables.scores_csv(made(labels=False))


def test_rates():
    result = made()
    for row, layer in zip(rows(tables.rates_csv(result)), result.layers, strict=True):
        counts = result.recording[layer.name].counts()
        assert row["layer"] == layer.name
        assert int(row["spikes"]) == counts.sum()
        assert int(row["neurons"]) == counts.size
        assert float(row["mean_rate_hz"]) == pytest.approx(counts.mean() / 0.07, abs=1e-4)
        assert float(row["largest_rate_hz"]) == pytest.approx(counts.max() / 0.07, abs=1e-4)


@pytest.mark.parametrize("labels", [True, False])
def test_over_time(labels):
    result = made(labels=labels)
    curve = approach.error_curve(result)
    table = rows(tables.over_time_csv(result, curve, {1: 0.25} if labels else {}))
    assert ("pixel_accuracy" in table[0]) == labels
    np.testing.assert_allclose([float(row["error"]) for row in table], curve["error"])
    assert int(table[-1]["step"]) == result.timesteps
    # what nobody has computed is empty, and no column if that is all of it
    assert ("v_rand_at_threshold" in table[0]) == labels
    if labels:
        assert [row["v_rand_at_threshold"] for row in table[:2]] == ["0.25", ""]


@pytest.mark.parametrize("method", ["rate-scaling", "ecc"])
def test_every_line_carries_image_and_settings(method):
    settings = Settings(timesteps=70, method=method, model="relu", initial=1e-7)
    result = made(settings)
    for text in (
        tables.scores_csv(result),
        tables.rates_csv(result),
        tables.over_time_csv(result, approach.error_curve(result), {}),
    ):
        head = text.splitlines()[0].split(",")
        assert len(set(head)) == len(head)
        assert not re.search(r"\d[eE][+-]?\d", text)
        for row in rows(text):
            assert (row["image"], row["section"]) == ("a name", "2")
            assert (row["model"], row["method"], row["timesteps"]) == ("relu", method, "70")
            assert float(row["initial"]) == 1e-7
            # what the method does not read had no part in it
            assert row["upper_hz"] == ("150" if method == "rate-scaling" else "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-a.tif", "@sum", "\tx", "\rx"])
def test_what_a_spreadsheet_would_compute_is_a_text(name):
    result = replace(made(), picture=replace(made().picture, name=name))
    found = list(csv.DictReader(io.StringIO(tables.rates_csv(result), newline="")))
    told = "'" + name.replace("\r", " ")
    assert {row["image"] for row in found} == {told}
    (row,) = csv.DictReader(io.StringIO(tables.of_rows([{"a": name, "b": -1.5}]), newline=""))
    assert row == {"a": told, "b": "-1.5"}  # a negative number is a number


def test_other_names_are_left_as_they_are():
    assert [tables.harmless(value) for value in ("a=b", "", "1-2", -3, None)] == [
        "a=b", "", "1-2", -3, None,
    ]  # fmt: skip

"""What a class is told of a run: numbers, and no name that somebody may have typed."""

from dataclasses import replace

from snnlab.lab import segmenting as lab
from snnlab.lab.classroom import events
from snnlab.results import summary


def test_a_run_is_told_in_numbers():
    result = lab.default_result()
    told = events.ran(summary.of(result))
    assert told.rate_hz == result.mean_rate_hz and told.timesteps == result.timesteps
    assert told.accuracy == result.snn_scores.pixel_accuracy
    assert told.agreement == result.agreement()


def test_names_are_not_told():
    made = summary.of(lab.default_result())
    named = replace(made, name="Anna.png", settings=made.settings.replace(model="anna"))
    assert "nna" not in repr(events.ran(named))


def test_without_labels_there_is_no_accuracy():
    made = replace(summary.of(lab.default_result()), snn_scores=None)
    assert events.ran(made).accuracy is None

"""Counts and joules of a search."""

import numpy as np
import pytest

from snnlab.conversion.detector import convert
from snnlab.energy.graphs import macs
from snnlab.lab import detecting, detecting_cost
from snnlab.nets.detector import inference
from snnlab.settings import Settings
from snnlab.simulation.event import running
from tests.lab.test_detecting import SETTINGS, _small, picture  # noqa: F401
from tests.small_detector import detector, image


def test_work_is_that_of_the_graph_and_of_its_spikes():
    network = convert(detector(), image(), Settings(method="data-normalisation"))
    recording = running.run(network, 12)
    work = detecting_cost.work_of(detector(), [detecting_cost.counted(network, recording)])
    assert work.macs == sum(macs(network.graph).values())
    assert work.spikes == recording.spikes() and work.timesteps == 12
    assert work.events == pytest.approx(sum(recording.synaptic_events().values()))


def test_parts_cost_what_they_do_together(monkeypatch):
    for name, value in (("WHOLE", 10_000), ("SIDE", 192), ("OVERLAP", 128)):
        monkeypatch.setattr(inference, name, value)
    found = detecting.detect(picture(image(96, 320)), SETTINGS, as_is=True)
    assert len(found.counts) > 1
    work = detecting_cost.work_of(detector(), found.counts)
    assert work.spikes == found.spikes and work.neurons == found.neurons
    alone = [detecting_cost.work_of(detector(), [one]).macs for one in found.counts]
    assert work.macs == sum(alone)


def test_joules_grow_with_steps_for_the_snn_alone():
    first, second = (
        detecting_cost.energy(
            detecting_cost.work_of(
                detector(),
                detecting.detect(picture(), SETTINGS.replace(timesteps=steps), as_is=True).counts,
            )
        )
        for steps in (16, 32)
    )
    for one, other in zip(first, second, strict=True):
        assert 0 < one["low"] <= one["joules_per_image"] <= one["high"] and one["source"]
        ratio = other["joules_per_image"] / one["joules_per_image"]
        assert ratio == pytest.approx(1) if one["network"] == "ANN" else ratio > 1.5
    assert {one["network"] for one in first} == {"ANN", "SNN"}


def test_suppression_can_be_changed_after_the_search():
    found = detecting.detect(picture(), SETTINGS, as_is=True, at=(12, 48))
    same = found.suppressed()
    np.testing.assert_array_equal(same.snn.boxes, found.snn.boxes)
    loose, strict = found.suppressed(0.9), found.suppressed(0.1)
    assert len(strict.ann) < len(found.ann) < len(loose.ann)
    assert len(loose.settled) == len(loose.snn) and len(strict.frames[1][1]) < len(found.snn)
    # the best box is never suppressed, and knows its neurons
    np.testing.assert_array_equal(strict.snn.boxes[0], loose.snn.boxes[0])
    for network in ("ann", "snn"):
        assert [one.name for one in strict.layers(network, 0)][-1].startswith("box1-level")

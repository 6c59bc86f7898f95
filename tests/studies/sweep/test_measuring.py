"""Readings of one long run against separate runs, and against the lab's own segmentation."""

import numpy as np
import pytest

from snnlab import conversion
from snnlab.errors import Cancelled, LabError
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.results.activity import activity
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.simulation import closed_form, event, nengo_reference
from snnlab.studies.sweep import measuring
from tests import small_models as small

BASE = Settings(lower_hz=200, upper_hz=400, timesteps=70)


@pytest.mark.parametrize("method", [item.name for item in conversion.METHODS])
@pytest.mark.parametrize(
    "changes",
    [{}, {"synapse_ms": 5.0}, {"reset": "zero", "initial": 0.0}, {"input": "poisson", "seed": 3}],
)
def test_the_beginning_of_a_long_run_is_the_short_run(method, changes):
    """For every conversion method there is, but those that are known to plan ahead."""
    model, image = small.model(), small.image(32)
    settings = BASE.replace(method=method, **changes)
    convert = conversion.method(method).convert
    try:
        network = convert(model, image, settings)
    except LabError as refused:
        pytest.skip(str(refused))
    long = event.run(network, 70)
    alike = True
    for steps in (1, 33, 64, 65, 70):
        network = convert(model, image, settings.replace(timesteps=steps))
        short = event.run(network, steps)
        begun = measuring.prefix(long, steps)
        assert begun.timesteps == short.timesteps
        same = [
            same_trains(*pair) for pair in zip(begun.populations, short.populations, strict=True)
        ]
        alike &= all(same)
        if not all(same):
            continue
        start = window_start(steps, settings)
        assert np.array_equal(
            network.probability(begun, start, steps), network.probability(short, start, steps)
        )
        stats = activity(model, network, begun), activity(model, network, short)
        for one, other in zip(*stats, strict=True):
            assert (one.spikes, one.synaptic_events) == (other.spikes, other.synaptic_events)
    assert alike or measuring.plans_ahead(model, image, settings)


def same_trains(one, other) -> bool:
    arrays = all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("words", "extra", "planes")
    )
    return arrays and (one.first, one.cycle) == (other.first, other.cycle)


def test_counts_without_times_are_worked_out_for_each_number_of_steps():
    """A closed form of many steps holds nothing of one of fewer."""
    model, image = small.model(6), small.image(32)
    settings = BASE.replace(method="ecc", simulator="closed-form")
    rows = measuring.measure(model, image, None, image > 0.5, settings, (7, 45))
    for row, steps in zip(rows, (7, 45), strict=True):
        network = conversion.method("ecc").convert(model, image, settings)
        counted = closed_form.run(network, steps)
        assert row["spikes"] == counted.spikes() and not row["mute"]


def test_who_plans_ahead():
    model, image = small.model(), small.image(32)
    for method, ahead in (("rate-scaling", False), ("bistable", True)):
        settings = BASE.replace(method=method)
        assert measuring.plans_ahead(model, image, settings) == ahead


def test_a_method_that_plans_ahead_is_run_for_each_number_of_steps():
    model, image = small.model(), small.image(32)
    settings = BASE.replace(method="bistable")
    rows = measuring.measure(model, image, None, image > 0.5, settings, (20, 45))
    for row, steps in zip(rows, (20, 45), strict=True):
        (alone,) = measuring.measure(model, image, None, image > 0.5, settings, (steps,))
        assert row | {"seconds": 0} == alone | {"seconds": 0}


def test_the_beginning_of_a_long_run_in_another_simulator():
    model, image = small.model(widths=(2, 3)), small.image(32)
    network = conversion.method("rate-scaling").convert(model, image, BASE)
    long = nengo_reference.run(network, 30)
    short = nengo_reference.run(network, 17)
    for one, other in zip(measuring.prefix(long, 17).populations, short.populations, strict=True):
        assert np.array_equal(one.counts(), other.counts())
        assert np.array_equal(one.words, other.words)


def test_a_row_is_what_the_lab_says_of_that_run():
    picture = lab.sample(0)
    crop = picture.pixels[:96, :80], picture.labels[:96, :80]
    picture = Picture(*crop, "crop", 0, 1, "f" * 64)
    settings = lab.defaults("regularised").replace(timesteps=24)
    result = lab.segment(picture, settings)
    rows = measuring.measure(
        lab.model("regularised"),
        picture.normalised,
        picture.labels,
        result.ann >= settings.threshold,
        settings,
        (8, 24),
    )
    row = rows[1]
    assert row["spikes"] == result.spikes
    assert row["synaptic_events"] == result.synaptic_events
    assert row["mean_rate_hz"] == pytest.approx(result.mean_rate_hz)
    assert row["agreement_with_ann"] == pytest.approx(result.agreement())
    for name in measuring.SCORES:
        assert row[name] == getattr(result.snn_scores, name)
    assert max(row["curves"]["v_rand"]) == row["v_rand"] and measuring.fits(row)
    assert not measuring.fits(row | {"curves": {}})
    assert rows[0]["spikes"] == sum(layer.total(0, 8) for layer in result.recording.populations)


def test_tiles_change_nothing(monkeypatch):
    model, image = small.model(), small.image(192, 160)
    whole = measuring.measure(model, image, image > 0.5, image > 0.4, BASE, (10, 70))
    monkeypatch.setattr(measuring, "SPIKE_BYTES", 1)
    side = measuring.tile_side(model, 70, image.shape, 1)
    assert side == 128
    monkeypatch.setattr(measuring, "tile_side", lambda *_: 128)
    tiled = measuring.measure(model, image, image > 0.5, image > 0.4, BASE, (10, 70))
    for one, other in zip(whole, tiled, strict=True):
        assert one | {"seconds": 0} == other | {"seconds": 0}


def test_tiles_are_as_large_as_memory_allows():
    model = lab.model("regularised")
    assert measuring.tile_side(model, 64, (512, 512)) == 512
    side = measuring.tile_side(model, 1000, (4096, 4096))
    assert side < 4096
    margin = 2 * measuring.halo(model.layers)
    assert measuring.spike_bytes(model, 1000, (side + margin) ** 2) <= measuring.SPIKE_BYTES


def test_memory_of_spikes_is_that_of_a_recording():
    model, image = small.model(), small.image(32)
    recording = event.run(conversion.method("rate-scaling").convert(model, image, BASE), 70)
    expected = sum(part.words.nbytes for part in recording.populations)
    assert measuring.spike_bytes(model, 70, 32 * 32) == expected


def test_a_run_that_is_cancelled_stops():
    with pytest.raises(Cancelled):
        measuring.measure(
            small.model(), small.image(32), None, small.image(32) > 0.5, BASE, (8,),
            cancel=lambda: True,
        )  # fmt: skip

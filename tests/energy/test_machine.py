"""Measuring: what is run, how often, and what is said when something is missing."""

import itertools
import time

import numpy as np
import pytest

from snnlab import conversion
from snnlab.energy import int8, machine
from snnlab.energy import work as counting
from snnlab.energy.devices import device, devices
from snnlab.energy.measured import constants as measured_constants
from snnlab.errors import Cancelled, LabError
from snnlab.nets import inference
from snnlab.nets.keras import keras_model
from snnlab.settings import Settings
from snnlab.simulation.event import run
from tests import small_models

STEPS = 4


class Ticking:
    """Counters that gain a joule at every second reading."""

    missing = ""

    def __init__(self):
        self.ticks = itertools.count()

    def read(self):
        return (next(self.ticks),)

    def joules(self, before, after):
        return float(after[0] - before[0])


def measured(**more):
    made, settings = small_models.model(), Settings(timesteps=STEPS)
    convert = conversion.method("rate-scaling").convert
    return machine.measure(
        made,
        small_models.image(32),
        lambda image: convert(made, image, settings),
        lambda network, stop: run(network, STEPS, 0, None, stop),
        STEPS,
        batches=(1, 2),
        repeats=2,
        **more,
    )


def test_all_ways_are_measured():
    told = []
    found = measured(counters=Ticking(), progress=lambda share, what: told.append((share, what)))
    names = [one.what for one in found.readings]
    assert names == [
        name
        for name in (
            "ANN, fp32",
            "ANN, 8-bit weights in fp32 arithmetic",
            "ANN, 8-bit arithmetic",
            f"SNN, event simulator, {STEPS} steps",
        )
        for _ in range(2)
    ]
    for one in found.readings:
        assert 0 < one.low <= one.seconds <= one.high
        assert one.joules == pytest.approx(1 / one.batch)
    assert found.missing == "" and found.notes == ()
    assert found.macs == sum(counting.macs(small_models.model().layers, 32, 32).values())
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == 1.0


@pytest.fixture
def no_int8(monkeypatch):
    """What takes long, and is tested by itself."""

    def refuse(*_):
        raise LabError("it has no such form.")

    monkeypatch.setattr(int8, "build", refuse)


def test_without_counters_there_are_no_joules_and_what_cannot_run_is_named(tmp_path, no_int8):
    from snnlab.energy.counters import Counters

    found = measured(counters=Counters(tmp_path))
    assert found.notes == ("it has no such form.",)
    assert {one.what for one in found.readings} == {
        "ANN, fp32",
        "ANN, 8-bit weights in fp32 arithmetic",
        f"SNN, event simulator, {STEPS} steps",
    }
    assert all(one.joules is None for one in found.readings)
    assert "no joules" in found.missing


def test_busy_seconds_are_those_of_all_threads_and_not_those_that_pass():
    counters = Ticking()
    idle = machine.timed("waiting", 2, lambda: time.sleep(0.05), counters, repeats=3)
    assert idle.low >= 0.025
    assert idle.busy[2] < 0.01
    assert idle.busy[0] <= idle.busy[1] <= idle.busy[2]

    def work():
        until = time.process_time() + 0.04
        while time.process_time() < until:
            pass

    busy = machine.timed("working", 2, work, counters, repeats=3)
    assert 0.02 <= busy.busy[0] < 0.03


def made_of(*readings):
    return machine.Measured("a processor", (64, 64), 4, 2, readings, "", (), 1000)


def test_what_is_charged_is_8_bit_arithmetic_one_image_at_a_time():
    """Busy seconds over MACs times a stated power; with counters, their joules alone."""
    names = "ANN, 8-bit weights in fp32 arithmetic", "ANN, 8-bit arithmetic", "SNN, 4 steps"
    seconds = {name: (k * 1e-9, k * 2e-9, k * 4e-9) for k, name in enumerate(names, 1)}
    readings = [
        machine.Reading(name, batch, 1.0, 1.0, 1.0, None, "", seconds[name])
        for name in names
        for batch in (1, 4)
    ]
    pace, power = measured_constants(made_of(*readings))
    assert (pace.key, pace.unit) == ("pace", "ps")
    assert pace.band == pytest.approx((2e-12, 4e-12, 8e-12))
    assert names[1] in pace.source and "a processor" in pace.source
    assert power.band == (10.0, 20.0, 40.0)
    # a rate curve that TensorFlow Lite has not
    without = [one for one in readings if one.what != names[1]]
    assert measured_constants(made_of(*without))[0].band[1] == pytest.approx(2e-12)
    assert measured_constants(made_of(*readings[4:])) == ()

    counted = machine.Reading(names[1], 1, 1.0, 1.0, 1.0, 5e-6, "", seconds[names[1]])
    (mac,) = measured_constants(made_of(readings[0], counted))
    assert mac.key == "mac" and mac.band[1] == pytest.approx(5e-9)
    assert "RAPL" in mac.source
    for charged in ((pace, power), (mac,)):
        row = device("cpu-measured", devices(8, None, charged))
        assert row.constants == charged
    assert "counters" in row.summary


def test_it_can_be_stopped(no_int8):
    calls = itertools.count()
    with pytest.raises(Cancelled):
        measured(cancel=lambda: next(calls) > 1)


def test_seconds_are_an_images():
    found = machine.timed("waiting", 4, lambda: time.sleep(0.02), Ticking(), repeats=3)
    assert found.low >= 0.005
    assert found.joules == pytest.approx(0.25)


def test_a_model_without_its_floats_has_no_fp32(no_int8):
    from dataclasses import replace

    made = replace(small_models.model(), floats={})
    convert = conversion.method("rate-scaling").convert
    settings = Settings(timesteps=2)
    found = machine.measure(
        made, small_models.image(32), lambda image: convert(made, image, settings),
        lambda network, stop: run(network, 2), 2, batches=(1,), repeats=1,
    )  # fmt: skip
    assert all(one.what != "ANN, fp32" for one in found.readings)
    assert "before rounding" in found.notes[0]


def test_8_bit_arithmetic_is_the_same_network():
    made, image = small_models.model(), small_models.image(32)
    batch = np.stack([image, image[::-1]])[..., None]
    run_int8 = int8.build(made, batch, 1)
    logits = keras_model(made)(batch, training=False).numpy()
    found = run_int8(batch)
    assert found.shape == logits.shape
    # 8 bits of activations leave a few hundredths of the whole range
    assert np.abs(found - logits).mean() < 0.05 * np.ptp(logits)
    assert np.mean((found > 0) == (logits > 0)) > 0.95
    shown = inference.segment(made, image).probability
    assert np.mean((found[0, ..., 0] > 0) == (shown > 0.5)) > 0.95

"""Joules by hand, the break-even where both cost the same, and KerasSpiking's own sums."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.energy import breakeven
from snnlab.energy import work as counting
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate, real_time, step_seconds
from snnlab.energy.work import LayerWork, Work
from snnlab.errors import LabError
from snnlab.lab import energy as lab_energy
from snnlab.nets.architecture import IMAGE, Layer, shapes
from snnlab.nets.keras import keras_model
from snnlab.nets.model import from_float
from tests import small_models


def some_work(timesteps=10, spikes=400.0, events=9000.0, active=1500.0):
    first = LayerWork("a", 100, 5000, spikes / 4, events / 3, active / 3, 50.0, 7.0)
    last = LayerWork("b", 200, 8000, 3 * spikes / 4, 2 * events / 3, 2 * active / 3, 350.0, 3.0)
    return Work(1024, timesteps, (first, last), 200, 3, 1, "by hand")


def joules(name, work, **more):
    return estimate(device(name, devices(8)), work, **more)


def test_the_ann_by_hand():
    work = some_work()
    assert joules("cpu", work).joules == pytest.approx((13200 + 300) * 8.6e-9)
    assert joules("cpu", work, batch=9).joules == joules("cpu", work).joules
    start = device("gpu-online", devices(8)).get("dispatch").band[1]
    for batch in (1, 4):
        expected = 13500 * 0.3e-9 + 3 * start / batch
        assert joules("gpu-online", work, batch=batch).joules == pytest.approx(expected)
    assert joules("ann-45nm-int", work).joules == pytest.approx(13200 * 0.3e-12 + 300 * 0.2e-12)


def test_a_cpu_by_its_seconds_by_hand():
    """Core seconds times watts, at either end of both; not the constant of 2013."""
    work = some_work()
    found = joules("cpu-measured", work)
    assert found.band == pytest.approx(
        (13200 * 7.2e-12 * 10, 13200 * 8.0e-12 * 20, 13200 * 8.6e-12 * 40)
    )
    assert found.parts.keys() == {"synapses"}
    assert joules("cpu-measured", work, idle=True).band == found.band  # it is in the core's share
    assert joules("cpu", work).joules > 10 * found.band[2]


def test_the_snn_by_hand():
    work = some_work()
    found = joules("loihi-davies", work)
    message = (1.7 + 63 / 24 * 3.0 + 15 / 12 * 4.0) * 1e-12
    assert found.parts["synapses"][1] == pytest.approx(9000 * 23.6e-12)
    assert found.parts["neurons"][1] == pytest.approx(1500 * 81e-12 + 1500 * 52e-12)
    assert found.parts["messages"][1] == pytest.approx((400 + 10) * message)
    assert found.parts["neurons"][2] == pytest.approx(3000 * 81e-12)
    sana = joules("loihi-sanafe", work)
    assert sana.parts["neurons"][1] == pytest.approx(3000 * 51.2e-12 + 1500 * 21.6e-12)
    far = (111 + 63 / 24 * 3.0 + 15 / 12 * 4.2) * 1e-12
    assert sana.parts["messages"][1] == pytest.approx(400 * 69.3e-12 + 410 * far)
    assert joules("spinnaker2", work).joules == pytest.approx(9000 * 0.45e-9 + 3000 * 2.19e-9)


def test_idle_power_by_hand():
    work = some_work()
    found = joules("cpu", work, idle=True)
    dynamic = 13500 * 8.6e-9
    assert found.parts["static"][1] == pytest.approx(dynamic / (28.48 - 17.01) * 17.01)
    chip = joules("loihi-davies", work, idle=True)
    fast = 1.8e-6 + 300 / 3 * 9.7e-9 + 9000 / 10 / 3 * 3.1e-9
    assert step_seconds(device("loihi-davies", devices()), work) == pytest.approx(
        (fast, fast, 1e-3)
    )
    assert chip.parts["static"] == pytest.approx(
        (0.029 * 10 * fast, 0.104 * 10 * fast, 0.104 * 10 * 1e-3)
    )
    # where no idle power is published there is none
    for name in ("arm", "spinnaker", "ann-45nm-int", "snn-45nm-fp32"):
        assert "static" not in joules(name, work, idle=True).parts


@pytest.mark.parametrize("idle", [False, True])
def test_bands_hold_their_values(idle):
    for one in lab_energy.estimates(some_work(), idle=idle):
        for low, value, high in (*one.parts.values(), one.band):
            assert 0 <= low <= value <= high


@given(
    # Loihi 2's figure is per update alone: no number of spikes is a break-even there
    st.sampled_from([one.name for one in devices() if one.get("event")]),
    st.sampled_from([one.name for one in devices() if one.network == "ann"]),
    st.integers(1, 300), st.floats(0.01, 1.0), st.floats(0.05, 1.0), st.floats(1.0, 200.0),
)  # fmt: skip
def test_on_the_line_both_cost_the_same(chip, other, timesteps, rate, share, fan_out):
    spikes = 300 * timesteps * rate
    work = some_work(timesteps, spikes, spikes * fan_out, 300 * timesteps * share)
    plane = breakeven.plane(device(chip, devices()), work)
    cost = joules(chip, work).joules
    assert plane.joules(timesteps, work.spikes_per_neuron) == pytest.approx(cost)
    ann = joules(other, work).joules
    at = float(plane.breakeven(ann, timesteps))
    assert plane.joules(timesteps, at) == pytest.approx(ann, rel=1e-6, abs=1e-6 * cost)
    if abs(at / work.spikes_per_neuron - 1) > 1e-6:
        assert (work.spikes_per_neuron < at) == (cost < ann)
    assert (plane.most_steps(ann) < timesteps) == (at < 0)
    if at > 1e-9:
        # a run with so many spikes, counted anew, costs what the ANN does
        scale = at / work.spikes_per_neuron
        busy = [
            replace(one, **{k: getattr(one, k) * scale for k in
                            ("spikes", "events", "messages", "interchip")})
            for one in work.layers
        ]  # fmt: skip
        there = replace(work, layers=tuple(busy))
        assert joules(chip, there).joules == pytest.approx(ann, rel=1e-6)


def test_break_even_lines_and_where_they_end():
    work = some_work()
    found = lab_energy.break_even(work, "loihi-davies", ("cpu", "ann-45nm-int"), devices())
    assert found.run == (10, 400 / 300)
    # on the line at the run's own steps both cost the same
    plane = breakeven.plane(device("loihi-davies", devices()), work)
    at = found.here["CPU, KerasSpiking"]
    assert plane.joules(10, at) == pytest.approx(joules("cpu", work).joules)
    assert found.here["45 nm, ANN, 8-bit arithmetic"] < 0
    cpu = found.spikes["CPU, KerasSpiking"]
    assert np.nanargmax(cpu) == 0
    tiny = found.spikes["45 nm, ANN, 8-bit arithmetic"]
    assert np.isnan(tiny).all()  # its floor is below a single update of all neurons
    assert found.most_steps["45 nm, ANN, 8-bit arithmetic"] < 1
    with pytest.raises(LabError):
        lab_energy.estimates(work, batch=0)


def test_a_silent_run_does_not_say_what_a_spike_costs():
    silent = some_work(spikes=0.0, events=0.0)
    layers = tuple(replace(one, messages=0.0, interchip=0.0) for one in silent.layers)
    found = lab_energy.break_even(
        replace(silent, layers=layers), "loihi-davies", ("cpu",), devices()
    )
    assert found.per_spike == 0
    assert not np.isfinite(found.spikes["CPU, KerasSpiking"]).any()


def test_idle_power_in_real_time_by_hand():
    """A chip that waits for the next millisecond, as it does in a live system."""
    work = some_work()  # 10 steps, one chip
    assert real_time(device("loihi-davies", devices()), work) == pytest.approx(10 * 1e-3 * 0.104)
    slow = replace(work, cores=1, timesteps=10_000_000)
    assert real_time(device("loihi-davies", devices()), slow) == pytest.approx(1e7 * 1e-3 * 0.104)
    busy = replace(work, layers=(replace(work.layers[0], events=3e9),))
    assert real_time(device("loihi-davies", devices()), busy) > 10 * 1e-3 * 0.104  # no faster
    assert real_time(device("spinnaker", devices()), work) is None
    told = {row["name"]: row for row in lab_energy.rows(lab_energy.estimates(work), work)}
    assert told["loihi-keras"]["idle_joules_in_real_time"] == pytest.approx(0.00104)
    assert "idle_joules_in_real_time" not in told["cpu"]


def test_rows_say_what_the_contract_wants():
    work = some_work()
    found = lab_energy.rows(lab_energy.estimates(work), work)
    assert {row["network"] for row in found} == {"ann", "snn"}
    for row in found:
        assert row["low"] <= row["joules_per_image"] <= row["high"]
        assert row["source"] and row["assumptions"] and row["device"] and row["model"]
        assert ("macs" in row) == (row["network"] == "ann")
        assert ("synaptic_events" in row) == (row["network"] == "snn")
        assert row["neuron_updates"] == (300 if row["network"] == "ann" else 3000)
        assert sum(row["parts"].values()) == pytest.approx(row["joules_per_image"])


# ---- KerasSpiking ---------------------------------------------------------------


def keras_spiking():
    from snnlab import compat

    compat.nengo_dl()  # puts Keras 2 in place
    import keras_spiking

    return keras_spiking


def counted_rightly():
    """Kernels as large as their strides: no border, which ModelEnergy counts as if it were none."""
    return (
        Layer("encoder", "conv", (IMAGE,), 3, 1, on_chip=False),
        Layer("stride1", "conv", ("encoder",), 4, 2, 2),
        Layer("mix", "conv", ("stride1",), 6, 1),
        Layer("stride2", "conv", ("mix",), 5, 2, 2),
        Layer("readout", "conv", ("stride2",), 1, 1, activation="linear", on_chip=False),
    )


def net_of(layers, height, width):
    random = np.random.default_rng(3)
    from snnlab.nets.architecture import weight_shape

    kernels = {one.name: random.uniform(0, 0.5, weight_shape(one, layers)) for one in layers}
    biases = {one.name: random.uniform(0, 5, one.channels) for one in layers}
    made = from_float("net", layers, kernels, biases, {one.name: 100.0 for one in layers})
    return keras_model(made, height, width)


def test_joules_are_keras_spikings_where_it_counts_rightly():
    layers, (height, width), steps = counted_rightly(), (16, 24), 50
    net = net_of(layers, height, width)
    shape = shapes(layers, height, width)
    picture = np.random.default_rng(0).uniform(0, 50, (1, height, width, 1)).astype(np.float32)
    judge = keras_spiking().ModelEnergy(net, example_data=picture)
    from snnlab.compat import tensorflow

    outputs = [net.get_layer(one.name).output for one in layers]
    rates = tensorflow().keras.Model(net.input, outputs)(picture)
    work = counting.macs(layers, height, width)
    busy = []
    for layer, hertz in zip(layers[:-1], rates, strict=False):
        spikes = hertz.numpy()[0].astype(float) * steps * 0.001
        reach = counting.synapses(layers, layer.name, shape)[..., None]
        busy.append(
            LayerWork(layer.name, spikes.size, work[layer.name], spikes.sum(),
                      (spikes * reach).sum(), 0.0)
        )  # fmt: skip
    ours = Work(height * width, steps, tuple(busy), work["readout"], 1, 1, "")
    for theirs, name in (("cpu", "cpu"), ("gpu", "gpu"), ("arm", "arm")):
        assert joules(name, ours).joules == pytest.approx(judge.total_energy(theirs), rel=0.01)
    # its first layer is fed by spikes of the image's; here the image is a constant current
    image = judge.layer_energy(net.get_layer("encoder"), "loihi", steps)[0]
    pairs = (("loihi", "loihi-keras"), ("spinnaker", "spinnaker"), ("spinnaker2", "spinnaker2"))
    for theirs, name in pairs:
        image = judge.layer_energy(net.get_layer("encoder"), theirs, steps)[0]
        expected = judge.total_energy(theirs, timesteps_per_inference=steps) - image
        assert joules(name, ours).joules == pytest.approx(expected, rel=0.01)


def test_where_keras_spiking_miscounts():
    """A transposed convolution by its kernel's outputs, and taps on the padding as if computed."""
    layers = (
        Layer("encoder", "conv", (IMAGE,), 2, 1, on_chip=False),
        Layer("down0", "conv", ("encoder",), 3, 3),
        Layer("stride1", "conv", ("down0",), 7, 2, 2),
        Layer("grow0", "conv_transpose", ("stride1",), 3, 2, 2),
        Layer("readout", "conv", ("grow0",), 1, 1, activation="linear", on_chip=False),
    )
    height, width = 8, 8
    net = net_of(layers, height, width)
    judge = keras_spiking().ModelEnergy(net)
    theirs = {one.name: judge.layer_stats[net.get_layer(one.name)]["connections"] for one in layers}
    ours = counting.macs(layers, height, width)
    for right in ("encoder", "stride1", "readout"):
        assert theirs[right] == ours[right]
    assert ours["down0"] == (8 * 3 - 2) ** 2 * 2 * 3
    assert theirs["down0"] == (8 * 3) ** 2 * 2 * 3
    # each output has one tap of each of the 7 inputs; it takes 4 taps of the 3 outputs
    assert ours["grow0"] == 64 * 3 * 7
    assert theirs["grow0"] == 64 * 3 * (4 * 3)


def test_a_small_model_of_the_lab_is_counted_layer_by_layer():
    made = small_models.untuned()
    judge = keras_spiking().ModelEnergy(keras_model(made, 16, 16))
    neurons = sum(stats["neurons"] for stats in judge.layer_stats.values())
    shape = shapes(made.layers, 16, 16)
    assert neurons == sum(int(np.prod(shape[one.name])) for one in made.populations())

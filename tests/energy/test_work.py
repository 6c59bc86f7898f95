"""Counts against TensorFlow's convolutions, Nengo's connections and the simulator's own."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab import conversion
from snnlab.compat import tensorflow
from snnlab.energy import work as counting
from snnlab.energy.arrivals import arrivals, count, since_first
from snnlab.energy.profile import profile
from snnlab.errors import LabError
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import IMAGE, Layer, shapes, unet, wires
from snnlab.settings import Settings
from snnlab.simulation.event import run
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import SpikeTrains
from tests import small_models

SETTINGS = Settings(timesteps=70, lower_hz=200, upper_hz=300)


def ones(wire, size_in, size_out, channels_in, channels_out):
    """Sum of a convolution of ones with ones: every MAC adds one."""
    tf = tensorflow()
    x = np.ones((1, *size_in, channels_in), np.float32)
    if wire.kind == "conv":
        kernel = np.ones((wire.kernel, wire.kernel, channels_in, channels_out), np.float32)
        y = tf.nn.conv2d(x, kernel, wire.stride, "SAME")
    else:
        kernel = np.ones((wire.kernel, wire.kernel, channels_out, channels_in), np.float32)
        y = tf.nn.conv2d_transpose(x, kernel, (1, *size_out, channels_out), wire.stride, "SAME")
    assert tuple(y.shape[1:3]) == tuple(size_out)
    return y.numpy()


def old_unet():
    """With concatenations and transposed convolutions that stand alone."""
    return (
        Layer("encoder", "conv", (IMAGE,), 2, 1, on_chip=False),
        Layer("down0", "conv", ("encoder",), 3, 3),
        Layer("stride1", "conv", ("down0",), 4, 3, 2),
        Layer("grow0", "conv_transpose", ("stride1",), 3, 2, 2),
        Layer("up0", "conv", ("grow0", "down0"), 5, 5),
        Layer("readout", "conv", ("up0",), 1, 1, activation="linear", on_chip=False),
    )


@pytest.mark.parametrize("layers", [unet(2, (3, 4, 5)), old_unet(), unet(1, (2, 2))])
@pytest.mark.parametrize("size", [(8, 8), (16, 12), (4, 20)])
def test_macs_are_those_of_tensorflow(layers, size):
    shape = shapes(layers, *size) | {IMAGE: (*size, 1)}
    expected = {
        layer.name: sum(
            ones(w, shape[w.source][:2], shape[layer.name][:2], w.last - w.first, layer.channels)
            .sum(dtype=float)
            for w in wires(layer, layers)
        )
        for layer in layers
    }  # fmt: skip
    assert counting.macs(layers, *size) == expected


@given(
    st.integers(1, 5), st.integers(1, 3), st.sampled_from(["conv", "conv_transpose"]),
    st.integers(1, 6), st.integers(1, 6),
)  # fmt: skip
def test_macs_of_any_convolution(kernel, stride, kind, height, width):
    tall, wide = height * stride, width * stride
    first = Layer("first", "conv", (IMAGE,), 2, 1)
    if kind == "conv_transpose":  # down before up
        first = Layer("first", "conv", (IMAGE,), 2, stride, stride)
    layers = (first, Layer("last", kind, ("first",), 3, kernel, stride))
    shape = shapes(layers, tall, wide)
    [wire] = wires(layers[1], layers)
    expected = ones(wire, shape["first"][:2], shape["last"][:2], 2, 3).sum(dtype=float)
    assert counting.macs(layers, tall, wide)["last"] == expected


def test_synapses_are_the_taps_of_the_nengo_network():
    """Column by column: how many neurons a spike of each neuron reaches."""
    made = small_models.model()
    size = (8, 12)
    shape_of = shapes(made.layers, *size)
    network = conversion.method("rate-scaling").convert(
        made, small_models.image(32)[:8, :12], SETTINGS
    )
    reached = {p.name: np.zeros(int(np.prod(p.shape))) for p in network.populations}
    for link in network.network.all_connections:
        source = link.pre_obj
        if source is network.image:
            continue
        name = next(p.name for p in network.populations if p.ensemble is source.ensemble)
        transform = link.transform
        one = np.zeros(transform.size_in)
        for neuron in range(transform.size_in):
            one[neuron] = 1
            reached[name][neuron] += taps(transform, one).sum()
            one[neuron] = 0
    for layer in made.populations():
        expected = reached[layer.name].reshape(shape_of[layer.name])
        found = counting.synapses(made.layers, layer.name, shape_of)
        if layer is made.populations()[-1]:
            found = found - 1  # the readout is no connection
        np.testing.assert_array_equal(np.broadcast_to(found[..., None], expected.shape), expected)


def taps(transform, x):
    """A vector through a transform's taps, each of weight one, by TensorFlow."""
    import nengo

    tf = tensorflow()
    kernel = np.ones(np.shape(transform.init), np.float32)
    x = x.reshape(1, *transform.input_shape.shape).astype(np.float32)
    if isinstance(transform, nengo.Convolution):
        return tf.nn.conv2d(x, kernel, transform.strides[0], "SAME").numpy()
    shape = (1, *transform.output_shape.shape)
    kernel = kernel.transpose(0, 1, 3, 2)
    return tf.nn.conv2d_transpose(x, kernel, shape, transform.strides[0], "SAME").numpy()


@pytest.fixture(scope="module")
def small():
    """A small model's run, as the lab would hand it over."""
    made, image = small_models.model(), small_models.image(32)[:24]
    network = conversion.method("rate-scaling").convert(made, image, SETTINGS)
    recording = run(network, SETTINGS.timesteps)
    result = SimpleNamespace(
        timesteps=SETTINGS.timesteps,
        recording=recording,
        layers=lab.activity(made, network, recording),
        settings=SETTINGS,
        image=image,
    )
    return made, result


def test_events_are_the_simulators(small):
    made, result = small
    work = profile(result, made.layers).at(result.timesteps)
    assert work.spikes == result.recording.spikes()
    last = work.layers[-1]
    between = sum(result.recording.synaptic_events().values())
    # each spike of the last population is read by the host once
    assert work.events == between + last.spikes
    assert [one.events for one in work.layers] == [one.synaptic_events for one in result.layers]
    assert work.updates == work.neurons * result.timesteps == work.active + work.inactive


@pytest.mark.parametrize("filtered", [False, True])
def test_updates_with_input_are_those_that_a_spike_reaches(small, filtered):
    """Step by step, by a convolution of ones."""
    made, result = small
    steps, trains = result.timesteps, result.recording
    raster = {
        one.name: one.raster(np.arange(one.neurons)).reshape(steps, *one.shape)
        for one in trains.populations
    }
    tf = tensorflow()
    for layer in made.populations():
        reached = np.zeros((steps, *trains[layer.name].shape[:2]), bool)
        for wire in wires(layer, made.layers):
            if wire.source == IMAGE:
                reached[:] = True
                continue
            x = raster[wire.source].astype(np.float32)
            if wire.kind == "conv":
                kernel = np.ones((wire.kernel, wire.kernel, x.shape[3], 1), np.float32)
                y = tf.nn.conv2d(x, kernel, wire.stride, "SAME")
            else:
                kernel = np.ones((wire.kernel, wire.kernel, 1, x.shape[3]), np.float32)
                shape = (steps, *reached.shape[1:], 1)
                y = tf.nn.conv2d_transpose(x, kernel, shape, wire.stride, "SAME")
            reached |= y.numpy()[..., 0] > 0.5
        if filtered:
            reached = np.maximum.accumulate(reached, axis=0)
        by_name = {one.name: one for one in trains.populations}
        words = arrivals(made.layers, layer, by_name, steps)
        words = since_first(words) if filtered else words
        for stop in (1, 63, 64, 65, steps):
            assert count(words, stop) == reached[:stop].sum(), (layer.name, stop)


@given(st.integers(0, 2**32), st.integers(1, 150))
def test_since_first(seed, steps):
    spikes = np.random.default_rng(seed).random((steps, 5)) < 0.03
    words, _ = pack(spikes.astype(np.uint8))
    since = SpikeTrains("a", (1, 1, 5), since_first(words), steps)
    np.testing.assert_array_equal(
        since.raster(np.arange(5)) > 0, np.maximum.accumulate(spikes, axis=0)
    )


@pytest.mark.parametrize("steps", [1, 20, 64])
def test_the_beginning_of_a_run_is_the_shorter_run(small, steps):
    made, result = small
    network = conversion.method("rate-scaling").convert(made, result.image, SETTINGS)
    shorter = run(network, steps)
    work = profile(result, made.layers, (steps,)).at(steps)
    assert work.spikes == shorter.spikes()
    assert work.events == sum(shorter.synaptic_events().values()) + shorter["up0"].total()


def test_between_its_points_a_profile_is_close_and_behind_its_end_at_the_same_pace(small):
    made, result = small
    coarse, fine = profile(result, made.layers), profile(result, made.layers, tuple(range(1, 71)))
    for steps in (30, 41, 55):
        assert coarse.at(steps).spikes == pytest.approx(fine.at(steps).spikes, rel=0.03)
    network = conversion.method("rate-scaling").convert(made, result.image, SETTINGS)
    longer = run(network, 140)
    assert coarse.at(140).spikes == pytest.approx(longer.spikes(), rel=0.05)
    assert coarse.at(140).events == pytest.approx(
        sum(longer.synaptic_events().values()) + longer["up0"].total(), rel=0.05
    )


@pytest.mark.filterwarnings("error")
def test_a_run_of_one_step_goes_on_at_its_only_pace(small):
    made, result = small
    sums = profile(result, made.layers, tuple(range(1, 71)))
    first = np.searchsorted(sums.steps, 1)
    short = replace(
        sums, **{key: getattr(sums, key)[: first + 1] for key in
                 ("steps", "spikes", "events", "active")},
    )  # fmt: skip
    assert short.timesteps == 1
    assert short.at(1).spikes == sums.at(1).spikes
    assert short.at(9).spikes == pytest.approx(9 * short.at(1).spikes)


def test_what_silent_layers_would_do_is_not_foreseen(small):
    made, result = small
    sums = profile(result, made.layers)
    assert sums.silent == ()
    other = dict.fromkeys(sums.names, 2.0)
    assert lab_energy.unforeseen(sums, 500, other) == ""
    quiet = replace(sums, spikes=sums.spikes * (np.arange(len(sums.names)) != 1))
    assert quiet.silent == (sums.names[1],)
    # its own beginning is known all the same
    assert lab_energy.unforeseen(quiet, 70, None) == lab_energy.unforeseen(quiet, 7, None) == ""
    for steps, scale in ((71, None), (70, other), (7, other)):
        assert f"*{sums.names[1]}* sent no spike" in lab_energy.unforeseen(quiet, steps, scale)
    mute = replace(sums, spikes=0 * sums.spikes)
    assert f"and {len(sums.names) - 1} more layers" in lab_energy.unforeseen(mute, 71, None)


@pytest.mark.parametrize("bounds", [(100, 150), (400, 500)])
def test_other_bounds_are_foreseen(small, monkeypatch, bounds):
    """The estimate that a slider shows, against the run that it stands for."""
    made, result = small
    monkeypatch.setattr(lab, "model", lambda name: made)
    wanted = SETTINGS.replace(lower_hz=bounds[0], upper_hz=bounds[1])
    scale = lab_energy.factors("any", SETTINGS, wanted)
    foreseen = profile(result, made.layers).at(70, scale)
    network = conversion.method("rate-scaling").convert(made, result.image, wanted)
    found = run(network, 70)
    assert foreseen.spikes == pytest.approx(found.spikes(), rel=0.1)
    events = sum(found.synaptic_events().values()) + found["up0"].total()
    assert foreseen.events == pytest.approx(events, rel=0.1)


def test_no_neuron_is_foreseen_to_spike_more_than_once_a_step(small):
    made, result = small
    sums = profile(result, made.layers)
    work = sums.at(10, dict.fromkeys(sums.names, 1e6))
    assert all(one.spikes <= one.neurons * 10 for one in work.layers)
    assert work.active <= work.updates


def test_without_a_partition_the_least_that_any_needs(small):
    made, result = small
    work = profile(result, made.layers).at(70)
    assert work.cores == -(-work.neurons // 1024)
    assert work.interchip == 0
    # the first full-resolution layer feeds the next one down and the last one up
    by_name = {one.name: one for one in work.layers}
    assert by_name["down0"].messages == 2 * by_name["down0"].spikes
    assert by_name["down2"].messages == by_name["down2"].spikes
    assert "no partition" in work.mapping


def test_a_partition_brings_its_messages(small):
    made, result = small
    work = profile(result, made.layers).at(70)
    partition = SimpleNamespace(
        partitioner="greedy", chips=2, chip_of=np.zeros(150, int), intrachip=3000, interchip=500
    )
    traffic = SimpleNamespace(
        spiked=np.full((150, 10), 2),
        from_host=np.full((150, 10), 1),
        host_edges=SimpleNamespace(spikes=np.array([200, 300])),
    )
    mapping = SimpleNamespace(
        partitions={"greedy": partition},
        shapes={layer.name: () for layer in made.populations() if layer.on_chip},
        tile=(0, 0, work.pixels // 3, 1),
        layout=lambda name: SimpleNamespace(traffic=traffic),
    )
    found = lab_energy.with_partition(work, mapping, "greedy")
    encoder = work.layers[0].spikes
    chip = work.spikes - encoder
    assert found.messages == pytest.approx(chip * 3000 / 3000 + encoder * 1500 / 500)
    assert found.interchip == pytest.approx(chip * 500 / 3000)
    assert (found.cores, found.chips) == (450, 6)
    assert "greedy" in found.mapping
    with pytest.raises(LabError):
        lab_energy.with_partition(work, mapping, "by-hand")
    mapping.shapes["something"] = ()
    with pytest.raises(LabError):
        lab_energy.with_partition(work, mapping, "greedy")


def test_a_real_partitions_messages_are_its_own(tmp_path):
    """The tile that was mapped, charged as the image: what was counted comes back."""
    from snnlab.lab import chips as lab_chips

    picture = lab.sample(0)
    settings = lab_chips.chip_settings("regularised").replace(timesteps=12)
    mapping = lab_chips.mapping(picture, settings, 32, partitioners=("greedy",))
    top, left, height, width = mapping.tile
    unet = lab.model("regularised")
    tile = picture.normalised[top : top + height, left : left + width]
    network = conversion.method(settings.method).convert(unet, tile, settings)
    recording = run(network, 12)
    result = SimpleNamespace(
        timesteps=12, recording=recording, layers=lab.activity(unet, network, recording),
        settings=settings, image=tile,
    )  # fmt: skip
    work = lab_energy.with_partition(lab_energy.work_of(result), mapping, "greedy")
    partition, traffic = mapping.partitions["greedy"], mapping.layout("greedy").traffic
    assert work.chips == partition.chips
    assert work.cores == len(partition.chip_of)
    assert work.interchip == pytest.approx(partition.interchip)
    assert work.messages == pytest.approx(partition.intrachip + traffic.from_host.sum())


def test_weights_are_counted():
    layers = unet()
    made = small_models.untuned()
    assert counting.weights(made.layers) == made.weights
    assert counting.weights(layers) > 0


def test_a_result_from_a_file_is_counted_as_the_run_that_it_was(small):
    """Files keep no synapses; the layers know them."""
    made, result = small
    bare = SimpleNamespace(**vars(result) | {"recording": replace(result.recording, synapses=())})
    one, other = (profile(each, made.layers).at(33) for each in (result, bare))
    assert one == other


@pytest.mark.parametrize("method", [item.name for item in conversion.METHODS])
def test_every_method_can_be_counted(method):
    drawn = method == "spiking-softmax"
    made = small_models.pooled_model() if drawn else small_models.model()
    image = small_models.image(32)
    # some take only weights that were trained for them
    made = replace(made, card={"settings": {"method": method}})
    settings = SETTINGS.replace(method=method, timesteps=20)
    network = conversion.method(method).convert(made, image, settings)
    recording = run(network, 20)
    result = SimpleNamespace(
        timesteps=20,
        recording=recording,
        layers=lab.activity(made, network, recording),
        settings=settings,
        image=image,
    )
    work = profile(result, made.layers).at(20)
    assert work.spikes == recording.spikes()
    # the readout's neurons of a softmax are known to the simulator; a plain readout is none
    read = 0 if drawn else recording[made.layers[-1].inputs[0]].total()
    assert work.events == sum(recording.synaptic_events().values()) + read
    assert 0 <= work.active <= work.updates


def test_what_a_method_puts_between_layers_is_none_of_the_anns():
    made, image = small_models.pooled_model(), small_models.image(32)
    network = conversion.method("data-normalisation").convert(made, image, SETTINGS)
    recording = run(network, 8)
    gates = {p.name: p.ensemble.n_neurons for p in network.populations if "pool-" in p.name}
    assert gates
    result = SimpleNamespace(
        timesteps=8,
        recording=recording,
        layers=lab.activity(made, network, recording),
        settings=SETTINGS,
        image=image,
    )
    work = profile(result, made.layers).at(8)
    assert {layer.name: layer.neurons for layer in work.between} == gates
    assert work.neurons - work.ann_neurons == sum(gates.values())
    assert work.depth == len(made.layers)
    # a gate is fed in every step, as far as anybody is charged for it
    assert all(layer.active == layer.neurons * 8 for layer in work.between)

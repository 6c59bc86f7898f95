"""Whole numbers: the spikes of double precision, whatever the weights."""

import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from nengo.dists import Choice

from snnlab import conversion
from snnlab.data import synthetic
from snnlab.images.contrast import normalise
from snnlab.lab import segmenting
from snnlab.simulation.event import integers, run, running
from snnlab.simulation.event import layout as at
from snnlab.simulation.event.engine import Engine
from snnlab.simulation.event.levels import laid_out, levels_of
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.reading import read, repeated
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire, Tiled
from snnlab.work.code_version import reached


def net_of(*layers, side=24, channels=None):
    """Pixels that spike at rates drawn from a few, and layers on top of each other.

    A layer is its bias a step, ``(out,)``, and all that feeds it: the number of a
    layer before (0 for the pixels), levels ``(3, 3, in, out)``, and the weight of one.
    """
    depth = layers[0][1][1].shape[2]
    random = np.random.default_rng(0)
    drawn = random.choice([0.0, 0.05, 0.125, 0.3, 1.0], side * side * depth)
    drawn = drawn if channels is None else np.tile(channels, side * side)
    populations = []
    with nengo.Network() as network:
        image = nengo.Node(np.zeros(1))
        for bias, *inputs in [(drawn,), *layers]:
            shape = (side, side, inputs[0][1].shape[3] if inputs else depth)
            ensemble = nengo.Ensemble(
                int(np.prod(shape)),
                1,
                neuron_type=IntegrateAndFire(amplitude=0.001),
                gain=Choice([1.0]),
                bias=Tiled(1000 * np.resize(np.asarray(bias, float), max(shape[2], np.size(bias)))),
            )
            for number, levels, scale in inputs:
                nengo.Connection(
                    populations[number].ensemble.neurons,
                    ensemble.neurons,
                    transform=nengo.Convolution(
                        shape[2],
                        populations[number].shape,
                        (3, 3),
                        (1, 1),
                        "same",
                        init=levels * (1000.0 * scale),
                    ),
                    synapse=None,
                )
            name = f"layer{len(populations)}"
            populations.append(Population(name, ensemble, shape, 1000.0, True))
    readout = Readout(np.ones(shape[2], np.float32), 0.0)
    return SpikingNetwork(network, image, tuple(populations), readout, None, "subtraction")


def taken(network):
    """Which stages are run in whole numbers."""
    engine = Engine(read(network.network, running.DT), running.DT, threads=1)
    return [stage.integers is not None for stage in engine.prepared]


def check(network, steps=130):
    """Equal to double precision in every spike; returns the recording."""
    exact = run(network, steps, dtype="float64", threads=2)
    found = run(network, steps, threads=2)
    for population in network.populations:
        assert (exact[population.name].words == found[population.name].words).all()
        assert exact[population.name].words.any(), population.name
    return found


def drawn(depth, out, most, seed):
    return np.random.default_rng(seed).integers(-most, most + 1, (3, 3, depth, out))


@pytest.mark.parametrize("name", ["regularised", "surrogate"])
def test_a_shipped_net(name):
    """All layers are in whole numbers, and spike as in double precision."""
    settings = segmenting.defaults(name)
    image = normalise(synthetic.synthetic(96, 1).image)
    convert = conversion.method(settings.method).convert
    network = convert(segmenting.model(name), image, settings)
    assert all(taken(network))
    check(network, 65)


@pytest.mark.parametrize("depth", [1, 3, 4, 8, 12, 16])
def test_channels_one_by_one_by_four_and_by_eight(depth):
    """The last layer has two sources of different scales."""
    network = net_of(
        (0.02, (0, drawn(depth, 8, 127, 1), 0.9 / 127 / np.sqrt(depth))),
        (np.linspace(-0.1, 0.2, 5), (1, drawn(8, 5, 100, 2), 0.003)),
        (0.1, (2, drawn(5, 6, 60, 3), 0.004), (1, drawn(8, 6, 127, 4), 0.0031)),
    )
    assert all(taken(network))
    check(network)


@pytest.mark.parametrize(("side", "together"), [(24, 8), (25, 4), (130, 8)])
def test_two_pixels_of_four_channels_are_one_event(side, together):
    """Where the columns are even in number; the widest are several tiles beside each other."""
    network = net_of((0.02, (0, drawn(4, 8, 127, 1), 0.0035)), side=side)
    first = Engine(read(network.network, running.DT), running.DT, threads=1).prepared[-1]
    assert first.columns < side or side < 130
    assert first.integers.inputs.table[0, at.TOGETHER] == together
    check(network, steps=70)


@given(st.integers(1, 5), st.integers(1, 5), st.sampled_from(["same", "valid"]), st.integers(0, 99))
def test_what_two_pixels_send(rows, columns, padding, seed):
    """The rows of the table, added up by NumPy, are Nengo's convolution."""
    random = np.random.default_rng(seed)
    kernel = random.integers(-9, 10, (rows, columns, 4, 3)).astype(float)
    height, width = random.integers(5, 9), 2 * random.integers(3, 6)
    transform = nengo.Convolution(3, (height, width, 4), (rows, columns), (1, 1), padding)
    shapes = (height, width, 4), transform.output_shape.shape
    operator = Convolve(kernel, *shapes, (1, 1), padding, False)
    inputs, halo = laid_out([operator], [(kernel.astype(np.int16), 1.0)], [0])
    table = inputs.table[0]
    assert (halo, table[at.DEPTH], table[at.WIDTH]) == (columns, 8, width // 2)
    assert table[at.TOGETHER] == 8
    spikes = random.random((height, width, 4)) < 0.4
    codes = np.packbits(spikes.reshape(height, -1, 8), axis=2, bitorder="little")[..., 0]
    length, level = inputs.classes[0, 1], inputs.table[0, at.LEVEL]
    tall, wide = shapes[1][:2]
    found = np.zeros((tall, wide + 2 * halo + 2, 3), int)
    for y in range(tall):
        for entry in range(inputs.row_start[y], inputs.row_start[y + 1]):
            for x, code in enumerate(codes[inputs.row_of[entry]].tolist()):
                start = inputs.level_of[entry] * level + code * length
                row = inputs.weights[start : start + 3 * (columns + 1)].reshape(-1, 3)
                place = inputs.reach[x] + halo
                if place >= 0 and place + len(row) <= found.shape[1]:
                    found[y, place : place + len(row)] += row
    exact = operator.apply(spikes.ravel().astype(float)).reshape(shapes[1])
    np.testing.assert_array_equal(found[:, halo : halo + wide], exact)


def test_three_scales_are_left_to_floating_point():
    parts = [(number, drawn(4, 4, 60, number), 0.002 + 0.0007 * number) for number in range(3)]
    network = net_of((0.1, parts[0]), (0.1, parts[1]), (0.05, *parts))
    assert taken(network) == [True, True, True, False]
    check(network)


def test_sums_that_overflow_16_bits_are_left_to_floating_point():
    """Of 9 x 32 weights of 127, which all come at once."""
    levels = np.full((3, 3, 32, 8), 127)
    levels[0, 0, 0, 0] = 126  # or all would be 1
    levels[..., 4:] *= -1
    bias = np.repeat([0.0, 0.9], 4)
    network = net_of((bias, (0, levels, 1e-5)), side=12, channels=np.ones(32))
    assert taken(network) == [True, False]
    check(network)


def test_sums_that_just_fit_16_bits():
    """28 channels of 9 x 127 and one of 9 x 84: 32,760 of 32,767."""
    levels = np.full((3, 3, 29, 4), 127)
    levels[:, :, 28] = 84
    levels[..., 2:] *= -1
    bias = [0.0, 0.0, 0.9, 0.8]
    network = net_of((bias, (0, levels, 1e-5)), side=12, channels=np.ones(29))
    assert taken(network) == [True, True]
    check(network)


@pytest.mark.parametrize("scale", [1 / 4, 1 / 3, 1 / 7, 0.1])
def test_potentials_that_land_on_the_threshold(scale):
    network = net_of((0.0, (0, drawn(2, 4, 2, 5), scale)), (scale, (1, drawn(4, 4, 3, 6), scale)))
    assert all(taken(network))
    check(network)


def test_who_does_not_look_twice_is_wrong(monkeypatch):
    """Potentials off by one unit more with each step; a margin of them all is enough."""
    network = net_of((0.0, (0, drawn(2, 4, 2, 5), 1 / 7)), (1 / 7, (1, drawn(4, 4, 3, 6), 1 / 7)))
    exact = run(network, 130, dtype="float64", threads=2)
    for doubt, equal in ((140, True), (0, False)):
        monkeypatch.setattr(
            integers.Integers,
            "for_steps",
            lambda self, steps, doubt=doubt: self.fixed._replace(
                bias=self.fixed.bias - 1, doubt=doubt
            ),
        )
        found = run(network, 130, threads=2)
        same = [(exact[name].words == found[name].words).all() for name in ("layer1", "layer2")]
        assert all(same) == equal


@pytest.mark.parametrize("bias", [0.0, 0.25, 1.0, 7.5, 1e4, -3.0])
def test_one_weight_and_any_bias(bias):
    levels = np.zeros((3, 3, 1, 2), int)
    levels[1, 1, 0] = 1, 5
    check(net_of(([0.01, bias], (0, levels, 0.2)), side=9))


def test_a_potential_that_was_far_below_and_comes_back():
    """Held at the limit, it is run again when it spikes after all; another one never does."""
    levels = np.zeros((3, 3, 2, 3), int)
    levels[:, :, 0], levels[:, :, 1, 0] = [-127, -127, 1], 127
    network = net_of(([0.0, -0.5, 0.3], (0, levels, 0.02)), side=9, channels=[0.5, 0.9])
    # the second channel, which excites, is late
    start = Tiled([0.0, -90.0])
    pixels = network.populations[0].ensemble
    pixels.neuron_type = IntegrateAndFire(amplitude=0.001, initial_state={"voltage": start})
    fixed = Engine(read(network.network, running.DT), running.DT).prepared[1].integers.fixed
    assert integers.LIMIT / fixed.scale < 90 / 0.9 * 0.5 * 9 * 127 * 0.02
    found = check(network, 320)
    spikes = np.bitwise_count(found["layer1"].words).sum(axis=0).reshape(-1, 3)
    assert spikes[:, 0].min() > 0
    assert spikes[:, 1].max() == 0


def test_levels_are_found():
    levels = drawn(8, 8, 127, 3).astype(float)
    levels[0, 0, 0, :2] = 127, 126  # no divisor in common
    found, scale = levels_of(levels * 0.0123)
    assert (found == levels).all()
    assert scale == pytest.approx(0.0123, rel=1e-12)
    assert levels_of(np.random.default_rng(0).normal(size=(3, 3, 4, 4))) is None
    assert levels_of(np.zeros((3, 3, 4, 4))) is None
    assert levels_of((levels * 0.0123).astype(np.float32).astype(float)) is None


@given(
    many=st.integers(1, integers.PARTS * 4),
    size=st.floats(1e-6, 1e3),
    seed=st.integers(0, 2**31),
)
def test_the_fewest_levels_are_found(many, size, seed):
    """One number of levels after the other, each looked at alone."""
    weights = np.random.default_rng(seed).integers(-many, many + 1, (3, 3, 2, 5)) * size
    largest = np.abs(weights).max()
    expected = None
    for most in range(1, 128) if largest else ():
        levels = weights / (largest / most)
        if np.abs(levels - np.rint(levels)).max() <= 127e-12:
            expected = most
            break
    found = levels_of(weights)
    assert (found is None) == (expected is None)
    if found is not None:
        levels, scale = found
        assert np.abs(levels).max() == expected and scale == largest / expected


@given(
    bias=hnp.arrays(np.float64, st.integers(1, 50), elements=st.floats(-40, 40)),
    scale=st.floats(1, 2**24),
)
def test_a_bias_is_parted_as_numpy_rounds(bias, scale):
    parts = 1 << integers.PARTS
    nearest, fraction = np.zeros((2, bias.size + 3), np.int32)
    integers.part(bias, scale, parts, nearest, fraction)
    product = bias * scale
    assert np.array_equal(nearest[:-3], np.rint(product).astype(np.int32))
    rest = np.rint((product - np.rint(product)) * parts)
    assert np.array_equal(fraction[:-3], rest.astype(np.int32))
    assert not nearest[-3:].any() and not fraction[-3:].any()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_left_to_floating_point(wrong):
    bias = np.zeros(70)
    bias[33] = wrong
    assert integers.integers([], [], bias, None, 8) is None


@pytest.mark.parametrize(("few", "many"), [(1, 7), (4, 12), (3, 7), (5, 5)])
def test_values_over_and_over(few, many):
    """As NumPy repeats them, whether they fit or not."""
    values, everywhere = np.arange(1.0, few + 1), np.linspace(0, 1, many)
    for operation in (np.add, np.multiply):
        expected = operation(np.resize(values, many), everywhere)
        assert np.array_equal(repeated(operation, values, everywhere), expected)


def test_the_margin_is_small_and_grows_with_the_run():
    network = net_of((0.02, (0, drawn(8, 8, 127, 1), 0.004)))
    prepared = Engine(read(network.network, running.DT), running.DT).prepared[1]
    assert prepared.integers.margin(64) < 3e-6
    assert prepared.integers.margin(1000) > prepared.integers.margin(64)


def test_other_neurons_stay_in_floating_point():
    network = net_of((0.02, (0, drawn(4, 4, 9, 1), 0.03)))
    zero = IntegrateAndFire("zero", lower=0, amplitude=0.001)
    network.populations[1].ensemble.neuron_type = zero
    assert taken(network) == [True, False]
    check(network)


def test_what_older_code_computed_is_not_taken_for_new():
    """The name of a kept result covers the modules of the engine."""
    found = reached(("snnlab.simulation.event",))
    assert {f"snnlab.simulation.event.{name}" for name in ("integers", "fixed", "whole")} <= found

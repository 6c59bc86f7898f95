"""NeuroBench's metrics against numbers of the package, a count one by one, and one by hand."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.neurobench import cases
from benchmarks.neurobench.compare import KEPT
from snnlab.energy import neurobench
from snnlab.nets.architecture import IMAGE, Layer, Wire, fan_out, shapes, wires
from snnlab.nets.model import from_float
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import Recording, SpikeTrains
from tests import small_models


@pytest.fixture(scope="module")
def kept():
    return json.loads(KEPT.read_text())


@pytest.mark.parametrize("name", cases.MADE)
def test_they_are_the_packages(kept, name):
    assert cases.made(name).metrics().results() == kept["results"][name]


def test_the_package_is_the_one_that_is_named(kept):
    assert kept["neurobench"] == neurobench.VERSION


def test_some_cases_have_what_they_are_there_for(kept):
    operations = {name: said["SynapticOperations"] for name, said in kept["results"].items()}
    for name in ("black and white", "spikes for pixels", "gates"):
        assert operations[name]["Effective_MACs"] == 0
    grey = operations["plain"]["Effective_MACs"]
    for name in ("sizes", "several sizes at once", "several spikes per step"):
        assert operations[name]["Effective_MACs"] > 2 * grey
        assert operations[name]["Effective_ACs"] > 0


def one_by_one(case) -> list[int]:
    """ACs and MACs: each output, each tap, each step."""
    found, layers, steps = [0, 0], case.model.layers, case.recording.timesteps
    shape_of = shapes(layers, *case.image.shape) | {IMAGE: (*case.image.shape, 1)}
    trains = {one.name: one for one in case.recording.populations}
    given_ = {IMAGE: np.repeat(case.image[None, :, :, None], steps, 0)}
    for name, one in trains.items():
        given_[name] = one.values(np.arange(one.neurons)).reshape(steps, *one.shape)
    for layer in layers:
        levels = case.model.levels[layer.name]
        for wire in wires(layer, layers):
            values = given_[wire.source]
            kind = [int(not np.isin(now, (0, 1)).all()) for now in values]
            tall, wide, _ = shape_of[layer.name]
            forward = wire.kind == "conv"
            # what a convolution reads, a transposed one writes: outputs and inputs change places
            small = (tall, wide) if forward else values.shape[1:3]
            large = values.shape[1:3] if forward else (tall, wide)
            for row, column in np.ndindex(*small):
                for down, right in np.ndindex(wire.kernel, wire.kernel):
                    before = [
                        max((n - 1) * wire.stride + wire.kernel - m, 0) // 2
                        for n, m in zip(small, large, strict=True)
                    ]
                    y, x = row * wire.stride + down - before[0], column * wire.stride + right
                    x -= before[1]
                    if not (0 <= y < large[0] and 0 <= x < large[1]):
                        continue
                    met = values[:, y, x] if forward else values[:, row, column]
                    weights = levels[down, right, wire.first : wire.last]
                    for step in range(steps):
                        found[kind[step]] += int((weights[met[step] != 0] != 0).sum())
    return found


@pytest.mark.parametrize("name", ["plain", "several spikes per step"])
def test_operations_are_those_of_a_count_one_by_one(name):
    case = cases.made(name)
    found = case.metrics()
    assert [found.effective_acs, found.effective_macs] == one_by_one(case)


def by_hand(size: float = 1.0):
    """Two pixels, two neurons that see themselves and their neighbours, a readout; three steps."""
    layers = (
        Layer("encoder", "conv", (IMAGE,), 1, 1, on_chip=False),
        Layer("hidden", "conv", ("encoder",), 2, 3),
        Layer("readout", "conv", ("hidden",), 1, 1, activation="linear", on_chip=False),
    )
    middle = np.zeros((3, 3, 1, 2))
    middle[1, 1, 0] = (1, 1)  # itself, both channels
    middle[1, 2, 0] = (1, 0)  # its right neighbour, the first channel
    kernels = {
        "encoder": np.ones((1, 1, 1, 1)), "hidden": middle, "readout": np.ones((1, 1, 2, 1)),
    }  # fmt: skip
    biases = {"encoder": np.zeros(1), "hidden": np.zeros(2), "readout": np.zeros(1)}
    rates = {"encoder": 1.0, "hidden": 1.0}
    model = from_float("by-hand", layers, kernels, biases, rates)
    # step by step: left and right pixel's encoder
    encoder = np.array([[1, 0], [0, 1], [1, 1]])
    # left pixel's two channels, right pixel's two
    hidden = np.array([[0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0]])
    trains = tuple(
        SpikeTrains.graded(name, shape, pack(spikes)[0][None], 3, 0.001, (size,))
        if size != 1
        else SpikeTrains(name, shape, pack(spikes)[0], 3)
        for name, shape, spikes in (
            ("encoder", (1, 2, 1), encoder), ("hidden", (1, 2, 2), hidden)
        )
    )  # fmt: skip
    return cases.Case(model, np.array([[0.5, 0.0]], np.float32), Recording(trains, "", 3, 0.0))


def test_a_net_of_two_pixels_is_what_one_counts_by_hand():
    found = by_hand().metrics()
    # 1 + 18 + 2 weights and 1 + 2 + 1 biases; 15 of the 18 are zero
    assert (found.parameters, found.weights, found.footprint) == (25, 21, 100)
    assert found.footprint_8bit == 21 + 16
    assert found.connection_sparsity == round(15 / 21, 4)
    # 4 of 6 and 2 of 12 outputs are spikes
    assert found.activation_sparsity == 12 / 18
    assert found.by_layer == {"encoder": 2 / 6, "hidden": 10 / 12}
    # the left pixel, one weight, three steps: the right one is black
    assert found.effective_macs == 3
    # each encoder's spike meets its own two weights; the right one's meets the left neuron's third
    # weight too: 2 + 3 + 5; and two spikes meet the readout's weights
    assert found.effective_acs == 10 + 2
    # of 9 taps, a pixel of two has two in the image: (2 + 2 * 2 * 2 + 2 * 2) a step
    assert found.dense == 3 * (2 + 8 + 4)
    assert not found.estimated


def test_spikes_with_a_size_are_multiplied():
    found = by_hand(0.5).metrics()
    assert (found.effective_macs, found.effective_acs) == (3 + 12, 0)
    assert found.activation_sparsity == by_hand().metrics().activation_sparsity


def test_of_a_large_image_its_layers_spikes_scale_what_was_recorded():
    case = by_hand()
    # twice as wide, with as many spikes a neuron
    image = np.tile(case.image, 2)
    found = neurobench.metrics(recorded_in_part(case, image), case.model)
    once = case.metrics()
    assert found.estimated
    # of a kernel's three columns, of four pixels in a row 10 are met, of two 4
    hidden = once.effective_acs - 2
    assert found.effective_acs == pytest.approx(2 * hidden * (10 / 4) / (4 / 2) + 2 * 2)
    assert found.effective_macs == 2 * once.effective_macs
    assert found.activation_sparsity == once.activation_sparsity
    assert found.dense > 2 * once.dense  # the two that touch are neighbours now


def recorded_in_part(case, image):
    """A result over an image of which the case's is a part, with as many spikes a neuron."""
    times = image.size // case.image.size
    layers = []
    for one in case.recording.populations:
        factor = [size // small for size, small in zip(image.shape, case.image.shape, strict=True)]
        shape = (*(f * size for f, size in zip(factor, one.shape, strict=False)), one.shape[2])
        layers.append(
            SimpleNamespace(
                name=one.name, neurons=times * one.neurons, spikes=times * one.total(), shape=shape
            )
        )
    timesteps = case.recording.timesteps
    return SimpleNamespace(
        image=image, recording=case.recording, timesteps=timesteps, layers=layers
    )


def busy(model, height, width, steps=3):
    """A case in which every neuron spikes in every step."""
    shape_of = shapes(model.layers, height, width)
    trains = tuple(
        SpikeTrains(name, shape, pack(np.ones((steps, int(np.prod(shape))), int))[0], steps)
        for name, shape in shape_of.items()
        if name != model.layers[-1].name
    )
    image = np.full((height, width), 0.5, np.float32)
    return cases.Case(model, image, Recording(trains, "", steps, 0.0))


def test_where_all_neurons_spike_alike_what_is_scaled_is_exact():
    model = small_models.untuned(3)
    part, whole = busy(model, 16, 24), busy(model, 48, 48)
    found = neurobench.metrics(recorded_in_part(part, whole.image), model)
    exact = whole.metrics()
    assert found.estimated and not exact.estimated
    # weights of 0 are few and nearly even over the taps
    assert found.effective_acs == pytest.approx(exact.effective_acs, rel=1e-3)
    assert (found.effective_macs, found.dense) == (exact.effective_macs, exact.dense)
    assert found.by_layer == exact.by_layer == dict.fromkeys(exact.by_layer, 0.0)


def test_the_file_is_the_packages():
    found = json.loads(by_hand().metrics().file())
    assert found["SynapticOperations"] == {
        "Effective_MACs": 3.0, "Effective_ACs": 12.0, "Dense": 42.0,
    }  # fmt: skip
    assert by_hand().metrics().file().decode().startswith('{\n    "ParameterCount": 25,')


@given(
    st.sampled_from(["conv", "conv_transpose"]),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 12),
)
def test_taps_add_up_to_the_fan_out(kind, kernel, stride, size):
    wire = Wire("", kind, kernel, stride, 0, 1)
    if kind == "conv":
        size *= stride
        after = size // stride
    else:
        after = size * stride
    assert neurobench.taps(wire, size).sum(0).tolist() == list(fan_out(wire, size, after))


def test_no_weight_and_no_spike_is_no_operation():
    case = cases.made("plain")
    wire = replace(wires(case.model.layers[1], case.model.layers)[0])
    weights = np.ones((3, 3, 2, 4))
    counts = np.ones((4, 6, 2), int)
    assert neurobench.operations(counts * 0, weights, wire) == 0
    assert neurobench.operations(counts, weights * 0, wire) == 0
    assert neurobench.operations(counts, weights, wire) == (3 * 4 - 2) * (3 * 6 - 2) * 2 * 4

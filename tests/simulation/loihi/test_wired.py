"""Chips cut into given shapes without NengoLoihi's cutting, against those that it cut."""

import numpy as np
import pytest

from snnlab import conversion
from snnlab.chips import search
from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.simulation.loihi import building
from snnlab.simulation.loihi.network import describe
from snnlab.simulation.loihi.reading import read
from snnlab.simulation.loihi.shapes import block_shapes
from snnlab.simulation.loihi.wired import rounded
from tests.simulation.loihi.networks import converted, random_unet
from tests.simulation.loihi.test_running import (
    assert_same,
    assert_same_chip,
    emulated,
    nengo_loihi_spikes,
)

SIDE = 16


@pytest.fixture(scope="module")
def network():
    return converted(random_unet((8, 16), 2), SIDE, SIDE)


@pytest.fixture(scope="module")
def layers(network):
    return describe(network)


def odd(layers):
    """Shapes that do not divide their layers, and channels apart."""
    return {
        layer.name: (5, 7, layer.shape[2] // 2) if layer.shape[0] == SIDE else (3, 8, 4)
        for layer in layers
        if layer.on_chip
    }


@pytest.mark.parametrize("cut", ["fitting", "odd"])
def test_it_is_the_chip_that_nengo_loihi_builds(layers, cut):
    shapes = block_shapes(layers) if cut == "fitting" else odd(layers)
    simulator, ensembles = building.build(layers, shapes=shapes)
    with simulator:
        wanted = read(simulator.model, layers, ensembles)
    assert_same_chip(rounded(layers, shapes), wanted)


def test_the_spikes_are_nengo_loihis(network, layers):
    shapes = search.search(layers, search.rows).shapes
    wanted, _, _ = nengo_loihi_spikes(network, 40, shapes)
    image = np.asarray(network.image.output).reshape(SIDE, SIDE)
    found = emulated(rounded(layers, shapes), layers, image, 40)
    assert sum(spikes.sum() for spikes in found.values()) > 0
    assert_same(found, {name: wanted[name] for name in found})


def test_cutting_in_space_changes_nothing(network, layers):
    """A core rounds by the largest of its weights, which all places share."""
    image = np.asarray(network.image.output).reshape(SIDE, SIDE)
    whole = {layer.name: layer.shape for layer in layers if layer.on_chip}
    parts = {name: (4, 4, shape[2]) for name, shape in whole.items()}
    first, second = (
        emulated(rounded(layers, shapes), layers, image, 60) for shapes in (whole, parts)
    )
    assert_same(first, second)


def test_the_segmentation_does_not_depend_on_the_shapes():
    """Cores with other channels round a little differently; cells stay cells."""
    model, settings = lab.model("loihi"), lab_chips.chip_settings()
    image = np.ascontiguousarray(lab.sample(0).normalised[96:160, 96:160])
    network = conversion.method(settings.method).convert(model, image, settings)
    layers = describe(network)
    start = settings.timesteps * 7 // 10
    found = []
    for shapes in (block_shapes(layers), search.search(layers, search.columns).shapes):
        recording = lab_chips.emulate(layers, network, settings.timesteps, shapes)
        found.append(network.probability(recording, start) >= 0.5)
    assert 0.05 < found[0].mean() < 0.95
    assert (found[0] == found[1]).mean() > 0.95

"""The search against trying everything, and its costs against measured traffic."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from snnlab.chips import search
from snnlab.chips.traffic import measure
from snnlab.chips.wiring import Cut
from snnlab.simulation.loihi.core import LOIHI_1
from snnlab.simulation.loihi.network import describe
from snnlab.simulation.loihi.shapes import block_shapes, fits
from tests.chips.nets import unet
from tests.simulation.loihi.networks import converted, random_unet


def within(layers, shapes, core=LOIHI_1):
    return all(
        block.compartments <= core.compartments
        and block.in_axons <= core.in_axons
        and block.out_axons <= core.out_axons
        and block.synapse_bits <= core.synapse_bits
        for block in Cut(layers, shapes).blocks()
    )


@pytest.mark.parametrize("cost", search.FORMS)
def test_shapes_are_within_all_limits(cost):
    layers = describe(converted(random_unet((8, 32), 4), 48, 32))
    found = search.search(layers, cost)
    assert within(layers, found.shapes)
    assert found.cores == Cut(layers, found.shapes).cores
    assert found.least <= found.cores <= Cut(layers, block_shapes(layers)).cores


def test_nothing_tried_by_hand_has_fewer_cores():
    """With few output axons, so that layers depend on each other."""
    core = replace(LOIHI_1, out_axons=40, compartments=64)
    layers = describe(converted(random_unet((2, 4), 2), 8, 8))
    found = search.search(layers, search.patch, core)
    assert within(layers, found.shapes, core)
    on_chip = [layer for layer in layers if layer.on_chip]
    sides = (2, 4)
    choices = []
    for layer in on_chip:
        shapes = [
            shape
            for shape in product(sides, sides, (layer.shape[2],))
            if np.prod(shape) <= 64 and fits(layer, shape) and shape[0] <= layer.shape[0]
        ]
        choices.append([shape for shape in shapes if shape[1] <= layer.shape[1]])
    best = min(
        Cut(layers, shapes).cores
        for tried in product(*choices)
        for shapes in [dict(zip((layer.name for layer in on_chip), tried, strict=True))]
        if within(layers, shapes, core)
    )
    assert found.cores <= best


def test_the_cost_of_traffic_is_what_is_measured():
    _, layers, recording = unet()
    cost = search.spikes_delivered(layers, recording)
    shapes = {layer.name: (4, 3, 2) for layer in layers if layer.on_chip}
    traffic = measure(Cut(layers, shapes), recording)
    total = sum(cost(layer, shapes[layer.name]) for layer in layers if layer.on_chip)
    assert total == traffic.sends.sum() + traffic.from_host.sum()
    found = search.search(layers, cost)
    assert sum(cost(layer, found.shapes[layer.name]) for layer in layers if layer.on_chip) <= sum(
        cost(layer, shape)
        for layer in layers
        if layer.on_chip
        for shape in [block_shapes(layers)[layer.name]]
    )

"""Blocks and what they use, against chips that NengoLoihi built."""

import warnings

import numpy as np
import pytest

from snnlab import compat
from snnlab.chips import default_split, search
from snnlab.chips.wiring import Cut
from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.assembling import assemble
from snnlab.simulation.loihi.network import describe, image_shape
from tests.chips.nets import unet
from tests.simulation.loihi.networks import converted, random_unet


def build(layers, shapes=None, check=True):
    """NengoLoihi's model and the blocks of each layer, with block shapes or its own splitting."""
    nengo_loihi = compat.nengo_loihi()
    boxes = shapes or {layer.name: layer.shape for layer in layers}
    boxes = {name: shape if len(shape) == 3 else (1, 1, 1) for name, shape in boxes.items()}
    network, ensembles = assemble(layers, boxes, np.zeros(image_shape(layers)))
    for layer in layers:
        if not layer.on_chip:
            continue
        if shapes is None:
            del network.config[ensembles[layer.name]].block_shape
        elif len(shapes[layer.name]) == 1:
            network.config[ensembles[layer.name]].block_shape = nengo_loihi.BlockShape(
                shapes[layer.name], (layer.bias.size,)
            )
    model = nengo_loihi.builder.Model(dt=0.001)
    if not check:
        model.validation_level = nengo_loihi.builder.builder.ValidationLevel.NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with nengo_loihi.Simulator(network, model=model, target="sim", seed=0) as simulator:
            return simulator.model, ensembles


def uses(model):
    """What NengoLoihi says of each block."""
    return np.array([[used for used, _ in b.utilization().values()] for b in model.blocks])


def ours(blocks):
    return np.array([[b.compartments, b.in_axons, b.out_axons, b.synapse_bits] for b in blocks])


@pytest.mark.parametrize(
    "shapes",
    [
        {"down0": (5, 16, 4), "stride1": (8, 3, 8), "down1": (2, 8, 4), "up0": (4, 4, 2)},
        {"down0": (300,), "stride1": (8, 8, 8), "down1": (70,), "up0": (129,)},
    ],
    ids=["boxes", "pieces"],
)
def test_blocks_use_what_nengo_loihi_says(shapes):
    _, layers, _ = unet()
    shapes = {layer.name: shapes.get(layer.name, (4, 4, 8)) for layer in layers if layer.on_chip}
    model, _ = build(layers, shapes)
    assert (ours(Cut(layers, shapes).blocks()) == uses(model)).all()


def test_default_splitting_is_nengo_loihis():
    """As many pieces as NengoLoihi makes, and as full; some of them beyond a core."""
    layers = describe(converted(random_unet((8, 32), 2), 16, 16))
    pieces = default_split.pieces(layers)
    model, _ = build(layers, None, check=False)
    blocks = Cut(layers, pieces).blocks()
    assert (ours(blocks) == uses(model)).all()
    fitting, refined = default_split.splitting(layers)
    assert set(refined) == {name for name in pieces if pieces[name] != fitting[name]}
    over = {b.layer for b in blocks if b.synapse_bits > limits.SYNAPSE_BITS}
    assert over <= set(refined)
    for block in Cut(layers, fitting).blocks():
        assert block.synapse_bits <= limits.SYNAPSE_BITS
        assert block.out_axons <= limits.OUT_AXONS
        assert block.in_axons <= limits.IN_AXONS


def test_searched_shapes_build():
    """NengoLoihi's own validation is the judge."""
    layers = describe(converted(random_unet((8, 32), 2), 16, 16))
    found = search.search(layers, search.patch)
    model, _ = build(layers, found.shapes)
    assert len(model.blocks) == found.cores >= found.least
    assert (ours(Cut(layers, found.shapes).blocks()) == uses(model)).all()


def test_boxes_cover_a_layer_once():
    _, layers, _ = unet()
    shapes = {layer.name: (5, 3, 2) for layer in layers if layer.on_chip}
    cut = Cut(layers, shapes)
    blocks = cut.blocks()
    for layer in cut.chip_layers:
        seen = np.full(layer.shape, -1)
        for number, block in enumerate(blocks):
            if block.layer == layer.name:
                box = tuple(map(slice, block.start, block.stop))
                assert (seen[box] == -1).all()
                seen[box] = number
                assert seen[box].size == block.compartments
        assert (seen.reshape(-1, layer.shape[2]) == cut.block_of(layer)).all()

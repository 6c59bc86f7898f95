"""Fewest cores on Loihi 1 and 2: against the search, against blocks, and by hand."""

import json
from dataclasses import replace
from math import inf

import pytest

from snnlab.chips import generations, search
from snnlab.chips.wiring import Cut
from snnlab.errors import LabError
from snnlab.lab import chips as lab_chips
from snnlab.simulation.loihi.core import LIMITS, LOIHI_1, LOIHI_2
from snnlab.simulation.loihi.network import describe
from tests.simulation.loihi.networks import converted, random_unet


@pytest.fixture(scope="module")
def layers():
    return describe(converted(random_unet((8, 32), 4), 64, 48))


def test_limits_of_loihi_1_are_those_that_the_lab_has_always_used():
    assert {
        "compartments": LOIHI_1.compartments,
        "in_axons": LOIHI_1.in_axons,
        "out_axons": LOIHI_1.out_axons,
        "synapse_bits": LOIHI_1.synapse_bits,
    } == LIMITS


def test_where_axons_are_no_limit_the_search_finds_no_other_number(layers):
    found = search.search(layers, search.patch, LOIHI_2)
    assert found.cores == found.least == search.alone(layers, LOIHI_2).cores


def test_where_they_are_it_is_the_searchs_bound(layers):
    found = search.search(layers, search.patch, LOIHI_1)
    assert search.alone(layers, LOIHI_1).cores == found.least <= found.cores


@pytest.mark.parametrize("core", generations.CHIPS, ids=lambda core: core.name)
def test_blocks_are_within_the_limits_and_fill_what_is_said(layers, core):
    found = generations.taken(layers, core)
    blocks = Cut(layers, found.shapes).blocks()
    assert len(blocks) == found.cores
    assert found.chips == -(-found.cores // 128)
    assert all(block.compartments <= core.compartments for block in blocks)
    assert all(block.synapse_bits <= core.synapse_bits for block in blocks)
    neurons = sum(block.compartments for block in blocks)
    bits = sum(block.synapse_bits for block in blocks)
    assert found.neurons == pytest.approx(neurons / core.compartments / len(blocks))
    assert found.memory == pytest.approx(bits / core.synapse_bits / len(blocks))


def test_more_room_needs_no_more_cores(layers):
    fewer = generations.taken(layers, replace(LOIHI_2, compartments=2048)).cores
    assert generations.taken(layers, LOIHI_2).cores <= fewer
    assert fewer <= generations.taken(layers, replace(LOIHI_2, compartments=1024)).cores
    memory = replace(LOIHI_2, synapse_bits=LOIHI_2.synapse_bits // 4)
    assert generations.taken(layers, memory).cores > generations.taken(layers, LOIHI_2).cores


def test_by_hand():
    """One neuron a core: as many cores as neurons on the chip."""
    layers = describe(converted(random_unet((2, 4), 2), 8, 8))
    neurons = sum(int(layer.bias.size) for layer in layers if layer.on_chip)
    found = generations.taken(layers, replace(LOIHI_2, compartments=1))
    assert (found.cores, found.neurons) == (neurons, 1.0)


def test_a_layer_that_fits_no_core_is_named(layers):
    with pytest.raises(LabError, match=r"layer \w+ fits no core of Loihi 2; use fewer channels\."):
        generations.taken(layers, replace(LOIHI_2, synapse_bits=64))


def test_a_row_can_be_written_and_has_no_limit_that_nobody_published(layers):
    row = generations.taken(layers, LOIHI_2).row()
    assert json.loads(json.dumps(row)) == row
    assert row["limits"]["output_axons"] is None and LOIHI_2.out_axons == inf
    assert row["limits"]["neurons"] == 8192
    assert "as quoted in" in row["source"]


def test_a_tile_of_the_lab():
    one, two = lab_chips.generations(lab_chips.chip_settings(), 64, 64)
    shipped = lab_chips.default_mapping()
    assert one.cores <= len(shipped.blocks)  # 162: none is lost to output axons there
    assert one.chips == next(iter(shipped.partitions.values())).chips
    assert two.cores < one.cores / 2 and two.chips == 1

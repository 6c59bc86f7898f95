"""Spikes that leave a core's chip, from the edges between cores."""

import numpy as np
import pytest

from snnlab.chips import board
from tests import chip_mappings


@pytest.fixture(scope="module")
def mapping():
    return chip_mappings.mapping()


@pytest.mark.parametrize("name", ["co-design", "round-robin", "round-robin@default"])
def test_spikes_that_leave_a_core_s_chip_sum_to_the_partition_s(mapping, name):
    partition = mapping.partitions[name]
    traffic = mapping.layout(name).traffic
    found = board.away(traffic.edges, partition)
    assert found.sum() == partition.interchip > 0
    by_chip = [found[partition.chip_of == chip].sum() for chip in range(partition.chips)]
    assert by_chip == partition.chip_to_chip.sum(1).tolist()


def test_one_chip_sends_nothing_away(mapping):
    made = mapping.layouts["searched"]
    alone = chip_mappings.partition("greedy", made, np.zeros(len(made.blocks), int))
    assert not board.away(made.traffic.edges, alone).any()

import numpy as np

from snnlab.lab import chips as lab_chips
from snnlab.ui.learn.drawn import cost


def test_every_neuron_has_the_chip_that_its_core_lies_on():
    mapping = lab_chips.default_mapping()
    layer = next(iter(mapping.shapes))
    found = cost.chip_of(mapping, "round-robin", layer)
    assert found.shape == mapping.shapes[layer][:2]
    partition, blocks = mapping.partitions["round-robin"], mapping.layout("round-robin").blocks
    for row, column in ((0, 0), (17, 40), (found.shape[0] - 1, found.shape[1] - 1)):
        (core,) = [
            core
            for core, block in enumerate(blocks)
            if block.layer == layer
            and all(
                a <= at < b
                for a, at, b in zip(block.start, (row, column, 0), block.stop, strict=True)
            )
        ]
        assert found[row, column] == partition.chip_of[core]
    assert len(np.unique(found)) > 1

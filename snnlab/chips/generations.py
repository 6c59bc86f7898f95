"""How few cores and chips a network could take on one chip or another, by their published limits.

Each layer by itself has the fewest cores in which it fits (`snnlab.chips.search.alone`). On Loihi 2
no limit of axons is published, so that this is the search's result; on Loihi 1 output axons couple
layers, and it is the bound that the search comes near. Weights are taken to be stored as on Loihi
1, eight bits and an index each; if Loihi 2 shares those of a convolution, it takes fewer cores.
"""

from dataclasses import dataclass

from snnlab.chips.search import alone
from snnlab.errors import LabError
from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.core import LOIHI_1, LOIHI_2, Core
from snnlab.simulation.loihi.network import ChipLayer

CHIPS = (LOIHI_1, LOIHI_2)


@dataclass(frozen=True)
class Taken:
    """What a network takes of a chip.

    Attributes
    ----------
    core : Core
    cores, chips : int
        Not fewer than these.
    neurons, memory : float
        Shares of the compartments and of the synaptic memory of these cores that are used.
    shapes : dict of str to tuple of int
        Neurons a core, ``(rows, columns, channels)``, by layer.
    """

    core: Core
    cores: int
    chips: int
    neurons: float
    memory: float
    shapes: dict[str, tuple[int, int, int]]

    def row(self) -> dict:
        """As plain numbers, with the limits; None where nothing is published."""
        known = {
            name: None if value == float("inf") else int(value)
            for name, value in (
                ("neurons", self.core.compartments),
                ("input_axons", self.core.in_axons),
                ("output_axons", self.core.out_axons),
                ("synapse_bits", self.core.synapse_bits),
                ("cores_per_chip", self.core.on_chip),
            )
        }
        return {
            "chip": self.core.name,
            "cores": self.cores,
            "chips": self.chips,
            "neurons_used": self.neurons,
            "synaptic_memory_used": self.memory,
            "limits": known,
            "source": self.core.source,
        }


def taken(layers: tuple[ChipLayer, ...], core: Core) -> Taken:
    """The fewest cores and chips.

    Raises
    ------
    LabError
        If a layer fits no core, or none is on the chip.
    """
    found = alone(layers, core)
    if not found.cores:
        raise LabError("no layer of this network is on the chip.")
    neurons = bits = 0
    for layer in layers:
        if layer.on_chip:
            neurons += layer.shape[0] * layer.shape[1] * layer.shape[2]
            shape = found.shapes[layer.name]
            blocks = -(-layer.shape[2] // shape[2])  # of other channels, on the same places
            bits += blocks * sum(
                int(limits.synapse_bits(link.operator, shape).sum()) for link in layer.links
            )
    return Taken(
        core,
        found.cores,
        -(-found.cores // core.on_chip),
        neurons / (found.cores * core.compartments),
        bits / (found.cores * core.synapse_bits),
        found.shapes,
    )

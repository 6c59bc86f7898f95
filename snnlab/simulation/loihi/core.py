"""What one core of Loihi holds, and its chip's mesh, as numbers; importing this costs nothing.

References
----------
Davies et al. (2018), 10.1109/MM.2018.112130359; the same numbers in ``nengo_loihi.block``.
"""

from dataclasses import dataclass
from math import inf

COMPARTMENTS = 1024
IN_AXONS = 4096
OUT_AXONS = 4096
SYNAPSE_BITS = 16384 * 64

# A chip is a mesh of tiles with four cores each. Between two of n tiles in a row, drawn at random
# and perhaps the same, there are (n^2 - 1) / (3 n) hops on average.
TILES = 8, 4
MEAN_HOPS = tuple((n**2 - 1) / (3 * n) for n in TILES)  # 2.625 east-west, 1.25 north-south


@dataclass(frozen=True)
class Core:
    """What a core holds at most, and how many a chip has.

    Attributes
    ----------
    name : str
        Of the chip.
    compartments, in_axons, out_axons, synapse_bits : float
        Infinite where nothing is published.
    on_chip : int
        Cores of a chip.
    source : str
    """

    name: str
    compartments: float
    in_axons: float
    out_axons: float
    synapse_bits: float
    on_chip: int
    source: str


LOIHI_1 = Core(
    "Loihi 1", COMPARTMENTS, IN_AXONS, OUT_AXONS, SYNAPSE_BITS, 128,
    "Davies et al. (2018), IEEE Micro 38(1):82",
)  # fmt: skip
# Of 192 KB a core, up to 128 KB may be synapses; neurons take of the same memory, so that 8192 of
# them are a ceiling that a real program may not reach. Axons are lists in that memory: no limit of
# their number is published. The brief itself could not be read, only what these quote from it.
LOIHI_2 = Core(
    "Loihi 2", 8192, inf, inf, 128 * 1024 * 8, 128,
    "Intel (2021), Taking neuromorphic computing to the next level with Loihi 2, technology brief,"
    " as quoted in the Loihi 2 profile of github.com/7abushahla/SANA-FE",
)  # fmt: skip

# by attribute of `snnlab.chips.board.Block`
LIMITS = {
    "compartments": COMPARTMENTS,
    "in_axons": IN_AXONS,
    "out_axons": OUT_AXONS,
    "synapse_bits": SYNAPSE_BITS,
}

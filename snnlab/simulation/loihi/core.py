"""What one core of Loihi 1 holds, and its chip's mesh, as numbers; importing this costs nothing.

References
----------
Davies et al. (2018), 10.1109/MM.2018.112130359; the same numbers in ``nengo_loihi.block``.
"""

COMPARTMENTS = 1024
IN_AXONS = 4096
OUT_AXONS = 4096
SYNAPSE_BITS = 16384 * 64

# A chip is a mesh of tiles with four cores each. Between two of n tiles in a row, drawn at random
# and perhaps the same, there are (n^2 - 1) / (3 n) hops on average.
TILES = 8, 4
MEAN_HOPS = tuple((n**2 - 1) / (3 * n) for n in TILES)  # 2.625 east-west, 1.25 north-south

# by attribute of `snnlab.chips.board.Block`
LIMITS = {
    "compartments": COMPARTMENTS,
    "in_axons": IN_AXONS,
    "out_axons": OUT_AXONS,
    "synapse_bits": SYNAPSE_BITS,
}

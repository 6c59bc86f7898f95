"""What one core of Loihi 1 holds, as numbers; importing this costs nothing.

References
----------
Davies et al. (2018), 10.1109/MM.2018.112130359; the same numbers in ``nengo_loihi.block``.
"""

COMPARTMENTS = 1024
IN_AXONS = 4096
OUT_AXONS = 4096
SYNAPSE_BITS = 16384 * 64

# by attribute of `snnlab.loihi.board.Block`
LIMITS = {
    "compartments": COMPARTMENTS,
    "in_axons": IN_AXONS,
    "out_axons": OUT_AXONS,
    "synapse_bits": SYNAPSE_BITS,
}

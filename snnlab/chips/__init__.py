"""A network laid over Loihi's cores and chips, and the spikes between them.

In come the layers of a converted network and a recording of its spikes, out comes
a `board.Mapping`: blocks on cores, cores on chips, traffic, time of a step. What
one core holds is in `snnlab.simulation.loihi.limits`, since the emulator needs it
too. Read `board` first, the data; then `mapping`, which makes it; `search` cuts
layers into blocks, `partition` puts blocks on chips.
"""

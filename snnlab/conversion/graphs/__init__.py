"""Any graph of layers as a spiking network: what the lab's methods do to its own U-Net.

Between two populations of neurons everything is linear: `terms` follows it back to the neurons that
it comes from, `stencils` and `fusing` make one connection of it, `transforms` says it to Nengo.
Rates are chosen in `scaling`, and `building` makes the network, whose answer `network` reads.
Read `building` first.
"""

"""A converted network in the Neuromorphic Intermediate Representation (NIR).

In comes a `snnlab.simulation.network.SpikingNetwork`, out comes a ``nir.NIRGraph`` whose spikes are
the event engine's. `wiring` finds what feeds what, `layouts` says a population's shape in NIR and
what a convolution becomes between two of them, `building` makes the graph, `files` writes it with a
reference run, `literal` runs a graph by NIR's own equations, and `readers` asks other libraries.
docs/exchange.md says what NIR can and cannot say. Read `building` first.
"""

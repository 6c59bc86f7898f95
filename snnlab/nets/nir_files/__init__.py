"""Graphs in the Neuromorphic Intermediate Representation (NIR) as nets of the lab.

In comes somebody's ``.nir`` file, which is HDF5, out comes a `snnlab.nets.graph.net.Graph` whose
neurons send one spike a step at most: an activation of 1 is a spike in every step. `nodes` holds
the file against a list of what is known, with the limits of `snnlab.nets.keras_files`;
`translating` makes layers of the nodes. Read `reading` first.
"""

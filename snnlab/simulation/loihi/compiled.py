"""How this package's kernels are compiled, and where the machine code is kept."""

from snnlab.simulation.kept import kernels_of

kernel = kernels_of(__file__)

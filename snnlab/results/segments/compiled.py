"""How this package's kernels are compiled."""

from snnlab.simulation.event.compiled import inner
from snnlab.simulation.kept import kernels_of

__all__ = ["inner", "kernel"]

kernel = kernels_of(__file__)

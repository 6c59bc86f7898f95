"""Compile the kernels now, so that the first simulation need not: ``python -m`` this package."""

from snnlab.simulation.event.running import warm_up

if __name__ == "__main__":
    warm_up()

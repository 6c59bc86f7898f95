"""Simulators, by name, all with one call: ``run(network, timesteps, ...) -> Recording``.

In comes a converted network (`network.SpikingNetwork`), out comes a
`recording.Recording`: bit-packed spike trains of every population. A new simulator is
a module with that ``run`` and an entry in `SIMULATORS`. Read `network` and `recording`
first, then `nengo_reference`, the shortest of them; `event` is the lab's own engine,
`loihi` the chip's integers.
"""

from dataclasses import dataclass
from importlib import import_module

from snnlab.registry import named


@dataclass(frozen=True)
class SimulatorEntry:
    """A simulator that the lab can use.

    Attributes
    ----------
    name : str
    summary : str
        What it is.
    limits : str
        What it is not.
    module : str
        Where ``run`` is.
    timed : bool
        Whether it runs in time: if not, it counts spikes and does not know when they come, and a
        run holds nothing of shorter ones.
    exact : bool
        Whether a neuron's spikes are the same wherever the image around it ends, beyond what it
        sees: no rounding and no cut depends on its place.
    tile : int or None
        Of an emulated chip, the side of the tiles that a large image is cut into (pixels).
    """

    name: str
    summary: str
    limits: str
    module: str
    timed: bool = True
    exact: bool = False
    tile: int | None = None

    def run(self, network, timesteps, seed=0, progress=None, cancel=None):
        """Simulate; see `snnlab.simulation.nengo_reference.run`."""
        more = {} if self.tile is None else {"tile": self.tile}
        return import_module(self.module).run(network, timesteps, seed, progress, cancel, **more)

    def in_bands(self, network) -> bool:
        """Whether it runs large networks of this kind in bands of rows, with `run_in_bands`."""
        streams = getattr(import_module(self.module), "streams", None)
        return streams is not None and streams(network)

    def run_in_bands(self, network, timesteps, seed, progress, cancel, keep, passing):
        """Simulate; rows are counted as they pass. See `snnlab.simulation.event.running.run`."""
        return import_module(self.module).run(
            network, timesteps, seed, progress, cancel, keep=keep, passing=passing
        )


SIMULATORS = (
    SimulatorEntry(
        "event",
        "The lab's own event-driven simulator: work in proportion to the spikes, float32.",
        "Feed-forward networks only.",
        "snnlab.simulation.event",
        exact=True,
    ),
    SimulatorEntry(
        "nengo",
        "nengo.Simulator, the reference, in double precision.",
        "Slow: minutes for a 512 x 512 section.",
        "snnlab.simulation.nengo_reference",
    ),
    SimulatorEntry(
        "nengo-dl",
        "NengoDL on TensorFlow, float32.",
        "About a second per timestep for a 512 x 512 section.",
        "snnlab.simulation.nengo_dl",
    ),
    SimulatorEntry(
        "loihi",
        "Intel's Loihi 1, bit for bit: the integers of NengoLoihi's emulator, event-driven.",
        "Neurons that reset to zero only; a large image runs as overlapping tiles of 64 x 64 "
        "pixels, each the whole image of its chips; building for a new model takes seconds, once.",
        "snnlab.simulation.loihi.running",
        tile=64,
    ),
    SimulatorEntry(
        "loihi-128",
        "Loihi 1 as in loihi, with tiles of 128 x 128 pixels: four times the cores, fewer cuts.",
        "Neurons that reset to zero only; the U-Net takes 620 cores, 5 chips, a tile.",
        "snnlab.simulation.loihi.running",
        tile=128,
    ),
    SimulatorEntry(
        "loihi-256",
        "Loihi 1 as in loihi, with tiles of 256 x 256 pixels: nearly the uncut network.",
        "Neurons that reset to zero only; the U-Net takes 2480 cores, 20 chips, a tile.",
        "snnlab.simulation.loihi.running",
        tile=256,
    ),
    SimulatorEntry(
        "nengo-loihi",
        "NengoLoihi's own emulator of Loihi 1, the reference for the chip.",
        "One tile of at most 64 x 64 pixels, in tens of seconds; neurons that reset to zero only.",
        "snnlab.simulation.nengo_loihi",
    ),
    SimulatorEntry(
        "closed-form",
        "Not a simulation: SpKeras's closed form, each layer's counts of spikes from those of the "
        "layer before, all at once. With the method ecc: ECC, closed form.",
        "Input is taken to come evenly, and pixels are rounded down to whole spikes. Counts without"
        " times: no rasters, potentials, chips or energy. Integrate-and-fire neurons that reset by "
        "subtraction, without a synapse.",
        "snnlab.simulation.closed_form",
        timed=False,
    ),
)


def simulator(name: str) -> SimulatorEntry:
    """A simulator by name.

    Raises
    ------
    LabError
    """
    return named(SIMULATORS, name, "simulator")

"""One small network that was measured on five devices, Loihi among them.

The keyword spotter of the paper's authors: 390 inputs, two layers of 256 neurons, 29
outputs, one inference at a time. Their table is what the costs of starting a layer are
derived from (`snnlab.energy.conventional`), and its Loihi row is what the model of Loihi
is held against (`snnlab.energy.checked`). *Dynamic* energy is that above idle power, and
idle is what the device takes after it has been booted.

References
----------
Blouw, Choo, Hunsberger, Eliasmith (2019), "Benchmarking keyword spotting efficiency on
neuromorphic hardware", arXiv:1812.01739, table 1; code and logs: github.com/abr/power_benchmarks.
"""

from dataclasses import dataclass

BLOUW = "Blouw et al. (2019), arXiv:1812.01739, table 1: keyword spotter, batch 1"
LOGS = "logs of Blouw et al. (2019), github.com/abr/power_benchmarks"

# inputs, two layers, characters
SIZES = (390, 256, 256, 29)
MACS = tuple(into * out for into, out in zip(SIZES, SIZES[1:], strict=False))
LAYERS = len(MACS)


@dataclass(frozen=True)
class Board:
    """A row of the table.

    Attributes
    ----------
    what : str
    idle, running : float
        W.
    rate : float
        Inferences a second.
    joules : float
        Dynamic, an inference.
    """

    what: str
    idle: float
    running: float
    rate: float
    joules: float


TABLE = {
    "gpu": Board("Nvidia Quadro K4000", 14.97, 37.83, 770.39, 0.0298),
    "cpu": Board("Intel Xeon E5-2630", 17.01, 28.48, 1813.63, 0.0063),
    "jetson": Board("Nvidia Jetson TX1", 2.64, 4.98, 419.0, 0.0056),
    "movidius": Board("Movidius Neural Compute Stick", 0.210, 0.647, 300.0, 0.0015),
    "loihi": Board("Loihi, Wolf Mountain board", 0.029, 0.110, 296.0, 0.00027),
}

# nJ a MAC, from the logs: more than what a convolution's MAC costs, since a dense layer uses each
# of its weights once an image. Jetson: 4.365 W, 16,976 inferences a second in batches of 64.
# Movidius: 0.632 W and 234,877 inferences in 900 s, 0.798 W and 63,936 with 109 layers of 256 more.
JETSON_NJ = (4.365 - TABLE["jetson"].idle) / 16976 / sum(MACS) * 1e9
MOVIDIUS_NJ = (
    ((0.798 - TABLE["movidius"].idle) / 63936 - (0.632 - TABLE["movidius"].idle) / 234877)
    * 900 / (109 * 256 * 256) * 1e9
)  # fmt: skip


@dataclass(frozen=True)
class Log:
    """A run on the Loihi board, from its log: 10 timesteps an inference.

    Attributes
    ----------
    neurons, synapses : int
        More than the spotter has.
    running : float
        W, mean of the run.
    rate : float
        Inferences a second.
    """

    neurons: int
    synapses: int
    running: float
    rate: float

    @property
    def joules(self) -> float:
        """An inference, above what the board takes with a network loaded."""
        return (self.running - LOADED) / self.rate


STEPS = 10  # an inference: 20,000 steps for 2,000 of them
LOADED = 0.0962  # W: the board once a network is on it, before and after a run
# loihi_run01, loihi_I08O08C00L00_run01, loihi_I08O08C10L10_run01: the spotter; the same network
# over more cores; and that with ten branches of ten layers of 256 between its two layers
SPOTTER = Log(0, 0, 0.1103, 5000 / 16.83)
NARROW = Log(0, 0, 0.1078, 2000 / 15.88)
WIDE = Log(100 * 256, 109 * 256 * 256, 0.1254, 2000 / 17.55)

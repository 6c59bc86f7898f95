"""The detector as data: its layers, and the steps in which they are used.

A backbone of strided convolutions, a pyramid of three levels (1x1 laterals, what is above doubled
in size and added), and two subnets, for scores and for boxes, whose weights the levels share. Every
step but the two readouts ends in a ReLU, so that its values can be spikes. Nothing here imports
TensorFlow: training (`snnlab.training.detector.net`) and the graph (`snnlab.nets.detector.graph`)
read the same steps.
"""

from dataclasses import dataclass

from snnlab.nets.detector.anchors import PLACES

IMAGE = "image"
LEVELS = (3, 4, 5)  # of the pyramid: a place of level n is 2**n pixels wide
MULTIPLE = 2 ** LEVELS[-1]  # of which an image's sides must be
OFFSETS = 4  # numbers of a box


@dataclass(frozen=True)
class Weights:
    """A convolution's weights, ``same`` padding; several steps may use them.

    Attributes
    ----------
    name : str
    kernel, stride : int
        Side of the square kernel, and stride.
    inputs, channels : int
    """

    name: str
    kernel: int
    stride: int
    inputs: int
    channels: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``(rows, columns, in, out)``."""
        return self.kernel, self.kernel, self.inputs, self.channels


@dataclass(frozen=True)
class Step:
    """One use of weights.

    Attributes
    ----------
    name : str
        Also the name of the neuron population.
    weights : str
    source : str
        An earlier step, or ``"image"``.
    above : str, optional
        A step of half the size, whose values are repeated and added.
    neurons : bool
        False for a readout.
    """

    name: str
    weights: str
    source: str
    above: str | None = None
    neurons: bool = True


@dataclass(frozen=True)
class Plan:
    """How wide the net is.

    Attributes
    ----------
    widths : tuple of int
        Channels of the backbone at a half, a quarter ... of the image's size.
    twice : tuple of bool
        Where a second convolution follows the strided one.
    pyramid, subnet : int
        Channels of the pyramid and of the subnets.
    deep : int
        Layers of a subnet before its readout.
    """

    widths: tuple[int, ...] = (12, 24, 48, 64, 96)
    twice: tuple[bool, ...] = (False, True, True, True, True)
    pyramid: int = 48
    subnet: int = 32
    deep: int = 2

    def __post_init__(self):
        sizes = (*self.widths, self.pyramid, self.subnet, self.deep)
        if len(self.widths) != LEVELS[-1] or len(self.twice) != len(self.widths):
            raise ValueError(f"a backbone of {LEVELS[-1]} widths")
        if min(sizes) < 1 or max(sizes) > 1024:
            raise ValueError("from 1 to 1024 channels")

    def weights(self) -> tuple[Weights, ...]:
        """All weights, in the order of their use."""
        found, inputs = [], 1
        for level, width in enumerate(self.widths, start=1):
            found.append(Weights(f"down{level}", 5 if level == 1 else 3, 2, inputs, width))
            if self.twice[level - 1]:
                found.append(Weights(f"same{level}", 3, 1, width, width))
            inputs = width
        for level in reversed(LEVELS):
            found.append(Weights(f"lateral{level}", 1, 1, self.widths[level - 1], self.pyramid))
        for subnet, each in (("score", 1), ("box", OFFSETS)):
            inputs = self.pyramid
            for number in range(1, self.deep + 1):
                found.append(Weights(f"{subnet}{number}", 3, 1, inputs, self.subnet))
                inputs = self.subnet
            found.append(Weights(f"{subnet}-readout", 1, 1, inputs, PLACES * each))
        return tuple(found)

    def steps(self) -> tuple[Step, ...]:
        """All steps, each after those that feed it; the readouts are the last of each level."""
        found, source, sides = [], IMAGE, {}
        for level in range(1, len(self.widths) + 1):
            for part in ("down", "same")[: 1 + self.twice[level - 1]]:
                found.append(Step(f"{part}{level}", f"{part}{level}", source))
                source = f"{part}{level}"
            sides[level] = source
        above = None
        for level in reversed(LEVELS):
            found.append(Step(f"level{level}", f"lateral{level}", sides[level], above))
            above = f"level{level}"
        for level in LEVELS:
            for subnet in ("score", "box"):
                source = f"level{level}"
                for number in range(1, self.deep + 1):
                    name = f"{subnet}{number}-level{level}"
                    found.append(Step(name, f"{subnet}{number}", source))
                    source = name
                name = f"{subnet}-level{level}"
                found.append(Step(name, f"{subnet}-readout", source, neurons=False))
        return tuple(found)

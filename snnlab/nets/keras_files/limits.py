"""What a file may ask for, and how it is refused: a sentence that names the layer."""

from snnlab.errors import LabError
from snnlab.images.limits import fit

FILE = 512 << 20  # bytes, of a file and of the weights in it
CONFIG = 8 << 20  # bytes of the description
DEEP = 48  # lists within lists of it
LAYERS = 2000  # nested ones too
NESTED = 8  # models within models
WEIGHTS = 40_000_000
VALUES = 64_000_000  # that one layer may give for one image
SIDE = 4096  # of an image, in pixels
TAPS = 64  # of a kernel or a window, along one axis
CHANNELS = 65_536
LARGEST = 1e30  # of a weight; its square is none any more that float32 holds


def refused(layer: str, what: str, do: str, a: str = "layer") -> LabError:
    """Make the error for a layer: ``the layer <name> <what>; <do>.``."""
    return LabError(f"the {a} {fit(layer) or '(without a name)'} {what}; {do}.")

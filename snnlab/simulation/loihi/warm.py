"""Compile the emulator's kernels ahead, on the smallest chip there is; NengoLoihi is not needed."""

import numpy as np

from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.emulator import Emulator
from snnlab.simulation.loihi.network import IMAGE, ChipLayer, Link
from snnlab.simulation.loihi.reading import BuiltLayer, BuiltLink


def warm_up() -> None:
    """Compile, or fetch from the cache, by running two neurons for one step."""
    one = (1, 1, 1)
    through = Convolve(np.zeros((1, 1, 1, 1)), one, one, (1, 1), "same", False)
    host = ChipLayer(
        "host", one, False, 1.0, np.zeros(1), (Link(IMAGE, through, 0.0),), ("zero", 0.0, 0.0)
    )
    chip = BuiltLayer(
        "chip",
        one,
        (BuiltLink("host", through, np.zeros((1, 1, 1, 1, 1), np.int16)),),
        one,
        np.zeros((1, 1), np.int64),
        np.zeros(1, np.int32),
        np.ones(1, np.int32),
        1,
        0,
        2,
    )
    built = BuiltLayer("host", one), chip
    Emulator(built, (host,), 1).run([np.zeros((1, 1))], 1, lambda number, spikes: None)

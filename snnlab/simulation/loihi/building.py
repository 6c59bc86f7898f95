"""Build a network with NengoLoihi: cut into cores and rounded to what a core holds."""

import contextlib
import gc
import warnings
from collections.abc import Callable
from typing import NamedTuple

import nengo
import numpy as np

from snnlab import compat
from snnlab.errors import Cancelled, LabError
from snnlab.simulation.loihi.assembling import assemble
from snnlab.simulation.loihi.limits import Shape
from snnlab.simulation.loihi.network import DT, ChipLayer, image_shape
from snnlab.simulation.loihi.shapes import block_shapes

# weights of 8 bits and an exponent, biases of 12 and 3
MISFIT = (
    "the weights and biases of this network lie too far apart for a chip's integers; choose"
    " another model, or another simulator."
)


class Assembled(NamedTuple):
    """A simulator of NengoLoihi's, open, with the ensembles by layer."""

    simulator: object
    ensembles: dict[str, nengo.Ensemble]


@contextlib.contextmanager
def _without_collector():
    """Hundreds of thousands of small objects, none of them garbage: searching them takes long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def build(
    layers: tuple[ChipLayer, ...],
    image: np.ndarray | None = None,
    seed: int = 0,
    cancel: Callable[[], bool] | None = None,
    shapes: dict[str, Shape] | None = None,
) -> Assembled:
    """Build for NengoLoihi's emulator; takes seconds for a tile of 64 x 64 pixels.

    Parameters
    ----------
    layers : tuple of ChipLayer
    image : numpy.ndarray, optional
        What the host's node puts out; nothing in the built chip depends on it.
    seed : int
    cancel : callable, optional
        Asked while layers are built, not while they are cut into cores.
    shapes : dict of str to tuple of int, optional
        Neurons a core, ``(height, width, channels)``; some that fit, if not given.

    Raises
    ------
    LabError
        If NengoLoihi refuses the network.
    Cancelled
    """
    nengo_loihi = compat.nengo_loihi()
    if image is None:
        image = np.zeros(image_shape(layers))
    network, ensembles = assemble(layers, shapes or block_shapes(layers), image, seed)
    model = nengo_loihi.builder.Model(dt=DT)

    def asked(_):
        if cancel and cancel():
            raise Cancelled

    model.build_callback = asked
    with _without_collector(), warnings.catch_warnings():
        # of weights that lose bits where two connections share a core, as on the chip
        warnings.filterwarnings("ignore", "Lost .* extra bits", UserWarning)
        # of connections with different filters: a core has one, the slowest
        warnings.filterwarnings("ignore", "tau_s is", UserWarning)
        try:
            simulator = nengo_loihi.Simulator(network, model=model, target="sim", seed=seed)
        except nengo.exceptions.BuildError as error:
            raise LabError(f"NengoLoihi refuses the network: {error}") from error
        except AssertionError as error:  # it asserts what its integers can hold
            raise LabError(MISFIT) from error
    return Assembled(simulator, ensembles)

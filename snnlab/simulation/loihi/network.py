"""A converted network as NengoLoihi takes it: who is on the chip, and in which blocks.

The encoder stays on the host and sends its spikes; every other population
becomes ``LoihiSpikingRectifiedLinear`` neurons on the chip, a concatenation
stays two connections into one population, and the readout is not part of the
network at all, since NengoLoihi refuses a convolution from chip to host.
"""

import hashlib
from dataclasses import dataclass, replace

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.errors import LabError
from snnlab.simulation.chance import Poisson
from snnlab.simulation.event.operators import Convolve, of_connection
from snnlab.simulation.gates import MaxPoolGate
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire

IMAGE = "image"
DT = 0.001  # seconds a step


@dataclass(frozen=True)
class Link:
    """One connection.

    Attributes
    ----------
    source : str
        A layer, or ``"image"``.
    operator : Convolve
        In units of the network: current (Hz) a spike of area one.
    tau : float
        Time constant of its low-pass filter (s), 0 for none.
    """

    source: str
    operator: Convolve
    tau: float


@dataclass(frozen=True)
class ChipLayer:
    """One population.

    Attributes
    ----------
    name : str
    shape : tuple of int
        ``(height, width, channels)``.
    on_chip : bool
    amplitude : float
        Area of a spike.
    bias : numpy.ndarray
        float64 ``(height * width * channels,)``; Hz.
    links : tuple of Link
    host : tuple
        Reset, lower bound and initial potential of a host's neuron; empty on chip.
    """

    name: str
    shape: tuple[int, int, int]
    on_chip: bool
    amplitude: float
    bias: np.ndarray
    links: tuple[Link, ...]
    host: tuple = ()


def describe(network: SpikingNetwork) -> tuple[ChipLayer, ...]:
    """Read a converted network.

    Raises
    ------
    LabError
        If it is not one that fits Loihi: neurons that reset to zero, driven
        through convolutions from earlier populations, the image only into the host's.
    """
    for population in network.populations:
        _refuse(population.ensemble.neuron_type)
    names = {p.ensemble: p.name for p in network.populations}
    links = {name: [] for name in names.values()}
    for connection in network.network.all_connections:
        target = getattr(connection.post_obj, "ensemble", None)
        if target not in names:
            raise LabError("Loihi takes connections between neurons only.")
        source = getattr(connection.pre_obj, "ensemble", None)
        if any(link.source == names.get(source, IMAGE) for link in links[names[target]]):
            raise LabError("the Loihi emulator runs one connection between two layers; join them.")
        operator = of_connection(connection, lambda _: 0)
        if not isinstance(operator, Convolve):
            raise LabError("the Loihi emulator runs convolutions only; choose another method.")
        links[names[target]].append(
            Link(names.get(source, IMAGE), operator, _tau(connection.synapse))
        )
    known, layers = set(), []
    for population in network.populations:
        name, kind = population.name, population.ensemble.neuron_type
        if population.on_chip and any(link.source not in known for link in links[name]):
            raise LabError("Loihi takes an image as spikes: the first layer must be on the host.")
        if not population.on_chip and any(link.source != IMAGE or link.tau for link in links[name]):
            raise LabError("the Loihi emulator runs the host's layers on the image only.")
        size = population.ensemble.n_neurons
        layers.append(
            ChipLayer(
                name,
                population.shape,
                population.on_chip,
                float(kind.amplitude),
                np.broadcast_to(_sample(population.ensemble.bias, size), size).astype(float),
                tuple(links[name]),
                _neuron(kind, population.on_chip),
            )
        )
        known.add(name)
    return tuple(layers)


def _refuse(kind) -> None:
    """Say what of a neuron type Loihi 1 has not, before anything else is found wrong with it."""
    if isinstance(kind, MaxPoolGate):
        raise LabError("Loihi 1 has no gates for max-pooling; choose a model that does not pool.")
    if hasattr(kind, "sizes"):
        raise LabError(
            "Loihi 1 sends spikes without sizes; choose rate-scaling, or data-normalisation, with"
            " the reset to zero."
        )
    if isinstance(kind, Poisson):
        raise LabError(
            "the chips are mapped for an image that comes in as a constant current; choose that."
        )


def _sample(values, size: int) -> np.ndarray:
    return values.sample(size) if hasattr(values, "sample") else np.asarray(values, float)


def _tau(synapse) -> float:
    if synapse is None:
        return 0.0
    if not isinstance(synapse, nengo.Lowpass):
        raise LabError("Loihi filters with a low-pass only; choose that or no synapse.")
    return float(synapse.tau)


def _neuron(kind, on_chip: bool) -> tuple:
    """What a neuron type is on the host; on the chip, that Loihi has it."""
    # by name, since importing NengoLoihi takes seconds and a chip in the cache needs none of it
    loihi = type(kind).__name__ == "LoihiSpikingRectifiedLinear"
    ours = isinstance(kind, IntegrateAndFire)
    to_zero = ours and kind.reset == "zero" and kind.lower == 0
    if not (loihi or to_zero or (ours and not on_chip)):
        raise LabError(
            "Loihi's neurons reset to zero: choose the reset to zero, and a method that keeps to"
            " it (rate-scaling, data-normalisation)."
        )
    if on_chip:
        return ()
    start = kind.initial_state.get("voltage") if kind.initial_state else None
    start = kind.state["voltage"] if start is None else start
    if not isinstance(start, Choice) or len(start.options) != 1:
        raise LabError("the Loihi emulator's encoder starts from one potential; choose a number.")
    start = float(np.ravel(start.options)[0])
    if loihi:
        return ("loihi", 0.0, start)
    return (kind.reset, float(kind.lower), start)


def crop(layers: tuple[ChipLayer, ...], height: int, width: int) -> tuple[ChipLayer, ...]:
    """The same network for a smaller image.

    Raises
    ------
    LabError
        If biases differ from place to place: then no tile stands for another.
    """
    rows, columns = image_shape(layers)
    if (rows, columns) == (height, width):
        return layers

    def cut(shape):
        return (shape[0] * height // rows, shape[1] * width // columns, shape[2])

    smaller = []
    for layer in layers:
        bias = layer.bias.reshape(-1, layer.shape[2])
        if (bias != bias[0]).any():
            raise LabError(f"layer {layer.name} has biases by pixel; use an image of one tile.")
        shape = cut(layer.shape)
        links = tuple(
            replace(
                link,
                operator=replace(
                    link.operator,
                    shape_in=cut(link.operator.shape_in),
                    shape_out=cut(link.operator.shape_out),
                ),
            )
            for link in layer.links
        )
        bias = np.tile(bias[0], shape[0] * shape[1])
        smaller.append(replace(layer, shape=shape, bias=bias, links=links))
    return tuple(smaller)


def image_shape(layers: tuple[ChipLayer, ...]) -> tuple[int, int]:
    """Height and width of the image that the layers take."""
    first = next(link for layer in layers for link in layer.links if link.source == IMAGE)
    return first.operator.shape_in[:2]


def digest(layers: tuple[ChipLayer, ...], *more, numbers: bool = True) -> str:
    """sha256 of all that a built chip depends on.

    Parameters
    ----------
    layers : tuple of ChipLayer
    *more
        Anything else with a repr.
    numbers : bool
        False for the wiring alone: without weights, biases and amplitudes.
    """
    found = hashlib.sha256(repr((more, numbers)).encode())
    for layer in layers:
        found.update(repr((layer.name, layer.shape, layer.on_chip)).encode())
        if numbers:
            found.update(repr(layer.amplitude).encode())
        # of the host, the chip knows only what its spikes look like
        if not layer.on_chip:
            continue
        if numbers:
            found.update(layer.bias.tobytes())
        for link in layer.links:
            operator = link.operator
            wiring = (
                link.source,
                link.tau,
                operator.shape_in,
                operator.shape_out,
                operator.kernel.shape,
                operator.strides,
                operator.padding,
                operator.transposed,
            )
            found.update(repr(wiring).encode())
            if numbers:
                found.update(operator.kernel.tobytes())
    return found.hexdigest()

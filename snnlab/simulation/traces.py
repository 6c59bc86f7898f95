"""Input current and membrane potential of a few neurons, from recorded spikes.

Nothing is simulated again: a neuron's current is the sum of its synapses over
the spikes that its input populations are known to have sent, and its potential
follows from its current.
"""

from dataclasses import dataclass

import nengo
import numpy as np
from nengo.dists import get_samples

from snnlab.errors import LabError
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording
from snnlab.simulation.softmax import SpikingSoftmax


@dataclass(frozen=True)
class Traces:
    """What went on in a few neurons, step by step; a threshold is 1.

    Attributes
    ----------
    neurons : numpy.ndarray
        int64 ``(n,)``, indices in the population.
    current : numpy.ndarray
        float64 ``(timesteps, n)``: input in thresholds a step, bias included.
    potential : numpy.ndarray
        float64 ``(timesteps, n)``: at the end of each step, after the reset.
    reached : numpy.ndarray
        float64 ``(timesteps, n)``: the same before the reset, which is where a spike's
        threshold was crossed.
    spikes : numpy.ndarray
        ``(timesteps, n)``: as recorded.
    initial : numpy.ndarray
        float64 ``(n,)``: the potential before the first step.
    sent : numpy.ndarray
        float64 ``(timesteps, n)``: the spikes' sizes, added up; their number if all have one.
    sizes : tuple of float
        The sizes of graded spikes, each the threshold that sends it; empty if they are not.
    """

    neurons: np.ndarray
    current: np.ndarray
    potential: np.ndarray
    reached: np.ndarray
    spikes: np.ndarray
    initial: np.ndarray
    sent: np.ndarray
    sizes: tuple[float, ...] = ()


def traces(
    network: SpikingNetwork, recording: Recording, layer: str, neurons: np.ndarray
) -> Traces:
    """Follow neurons of one population.

    Parameters
    ----------
    network : SpikingNetwork
        That made the recording.
    layer : str
    neurons : numpy.ndarray
        Indices, ``(n,)``.

    Raises
    ------
    LabError
        If there is no such layer, or no such neuron in it, or if its neurons
        have no potentials of their own.
    """
    neurons = np.asarray(neurons, np.int64)
    population = next((p for p in network.populations if p.name == layer), None)
    if population is None:
        names = ", ".join(p.name for p in network.populations)
        raise LabError(f"there is no layer {layer!r}; choose one of {names}.")
    if ((neurons < 0) | (neurons >= population.ensemble.n_neurons)).any():
        raise LabError(f"{layer} has {population.ensemble.n_neurons} neurons, counted from 0.")
    ensemble = population.ensemble
    kind = ensemble.neuron_type
    if "voltage" not in kind.state or isinstance(kind, SpikingSoftmax):
        raise LabError(f"the neurons of {layer} have no membrane potential of their own.")
    dt, steps = recording.dt, recording.timesteps
    bias = get_samples(ensemble.bias, ensemble.n_neurons).astype(float)
    current = np.tile(bias[neurons], (steps, 1))
    for connection in network.network.all_connections:
        if connection.post_obj == ensemble.neurons:
            weighted = _weighted(network, recording, connection, population, neurons)
            current += _filtered(weighted, connection.synapse, dt)
    # what the neurons start from is the same in every run, unless it is drawn at random
    start = kind.make_state(ensemble.n_neurons, rng=np.random)
    state = {name: values[neurons].astype(float) for name, values in start.items()}
    initial = state["voltage"].copy()  # the neuron's step works in place
    potential, reached = _potential(kind, current * dt, state)
    trains = recording[layer]
    return Traces(
        neurons,
        current * dt,
        potential,
        reached,
        trains.raster(neurons),
        initial,
        trains.values(neurons),
        trains.sizes,
    )


def _weighted(network, recording, connection, population, neurons) -> np.ndarray:
    """Transformed input of the neurons over time, ``(steps, n)``."""
    steps = recording.timesteps
    pre = connection.pre_obj
    if pre is network.image:
        values = np.tile(np.asarray(pre.output, float), (steps, 1))
        take = lambda indices: values[:, indices]  # noqa: E731
    else:
        source = next(p for p in network.populations if p.ensemble.neurons == pre)
        unit = source.ensemble.neuron_type.amplitude / recording.dt
        trains = recording[source.name]
        take = lambda indices: trains.values(indices) * unit  # noqa: E731
    out = np.zeros((steps, len(neurons)))
    inputs: dict[tuple[int, ...], np.ndarray] = {}
    for column, neuron in enumerate(neurons):
        *place, channel = map(int, np.unravel_index(neuron, population.shape))
        indices, weights = _synapses(connection.transform, (*place, channel))
        # all channels (of a group) at a place have the same inputs: unpack their spikes once
        key = (*place, _group(connection.transform, channel))
        if key not in inputs:
            inputs[key] = take(indices)
        out[:, column] = inputs[key] @ weights
    return out


def _synapses(transform, at: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Input indices and weights of the output neuron ``(row, column, channel)``."""
    shape_in = transform.input_shape.shape
    kernel, (tall, wide) = transform.init, transform.kernel_size
    row, column, channel = at
    depth = kernel.shape[2]
    before = _group(transform, channel) * depth
    found, weights = [], []
    for i in range(tall):
        for j in range(wide):
            y = source_position(transform, row, i, axis=0)
            x = source_position(transform, column, j, axis=1)
            if y is None or x is None or not (0 <= y < shape_in[0] and 0 <= x < shape_in[1]):
                continue
            first = (y * shape_in[1] + x) * shape_in[2] + before
            found.append(first + np.arange(depth))
            weights.append(kernel[i, j, :, channel])
    if not found:
        return np.zeros(0, np.int64), np.zeros(0)
    return np.concatenate(found), np.concatenate(weights).astype(float)


def _group(transform, channel: int) -> int:
    """Which group of input channels an output channel is connected to."""
    return channel // (transform.n_filters // getattr(transform, "groups", 1))


def source_position(transform, position: int, tap: int, axis: int) -> int | None:
    """Input position that a tap of the kernel connects to an output position.

    Parameters
    ----------
    transform : nengo.Convolution or nengo.transforms.ConvolutionTranspose
    position : int
        Row or column of the output.
    tap : int
        Row or column of the kernel.
    axis : int
        0 for rows, 1 for columns.

    Returns
    -------
    int or None
        May lie outside the input; None if a transposed convolution has no such tap there.
    """
    stride, size = transform.strides[axis], transform.kernel_size[axis]
    shape_in, shape_out = transform.input_shape.shape, transform.output_shape.shape
    if isinstance(transform, nengo.Convolution):
        wide, narrow = shape_in[axis], shape_out[axis]
    else:
        wide, narrow = shape_out[axis], shape_in[axis]
    pad = max((narrow - 1) * stride + size - wide, 0) // 2 if transform.padding == "same" else 0
    if isinstance(transform, nengo.Convolution):
        return position * stride + tap - pad
    source = position + pad - tap
    return source // stride if source % stride == 0 else None


def _filtered(weighted: np.ndarray, synapse, dt: float) -> np.ndarray:
    """Nengo's low-pass: discretised by zero-order hold, in force a step later."""
    if synapse is None:
        return weighted
    keep = np.exp(-dt / synapse.tau)
    out = np.zeros_like(weighted)
    for step in range(1, len(out)):
        out[step] = keep * out[step - 1] + (1 - keep) * weighted[step - 1]
    return out


def _potential(
    neuron_type, charge: np.ndarray, state: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Potential after each step, by the neuron's own step function, and what it had reached."""
    out, reached, spiked = np.zeros_like(charge), np.zeros_like(charge), np.zeros(charge.shape[1])
    forgets = getattr(neuron_type, "reset", "subtraction") == "zero"
    for step, now in enumerate(charge):
        before = state["voltage"] + now
        neuron_type.step(1.0, now, spiked, **state)
        out[step] = state["voltage"]
        sent = spiked / neuron_type.amplitude
        reached[step] = np.where(sent > 0, before, out[step]) if forgets else out[step] + sent
    return out, reached

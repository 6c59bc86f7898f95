"""NeuroBench's complexity metrics of a run, as the package counts them on the same net in torch.

That net has one ``Conv2d`` a wire, one module of neurons a population and is called once a step,
with the image or, of Poisson input, its spikes. A layer's weights act on spikes: what filters
them comes behind. On it ``neurobench`` 2.3 counts

    Footprint            bytes of all parameters, 4 each: weights and one bias a channel
    ConnectionSparsity   weights that are 0 over weights, four digits; no biases
    ActivationSparsity   1 - outputs of neurons that are not 0 over outputs, of all steps
    SynapticOperations   an image: a pair of an input that is not 0 and a weight that is not 0 is
                         an operation, each step anew. In a step in which a layer's whole input is
                         0, 1 and -1 these are accumulations (ACs), else multiply-accumulates
                         (MACs). Dense: the same if no input and no weight were 0. Padding is never
                         an operation, nor is a bias.

So the encoder's MACs are counted in each step, although its input is the same; the encoder's
neurons and those that a method puts between layers (gates, relays) are activations, pixels and
the readout are not; the readout's weights count, on spikes, each step. A gate's and a relay's
inputs are no weights. benchmarks/neurobench/compare.sh holds all this against the package.

References
----------
Yik et al. (2025), "The neurobench framework for benchmarking neuromorphic computing algorithms
and systems", Nature Communications 16:1545, 10.1038/s41467-025-56739-4.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from snnlab.conversion.building import POOLED
from snnlab.energy.work import macs
from snnlab.images import tiles
from snnlab.nets.architecture import IMAGE, Layer, Wire, multiple, wires
from snnlab.nets.model import Model
from snnlab.simulation.recording import WORD, SpikeTrains

VERSION = "2.3.0"  # of the package that these are held against
WORD_BYTES = 4  # of a parameter in single precision


@dataclass(frozen=True)
class Metrics:
    """What NeuroBench says of a run.

    Attributes
    ----------
    parameters : int
    weights : int
        Of the parameters, all but the biases.
    connection_sparsity, activation_sparsity : float
        0..1.
    by_layer : dict of str to float
        Activation sparsity of each population.
    effective_macs, effective_acs, dense : float
        Synaptic operations an image.
    estimated : bool
        Whether spikes were recorded in a part of the image only; then its operations are scaled
        by the spikes that each layer sent in the whole.
    """

    parameters: int
    weights: int
    connection_sparsity: float
    activation_sparsity: float
    by_layer: dict[str, float]
    effective_macs: float
    effective_acs: float
    dense: float
    estimated: bool = False

    @property
    def footprint(self) -> int:
        """Bytes, in single precision."""
        return WORD_BYTES * self.parameters

    @property
    def footprint_8bit(self) -> int:
        """Bytes if a weight took one, as on a chip, and a bias four: not NeuroBench's figure."""
        return self.weights + WORD_BYTES * (self.parameters - self.weights)

    def results(self) -> dict:
        """The dictionary that ``neurobench.benchmarks.Benchmark.run`` returns."""
        return {
            "ParameterCount": self.parameters,
            "Footprint": self.footprint,
            "ConnectionSparsity": self.connection_sparsity,
            "ActivationSparsity": self.activation_sparsity,
            "ActivationSparsityByLayer": dict(self.by_layer),
            "SynapticOperations": {
                "Effective_MACs": self.effective_macs,
                "Effective_ACs": self.effective_acs,
                "Dense": self.dense,
            },
        }

    def file(self) -> bytes:
        """What its ``save_benchmark_results`` writes."""
        return json.dumps(self.results(), indent=4).encode()


def metrics(result, model: Model) -> Metrics:
    """Count a run.

    Parameters
    ----------
    result : snnlab.results.segmentation.Segmentation
    model : Model
        That it is of.
    """
    layers, timesteps = model.layers, result.timesteps
    image = tiles.pad(result.image, multiple(layers))
    trains = {one.name: one for one in result.recording.populations}
    stats = {one.name: one for one in result.layers}
    more = {name: _whole(one, trains[name]) for name, one in stats.items()}
    sent = {name: _sent(one) for name, one in trains.items()}
    silent, outputs = {}, {}
    for one in result.layers:
        if one.name != IMAGE:
            outputs[one.name] = one.neurons * timesteps
            silent[one.name] = outputs[one.name] - more[one.name] * int(sum(sent[one.name]).sum())
    effective = [0.0, 0.0]  # ACs, MACs
    for layer, wire, source in _connections(layers, trains):
        weights = model.levels[layer.name][:, :, wire.first : wire.last]
        if source in trains:
            parts, times = sent[source], more[source]
            if stats[source].neurons != trains[source].neurons:
                # what was recorded has more of a border
                times *= _met(wire, stats[source].shape) / _met(wire, trains[source].shape)
        else:
            parts, times = _shown(image, timesteps), 1
        for kind, counts in enumerate(parts):
            effective[kind] += times * operations(counts, weights, wire)
    levels = [model.levels[layer.name] for layer in layers]
    size = sum(one.size for one in levels)
    zeros = sum(one.size - np.count_nonzero(one) for one in levels)
    return Metrics(
        size + sum(layer.channels for layer in layers),
        size,
        # as torch divides, in single precision
        round(float(np.float32(zeros) / np.float32(size)), 4),
        sum(silent.values()) / sum(outputs.values()),
        {name: silent[name] / outputs[name] for name in silent},
        float(effective[1]),
        float(effective[0]),
        float(sum(macs(layers, *image.shape).values()) * timesteps),
        any(times != 1 for times in more.values()),
    )


def operations(counts: np.ndarray, weights: np.ndarray, wire: Wire) -> int:
    """Pairs of an input that is not 0 and a weight that is not 0, borders exact.

    Parameters
    ----------
    counts : numpy.ndarray
        ``(height, width, in)``; the steps in which each input is not 0.
    weights : numpy.ndarray
        ``(rows, columns, in, out)``.
    wire : Wire
        Whose weights they are; what it may pool is taken to be pooled.
    """
    if not counts.any():
        return 0
    rows, columns = (taps(wire, size).astype(float) for size in counts.shape[:2])
    # in floats, which are exact up to 2**53, as matrix products are quick in them
    met = np.tensordot(rows, counts.astype(float), (1, 0))
    met = np.einsum("rxc,sx->rsc", met, columns)
    return int(np.rint((met * np.count_nonzero(weights, axis=3)).sum()))


def taps(wire: Wire, size: int) -> np.ndarray:
    """Input positions that each tap of a kernel meets along one axis, ``same`` padding.

    Parameters
    ----------
    size : int
        Positions before.

    Returns
    -------
    numpy.ndarray
        int64 ``(kernel, size)``, 0 or 1; summed over the taps it is
        `snnlab.nets.architecture.fan_out`.
    """
    forward = wire.kind == "conv"
    after = -(-size // wire.stride) if forward else size * wire.stride
    wide, narrow = (size, after) if forward else (after, size)
    before = max((narrow - 1) * wire.stride + wire.kernel - wide, 0) // 2
    met, at = np.zeros((wire.kernel, size), np.int64), np.arange(narrow)
    for tap in range(wire.kernel):
        position = at * wire.stride + tap - before
        inside = (position >= 0) & (position < wide)
        met[tap, (position if forward else at)[inside]] = 1
    return met


def _met(wire: Wire, shape: tuple[int, int, int]) -> float:
    """Taps of a kernel that a position meets, on average, borders exact."""
    return float(np.prod([taps(wire, size).sum() / size for size in shape[:2]]))


def _connections(layers: tuple[Layer, ...], trains: Mapping[str, SpikeTrains]):
    """Each layer's wires, and the population whose spikes meet its weights there."""
    for layer in layers:
        for wire in wires(layer, layers):
            relay = f"{wire.source}-to-{layer.name}"
            source = relay if relay in trains else wire.source
            yield layer, wire, f"{POOLED}{layer.name}" if wire.pool > 1 else source


def _shown(image: np.ndarray, timesteps: int) -> tuple[np.ndarray, np.ndarray]:
    """As `_sent`, of an image that is shown in every step."""
    counts = (image != 0)[:, :, None] * timesteps
    nothing = np.zeros_like(counts)
    return (counts, nothing) if np.isin(image, (-1, 0, 1)).all() else (nothing, counts)


def _sent(trains: SpikeTrains) -> tuple[np.ndarray, np.ndarray]:
    """Steps in which each neuron sent something, int64 ``(height, width, channels)``.

    In two parts: first of steps in which the whole population sent spikes of 1 alone, then of
    steps in which there were others.
    """
    odd = np.zeros(len(trains.words), np.uint64)
    for size, words in zip(trains.sizes, trains.planes, strict=True):
        if size != 1:
            odd |= np.bitwise_or.reduce(words, axis=1)
    for step in np.unique(trains.extra[:, 1]).tolist():  # several spikes are a number above 1
        odd[step // WORD] |= np.uint64(1 << step % WORD)
    one = trains.words if not odd.any() else trains.words & ~odd[:, None]
    other = trains.words[:0] if not odd.any() else trains.words & odd[:, None]
    return tuple(
        np.bitwise_count(part).sum(0, np.int64).reshape(trains.shape) for part in (one, other)
    )


def _whole(stats, own: SpikeTrains) -> float:
    """By how much the whole image has more spikes than what was recorded."""
    if stats.neurons == own.neurons:
        return 1
    recorded = own.total()
    return stats.spikes / recorded if recorded else stats.neurons / own.neurons

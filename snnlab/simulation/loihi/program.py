"""A built chip laid out for the kernels: tables of stages, inputs and strips."""

from dataclasses import dataclass, replace

import numpy as np

from snnlab.simulation.event.simd import LANES
from snnlab.simulation.event.tables import lay_out
from snnlab.simulation.loihi import layout as at
from snnlab.simulation.loihi.needed import Box
from snnlab.simulation.loihi.reading import UNIT, BuiltLayer

SLACK = 64  # elements behind an array that a vector may touch
SUM, CURRENT = 2**21, 2**23  # what a synaptic sum, and a current, can hold


@dataclass(frozen=True)
class Program:
    """What `kernels.run_stages` takes, apart from words and scratch memory.

    Attributes
    ----------
    layers : tuple of BuiltLayer
    stages, inputs, strips : numpy.ndarray
        int64 tables. Columns that depend on the number of steps are zero.
    tables : tuple of numpy.ndarray
    bias, threshold : numpy.ndarray
        int32, of all neurons, the host's included.
    sizes : dict of str to int
        Elements of each array of scratch memory.
    """

    layers: tuple[BuiltLayer, ...]
    stages: np.ndarray
    inputs: np.ndarray
    strips: np.ndarray
    tables: tuple[np.ndarray, ...]
    bias: np.ndarray
    threshold: np.ndarray
    sizes: dict[str, int]

    def for_steps(self, steps: int) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
        """Stages and inputs with the places of the words, and those places by layer."""
        chunks = -(-steps // at.GROUP)
        places, filled = {}, 0
        for layer in self.layers:
            places[layer.name] = filled
            filled += chunks * layer.neurons
        stages, inputs = self.stages.copy(), self.inputs.copy()
        stages[:, at.WORDS] = list(places.values())
        sources = [link.source for layer in self.layers for link in layer.links]
        inputs[:, at.SOURCE] = [places[name] for name in sources]
        return stages, inputs, places

    def within(self, boxes: dict[str, Box]) -> tuple[np.ndarray, np.ndarray]:
        """Strips cut down to some neurons of each layer, and each stage's first and behind last."""
        cut, ends = [], np.zeros((len(self.layers), 2), np.int64)
        for stage, layer, span in zip(self.stages, self.layers, ends, strict=True):
            top, bottom, left, right = boxes[layer.name]
            span[0] = len(cut)
            for strip in self.strips[stage[at.STRIPS] : stage[at.STRIPS_END]]:
                rows = max(strip[0], top), min(strip[1], bottom)
                columns = max(strip[2], left), min(strip[3], right)
                if rows[0] < rows[1] and columns[0] < columns[1]:
                    cut.append((*rows, *columns, strip[4]))
            span[1] = len(cut)
        return np.array(cut, np.int64).reshape(-1, 5), ends

    def words(self, steps: int) -> int:
        """Words that all spikes take."""
        return -(-steps // at.GROUP) * sum(layer.neurons for layer in self.layers)

    def scratch(self) -> tuple[np.ndarray, ...]:
        """Working memory of one thread."""
        kinds = {
            "sums": np.int16,
            "events": np.int64,
            "lists": np.int64,
            "voltage": np.int32,
            "current": np.int32,
            "packed": np.uint64,
        }
        found = {name: np.zeros(self.sizes[name], kind) for name, kind in kinds.items()}
        found["lists"] = found["lists"].reshape(-1, self.sizes["bounds"])
        return tuple(found.values())


def compile_program(layers: tuple[BuiltLayer, ...]) -> Program:
    """Lay out a built chip."""
    neurons = {layer.name: layer.neurons for layer in layers}
    stages = np.zeros((len(layers), 15), np.int64)
    inputs, strips, parts = [], [], []
    filled = dict.fromkeys(("neurons", "weights", "columns", "classes", "rows", "entries"), 0)
    sizes = dict.fromkeys(("sums", "events", "voltage", "bounds"), 1) | {"slots": 1}
    for stage, layer in zip(stages, layers, strict=True):
        height, width, channels = layer.shape
        stage[at.WIDTH], stage[at.CHANNELS] = width, channels
        stage[at.NEURONS], stage[at.FIRST] = layer.neurons, filled["neurons"]
        stage[at.DECAY] = layer.decay
        stage[at.LOWEST], stage[at.HIGHEST] = layer.lowest, layer.highest
        if layer.links:
            stage[at.BOUNDED] = _bounded(layer)
        filled["neurons"] += layer.neurons
        stage[at.INPUTS], stage[at.STRIPS] = len(inputs), len(strips)
        slots = events = taps = 0
        bounds = 2
        for link in layer.links:
            laid = [
                lay_out(replace(link.geometry, kernel=kernel), kernel, np.int16)
                for kernel in link.kernels
            ]
            first = laid[0]
            row = np.zeros(15, np.int64)
            source_width, depth = link.geometry.shape_in[1:]
            row[at.SIZE], row[at.DEPTH] = neurons[link.source], depth
            row[at.SPAN], row[at.LEVEL] = source_width, first.level
            row[at.WEIGHTS], row[at.VARIANT] = filled["weights"], first.weights.size
            row[at.COLUMNS], row[at.ROWS] = filled["columns"], filled["rows"]
            row[at.CLASSES], row[at.CLASS] = len(first.classes), filled["classes"]
            row[at.RING], row[at.SLOT] = first.ring, slots
            row[at.EVENTS] = events
            row[at.CAPACITY] = source_width * depth * at.GROUP + 4
            inputs.append(row)
            parts.append(
                (
                    first,
                    np.concatenate([part.weights for part in laid]),
                    first.row_start + filled["entries"],
                )
            )
            filled["weights"] += first.weights.size * len(laid)
            filled["columns"] += first.reach.size
            filled["classes"] += len(first.classes)
            filled["rows"] += first.row_start.size
            filled["entries"] += first.row_of.size
            slots += first.ring
            events += first.ring * row[at.CAPACITY]
            taps = max(taps, first.taps)
            bounds = max(bounds, len(first.classes) + 2)
        halo = max(taps - 1, 0)
        cut = _strips(layer) if layer.links else []
        strips += cut
        widest = max((right - left for _, _, left, right, _ in cut), default=0) * channels
        tallest = max((bottom - top for top, bottom, *_ in cut), default=0)
        span = -(-widest // LANES) * LANES
        # what a group or a row of weights touches beyond its end is this step's own
        pitch = max(halo * channels + span, widest + 2 * halo * channels + SLACK)
        stage[at.HALO], stage[at.PITCH] = halo, pitch
        stage[at.INPUTS_END], stage[at.STRIPS_END] = len(inputs), len(strips)
        for name, needed in {
            "sums": at.GROUP * pitch + LANES + SLACK,
            "events": events + SLACK,
            "voltage": tallest * span,
            "bounds": bounds,
            "slots": slots,
        }.items():
            sizes[name] = max(sizes[name], int(needed))
    sizes |= {
        "current": sizes["voltage"],
        "packed": LANES,
        "lists": sizes["slots"] * sizes["bounds"],
    }
    return Program(
        layers,
        stages,
        np.array(inputs).reshape(-1, 15),
        np.array(strips, np.int64).reshape(-1, 5),
        _joined(parts),
        _of_neurons(layers, "bias"),
        _of_neurons(layers, "threshold"),
        sizes,
    )


def _bounded(layer: BuiltLayer) -> bool:
    """Whether no current of a layer overflows, and no potential is held by its upper bound."""
    sums = np.zeros(layer.shape[2])
    for link in layer.links:
        # of the cores' variants of a kernel the largest, as a bound of all; taps that do not
        # meet at one neuron are added as if they did
        sums += np.abs(link.kernels.astype(int)).max(0).sum((0, 1, 2)) * UNIT
    arriving = min(sums.max(), SUM)
    largest = arriving * 4096 / (4096 - layer.decay) + np.abs(layer.bias).max()
    return bool(largest < CURRENT and layer.highest > layer.threshold.max())


def _joined(parts) -> tuple[np.ndarray, ...]:
    names = ("reach", "klass", "classes")
    joined = [np.concatenate([getattr(part, name) for part, _, _ in parts]) for name in names]
    joined.append(np.concatenate([start for _, _, start in parts]).astype(np.int32))
    joined += [
        np.concatenate([getattr(part, name) for part, _, _ in parts])
        for name in ("row_of", "level_of")
    ]
    weights = np.concatenate([weights for _, weights, _ in parts])
    return (*joined, np.concatenate([weights, np.zeros(SLACK, np.int16)]))


def _of_neurons(layers, name) -> np.ndarray:
    values = [
        np.zeros(layer.neurons, np.int32) if getattr(layer, name) is None else getattr(layer, name)
        for layer in layers
    ]
    return np.concatenate([*values, np.zeros(LANES, np.int32)])


def _strips(layer: BuiltLayer) -> list[tuple[int, ...]]:
    """Rows and columns that share a kernel, and which; ``(top, bottom, left, right, variant)``."""
    height, width, _ = layer.shape
    if layer.variants.max() == 0:
        return [(0, height, 0, width, 0)]
    rows, columns, _ = layer.block
    return [
        (
            y * rows,
            min((y + 1) * rows, height),
            x * columns,
            min((x + 1) * columns, width),
            int(layer.variants[y, x]),
        )
        for y, x in np.ndindex(*layer.variants.shape)
    ]

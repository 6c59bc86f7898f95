"""The NIR graph of a converted network.

NIR's integrate-and-fire neuron is ``dv/dt = r I``, and where ``v > v_threshold`` a spike and
``v = v_reset`` (nir 1.0.8, ``nir/ir/neuron.py``). The lab's, stepped by ``dt``, is
``v += J dt``, and where ``v >= 1`` a spike and ``v -= 1`` or ``v = 0``. What is written here is the
same in these words:

* a spike is a 1 for one step, weights are in thresholds a spike, biases in thresholds a step, and
  ``r = 1 / dt``, so that Euler's step of NIR's equation adds just the current;
* the threshold is the largest number below 1 in double precision, above which is 1 and more;
* after a reset to zero the potential that it starts from, ``v0``, is the zero of NIR's neuron:
  ``v_threshold = 1 - v0`` and ``v_reset = -v0``;
* NIR has no reset by subtraction and no initial potential of its own: metadata of each node say
  ``reset`` (with ``subtract``, what a spike takes away) and ``initial``, and a reader that leaves
  them aside resets to zero.

``nir`` is imported when a graph is made.
"""

from dataclasses import dataclass, replace

import numpy as np

from snnlab.errors import LabError
from snnlab.export.exchange.answers import sums_of
from snnlab.export.exchange.layouts import Layout, phases_for, phases_of_all, plain
from snnlab.export.exchange.wiring import Way, Wired, wired
from snnlab.simulation.event.operators import Convolve, Matrix, Scale
from snnlab.simulation.network import SpikingNetwork

DT = 0.001
INPUT, OUTPUT, READOUT = "input", "output", "readout"
DENSE = 50_000_000  # weights of the graph, zeros included
NOBODY = 1e9  # thresholds, of a place without a neuron: no spike ever
BELOW_ONE = float(np.nextafter(1, 0))


@dataclass(frozen=True)
class Exported:
    """A graph, and where the network's neurons are in it.

    Attributes
    ----------
    graph : nir.NIRGraph
    layouts : dict of str to Layout
        By the name of a population, which is the name of its node; ``"input"`` is the image.
    notes : tuple of str
        What a reader has to know, a sentence each.
    """

    graph: "nir.NIRGraph"  # noqa: F821
    layouts: dict[str, Layout]
    notes: tuple[str, ...]


def exported(network: SpikingNetwork) -> Exported:
    """Make the graph of a network.

    Raises
    ------
    LabError
        If there is something that NIR has no word for; the sentence names it.
    """
    return _Builder(network).made()


class _Builder:
    def __init__(self, network):
        self.network, self.parts = network, wired(network)
        self.nodes, self.edges, self.layouts = {}, [], {}
        self.weights = 0
        self.about = {
            "made_by": "SNN Lab",
            "dt": DT,
            "spike": "1 for one step, passed on within the step",
        }

    def made(self) -> Exported:
        import nir

        self.nir = nir
        image = _image_layout(self.parts, self.network.image.size_out)
        self.layouts[INPUT] = image
        self.nodes[INPUT] = nir.Input(input_type={"input": np.array(image.nir_shape)})
        for part in self.parts:
            self._population(part)
        last = self._answer()
        shape = np.array(self.nodes[last[0]].output_type["output"])
        self.nodes[OUTPUT] = nir.Output(output_type={"output": shape})
        self.edges += [(name, OUTPUT) for name in last]
        graph = nir.NIRGraph(nodes=self.nodes, edges=self.edges, metadata=self.about)
        return Exported(graph, self.layouts, tuple(self._notes()))

    def _notes(self):
        soft = sum(part.neurons.reset == "subtraction" for part in self.parts)
        if soft:
            yield (
                "NIR has no reset by subtraction and no initial potential: they are in the metadata"
                " of the neurons, and a reader that leaves those aside resets to zero. --reset zero"
                " needs no metadata."
            )
        if any(max(one.phases or (1,)) > 1 for one in self.layouts.values()):
            yield (
                "NIR has no transposed convolution: populations behind one are laid out by phases,"
                " as their metadata say."
            )

    def _population(self, part: Wired) -> None:
        name, shape = part.population.name, part.population.shape
        layout = self._layout(name, shape, part.ways)
        self.layouts[name] = layout
        # thresholds a step; a place without a neuron has none
        bias = layout.to_nir(part.bias * DT)
        for number, way in enumerate(part.ways):
            given = bias if number == 0 else None
            last = self._way(way, name, layout, given, number, self._spike(way))
            self.edges.append((last, name))
        start, zero = part.initial, part.neurons.reset == "zero"
        threshold, reset = (BELOW_ONE - start, -start) if zero else (BELOW_ONE, 0.0)
        neurons = int(np.prod(shape))
        about = {
            "reset": "zero" if zero else "subtraction",
            "initial": 0.0 if zero else start,
            **({} if zero else {"subtract": 1.0}),
            "height_width_channels": np.array(shape),
            "phases": np.array(layout.phases or (0, 0)),
        }
        full = np.ones(layout.nir_shape)
        self.nodes[name] = self.nir.IF(
            r=full / DT,
            v_threshold=layout.to_nir(np.full(neurons, threshold), NOBODY),
            v_reset=full * reset + 0.0,
            metadata=about,
        )

    def _layout(self, name: str, shape, ways) -> Layout:
        """A map by phases if every way in is a convolution, else a row."""
        if shape[:2] == (1, 1):
            return Layout(shape, None)
        needed = []
        for way in ways:
            source = self.layouts[way.source or INPUT]
            operator = _convolution(way, source.shape, shape)
            if source.phases is None or operator is None:
                return Layout(shape, None)
            needed.append(phases_for(operator, source.phases))
        layout = Layout(shape, phases_of_all(needed))
        size = max(layout.phases)
        if size > 64:
            raise LabError(
                f"{name} lies behind transposed convolutions that enlarge {size} times, and at most"
                " 64 times are exported; make the net shallower."
            )
        return layout

    def _way(self, way: Way, name: str, layout: Layout, bias, number: int, factor: float) -> str:
        """Nodes of one way; the name of the last."""
        before = way.source or INPUT
        source = self.layouts[before]
        label = name if name == READOUT else f"{before}_to_{name}"
        label += f"_{number}" if number else ""
        operator = _convolution(way, source.shape, layout.shape)
        if source.phases is not None and operator is not None:
            row = layout.phases is None
            if row and layout.shape[:2] == (1, 1):
                layout = replace(layout, phases=(1, 1))
                row_bias = None if bias is None else bias.reshape(layout.nir_shape)
                made = self._conv(operator, before, layout, row_bias, factor, label, name)
                flat = self.nir.Flatten(
                    input_type={"input": np.array(layout.nir_shape)}, start_dim=0, end_dim=-1
                )
                return self._add(f"{label}_flat", flat, made)
            if not row:
                return self._conv(operator, before, layout, bias, factor, label, name)
        if source.phases is not None:
            flat = self.nir.Flatten(
                input_type={"input": np.array(source.nir_shape)}, start_dim=0, end_dim=-1
            )
            before = self._add(f"{label}_flat", flat, before)
        self._count(int(np.prod(source.nir_shape)) * int(np.prod(layout.nir_shape)), name)
        neurons = int(np.prod(source.shape))
        matrix = (way.operator or Scale(1.0, neurons)).matrix().toarray() * factor
        matrix = source.to_nir(matrix).reshape(len(matrix), -1)
        if bias is None:
            return self._add(label, self.nir.Linear(weight=matrix), before)
        return self._add(label, self.nir.Affine(weight=matrix, bias=bias.ravel()), before)

    def _conv(self, operator, before, layout, bias, factor, label, name) -> str:
        source = self.layouts[before]
        one = (layout.phases[0] * layout.phases[1] * layout.shape[2]) * (
            source.phases[0] * source.phases[1] * source.shape[2]
        )
        self._count(one * int(np.prod(operator.kernel.shape[:2])), name)
        try:
            found = plain(operator, source, layout)
        except ValueError as error:
            raise LabError(
                f"the layer {name} {error}; make its kernel and strides square."
            ) from error
        self._count(found.weight.size, name)
        self.weights += found.weight.size
        of_channel = np.zeros(len(found.weight))
        if bias is not None:
            of_channel = _per_channel(bias, layout, name)
        node = self.nir.Conv2d(
            input_shape=source.grid,
            weight=found.weight * factor,
            stride=found.stride,
            padding=found.padding,
            dilation=(1, 1),
            groups=1,
            bias=of_channel,
        )
        return self._add(label, node, before)

    def _add(self, label: str, node, before: str) -> str:
        self.nodes[label] = node
        self.edges.append((before, label))
        return label

    def _count(self, weights: int, name: str) -> None:
        if self.weights + weights > DENSE:
            raise LabError(
                f"with {name} the graph would hold more than {DENSE:,} weights, zeros included;"
                " make the image or the net smaller."
            )

    def _spike(self, way: Way) -> float:
        """What one spike, or a grey value of 1 for one step, adds, times the weight."""
        if way.source is None:
            return DT
        return next(
            part.neurons.amplitude for part in self.parts if part.population.name == way.source
        )

    def _answer(self) -> list[str]:
        """The host's weighted sums; the names of the nodes whose sum they are."""
        sums = sums_of(self.network)
        if sums is None:
            return [self.parts[-1].population.name]
        layout = self._layout(READOUT, sums.shape, sums.ways)
        bias = layout.to_nir(sums.bias)
        self.layouts[OUTPUT] = layout
        self.about |= {
            "answer": "of the mean of the output over all steps",
            "answer_is": sums.then,
            "height_width_channels": np.array(layout.shape),
            "phases": np.array(layout.phases or (0, 0)),
        }
        last = []
        for number, way in enumerate(sums.ways):
            given = bias if number == 0 else None
            factor = 1.0 if way.source is None else self._spike(way) / DT
            last.append(self._way(way, READOUT, layout, given, number, factor))
        return last


def _image_layout(parts: list[Wired], size: int) -> Layout:
    """The image as the convolutions have it that it comes into."""
    for part in parts:
        for way in part.ways:
            if way.source is None and isinstance(way.operator, Convolve):
                return Layout(way.operator.shape_in)
    return Layout((1, 1, size), None)


def _convolution(way: Way, source, target) -> Convolve | None:
    """A way as a convolution between the two shapes, if it is one."""
    operator = way.operator
    if isinstance(operator, Matrix):
        return None
    if isinstance(operator, Convolve):
        return operator if (operator.shape_in, operator.shape_out) == (source, target) else None
    factor = 1.0 if operator is None else operator.factor
    if source != target:
        return None
    if np.ndim(factor):
        pixels = factor.reshape(-1, source[2])
        if not (pixels == pixels[0]).all():
            return None
        factor = pixels[0]
    kernel = np.diag(np.broadcast_to(factor, source[2]).astype(float))[None, None]
    return Convolve(kernel, source, source, (1, 1), "valid", False)


def _per_channel(bias: np.ndarray, layout: Layout, name: str) -> np.ndarray:
    """The bias of each channel, if all its places agree."""
    there = layout.to_nir(np.ones(int(np.prod(layout.shape))), 0) > 0
    flat, there = bias.reshape(len(bias), -1), there.reshape(len(bias), -1)
    first = flat[np.arange(len(flat)), there.argmax(1)]
    if not (np.isclose(flat, first[:, None], rtol=1e-12, atol=0) | ~there).all():
        raise LabError(
            f"the neurons of {name} have biases that differ within a channel, as behind a batch"
            " normalisation with zeros padded after it, and NIR's convolution has one for each"
            " channel; put the normalisation behind the convolution, or pad without it."
        )
    return first

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
from snnlab.export.exchange import biases
from snnlab.export.exchange.answers import Sums, sums_of
from snnlab.export.exchange.layouts import (
    Layout,
    phases_for,
    phases_of_all,
    plain,
    square,
)
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
        By the name of a population's node, or of an output; ``"input"`` is the image.
    nodes : dict of str to str
        By the name of a population, that of its node.
    notes : tuple of str
        What a reader has to know, a sentence each.
    """

    graph: "nir.NIRGraph"  # noqa: F821
    layouts: dict[str, Layout]
    nodes: dict[str, str]
    notes: tuple[str, ...]


def exported(network: SpikingNetwork) -> Exported:
    """Make the graph of a network.

    Raises
    ------
    LabError
        If there is something that NIR has no word for; the sentence names it.
    """
    return _Builder(network).made()


def named(populations) -> dict[str, str]:
    """Names of nodes: HDF5 takes a slash for a folder, and some names are the graph's own."""
    found = {}
    for name in populations:
        node = name.replace("/", "_")
        while node in found.values() or node in (INPUT, OUTPUT, READOUT):
            node += "_"
        found[name] = node
    return found


class _Builder:
    def __init__(self, network):
        self.network, self.parts = network, wired(network)
        self.names = named(part.population.name for part in self.parts)
        self.nodes, self.edges, self.layouts = {}, [], {}
        self.weights = 0
        self.dense = {}  # why a population is a row that could be a map
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
        self._answer()
        graph = nir.NIRGraph(nodes=self.nodes, edges=self.edges, metadata=self.about)
        return Exported(graph, self.layouts, self.names, tuple(self._notes()))

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
        self.layouts[self.names[name]] = layout
        # thresholds a step; a place without a neuron has none
        self._into(self.names[name], name, layout, part.ways, layout.to_nir(part.bias * DT))
        start, zero = part.initial, part.neurons.reset == "zero"
        threshold, reset = (BELOW_ONE - start, -start) if zero else (BELOW_ONE, 0.0)
        neurons = int(np.prod(shape))
        about = {
            "reset": "zero" if zero else "subtraction",
            "initial": 0.0 if zero else start,
            **({} if zero else {"subtract": 1.0}),
            **_placed(layout),
        }
        full = np.ones(layout.nir_shape)
        self.nodes[self.names[name]] = self.nir.IF(
            r=full / DT,
            v_threshold=layout.to_nir(np.full(neurons, threshold), NOBODY),
            v_reset=full * reset + 0.0,
            metadata=about,
        )

    def _layout(self, name: str, shape, ways) -> Layout:
        """A map by phases if every way in is convolutions, else a row."""
        if shape[:2] == (1, 1):
            return Layout(shape, None)
        found = []
        for way in ways:
            source = self.layouts[self.names.get(way.source, INPUT)]
            operators = _convolutions(way, source.shape, shape)
            if source.phases is None or operators is None:
                return Layout(shape, None)
            found.append(self._stations(source, operators))
        layout = Layout(shape, phases_of_all([stations[-1].phases for stations in found]))
        size = max(layout.phases)
        if size > 64:
            raise LabError(
                f"{name} lies behind transposed convolutions that enlarge {size} times, and at most"
                " 64 times are exported; make the net shallower."
            )
        for way, stations in zip(ways, found, strict=True):
            source = self.layouts[self.names.get(way.source, INPUT)]
            try:
                for one, after in zip(
                    _convolutions(way, source.shape, shape), [*stations[:-1], layout], strict=True
                ):
                    square(one, source, after)
                    source = after
            except ValueError as error:
                self.dense[name] = f"{name} {error}"
                return Layout(shape, None)
        return layout

    @staticmethod
    def _stations(source: Layout, operators) -> list[Layout]:
        """The layout behind each of some convolutions."""
        found = []
        for one in operators:
            source = Layout(one.shape_out, phases_for(one, source.phases))
            found.append(source)
        return found

    def _into(self, node: str, name: str, layout: Layout, ways, bias) -> None:
        """All that leads to a node, in front of it: its ways and its bias."""
        last = []
        for number, way in enumerate(ways):
            before = self.names.get(way.source, INPUT)
            label = node if node.startswith(READOUT) else f"{before}_to_{node}"
            label += f"_{number}" if number else ""
            given = bias if number == 0 else None
            last += self._way(way, label, name, layout, given, self._spike(way, node))
        self.edges += [(one, node) for one in last if one != node]

    def _way(self, way: Way, label: str, name: str, layout: Layout, bias, factor) -> list[str]:
        """Nodes of one way; the names of the last."""
        before = self.names.get(way.source, INPUT)
        source = self.layouts[self.names.get(way.source, INPUT)]
        operators = _convolutions(way, source.shape, layout.shape)
        if source.phases is not None and operators is not None:
            if layout.phases is not None:
                return self._convs(operators, before, source, layout, bias, factor, label, name)
            if layout.shape[:2] == (1, 1):
                layout = replace(layout, phases=(1, 1))
                if bias is not None:
                    bias = bias.reshape(layout.nir_shape)
                try:
                    last = self._convs(operators, before, source, layout, bias, factor, label, name)
                except _Oblong:
                    layout = replace(layout, phases=None)
                else:
                    return [self._flat(f"{label}_flat", one, layout) for one in last]
        if source.phases is not None:
            before = self._flat(f"{label}_in", before, source)
        self._count(int(np.prod(source.nir_shape)) * int(np.prod(layout.nir_shape)), name)
        matrix = (way.whole() or Scale(1.0, int(np.prod(source.shape)))).matrix().toarray() * factor
        matrix = source.to_nir(matrix).reshape(len(matrix), -1)
        # sinabs has no Linear
        bias = np.zeros(matrix.shape[0]) if bias is None else bias.ravel()
        return [self._add(label, self.nir.Affine(weight=matrix, bias=bias), before)]

    def _flat(self, label: str, before: str, layout: Layout) -> str:
        flat = self.nir.Flatten(
            input_type={"input": np.array(layout.nir_shape)}, start_dim=0, end_dim=-1
        )
        return self._add(label, flat, before)

    def _convs(self, operators, before, source, layout, bias, factor, label, name) -> list[str]:
        """Convolutions one after the other, the last with the bias."""
        stations = [*self._stations(source, operators)[:-1], layout]
        for number, (operator, after) in enumerate(zip(operators, stations, strict=True)):
            ends = number == len(operators) - 1
            plainly = self._conv(operator, source, after, factor if ends else 1.0, name)
            came, before = before, f"{label}_by_{number}" if not ends else label
            of_channel, rest = biases.parted(bias, layout) if ends else (None, None)
            self._add(before, self._node(plainly, source, of_channel), came)
            if rest is not None:
                return [before, self._uneven(plainly, source, rest, came, f"{label}_bias")]
            source = after
        return [before]

    def _conv(self, operator, source, layout, factor, name):
        one = int(np.prod(layout.phases)) * layout.shape[2]
        one *= int(np.prod(source.phases)) * source.shape[2]
        self._count(one * int(np.prod(operator.kernel.shape[:2])), name)
        try:
            found = plain(operator, source, layout)
        except ValueError as error:
            raise _Oblong(
                f"the layer {name} {error}; make its kernel and strides square."
            ) from error
        self._count(found.weight.size, name)
        self.weights += found.weight.size
        return replace(found, weight=found.weight * factor)

    def _node(self, plainly, source: Layout, bias):
        return self.nir.Conv2d(
            input_shape=source.grid,
            weight=plainly.weight,
            stride=plainly.stride,
            padding=plainly.padding,
            dilation=(1, 1),
            groups=1,
            bias=np.zeros(len(plainly.weight)) if bias is None else bias,
        )

    def _uneven(self, plainly, source: Layout, bias, before: str, label: str) -> str:
        """Nodes that give a bias which is not the same everywhere."""
        channels = plainly.weight.shape[1]
        ones = replace(plainly, weight=np.zeros((1, channels, 1, 1)), stride=(1, 1), padding=(0, 0))
        self._add(f"{label}_ones", self._node(ones, source, np.ones(1)), before)
        found = biases.by_border(bias, plainly, source.grid)
        if found is not None:
            of_ones = replace(plainly, weight=found)
            return self._add(label, self._node(of_ones, source, None), f"{label}_ones")
        many = len(plainly.weight)
        wide = replace(plainly, weight=np.zeros((many, 1, *plainly.weight.shape[2:])))
        self._add(f"{label}_wide", self._node(wide, source, np.ones(many)), f"{label}_ones")
        return self._add(label, self.nir.Scale(scale=bias), f"{label}_wide")

    def _add(self, label: str, node, before: str) -> str:
        self.nodes[label] = node
        self.edges.append((before, label))
        return label

    def _count(self, weights: int, name: str) -> None:
        if self.weights + weights > DENSE:
            why = f" ({self.dense[name]})" if name in self.dense else ""
            raise LabError(
                f"with {name}{why} the graph would hold more than {DENSE:,} weights, zeros"
                " included; make the image or the net smaller."
            )

    def _spike(self, way: Way, node: str) -> float:
        """What one spike, or a grey value of 1 for one step, adds, times the weight."""
        to_host = DT if node.startswith(READOUT) else 1.0
        if way.source is None:
            return DT / to_host
        amplitude = next(
            part.neurons.amplitude for part in self.parts if part.population.name == way.source
        )
        return amplitude / to_host

    def _answer(self) -> None:
        """The host's weighted sums, or the last population if there are none."""
        sums = sums_of(self.network)
        if not sums:
            last = self.names[self.parts[-1].population.name]
            self._output(OUTPUT, [last])
            return
        self.about |= {"answer": "of the mean of the output over all steps"}
        self.about |= {"answer_is": sums[0].then}
        if len(sums) == 1:
            self.about |= _placed(self._sum(sums[0], READOUT, OUTPUT))
            return
        names = [f"{OUTPUT}_{part.name.replace('/', '_')}" for part in sums]
        layouts = [
            self._sum(part, name.replace(OUTPUT, READOUT, 1), name)
            for part, name in zip(sums, names, strict=True)
        ]
        # of the graph, since outputs of nir 1.0.4 have no metadata
        self.about["answer_is_a_row_of"] = np.array([name.encode() for name in names])
        self.about |= {
            key: np.array([_placed(one)[key] for one in layouts]) for key in _placed(layouts[0])
        }

    def _sum(self, part: Sums, node: str, output: str) -> Layout:
        layout = self._layout(node, part.shape, part.ways)
        self.layouts[output] = layout
        there = len(self.nodes)
        self._into(node, node, layout, part.ways, layout.to_nir(part.bias))
        fed = {before for before, _ in self.edges}
        self._output(output, [one for one in list(self.nodes)[there:] if one not in fed])
        return layout

    def _output(self, name: str, last: list[str]) -> None:
        shape = np.array(self.nodes[last[0]].output_type["output"])
        self.nodes[name] = self.nir.Output(output_type={"output": shape})
        self.edges += [(one, name) for one in last]


class _Oblong(LabError):
    """A kernel that is not square."""


def _placed(layout: Layout) -> dict:
    """Where neurons are, as metadata."""
    return {
        "height_width_channels": np.array(layout.shape),
        "phases": np.array(layout.phases or (0, 0)),
    }


def _image_layout(parts: list[Wired], size: int) -> Layout:
    """The image as the convolutions have it that it comes into."""
    for part in parts:
        for way in part.ways:
            first = way.operators[0] if way.operators else None
            if way.source is None and isinstance(first, Convolve):
                return Layout(first.shape_in)
    return Layout((1, 1, size), None)


def _convolutions(way: Way, source, target) -> list[Convolve] | None:
    """A way as convolutions between the two shapes, if it is some."""
    found, shape = [], source
    for one in way.operators or (Scale(1.0, int(np.prod(source))),):
        made = _convolution(one, shape)
        if made is None:
            return None
        found.append(made)
        shape = made.shape_out
    return found if shape == target else None


def _convolution(operator, shape) -> Convolve | None:
    if isinstance(operator, Matrix):
        return None
    if isinstance(operator, Convolve):
        return operator if operator.shape_in == shape else None
    factor = operator.factor
    if np.ndim(factor):
        pixels = factor.reshape(-1, shape[2])
        if not (pixels == pixels[0]).all():
            return None
        factor = pixels[0]
    kernel = np.diag(np.broadcast_to(factor, shape[2]).astype(float))[None, None]
    return Convolve(kernel, shape, shape, (1, 1), "valid", False)

"""From the nodes of a NIR graph to the lab's layers.

NIR is channels first, the lab channels last. A neuron's threshold and resistance become factors of
what comes in: with ``u = (v - v_reset) / (v_threshold - v_reset)`` every neuron has the threshold 1
and resets to 0. An activation of 1 is a spike in every step, which is a neuron's ceiling.
"""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np

from snnlab.errors import LabError
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.shaping import Add, Borders, Pooling, Reshape
from snnlab.nets.graph.weighted import Affine, Convolution, Dense
from snnlab.nets.keras_files.limits import SIDE, VALUES, refused
from snnlab.nets.nir_files.nodes import AGAIN, Found

CEILING = 1.0  # of an activation: a spike in every step
SHORT = 1 - 2.0**-23  # the least by which single precision falls short of 1


@dataclass(frozen=True)
class Translated:
    """A graph, and how its neurons begin and reset.

    Attributes
    ----------
    graph : Graph
    reset : str
        ``"zero"`` or ``"subtraction"``, of all neurons.
    initial : float
        Potential to begin with, in thresholds, of all neurons.
    """

    graph: Graph
    reset: str
    initial: float


def translated(nodes: dict[str, Found], edges, step: float | None) -> Translated:
    """Make layers of nodes.

    Parameters
    ----------
    nodes : dict of str to Found
    edges : list of pairs of str
    step : float or None
        What ``r`` is multiplied by (s); None if a step adds just the current.

    Raises
    ------
    LabError
        The sentence names the node.
    """
    return _Translator(nodes, edges, step).made()


class _Translator:
    def __init__(self, nodes, edges, step):
        self.nodes, self.step = nodes, step
        self.before = {name: [] for name in nodes}
        for source, target in edges:
            for name in (source, target):
                if name not in nodes:
                    raise refused(name, "is at the end of an edge, and is not there", AGAIN, "node")
            self.before[target].append(source)
        self.made_nodes: list[Node] = []
        self.end = {}  # of each node of the file: the lab's that gives its value
        self.flat = {}  # of values flattened by NIR: their shape, channels first
        self.shape = {}  # of each of the lab's
        self.soft, self.initial = set(), set()

    def made(self) -> Translated:
        try:
            order = list(TopologicalSorter(self.before).static_order())
        except CycleError as error:
            name = error.args[1][0]
            raise refused(name, "is in a loop, and only nets without loops are run here",
                          "take the loop out", "node") from error  # fmt: skip
        inputs = [name for name, node in self.nodes.items() if node.kind == "Input"]
        outputs = [name for name, node in self.nodes.items() if node.kind == "Output"]
        if len(inputs) != 1 or len(outputs) != 1:
            raise LabError(
                f"the graph has {len(inputs)} inputs and {len(outputs)} outputs; export one with"
                " one of each."
            )
        image = self._image(inputs[0])
        for name in order:
            if name in (outputs[0], inputs[0]) or not self.before[name]:
                continue
            try:
                self._node(name, self.nodes[name], self._input(name))
            except ValueError as error:
                raise refused(name, f"does not fit what comes before it ({error})", AGAIN,
                              "node") from error  # fmt: skip
        last = self._input(outputs[0])
        graph = Graph("net", image, tuple(self.made_nodes))
        graph = Graph("net", image, graph.up_to(last))
        if not self.initial:
            raise LabError("the graph has no IF neurons, so nothing of it would spike.")
        if len(self.soft) > 1 or len(self.initial) > 1:
            raise LabError(
                "neurons of this graph reset or begin in different ways; export one in which all"
                " do alike."
            )
        reset = "subtraction" if self.soft.pop() else "zero"
        return Translated(graph, reset, self.initial.pop())

    def _image(self, name: str):
        shape = without_batch(self.nodes[name].holds["shape"])
        if len(shape) not in (1, 3):
            raise refused(name, f"has {len(shape)} axes", "export one or three", "node")
        image = (1, 1, *shape) if len(shape) == 1 else (*shape[1:], shape[0])
        if max(image[:2]) > SIDE or np.prod(image, dtype=float) > VALUES:
            raise refused(name, "is too large an image", "make it smaller", "node")
        self.end[name], self.shape[IMAGE] = IMAGE, image
        return image

    def _input(self, name: str) -> str:
        """The lab's node that gives the sum of what comes in."""
        sources = [self.end.get(source) for source in self.before[name]]
        if None in sources or not sources:
            raise refused(name, "is reached by nothing that the input feeds", AGAIN, "node")
        if len(sources) == 1:
            return sources[0]
        flats = {self.flat.get(source) for source in sources}
        if len(flats) > 1:
            raise refused(name, "adds up flat values of different orders", AGAIN, "node")
        made = self._add(f"{name}(sum)", Add(), *sources)
        if None not in flats:
            self.flat[made] = flats.pop()
        return made

    def _add(self, name: str, layer, *sources: str) -> str:
        self.shape[name] = layer.shape(*(self.shape[source] for source in sources))
        if np.prod(self.shape[name], dtype=float) > VALUES:
            raise refused(name, "would give too many values", "make the image smaller", "node")
        self.made_nodes.append(Node(name, layer, sources))
        return name

    def _node(self, name: str, node: Found, source: str) -> None:
        flat = self.flat.get(source)
        made = getattr(self, f"_{node.kind.lower()}")(name, node.holds, source)
        if node.kind == "IF":
            self._begins(name, node)
            if flat is not None:
                self.flat[made] = flat
        self.end[name] = made

    def _affine(self, name, holds, source) -> str:
        weight = holds["weight"]
        if weight.ndim != 2 or ("bias" in holds and holds["bias"].shape != weight.shape[:1]):
            raise ValueError("a matrix, and a bias for each of its rows")
        if source in self.flat:  # channels first, where the lab has them last
            depth, rows, columns = self.flat[source]
            if weight.shape[1] != depth * rows * columns:
                raise ValueError(f"weights for {weight.shape[1]} values")
            order = np.arange(weight.shape[1]).reshape(depth, rows, columns).transpose(1, 2, 0)
            weight = weight[:, order.ravel()]
        shape = self.shape[source]
        if len(shape) == 3 and shape[:2] != (1, 1):
            raise ValueError("a row of values; a Flatten before it makes one")
        bias = holds.get("bias", np.zeros(len(weight)))
        return self._add(name, Dense(_single(weight.T), _single(bias)), source)

    _linear = _affine

    def _scale(self, name, holds, source) -> str:
        return self._factor(name, holds["scale"], source)

    def _factor(self, name, values, source) -> str:
        """A factor for each value, which must be one for each channel."""
        values = self._channels(values, source)
        return self._add(name, Affine(_single(values), np.zeros(len(values), np.float32)), source)

    def _channels(self, values, source) -> np.ndarray:
        shape = self.shape[source]
        if source in self.flat or len(shape) == 1 or shape[:2] == (1, 1):
            if values.size not in (1, shape[-1]):
                raise ValueError(f"numbers for {values.size} values")
            values = np.broadcast_to(values.ravel(), shape[-1])
            if source in self.flat:
                depth, rows, columns = self.flat[source]
                values = values.reshape(depth, rows, columns).transpose(1, 2, 0).ravel()
            return values
        if values.size != 1 and values.shape != (shape[2], *shape[:2]):
            raise ValueError(f"numbers for {' x '.join(map(str, values.shape))}")
        values = np.broadcast_to(values, (shape[2], *shape[:2])).reshape(shape[2], -1)
        if not (values == values[:, :1]).all():
            raise ValueError("numbers that are the same within a channel")
        return values[:, 0]

    def _conv2d(self, name, holds, source) -> str:
        weight, bias, groups = holds["weight"], holds["bias"], int(holds["groups"].ravel()[0])
        if weight.ndim != 4:
            raise ValueError("weights of four axes")
        strides, dilation = _pair(holds["stride"]), _pair(holds["dilation"])
        padding, how = holds["padding"], "valid"
        if isinstance(padding, str):
            if padding not in ("same", "valid") or (padding == "same" and strides != (1, 1)):
                raise ValueError("paddings in numbers, or same without strides")
            how = padding
        else:
            source = self._borders(name, _pair(padding), source)
        kernel = _single(weight.transpose(2, 3, 1, 0))
        layer = Convolution(kernel, _single(bias), strides, how, dilation, groups)
        return self._add(name, layer, source)

    def _borders(self, name, padding, source) -> str:
        if not any(padding):
            return source
        rows, columns = padding
        return self._add(f"{name}(borders)", Borders((rows, rows), (columns, columns)), source)

    def _avgpool2d(self, name, holds, source) -> str:
        source = self._borders(name, _pair(holds["padding"]), source)
        size, strides = _pair(holds["kernel_size"]), _pair(holds["stride"])
        return self._add(name, Pooling("average", size, strides), source)

    def _sumpool2d(self, name, holds, source) -> str:
        made = self._avgpool2d(f"{name}(mean)", holds, source)
        many = float(np.prod(holds["kernel_size"]))
        return self._factor(name, np.full(1, many), made)

    def _flatten(self, name, holds, source) -> str:
        shape = self.shape[source]
        first, last = (int(holds[key].ravel()[0]) for key in ("start_dim", "end_dim"))
        if source in self.flat or len(shape) == 1:
            return source
        # some count a batch's axis, which no value has
        if (first, last) not in {(at, to) for at in (0, -3, 1) for to in (-1, 2, 3)}:
            raise ValueError("to make one row of all values")
        made = self._add(name, Reshape(), source)
        if shape[:2] != (1, 1):
            self.flat[made] = (shape[2], *shape[:2])
        return made

    @staticmethod
    def _pass(name, holds, source) -> str:
        return source

    def _if(self, name, holds, source) -> str:
        _, wide = self._reset(self.nodes[name])
        factor = 1 / wide if self.step is None else holds["r"] * self.step / wide
        # NIR spikes above its threshold, the engine at 1: what is just there must fall short
        factor = np.where(_reached(holds["v_threshold"]), factor, factor * SHORT)
        if (np.abs(factor - 1) > 1e-12).any():
            source = self._factor(f"{name}(scale)", factor, source)
        self._channels(np.broadcast_to(wide, holds["v_threshold"].shape), source)
        made = self._add(name, Neurons(CEILING), source)
        return made

    @staticmethod
    def _reset(node: Found):
        """What a neuron resets to, and how far its threshold lies above that."""
        threshold = node.holds["v_threshold"]
        threshold = np.where(_reached(threshold), threshold.astype(np.float32), threshold)
        if node.soft:  # what is taken away is the threshold, whatever v_reset says
            reset = np.zeros_like(threshold)
        else:
            reset = np.broadcast_to(node.holds.get("v_reset", np.zeros(1)), threshold.shape)
        wide = threshold - reset
        if (wide <= 0).any():
            raise ValueError("thresholds above the potential that is reset to")
        return reset, wide

    def _begins(self, name: str, node: Found) -> None:
        reset, wide = self._reset(node)
        starts = np.unique(np.round((node.initial - reset) / wide, 12))
        if starts.size > 1 or not 0 <= starts[0] <= 1:
            raise refused(name, "begins from potentials that differ, or lie below its reset",
                          "export neurons that begin alike", "node")  # fmt: skip
        self.initial.add(float(starts[0]))
        self.soft.add(node.soft)


def without_batch(shape) -> tuple[int, ...]:
    """Of an input, of which some say that it is a batch of one."""
    shape = tuple(int(side) for side in np.ravel(shape))
    return shape[1:] if len(shape) in (2, 4) and shape[0] == 1 else shape


def _reached(threshold: np.ndarray) -> np.ndarray:
    """Whether to be above it means to be at a number of single precision, as in the lab's files."""
    near = threshold.astype(np.float32).astype(np.float64)
    return (near > threshold) & (near - threshold < 1e-15 * np.abs(near))


def _single(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, np.float32)


def _pair(values: np.ndarray) -> tuple[int, int]:
    rows, columns = (int(one) for one in np.broadcast_to(values, 2))
    return rows, columns

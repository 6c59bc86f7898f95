"""A NIR graph that is no net of the lab, run step by step on an input of one's own.

One with leaky neurons, with integrators, delays or loops does not become a net, whose activations
are rates; it becomes a ``nengo.Network`` of `snnlab.simulation.leaky`'s neurons, with NIR's
equations in thresholds: ``u = (v - v_reset) / (v_threshold - v_reset)`` spikes above 1 and resets
to 0. The event engine runs it. If it has loops, of which one edge each takes a step, or what that
engine has not (`remembering`), Nengo's own simulator does.
"""

import contextlib
import warnings
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from types import SimpleNamespace

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.errors import LabError
from snnlab.export.exchange import literal, remembering
from snnlab.export.exchange.comparing import Compared, compared
from snnlab.export.exchange.returning import as_nodes
from snnlab.nets.keras_files.limits import refused
from snnlab.nets.nir_files.nodes import AGAIN, LEAKY, NEURONS
from snnlab.nets.nir_files.reading import Nodes
from snnlab.nets.nir_files.translating import without_batch
from snnlab.simulation import event
from snnlab.simulation.leaky import LeakyIntegrateAndFire
from snnlab.simulation.neurons import IntegrateAndFire

STEPS = 32  # of a comparison, where no input is given
MOST = 1 << 24  # numbers of a matrix, and of a run: 134 MB
SHORT = 1 - 2.0**-50  # a lab's neuron spikes at 1, NIR's above it


@dataclass(frozen=True)
class Stepped:
    """A run.

    Attributes
    ----------
    simulator : str
        ``"event"`` or ``"nengo"``.
    spikes, potentials : dict of str to numpy.ndarray
        By neuron node, ``(steps, neurons)``: bool, and float64 at the end of each step, in NIR's
        units.
    late : frozenset of pairs of str
        Edges that take a step; one into a delay takes one of the delay's.
    closing : frozenset of pairs of str
        Those of them that close a loop, and take one that the graph does not say.
    shapes : dict of str to tuple of int
        Of what each node sends in one step.
    """

    simulator: str
    spikes: dict[str, np.ndarray]
    potentials: dict[str, np.ndarray]
    late: frozenset
    closing: frozenset
    shapes: dict[str, tuple[int, ...]]


def input_shape(found: Nodes) -> tuple[int, ...]:
    """Of one step's input.

    Raises
    ------
    LabError
        If there is not exactly one input.
    """
    inputs = [node for node in found.nodes.values() if node.kind == "Input"]
    if len(inputs) != 1:
        raise LabError(f"the graph has {len(inputs)} inputs; export one with one input.")
    return without_batch(inputs[0].holds["shape"])


def run(found: Nodes, values: np.ndarray, dt: float, resisting: bool = True) -> Stepped:
    """Run a graph.

    Parameters
    ----------
    found : Nodes
    values : numpy.ndarray
        ``(steps, *shape)`` of its input.
    dt : float
        Length of a step (s).
    resisting : bool
        Whether ``r`` counts; if not, it is 1.

    Raises
    ------
    LabError
        The sentence names the node, where one is at fault.
    """
    made = _Network(found, np.asarray(values, float), dt, resisting)
    slow = bool(made.late or made.remembering)
    kind = nengo.Simulator if slow else event.Simulator
    options = {"progress_bar": False} | ({} if slow else {"dtype": "float64"})
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Nengo works out rate curves, which such neurons need not have
        warnings.simplefilter("ignore")
        simulator = kind(made.network, dt=dt, **options)
    with simulator:
        simulator.run_steps(len(values))
    spikes, potentials = {}, {}
    for name, (sent, voltage, wide, low) in made.probes.items():
        spikes[name] = np.array(simulator.data[sent]) > 0
        potentials[name] = np.array(simulator.data[voltage]) * wide + low
    for name, one in made.remembering.items():
        if one.sent is not None:
            spikes[name], potentials[name] = np.array(one.sent), np.array(one.potentials)
    order = [name for name in made.nodes if name in spikes]
    return Stepped(
        "nengo" if slow else "event",
        {name: spikes[name] for name in order},
        {name: potentials[name] for name in order},
        made.late, made.closing, made.shape,
    )  # fmt: skip


def checked(
    found: Nodes, values: np.ndarray, dt: float, ours: Stepped, resisting: bool = True
) -> Compared:
    """Hold a run's spikes against NIR's equations, which `literal` takes as they are."""
    graph = SimpleNamespace(nodes=as_nodes(found.nodes, resisting), edges=found.edges)
    for name, node in graph.nodes.items():
        if type(node).__name__ == "Delay":  # of one number for all
            node.delay = np.broadcast_to(node.delay, ours.shapes[name])
    theirs = literal.run(graph, values, len(values), dt, ours.late)
    return compared(ours.spikes, theirs)


def waiting(nodes, edges, dt: float) -> frozenset:
    """Edges into delays, which take a step of theirs."""
    delays = {
        name
        for name, node in nodes.items()
        if type(node).__name__ == "Delay" and literal.waits(node, dt).min() > 0
    }
    return frozenset(edge for edge in edges if edge[1] in delays)


def closing(nodes, edges) -> frozenset:
    """Edges that lead back to a node on the way from the input."""
    feeds = {name: [b for a, b in edges if a == name] for name in nodes}
    late, done = set(), set()
    for start in sorted(nodes, key=lambda name: nodes[name].kind != "Input"):
        way = [(start, iter(feeds[start]))] if start not in done else []
        while way:
            name, left = way[-1]
            after = next(left, None)
            if after is None:
                done.add(name)
                way.pop()
            elif any(after == one for one, _ in way):
                late.add((name, after))
            elif after not in done:
                way.append((after, iter(feeds[after])))
    return frozenset(late)


class _Network:
    def __init__(self, found: Nodes, values: np.ndarray, dt: float, resisting: bool):
        self.nodes, self.edges, self.dt = as_nodes(found.nodes, resisting), found.edges, dt
        self.steps = len(values)
        for name in {end for edge in found.edges for end in edge} - set(found.nodes):
            raise refused(name, "is at the end of an edge, and is not there", AGAIN, "node")
        self.kinds = {name: node.kind for name, node in found.nodes.items()}
        self.soft = {name: node.soft for name, node in found.nodes.items()}
        waits = waiting(self.nodes, found.edges, dt)
        self.closing = closing(found.nodes, [edge for edge in found.edges if edge not in waits])
        self.late = waits | self.closing
        self.remembering = {}  # of each node that Nengo runs as a function: what it remembers
        neurons = sum(
            getattr(node, "v_threshold", np.zeros(0)).size for node in self.nodes.values()
        )
        if len(values) * max(neurons, values[:1].size) > MOST:
            raise LabError("the run has too many numbers; give fewer steps.")
        self.shape = {}
        self.leaves = {}  # of each node: what has its output
        self.probes = {}
        with nengo.Network(seed=0) as self.network:
            for name in self._order():
                try:
                    self._node(name, values)
                except ValueError as error:
                    raise refused(name, f"does not fit what comes before it ({error})", AGAIN,
                                  "node") from error  # fmt: skip
            for before, after in self.late:
                self._connect(before, after, nengo.Lowpass(0))

    def _order(self) -> list[str]:
        """Each node after those that feed it within a step, and delays after theirs if they can."""
        for left_out in (self.closing, self.late):
            before = {name: set() for name in self.nodes}
            for one, other in set(self.edges) - left_out:
                before[other].add(one)
            with contextlib.suppress(CycleError):
                return list(TopologicalSorter(before).static_order())
        raise AssertionError("loops are closed by edges that were left out")

    def _node(self, name: str, values: np.ndarray) -> None:
        node, kind = self.nodes[name], self.kinds[name]
        everything = [a for a, b in self.edges if b == name]
        before = [one for one in everything if (one, name) not in self.late]
        if kind == "Input":
            self.shape[name], flat = values.shape[1:], values.reshape(len(values), -1)
            self.leaves[name] = nengo.Node(
                lambda t: flat[min(int(round(t / self.dt)), len(flat)) - 1], size_out=flat.shape[1]
            )
            return
        shapes = {self.shape[one] for one in everything if one in self.shape}
        if not shapes and kind == "Delay":  # in a loop
            shapes = {node.delay.shape}
        if len(shapes) != 1:
            raise ValueError(f"inputs of {len(shapes)} shapes")
        (shape,) = shapes
        size = int(np.prod(shape))
        if kind in remembering.KINDS or (kind in LEAKY and remembering.differ(node)):
            late = kind == "Delay" and any(edge[1] == name for edge in self.late)
            one = remembering.Remembering(node, kind, shape, self.dt, late)
            self.remembering[name], self.shape[name] = one, shape
            if one.most > MOST or size * self.steps > MOST:
                raise ValueError("more numbers than are run here")
            self.leaves[name] = nengo.Node(one, size_in=size, size_out=size)
        elif kind in NEURONS:
            self._neurons(name, node, kind, shape)
        elif kind in ("Output", "Pass"):
            self.leaves[name], self.shape[name] = nengo.Node(size_in=size), shape
        else:
            summed = nengo.Node(size_in=size)
            matrix, bias, self.shape[name] = _matrix(node, kind, shape)
            self.leaves[name] = nengo.Node(size_in=len(bias))
            nengo.Connection(summed, self.leaves[name], transform=matrix, synapse=None)
            if bias.any():
                nengo.Connection(nengo.Node(bias), self.leaves[name], synapse=None)
            self.leaves[name, "in"] = summed
        for one in before:
            self._connect(one, name)

    def _connect(self, before: str, after: str, synapse=None) -> None:
        into = self.leaves.get((after, "in"), self.leaves[after])
        if self.leaves[before].size_out != into.size_in:
            raise refused(after, "is led back to by another number of values", AGAIN, "node")
        nengo.Connection(self.leaves[before], into, synapse=synapse)

    def _neurons(self, name, node, kind, shape) -> None:
        def each(values):
            return np.broadcast_to(values, shape).ravel().astype(float)

        if node.v_threshold.size != 1 and node.v_threshold.shape != shape:
            raise ValueError(f"numbers for {node.v_threshold.size} neurons")
        low = np.zeros(shape).ravel() if self.soft[name] else each(node.v_reset)
        wide = each(node.v_threshold) - low
        if (wide <= 0).any():
            raise ValueError("thresholds above the potential that is reset to")
        start = {"voltage": (each(node.metadata["initial"]) - low) / wide}
        reset = "subtraction" if self.soft[name] else "zero"
        gain, bias = each(node.r) / wide, np.zeros(len(wide))
        if kind == "IF":
            neurons = IntegrateAndFire(reset, self.dt, initial_state=start)
            gain = gain * SHORT
        else:
            bias = (each(node.v_leak) - low) / wide
            tau_syn = 0.0
            if kind == "CubaLIF":
                gain = gain * each(node.w_in)
                tau_syn = _one(each(node.tau_syn))
                start["current"] = bias  # the leak's potential needs no synapse to come through
            tau = _one(each(node.tau_mem if tau_syn else node.tau))
            neurons = LeakyIntegrateAndFire(
                tau, 0.0, tau_syn, reset, amplitude=self.dt, initial_state=start
            )
        ensemble = nengo.Ensemble(
            len(wide), 1, neuron_type=neurons, gain=gain, bias=bias, encoders=Choice([[1.0]])
        )
        self.leaves[name], self.shape[name] = ensemble.neurons, shape
        probes = nengo.Probe(ensemble.neurons), nengo.Probe(ensemble.neurons, "voltage")
        self.probes[name] = (*probes, wide, low)


def _one(values: np.ndarray) -> float:
    if values.min() <= 0 or np.ptp(values) > 1e-9 * values.max():
        raise ValueError("one time constant above 0 for all neurons of a node")
    return float(values[0])


def _matrix(node, kind, shape) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Weights ``(out, in)``, bias and shape of what is linear but for that."""
    bias = literal.linear(node, kind, np.zeros(shape))
    size = int(np.prod(shape))
    if size * bias.size > MOST:
        raise ValueError(f"a matrix of {bias.size} x {size}, which is too large to be run here")
    if kind in ("Affine", "Linear"):
        return node.weight, bias, bias.shape
    columns = [
        (literal.linear(node, kind, one.reshape(shape)) - bias).ravel() for one in np.eye(size)
    ]
    return np.array(columns).T, bias.ravel(), bias.shape

"""From a `nengo.Network` to a `Plan`: what feeds what, folded as far as it goes.

Constant nodes become bias currents, passthrough nodes become direct links
from the neurons behind them to the neurons ahead, and a bias that all pixels
share is kept once a channel. Nothing is sampled that is not random, so that
a network of many millions of neurons is read in well under a second.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import nengo
import numpy as np
from nengo.builder.network import seed_network

from snnlab.simulation.event.compiled import kernel
from snnlab.simulation.event.decoding import Decoding, decodes, whole
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.layout import SOFTMAX
from snnlab.simulation.event.neurons import behaviour, gain_bias
from snnlab.simulation.event.operators import (
    Convolve,
    Operator,
    Scale,
    into_slice,
    join,
    join_any,
    of_connection,
    of_dense,
)
from snnlab.simulation.event.plan import Behaviour, Driven, Filter, Link, Outer, Plan, Stage, Steady

LARGE = 2**23  # neurons from which constant input is made by rows, where that is allowed


def read(
    network: nengo.Network,
    dt: float,
    given: Mapping[nengo.Node, np.ndarray] | None = None,
    by_rows: bool = False,
) -> Plan:
    """Read a network.

    Parameters
    ----------
    given : mapping, optional
        What constant nodes put out instead of their own values.
    by_rows : bool
        Whether the bias of a large image's first population may be an `Outer`.

    Raises
    ------
    Unsupported
        If it has a part that this simulator cannot run.
    """
    return _Reader(network, dt, given or {}, by_rows).plan()


@dataclass(frozen=True)
class _Path:
    """What arrives from a stage: through one operator (None: as it is), perhaps filtered.

    If ``values`` is given, it is constant, and there is no stage: what arrives is the operator's
    result.
    """

    source: int | None
    operator: Operator | None = None
    filter: Filter | None = None
    values: np.ndarray | None = None

    @cached_property
    def arrives(self) -> np.ndarray:
        """What is constant."""
        return self.values if self.operator is None else self.operator.apply(self.values)


class _Reader:
    def __init__(self, network, dt, given, by_rows):
        self.network, self.dt, self.given, self.by_rows = network, dt, given, by_rows
        self.seeds = None
        self.incoming = defaultdict(list)
        for connection in network.all_connections:
            _check(connection)
            self.incoming[_owner(connection.post_obj)].append(connection)
        self.decoding = Decoding(network, dt) if decodes(network) else None
        self.decoded = {}
        self.probed = {probe.obj for probe in network.all_probes}
        self.constants = {}
        self.paths = {}  # of each ensemble and node: what leaves it
        self.stages = []

    def seed(self, thing) -> int:
        """The seed that Nengo's builder gives an object."""
        if self.decoding is not None:
            return self.decoding.seeds[thing]
        if self.seeds is None:
            self.seeds = {}
            seed_network(self.network, self.seeds, {})
        return self.seeds[thing]

    def plan(self) -> Plan:
        for thing in _ordered(self.network, self.incoming):
            if isinstance(thing, nengo.Ensemble):
                self._ensemble(thing)
            else:
                self._node(thing)
        params = None
        if self.decoding is not None:
            params = self.decoding.params
            for probe, connection in self.decoding.probes.items():
                (path,) = self._decoded(connection)
                self.decoded[probe] = path.source
                if path.source is None:
                    self.constants[probe] = path.arrives
        return Plan(tuple(self.stages), self.constants, self.seed, self.decoded, params)

    def _ensemble(self, ensemble):
        if ensemble.noise is not None:
            raise Unsupported(
                f"{ensemble} has noise, which the event-driven simulator does not run."
            )
        rule = behaviour(ensemble, self.seed)
        stage = self._stage(ensemble, self._arriving(ensemble), rule)
        if rule.graded and not stage.links and not stage.steady:
            current = np.resize(stage.bias, stage.neurons)
            if rule.rates is None:
                self._constant(ensemble, rule.amplitude * np.maximum(current, 0))
            else:
                rule.rates(current)
                self._constant(ensemble, current)
        else:
            self._add(stage)

    def _node(self, node):
        if isinstance(node.output, np.ndarray):
            self._constant(node, np.asarray(self.given.get(node, node.output), float))
        elif node.output is not None:
            if node.size_in:
                raise Unsupported(
                    f"{node} computes with its input; the event-driven simulator runs nodes "
                    "that are constant, pass on their input, or depend on time only."
                )
            self._add(Driven(node))
        elif node.size_in:
            paths = self._arriving(node)
            if all(path.values is not None and path.filter is None for path in paths):
                self._constant(node, sum((path.arrives for path in paths), np.zeros(node.size_in)))
                return
            self.paths[node] = paths
            if node in self.probed:
                self.stages.append(self._stage(node, paths, Behaviour(graded=2)))

    def _constant(self, thing, values):
        self.constants[thing] = values
        self.paths[thing] = [_Path(None, values=values)]

    def _add(self, stage):
        self.paths[stage.target] = [_Path(len(self.stages))]
        self.stages.append(stage)

    def _arriving(self, thing) -> list[_Path]:
        """All paths to an object, joined into single links where they can be."""
        found = []
        for connection in self.incoming[thing]:
            pre = _owner(connection.pre_obj)
            then, filtered = self._operator(connection), self._filter(connection)
            sources = self.paths[pre]
            if isinstance(connection.pre_obj, nengo.Ensemble):
                sources = self._decoded(connection)
            joined = [_joined(path, then, filtered) for path in sources]
            if None in joined:
                # what arrives there is added up step by step, and goes on from there
                self._add(self._stage(pre, self.paths[pre], Behaviour(graded=2)))
                joined = [_joined(path, then, filtered) for path in self.paths[pre]]
            found.extend(joined)
        return found

    def _operator(self, connection) -> Operator:
        """What comes after the source's neurons, or after its decoded value."""
        if not isinstance(connection.pre_obj, nengo.Ensemble):
            operator = of_connection(connection, self.seed)
        elif whole(connection):
            gain = self.decoding.gain(connection.post_obj)
            return of_dense(np.diag(1 / gain), len(gain))
        else:
            operator = into_slice(Scale(1.0, connection.size_out), connection)
        if isinstance(connection.post_obj, nengo.Ensemble):
            encoders = self.decoding.encoders(connection.post_obj)
            operator = join_any(operator, of_dense(encoders, encoders.shape[1]))
        return operator

    def _decoded(self, connection) -> list[_Path]:
        """The value that an ensemble's neurons stand for, once for each connection."""
        weights = self.decoding.weights(connection)
        decoders = of_dense(weights, weights.shape[1])
        paths = [_joined(path, decoders, None) for path in self.paths[connection.pre_obj]]
        if all(path.values is not None for path in paths):
            return paths
        target = nengo.Node(size_in=len(weights), label=f"of {connection}", add_to_container=False)
        self._add(self._stage(target, paths, Behaviour(graded=2)))
        return self.paths[target]

    def _filter(self, connection) -> Filter | None:
        synapse = connection.synapse
        if synapse is None:
            return None
        if not isinstance(synapse, nengo.Lowpass):
            raise Unsupported(
                f"the connection from {connection.pre_obj} to {connection.post_obj} has a "
                f"{type(synapse).__name__} synapse; the event-driven simulator knows Lowpass "
                "and None."
            )
        return low_pass(synapse, self.dt)

    def _stage(self, thing, paths, rule) -> Stage:
        size = thing.n_neurons if isinstance(thing, nengo.Ensemble) else thing.size_out
        gain, bias = np.ones(1), np.zeros(1)
        if isinstance(thing, nengo.Ensemble):
            gain, bias = gain_bias(thing, self.seed)
        links = tuple(
            Link(path.source, path.operator, path.filter) for path in paths if path.values is None
        )
        # what spikes, or else what is constant, comes through tells rows and columns
        convolutions = [path for path in paths if isinstance(path.operator, Convolve)]
        spiking = [path for path in convolutions if path.values is None]
        operators = [path.operator for path in spiking or convolutions]
        largest = max(operators, key=_pixels, default=None)
        shape = largest.shape_out if largest else (1, size, 1)
        if rule.kind == SOFTMAX:
            shape = _by_pixel(thing, shape, rule.inputs)
        steady = tuple(
            Steady(path.arrives, path.filter)
            for path in paths
            if path.values is not None and path.filter is not None
        )
        if self.by_rows and size >= LARGE and len(paths) == 1:
            outer = _outer(paths[0], shape, rule, gain, bias)
            if outer is not None:
                return Stage(thing, shape, rule, (), (), outer)
        for path in paths:
            if path.values is not None and path.filter is None:
                arrives = path.arrives
                if gain.size != 1 or gain[0] != 1:
                    arrives = repeated(np.multiply, gain, arrives)
                bias = repeated(np.add, bias, arrives)
        return Stage(
            thing,
            shape,
            rule,
            links,
            steady,
            by_channel(bias, shape[2], size),
            by_channel(gain, shape[2], size),
        )


def _by_pixel(thing, shape, classes: int) -> tuple[int, int, int]:
    """A shape in which the neurons that compete are the channels of a pixel."""
    if shape[2] == 1:
        shape = (1, shape[0] * shape[1] // classes, classes)
    if shape[2] != classes or np.prod(shape) != thing.n_neurons:
        raise Unsupported(
            f"{thing} is a softmax over {classes} classes, but has {shape[2]} channels; give it"
            " one channel per class."
        )
    return shape


def _joined(path: _Path, then: Operator, filtered: Filter | None) -> _Path | None:
    """A path and a connection as one path; None if they cannot be one."""
    if path.filter is not None and filtered is not None:
        return None
    if path.values is not None:
        return _Path(None, then, path.filter or filtered, path.arrives)
    operator = then if path.operator is None else join(path.operator, then)
    return None if operator is None else _Path(path.source, operator, path.filter or filtered)


def _outer(path: _Path, shape, rule: Behaviour, gain, bias) -> Outer | None:
    """Constant input that is one value a pixel times weights of the channels, if it is that."""
    operator, channels = path.operator, shape[2]
    if path.values is None or path.filter or not isinstance(operator, Convolve):
        return None
    if operator.kernel.shape[:3] != (1, 1, 1) or operator.strides != (1, 1):
        return None
    # one spike of one size a step, and nothing that goes by a neuron's number
    if rule.kind or rule.graded or rule.several or rule.sizes or np.ndim(rule.voltage):
        return None
    bias = by_channel(bias, channels, int(np.prod(shape)))
    if bias.size > channels or gain.size != 1 or gain[0] != 1:
        return None
    return Outer(path.values, operator.kernel[0, 0, 0], np.broadcast_to(bias, channels))


def _check(connection):
    name = f"the connection from {connection.pre_obj} to {connection.post_obj}"
    for end in (connection.pre_obj, connection.post_obj):
        if not isinstance(end, (nengo.Ensemble, nengo.ensemble.Neurons, nengo.Node)):
            raise Unsupported(
                f"{name} ends in a learning rule; the event-driven simulator runs fixed weights."
            )
    if connection.learning_rule_type is not None:
        raise Unsupported(f"{name} learns; the event-driven simulator runs fixed weights.")
    if connection.function is not None and not isinstance(connection.pre_obj, nengo.Ensemble):
        raise Unsupported(
            f"{name} computes a function; the event-driven simulator runs transforms only."
        )


def _ordered(network, incoming) -> list:
    """Ensembles and nodes, each after all that feed it."""
    things = network.all_ensembles + network.all_nodes
    waiting = {thing: len(incoming[thing]) for thing in things}
    feeds = defaultdict(list)
    for thing in things:
        for connection in incoming[thing]:
            feeds[_owner(connection.pre_obj)].append(thing)
    ready = [thing for thing in things if not waiting[thing]]
    for thing in ready:  # grows on the way
        for other in feeds[thing]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    if len(ready) < len(things):
        stuck = next(thing for thing in things if waiting[thing] > 0)
        raise Unsupported(
            f"{stuck} is in or behind a loop; the event-driven simulator runs feed-forward "
            "networks."
        )
    return ready


def _owner(end):
    return end.ensemble if isinstance(end, nengo.ensemble.Neurons) else end


def _pixels(operator: Convolve) -> int:
    return operator.shape_out[0] * operator.shape_out[1]


def low_pass(synapse: nengo.Lowpass, dt: float) -> Filter:
    """Nengo's own discretisation of a low-pass synapse."""
    a, b, c, d = synapse._get_ss(dt)
    if a.size == 0:
        return Filter(0.0, float(d.item()))
    return Filter(float(a.item()), float(b.item() * c.item()))


def repeated(operation: np.ufunc, values: np.ndarray, everywhere: np.ndarray) -> np.ndarray:
    """``operation(values, everywhere)``, with the values, which are fewer, over and over.

    As ``numpy.resize`` would repeat them, without a copy of each that takes its time.
    """
    if everywhere.size % values.size:
        return operation(np.resize(values, everywhere.size), everywhere)
    return operation(values, everywhere.reshape(-1, values.size)).ravel()


@kernel
def repeats(values, period):
    """Whether an array is its first ``period`` values over and over."""
    index = period
    while index < values.size and values[index] == values[index - period]:
        index += 1
    return index >= values.size


def by_channel(values: np.ndarray, channels: int, neurons: int) -> np.ndarray:
    """One value a channel if all pixels agree, else one a neuron; a single one stays so.

    ``values`` are given for all neurons, or for the first ones if they repeat.
    """
    if values.size in (1, channels):
        return values
    if values.size != neurons:
        values = np.resize(values, neurons)
    return values[:channels].copy() if repeats(values, channels) else values

"""From a `nengo.Network` to a `Plan`: what feeds what, folded as far as it goes.

Constant nodes become bias currents, passthrough nodes become direct links
from the neurons behind them to the neurons ahead, and a bias that all pixels
share is kept once a channel. Nothing is sampled that is not random, so that
a network of many millions of neurons is read in well under a second.
"""

from collections import defaultdict
from dataclasses import replace

import nengo
import numpy as np
from nengo.builder.network import seed_network

from snnlab.simulation.event import kernels as k
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.neurons import parameters
from snnlab.simulation.event.operators import Convolve, Operator, Scale, join, of_connection
from snnlab.simulation.event.plan import Filter, Link, Plan, Stage, Steady


class _Path:
    """A way from a source to an object: joined operators, at most one filter."""

    def __init__(self, source, operator: Operator, filter: Filter | None):
        self.source, self.operator, self.filter = source, operator, filter


def read(network: nengo.Network, dt: float) -> Plan:
    """Read a network.

    Raises
    ------
    Unsupported
        If it has a part that this simulator cannot run.
    """
    return _Reader(network, dt).plan()


class _Reader:
    def __init__(self, network, dt):
        self.network, self.dt = network, dt
        self._seeds = None
        self.incoming = defaultdict(list)
        for connection in network.all_connections:
            self._check(connection)
            self.incoming[_owner(connection.post_obj)].append(connection)
        self.constants = {}
        self.paths = {}
        self.stages = []
        self.place = {}

    def seed(self, thing) -> int:
        """The seed that Nengo's builder gives an object."""
        if self._seeds is None:
            self._seeds = {}
            seed_network(self.network, self._seeds, {})
        return self._seeds[thing]

    def plan(self) -> Plan:
        probed = {
            probe.obj for probe in self.network.all_probes if isinstance(probe.obj, nengo.Node)
        }
        for thing in self._order():
            if isinstance(thing, nengo.Ensemble):
                self._ensemble(thing)
            else:
                self._node(thing, thing in probed)
        return Plan(tuple(self.stages), self.constants)

    def _check(self, connection):
        name = f"the connection from {connection.pre_obj} to {connection.post_obj}"
        for end in (connection.pre_obj, connection.post_obj):
            if isinstance(end, nengo.Ensemble):
                raise Unsupported(
                    f"{name} goes through decoders or encoders; the event-driven simulator "
                    "connects neurons directly (ensemble.neurons)."
                )
            if not isinstance(end, (nengo.ensemble.Neurons, nengo.Node)):
                raise Unsupported(f"{name} ends in a learning rule, which is not event-driven.")
        if connection.learning_rule_type is not None:
            raise Unsupported(f"{name} learns; the event-driven simulator runs fixed weights.")
        if connection.function is not None:
            raise Unsupported(f"{name} computes a function; use a transform instead.")

    def _order(self) -> list:
        """Ensembles and nodes, each after all that feed it."""
        things = self.network.all_ensembles + self.network.all_nodes
        waiting = {thing: 0 for thing in things}
        feeds = defaultdict(list)
        for thing in things:
            for connection in self.incoming[thing]:
                waiting[thing] += 1
                feeds[_owner(connection.pre_obj)].append(thing)
        ready = [thing for thing in things if not waiting[thing]]
        order = []
        while ready:
            thing = ready.pop(0)
            order.append(thing)
            for other in feeds[thing]:
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
        if len(order) < len(things):
            stuck = next(thing for thing in things if waiting[thing] > 0)
            raise Unsupported(
                f"{stuck} is part of a loop; the event-driven simulator runs feed-forward "
                "networks only."
            )
        return order

    def _node(self, node, probed):
        if node.output is not None and isinstance(node.output, np.ndarray):
            self.constants[node] = np.asarray(node.output, float)
            self.paths[node] = [_Path(None, self.constants[node], None)]
            return
        if node.output is not None:
            raise Unsupported(
                f"{node} computes its output; the event-driven simulator runs constant and "
                "passthrough nodes."
            )
        paths = self._arriving(node)
        if probed:
            self._add(node, paths, k.LINEAR, {})
        self.paths[node] = paths

    def _arriving(self, thing) -> list[_Path]:
        """All paths from stages and constants to an object, joined where they can be."""
        paths = []
        for connection in self.incoming[thing]:
            then = of_connection(connection, self.seed)
            filtered = self._filter(connection)
            pre = _owner(connection.pre_obj)
            for path in self._leaving(pre, then, filtered):
                if path.source is None:
                    values = then.apply(path.operator)
                    paths.append(_Path(None, values, filtered or path.filter))
                else:
                    joined = then if path.operator is None else join(path.operator, then)
                    paths.append(_Path(path.source, joined, filtered or path.filter))
        return paths

    def _leaving(self, thing, then, filtered) -> list[_Path]:
        """Paths that end in an object; through it as a stage where they cannot be joined."""
        if thing in self.place and thing not in self.paths:
            return [_Path(self.place[thing], None, None)]
        paths = self.paths[thing]
        for path in paths:
            twice = filtered is not None and path.filter is not None
            large = path.source is not None and join(path.operator, then) is None
            if twice or large:
                raise Unsupported(
                    f"what arrives at {thing} cannot be joined with what leaves it; connect "
                    "the populations directly."
                )
        return paths

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

    def _ensemble(self, ensemble):
        if ensemble.noise is not None:
            raise Unsupported(f"{ensemble} has noise, which the event-driven simulator has not.")
        settings = parameters(ensemble, self.seed)
        self._add(ensemble, self._arriving(ensemble), settings.pop("kind"), settings)

    def _add(self, thing, paths, kind, settings):
        """Make a stage."""
        size = thing.n_neurons if isinstance(thing, nengo.Ensemble) else thing.size_out
        links = [_link(path) for path in paths if path.source is not None]
        shape = next(
            (link.operator.shape_out for link in links if isinstance(link.operator, Convolve)),
            None,
        )
        if shape is None:
            shape = (1, size, 1)
        bias = settings.pop("bias", np.zeros(1))
        gain = settings.pop("gain", np.ones(1))
        steady = []
        for path in paths:
            if path.source is not None:
                continue
            if path.filter is None:
                bias = bias + (path.operator if _is_one(gain) else gain * path.operator)
            else:
                steady.append(Steady(path.operator, path.filter))
        stage = Stage(
            thing,
            kind,
            shape,
            tuple(links),
            tuple(steady),
            by_channel(bias, shape[2]),
            gain,
            **settings,
        )
        self.place[thing] = len(self.stages)
        self.stages.append(stage)


def _link(path: _Path) -> Link:
    return Link(path.source, path.operator, path.filter)


def _is_one(gain) -> bool:
    return gain.size == 1 and gain[0] == 1


def _owner(end):
    return end.ensemble if isinstance(end, nengo.ensemble.Neurons) else end


def low_pass(synapse: nengo.Lowpass, dt: float) -> Filter:
    """Nengo's own discretisation of a low-pass synapse."""
    a, b, c, d = synapse._get_ss(dt)
    if a.size == 0:
        return Filter(0.0, float(d.item()))
    return Filter(float(a.item()), float(b.item() * c.item()))


def by_channel(values: np.ndarray, channels: int) -> np.ndarray:
    """One value a channel if all pixels agree, else as given."""
    if values.size <= channels:
        return values
    pixels = values.reshape(-1, channels)
    if (pixels[-1] == pixels[0]).all() and (pixels == pixels[0]).all():
        return pixels[0].copy()
    return values

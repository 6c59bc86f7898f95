"""What probes and the recording show of a run's pieces."""

from dataclasses import dataclass

import nengo
import numpy as np

from snnlab.simulation.event.engine import Watch
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.job import Output
from snnlab.simulation.event.layout import LEAKY
from snnlab.simulation.event.plan import Driven, Plan, Stage
from snnlab.simulation.event.synapses import synapses
from snnlab.simulation.recording import Recording, SpikeTrains, join

SPIKES = ("output", "spikes", "rates")
TRACED = ("voltage", "input", "refractory_time")


@dataclass(frozen=True)
class Piece:
    """Steps run in one go: outputs and traces, by stage."""

    steps: int
    outputs: dict[int, Output]
    watches: dict[int, Watch]


@dataclass(frozen=True)
class View:
    """What one probe looks at.

    Attributes
    ----------
    probe : nengo.Probe
    stage : int or None
        None for what is constant.
    attribute : {"output", "voltage", "input", "refractory_time"}
    neurons : numpy.ndarray
        int64 ``(n,)``, in the probe's order.
    """

    probe: nengo.Probe
    stage: int | None
    attribute: str
    neurons: np.ndarray


def views(network: nengo.Network, plan: Plan) -> dict[nengo.Probe, View]:
    """Read all probes.

    Raises
    ------
    Unsupported
    """
    places = {}
    for number, stage in enumerate(plan.stages):
        places.setdefault(stage.target, number)
    return {probe: _view(probe, plan, places) for probe in network.all_probes}


def _view(probe, plan, places) -> View:
    obj = probe.obj
    if probe in plan.decoded:
        return View(probe, plan.decoded[probe], "output", np.arange(probe.size_in))
    if not isinstance(obj, (nengo.Node, nengo.ensemble.Neurons)):
        raise Unsupported(
            f"{probe} looks at {obj}; the event-driven simulator probes nodes, neurons "
            "(ensemble.neurons) and decoded values."
        )
    owner = obj if isinstance(obj, nengo.Node) else obj.ensemble
    attribute = "output" if probe.attr in (None, *SPIKES) else probe.attr
    stage = places.get(owner)
    if attribute not in ("output", *TRACED):
        raise Unsupported(
            f"{probe} looks at {attribute!r}; the event-driven simulator has output, voltage, "
            "input and, of leaky ones, refractory_time of neurons."
        )
    if attribute in TRACED:
        spiking = stage is not None and isinstance(plan.stages[stage], Stage)
        if not spiking or plan.stages[stage].behaviour.graded:
            raise Unsupported(f"{probe} looks at {attribute!r} of {obj}, which does not spike.")
        leaky = plan.stages[stage].behaviour.kind == LEAKY
        if plan.stages[stage].behaviour.kind and not leaky:
            raise Unsupported(
                f"{probe} looks at {attribute!r} of {obj}; the event-driven simulator follows "
                "that of integrate-and-fire neurons with spikes of one size only."
            )
    neurons = np.arange(obj.size_out)[slice(None) if probe.slice is None else probe.slice]
    return View(probe, stage, attribute, np.atleast_1d(neurons))


def watched(found: dict[nengo.Probe, View]) -> dict[int, np.ndarray]:
    """Neurons to trace, ascending, by stage."""
    wanted = {}
    for view in found.values():
        if view.attribute in TRACED:
            wanted.setdefault(view.stage, []).append(view.neurons)
    return {stage: np.unique(np.concatenate(parts)) for stage, parts in wanted.items()}


def filtered(signal: np.ndarray, synapse, dt: float) -> np.ndarray:
    """Filter what a probe saw with its synapse, one step late as Nengo does."""
    if synapse is None:
        return signal
    shape = signal.shape[1:]
    step = synapse.make_step(shape, shape, dt, None, synapse.make_state(shape, shape, dt))
    out = np.zeros_like(signal)
    for t in range(1, len(signal)):
        out[t] = step(t * dt, signal[t - 1])
    return out


def needed(plan: Plan, found: dict[nengo.Probe, View]) -> set[int]:
    """Stages whose output is kept: all that spike, and others if they are probed."""
    probed = {view.stage for view in found.values()}
    return {
        number
        for number, stage in enumerate(plan.stages)
        if number in probed or not (isinstance(stage, Driven) or stage.behaviour.graded)
    }


class Seen:
    """All that a simulator has seen since it was reset."""

    def __init__(self, plan: Plan, found: dict[nengo.Probe, View], dt: float):
        self.plan, self.views, self.dt = plan, found, dt
        self.starts = 0
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self.pieces: list[Piece] = []
        self.cleared = 0
        self.starts += 1

    @property
    def steps(self) -> int:
        """Steps run."""
        return sum(piece.steps for piece in self.pieces)

    def sampled(self, sample_every: float | None) -> np.ndarray:
        """The steps (from 1) that a probe with that period (s) samples."""
        period = 1 if sample_every is None else sample_every / self.dt
        steps = np.arange(1, self.steps + 1)
        return steps[steps % period < 1]

    def data(self, probe: nengo.Probe) -> np.ndarray:
        """What a probe saw since it was last cleared, float64 ``(samples, n)``."""
        signal = filtered(self._values(self.views[probe]), probe.synapse, self.dt)
        steps = self.sampled(probe.sample_every)
        return signal[steps[steps > self.cleared] - 1]

    def recording(self, seconds: float) -> Recording:
        """Spikes of all spiking populations, by label."""
        names = {}
        for number, stage in enumerate(self.plan.stages):
            if not isinstance(stage, Driven) and not stage.behaviour.graded:
                label = stage.target.label or f"population {number}"
                names[number] = label if label not in names.values() else f"{label} {number}"
        populations = []
        for number, name in names.items():
            shape = self.plan.stages[number].shape
            parts = [self._trains(number, piece, name) for piece in self.pieces]
            if not parts:
                words = np.zeros((0, int(np.prod(shape))), np.uint64)
                parts = [SpikeTrains(name, shape, words, 0, self.dt)]
            populations.append(join(parts))
        return Recording(
            tuple(populations), "event", self.steps, seconds, self.dt, synapses(self.plan, names)
        )

    def _trains(self, number: int, piece: Piece, name: str) -> SpikeTrains:
        stage = self.plan.stages[number]
        rule = stage.behaviour
        return piece.outputs[number].trains(
            name, stage.shape, piece.steps, self.dt, rule.sizes, together=rule.together
        )

    def _values(self, view: View) -> np.ndarray:
        """What a probe looks at in every step, float64 ``(steps, n)``."""
        parts = [self._part(view, piece) for piece in self.pieces]
        return np.concatenate([np.zeros((0, len(view.neurons))), *parts]).astype(float)

    def _part(self, view: View, piece: Piece) -> np.ndarray:
        if view.stage is None:
            owner = view.probe.obj
            if view.probe in self.plan.decoded:
                return np.tile(self.plan.constants[view.probe], (piece.steps, 1))
            owner = owner if isinstance(owner, nengo.Node) else owner.ensemble
            return np.tile(self.plan.constants[owner][view.neurons], (piece.steps, 1))
        if view.attribute in TRACED:
            watch = piece.watches[view.stage]
            traced = {"voltage": watch.voltage, "input": watch.current}
            traced = traced.get(view.attribute, watch.rest)
            return traced[:, np.searchsorted(watch.neurons, view.neurons)]
        if piece.outputs[view.stage].words is None:
            return piece.outputs[view.stage].values[:, view.neurons]
        unit = self.plan.stages[view.stage].behaviour.amplitude / self.dt
        return self._trains(view.stage, piece, "").values(view.neurons) * unit

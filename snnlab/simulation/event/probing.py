"""What probes and the recording show of a run's pieces."""

from dataclasses import dataclass

import nengo
import numpy as np

from snnlab.simulation.event.engine import Output, Watch
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.plan import Driven, Plan, Stage
from snnlab.simulation.recording import SpikeTrains

SPIKES = ("output", "spikes", "rates")
TRACED = ("voltage", "input")


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
    attribute : {"output", "voltage", "input"}
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
    if not isinstance(obj, (nengo.Node, nengo.ensemble.Neurons)):
        raise Unsupported(
            f"{probe} looks at {obj}; the event-driven simulator probes nodes and neurons "
            "(ensemble.neurons)."
        )
    owner = obj if isinstance(obj, nengo.Node) else obj.ensemble
    attribute = "output" if probe.attr in (None, *SPIKES) else probe.attr
    stage = places.get(owner)
    if attribute not in ("output", *TRACED):
        raise Unsupported(
            f"{probe} looks at {attribute!r}; the event-driven simulator has output, voltage and "
            "input of neurons."
        )
    if attribute in TRACED:
        spiking = stage is not None and isinstance(plan.stages[stage], Stage)
        if not spiking or plan.stages[stage].behaviour.graded:
            raise Unsupported(f"{probe} looks at {attribute!r} of {obj}, which does not spike.")
    neurons = np.arange(obj.size_out)[slice(None) if probe.slice is None else probe.slice]
    return View(probe, stage, attribute, np.atleast_1d(neurons))


def watched(found: dict[nengo.Probe, View]) -> dict[int, np.ndarray]:
    """Neurons to trace, ascending, by stage."""
    wanted = {}
    for view in found.values():
        if view.attribute in TRACED:
            wanted.setdefault(view.stage, []).append(view.neurons)
    return {stage: np.unique(np.concatenate(parts)) for stage, parts in wanted.items()}


def trains(plan: Plan, number: int, piece: Piece, name: str, dt: float) -> SpikeTrains:
    """Spike trains of one stage over one piece."""
    output = piece.outputs[number]
    return SpikeTrains(
        name, plan.stages[number].shape, output.words, piece.steps, dt, output.more
    )


def values(view: View, plan: Plan, pieces: list[Piece], dt: float) -> np.ndarray:
    """All that a probe saw, unfiltered: float64 ``(steps, n)``."""
    rows = [np.zeros((0, len(view.neurons)))]
    for piece in pieces:
        if view.stage is None:
            owner = view.probe.obj
            owner = owner if isinstance(owner, nengo.Node) else owner.ensemble
            rows.append(np.tile(plan.constants[owner][view.neurons], (piece.steps, 1)))
        elif view.attribute in TRACED:
            watch = piece.watches[view.stage]
            columns = np.searchsorted(watch.neurons, view.neurons)
            traced = watch.voltage if view.attribute == "voltage" else watch.current
            rows.append(traced[:, columns])
        elif piece.outputs[view.stage].words is None:
            rows.append(piece.outputs[view.stage].values[:, view.neurons])
        else:
            unit = plan.stages[view.stage].behaviour.amplitude / dt
            raster = trains(plan, view.stage, piece, "", dt).raster(view.neurons)
            rows.append(raster * unit)
    return np.concatenate(rows).astype(float)


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

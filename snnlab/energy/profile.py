"""How the work of a run grows from step to step, and what it would be at other settings.

A run of T steps holds the runs of 1, 2 .. T steps: its beginnings. So the
work after fewer steps is measured, at a few steps exactly and between them
along a line. Beyond T it is extended at the pace of the run's second half,
and other rate bounds scale each layer's spikes by the ratio of its rates:
both are estimates, which the page says and a new run replaces.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.conversion.data_normalisation import SOFTMAX
from snnlab.energy.arrivals import arrivals, count, since_first
from snnlab.energy.work import LayerWork, Work, macs, synapses, unmapped
from snnlab.errors import LabError
from snnlab.nets.architecture import Layer, multiple
from snnlab.simulation.recording import NO_TIMES, Synapses

POINTS = 8  # steps at which a run is summed up


@dataclass(frozen=True)
class Profile:
    """Work of a run by layer, after several numbers of steps.

    Attributes
    ----------
    architecture : tuple of Layer
    pixels : int
    names : tuple of str
        Of the populations.
    neurons, macs : numpy.ndarray
        int64 ``(layers,)``.
    readout_macs : int
    steps : numpy.ndarray
        int64 ``(n,)``, ascending; the last is the whole run.
    spikes, events, active : numpy.ndarray
        float64 ``(n, layers)``, up to each of these steps.
    filtered : bool
        Whether a synapse keeps neurons active once input has arrived.
    """

    architecture: tuple[Layer, ...]
    pixels: int
    names: tuple[str, ...]
    neurons: np.ndarray
    macs: np.ndarray
    readout_macs: int
    steps: np.ndarray
    spikes: np.ndarray
    events: np.ndarray
    active: np.ndarray
    filtered: bool

    @property
    def timesteps(self) -> int:
        """Steps of the run."""
        return int(self.steps[-1])

    @property
    def silent(self) -> tuple[str, ...]:
        """Layers of the ANN that sent no spike: what they would do elsewhere, nothing tells."""
        layers = {layer.name for layer in self.architecture}
        total = zip(self.names, self.spikes[-1], strict=True)
        return tuple(name for name, spikes in total if name in layers and not spikes)

    def at(self, timesteps: int, factors: dict[str, float] | None = None) -> Work:
        """Work of a run of so many steps, with rates scaled by layer.

        Parameters
        ----------
        timesteps : int
        factors : dict of str to float, optional
            By which each layer's rates would be larger; 1 where not given.

        Returns
        -------
        Work
            Without a partition; see `snnlab.energy.work.mapped`.
        """
        scale = np.array([(factors or {}).get(name, 1.0) for name in self.names])
        room = self.neurons * timesteps
        before = self._grown(self.spikes, timesteps)
        # a neuron sends one spike a step at most, if it is not of a kind that may send more
        spikes = np.minimum(before * scale, np.maximum(room, before))
        held = np.divide(spikes, before, out=np.ones_like(spikes), where=before > 0)
        events = self._grown(self.events, timesteps) * held
        share = np.clip(self._grown(self.active, timesteps) / room, 0, 1)
        if not self.filtered:
            # a step without input has none of the layer's many inputs: chances multiply
            share = 1 - (1 - share) ** self._inward(held)
        rows = zip(self.names, self.neurons, self.macs, spikes, events, share * room, strict=True)
        layers = tuple(
            LayerWork(name, int(n), int(m), float(s), float(e), float(a))
            for name, n, m, s, e, a in rows
        )
        work = Work(self.pixels, timesteps, layers, self.readout_macs, 0, 0, "")
        return unmapped(self.architecture, work)

    def _grown(self, values: np.ndarray, timesteps: int) -> np.ndarray:
        steps = np.concatenate([[0], self.steps])
        table = np.concatenate([np.zeros((1, values.shape[1])), values])
        if timesteps <= steps[-1]:
            return np.array([np.interp(timesteps, steps, column) for column in table.T])
        middle = min(len(steps) // 2, len(steps) - 2)  # of a run of one step: its beginning
        pace = (table[-1] - table[middle]) / (steps[-1] - steps[middle])
        return table[-1] + pace * (timesteps - steps[-1])

    def _inward(self, held: np.ndarray) -> np.ndarray:
        """Mean factor of what each layer is fed by."""
        factor = dict(zip(self.names, held, strict=True))
        inputs = {layer.name: layer.inputs for layer in self.architecture}
        return np.array(
            [
                np.mean([factor.get(source, 1.0) for source in inputs.get(name, (name,))])
                for name in self.names
            ]
        )


def profile(result, layers: tuple[Layer, ...], steps: tuple[int, ...] | None = None) -> Profile:
    """Sum a run up.

    Parameters
    ----------
    result : Segmentation
        Of a large image the recorded middle says how its work grows, and its
        layers' totals how much there is of it.
    layers : tuple of Layer
        Of its model.
    steps : tuple of int, optional
        At which; evenly spread if not given. The whole run is always there.

    Raises
    ------
    LabError
        If its spikes have no times: which neurons had input in a step is not known then.
    """
    if not result.recording.timed:
        raise LabError(NO_TIMES)
    timesteps = result.timesteps
    chosen = steps or tuple(-(-timesteps * (i + 1) // POINTS) for i in range(POINTS))
    grid = np.array(sorted({min(step, timesteps) for step in chosen} | {timesteps}))
    trains = {one.name: one for one in result.recording.populations}
    by_name = {layer.name: layer for layer in layers}
    table = np.zeros((3, len(grid), len(result.layers)))
    filtered = result.settings.synapse_ms > 0
    reach = _reach(result.recording, layers, trains)
    for column, stats in enumerate(result.layers):
        own = trains[stats.name]
        if stats.name in by_name:
            arrived = arrivals(layers, by_name[stats.name], trains, timesteps)
            arrived = since_first(arrived) if filtered else arrived
        else:
            # neurons that a method puts between layers: charged as if they always had input
            height, width, _ = own.shape
            arrived = np.full((len(own.words), height, width), ~np.uint64(0))
        for row, step in enumerate(grid):
            sent = own.counts(0, int(step))
            table[:, row, column] = (
                sent.sum(dtype=np.int64),
                sum(link.events(sent) for link in reach[stats.name]),
                count(arrived, int(step)) * own.shape[2],
            )
        table[:, :, column] *= _whole(stats, own, table[:, -1, column])[:, None]
    side = multiple(layers)
    height, width = (-(-size // side) * side for size in result.image.shape)
    work = macs(layers, height, width)
    names = tuple(stats.name for stats in result.layers)
    return Profile(
        layers,
        height * width,
        names,
        np.array([stats.neurons for stats in result.layers]),
        np.array([work.get(name, 0) for name in names]),
        work[layers[-1].name],
        grid,
        *table,
        filtered,
    )


def _reach(recording, layers: tuple[Layer, ...], trains: dict) -> dict[str, list[Synapses]]:
    """What each population's spikes reach: as the simulator says, or else as the layers say."""
    last = layers[-1]
    found: dict[str, list[Synapses]] = {name: [] for name in trains}
    for link in recording.synapses:
        found[link.source].append(link)
    shape_of = {name: one.shape for name, one in trains.items()}
    shape_of[last.name] = (*shape_of[last.inputs[0]][:2], last.channels)
    for name in trains:
        height, width, channels = shape_of[name]
        if not recording.synapses:
            reached = synapses(layers, name, shape_of)
            # one row a position, and all channels alike
            flat = Synapses(name, "", np.ravel(reached), np.ones(channels, np.int64))
            found[name].append(flat)
        elif name in last.inputs and SOFTMAX not in trains:
            # where neurons of a softmax stand, the simulator knows of them
            read = np.full(height * width, last.channels)
            found[name].append(Synapses(name, last.name, read, np.ones(channels, np.int64)))
    return found


def _whole(stats, own, recorded: np.ndarray) -> np.ndarray:
    """By how much the whole image has more spikes, events and updates than what was recorded."""
    neurons = stats.neurons / own.neurons
    if neurons == 1:
        return np.ones(3)
    spikes = stats.spikes / recorded[0] if recorded[0] else neurons
    events = (
        stats.synaptic_events / recorded[1] if recorded[1] and stats.synaptic_events else spikes
    )
    return np.array([spikes, events, neurons])

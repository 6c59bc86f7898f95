"""How the work of a run grows from step to step, and what it would be at other settings.

A run of T steps holds the runs of 1, 2 .. T steps: its beginnings. So the
work after fewer steps is measured, at a few steps exactly and between them
along a line. Beyond T it is extended at the pace of the run's second half,
and other rate bounds scale each layer's spikes by the ratio of its rates:
both are estimates, which the page says and a new run replaces.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.energy.arrivals import arrivals, count, since_first
from snnlab.energy.work import LayerWork, Work, macs, synapses, unmapped
from snnlab.unet.architecture import Layer, multiple

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
        # a neuron sends one spike a step at most
        room = self.neurons * timesteps
        spikes = np.minimum(self._grown(self.spikes, timesteps) * scale, room)
        before = self._grown(self.spikes, timesteps)
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
        middle = len(steps) // 2
        pace = (table[-1] - table[middle]) / (steps[-1] - steps[middle])
        return table[-1] + pace * (timesteps - steps[-1])

    def _inward(self, held: np.ndarray) -> np.ndarray:
        """Mean factor of what each layer is fed by."""
        factor = dict(zip(self.names, held, strict=True))
        inputs = {layer.name: layer.inputs for layer in self.architecture}
        return np.array(
            [np.mean([factor.get(source, 1.0) for source in inputs[name]]) for name in self.names]
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
    """
    timesteps = result.timesteps
    chosen = steps or tuple(-(-timesteps * (i + 1) // POINTS) for i in range(POINTS))
    grid = np.array(sorted({min(step, timesteps) for step in chosen} | {timesteps}))
    trains = {one.name: one for one in result.recording.populations}
    shape_of = {name: one.shape for name, one in trains.items()}
    shape_of[layers[-1].name] = (*shape_of[layers[-1].inputs[0]][:2], layers[-1].channels)
    by_name = {layer.name: layer for layer in layers}
    table = np.zeros((3, len(grid), len(result.layers)))
    filtered = result.settings.synapse_ms > 0
    for column, stats in enumerate(result.layers):
        reach = synapses(layers, stats.name, shape_of)
        arrived = arrivals(layers, by_name[stats.name], trains, timesteps)
        if filtered:
            arrived = since_first(arrived)
        width = stats.shape[2]
        for row, step in enumerate(grid):
            sent = trains[stats.name].counts(0, int(step)).sum(axis=2, dtype=np.int64)
            table[:, row, column] = (
                sent.sum(),
                (sent * reach).sum(),
                count(arrived, int(step)) * width,
            )
        whole = np.array([stats.spikes, stats.synaptic_events])
        recorded = table[:2, -1, column]
        table[:2, :, column] *= (whole / np.maximum(recorded, 1))[:, None]
        table[2, :, column] *= stats.neurons / trains[stats.name].neurons
    side = multiple(layers)
    height, width = (-(-size // side) * side for size in result.image.shape)
    work = macs(layers, height, width)
    names = tuple(stats.name for stats in result.layers)
    return Profile(
        layers,
        height * width,
        names,
        np.array([stats.neurons for stats in result.layers]),
        np.array([work[name] for name in names]),
        work[layers[-1].name],
        grid,
        *table,
        filtered,
    )

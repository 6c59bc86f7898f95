"""One stage's run: its arrays as the kernels take them, tile by tile on a few threads."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np

from snnlab.errors import Cancelled
from snnlab.simulation.event import layout as at
from snnlab.simulation.event.integers import WORTH
from snnlab.simulation.event.kernels import run_tiles
from snnlab.simulation.event.layout import GROUP, More, Result, State, Trace
from snnlab.simulation.event.prepare import Prepared, rooms, spread
from snnlab.simulation.event.scratch import floating, integer
from snnlab.simulation.event.whole import run_whole
from snnlab.simulation.recording import SpikeTrains

POLL_SECONDS = 0.02
CALLS_A_THREAD = 8  # so that no thread waits long for the last one
MORE_ROOM = 1024  # spikes beyond the first in a step that a call has room for at first
_NO_MORE = np.zeros((0, 3), np.int64)


@dataclass
class Output:
    """What a stage put out: spikes, or values step by step.

    Attributes
    ----------
    words : numpy.ndarray or None
        uint64 ``(chunks, neurons)``; of graded spikes ``(sizes, chunks, neurons)``.
    more : numpy.ndarray
        int64 ``(n, 3)``: neuron, step, spikes beyond the first; by neuron and step.
    values : numpy.ndarray or None
        ``(steps, neurons)``.
    """

    words: np.ndarray | None = None
    more: np.ndarray = field(default_factory=lambda: _NO_MORE)
    values: np.ndarray | None = None

    def address(self, plane: int) -> int:
        """Of the words of one size, or of the only ones."""
        return (self.words[plane] if self.words.ndim == 3 else self.words).ctypes.data

    def trains(self, name, shape, steps, dt, sizes=(), **more) -> SpikeTrains:
        """As a part of a recording."""
        if sizes:
            return SpikeTrains.graded(name, shape, self.words, steps, dt, sizes, **more)
        return SpikeTrains(name, shape, self.words, steps, dt, self.more, **more)


class Job:
    """One stage's run."""

    def __init__(
        self, engine, item: Prepared, outputs, steps: int, state: State, flag, whole: bool
    ):
        self.engine, self.item = engine, item
        self.steps, self.state, self.flag = steps, state, flag
        # the kernels read spikes by their address: they are not freed before the last tile stops
        self.sources = [outputs[link.source].words for link in (*item.convolved, *item.wired)]
        worth = item.integers and item.integers.margin(steps) <= WORTH
        self.whole = item.integers if whole and worth else None
        self.table = self._table(item.inputs, outputs)
        wires = item.wires.table.copy()
        for row, link in zip(wires, item.wired, strict=True):
            row[0] = outputs[link.source].address(link.plane)
        self.inputs = item.inputs._replace(table=self.table)
        self.wires = item.wires._replace(table=wires)
        self.more, amount = self._more(outputs)
        self.exact = item.exact._replace(amount=amount)
        self.external = self._external(outputs)
        nothing = np.zeros((steps, 0), item.dtype)
        self.trace = Trace(np.zeros(0, np.int64), nothing, nothing)
        self.room = MORE_ROOM
        neurons = item.stage.neurons
        graded = item.stage.behaviour.graded
        chunks = -(-steps // GROUP) * item.stage.behaviour.planes
        if self.whole:
            self.fixed = self.whole.for_steps(steps)
            self.levels = self.whole.inputs._replace(table=self._table(self.whole.inputs, outputs))
        self.words = np.empty((chunks, 0 if graded else neurons), np.uint64)
        self.values = np.empty((steps, neurons if graded else 0), item.dtype)

    def _table(self, inputs, outputs) -> np.ndarray:
        table = rooms(self.item, inputs)
        for row, link in zip(table, self.item.convolved, strict=True):
            row[at.ADDRESS] = outputs[link.source].address(link.plane)
        return table

    def run(self, pool: ThreadPoolExecutor, cancel) -> Output:
        """Run all tiles."""
        tiles = np.array(self.item.tiles(), np.int64)
        parts = np.array_split(tiles, min(len(tiles), CALLS_A_THREAD * self.engine.threads))
        jobs = [pool.submit(self._tiles, part) for part in parts]
        try:
            for job in jobs:
                while cancel is not None and not job.done():
                    if cancel():
                        raise Cancelled
                    wait([job], POLL_SECONDS)
            found = [job.result() for job in jobs]
        except BaseException:
            self.flag[0] = 1
            for job in jobs:
                job.cancel()
            # those that run stop at their next row; on a busy machine that is not waited for
            raise
        if self.item.stage.behaviour.graded:
            return Output(values=self.values)
        more = np.concatenate([_NO_MORE, *found])
        more = more[more[:, 2] > 0]
        words = self.words
        if self.item.stage.behaviour.sizes:
            words = words.reshape(self.item.stage.behaviour.planes, -1, words.shape[1])
        return Output(words, more[np.lexsort((more[:, 1], more[:, 0]))])

    def _tiles(self, tiles) -> np.ndarray:
        """Run some tiles; returns their spikes beyond the first in a step."""
        if self.whole:
            self._whole_tiles(tiles)
            return _NO_MORE
        item = self.item
        scratch = floating(item, self.table)
        while True:
            room = self.room
            result = Result(self.words, np.zeros((room, 3), np.int64), self.values)
            count = run_tiles(
                tiles,
                item.shape,
                self.steps,
                item.span,
                self.inputs,
                self.wires,
                self.more,
                item.constants,
                item.rule,
                item.special,
                self.exact,
                self.state,
                self.external,
                self.trace,
                result,
                scratch,
                self.flag,
            )
            if count <= room:
                return result.more[: max(count, 0)]
            self.room = max(self.room, 2 * count)

    def _whole_tiles(self, tiles) -> None:
        """Run some tiles in whole numbers."""
        item, shape = self.item, self.whole.shape
        scratch = integer(item, self.levels.table, shape, len(self.fixed.factors))
        result = Result(self.words, np.zeros((0, 3), np.int64), self.values)
        run_whole(
            tiles,
            shape,
            self.steps,
            item.span,
            self.levels,
            self.fixed,
            self.inputs,
            self.wires,
            self.more,
            item.special,
            self.exact,
            self.state,
            result,
            scratch,
            self.flag,
        )

    def _more(self, outputs) -> tuple[More, np.ndarray]:
        """Spikes beyond the first in a step of all sources, as the kernels look for them.

        Also what those bring through matrices, in double precision.
        """
        entries, starts, filled, rows = [_NO_MORE], [np.zeros(0, np.int64)], 0, 0
        for row, link in zip(self.table, self.item.convolved, strict=True):
            more = outputs[link.source].more
            if len(more):
                height, width, depth = link.operator.shape_in
                row[at.MORE] = rows
                edges = np.arange(height + 1) * (width * depth)
                starts.append(np.searchsorted(more[:, 0], edges) + filled)
                entries.append(more)
                rows, filled = rows + height + 1, filled + len(more)
        wired, amount = [_NO_MORE], [np.zeros(0)]
        for number, link in enumerate(self.item.wired):
            more = outputs[link.source].more
            if len(more):
                part, weight = self._wired(number, link, more)
                wired.append(part)
                amount.append(weight)
        wired, amount = np.concatenate(wired), np.concatenate(amount)
        order = np.argsort(wired[:, 0], kind="stable")
        wired, amount = wired[order], amount[order]
        item = self.item
        scale = np.broadcast_to(spread(item.weight, item.stage), item.stage.neurons)[wired[:, 0]]
        scaled = (amount * scale).astype(item.dtype)
        return More(np.concatenate(entries), np.concatenate(starts), wired, scaled), amount

    def _wired(self, number, link, more) -> tuple[np.ndarray, np.ndarray]:
        """What such spikes bring through a matrix: target, step and filter, and how much."""
        item = self.item
        amplitude = self.engine.plan.stages[link.source].behaviour.amplitude
        columns = link.operator.matrix().tocsc()
        counts = np.diff(columns.indptr)[more[:, 0]]
        entries = np.concatenate(
            [np.zeros(0, np.int64)]
            + [np.arange(columns.indptr[n], columns.indptr[n + 1]) for n in more[:, 0]]
        )
        target = columns.indices[entries].astype(np.int64)
        weight = columns.data[entries] * np.repeat(more[:, 2], counts)
        group = np.full(len(target), item.filters.index(link.filter))
        found = np.stack([target, np.repeat(more[:, 1], counts), group], axis=1)
        return found, weight * (amplitude / self.engine.dt)

    def _external(self, outputs) -> np.ndarray:
        """Input from graded stages, transformed, ``(filters, steps, neurons)``."""
        item = self.item
        if not item.added:
            return np.zeros((0, 0, 0), item.dtype)
        total = np.zeros((len(item.filters), self.steps, item.stage.neurons))
        for link in item.added:
            values = outputs[link.source].values.astype(float)
            part = total[item.filters.index(link.filter)]
            for step in range(self.steps):
                part[step] += link.operator.apply(values[step])
        return (total * spread(item.weight, item.stage)).astype(item.dtype)

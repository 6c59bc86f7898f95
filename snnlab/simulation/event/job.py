"""One stage's run: its arrays as the kernels take them, tile by tile on a few threads."""

from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from snnlab.errors import Cancelled
from snnlab.simulation.event import layout as at
from snnlab.simulation.event.integers import WORTH
from snnlab.simulation.event.kernels import run_tiles
from snnlab.simulation.event.layout import GROUP, More, Result, Trace
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.plan import Stage
from snnlab.simulation.event.prepare import Prepared, rooms, spread
from snnlab.simulation.event.scratch import floating, integer
from snnlab.simulation.event.whole import run_whole
from snnlab.simulation.recording import SpikeTrains
from snnlab.work.memory import Pages

POLL_SECONDS = 0.02
CALLS_A_THREAD = 8  # so that no thread waits long for the last one
MORE_ROOM = 1024  # spikes beyond the first in a step that a call has room for at first
_NO_MORE = np.zeros((0, 3), np.int64)


class Output:
    """What a stage puts out: spikes, or values step by step.

    Parameters
    ----------
    stage : Stage, optional
        Room is made for what it puts out.
    steps : int
    dtype : numpy.dtype
        Of values.
    dropped : bool
        Whether it is dropped row by row.

    Attributes
    ----------
    flat : numpy.ndarray or None
        uint64 ``(sizes * chunks, neurons)``.
    more : numpy.ndarray
        int64 ``(n, 3)``: neuron, step, spikes beyond the first; by neuron and step.
    values : numpy.ndarray or None
        ``(steps, neurons)``.
    """

    def __init__(self, stage: Stage | None = None, steps=0, dtype=float, dropped: bool = False):
        self.flat = self.values = self._pages = None
        self.more, self._planes, self._sized = _NO_MORE, 1, False
        if stage is None:
            return
        if stage.behaviour.graded:
            self.values = np.empty((steps, stage.neurons), dtype)
            return
        self._planes, self._sized = stage.behaviour.planes, bool(stage.behaviour.sizes)
        shape = (self._planes * -(-steps // GROUP), stage.neurons)
        self._pages = Pages(shape) if dropped else None
        self.flat = self._pages.array if dropped else np.empty(shape, np.uint64)

    @property
    def words(self) -> np.ndarray | None:
        """uint64 ``(chunks, neurons)``; of graded spikes ``(sizes, chunks, neurons)``."""
        if not self._sized or self.flat is None:
            return self.flat
        return self.flat.reshape(self._planes, -1, self.flat.shape[1])

    def drop(self, first: int, last: int, rows: int) -> None:
        """Give back what rows ``first <= y < last`` of so many put out."""
        if last == rows:
            self.flat = self.values = self._pages = None
        elif self._pages is not None:
            chunks, neurons = self.flat.shape
            row = neurons // rows
            for chunk in range(chunks):
                self._pages.drop(chunk * neurons + first * row, chunk * neurons + last * row)

    def address(self, plane: int) -> int:
        """Of the words of one size, or of the only ones."""
        return self.flat[plane * (len(self.flat) // self._planes) :].ctypes.data

    def trains(self, name, shape, steps, dt, sizes=(), top=0, bottom=None, **more) -> SpikeTrains:
        """As a part of a recording: all rows, or rows ``top <= y < bottom``."""
        words = self.words
        if bottom is not None:
            row = shape[1] * shape[2]
            words, shape = words[..., top * row : bottom * row], (bottom - top, *shape[1:])
        if sizes:
            return SpikeTrains.graded(name, shape, words, steps, dt, sizes, **more)
        return SpikeTrains(name, shape, words, steps, dt, self.more, **more)


class Job:
    """One stage's run."""

    def __init__(self, engine, item: Prepared, output: Output, outputs, steps, state, flag, whole):
        self.engine, self.item, self.output = engine, item, output
        self.steps, self.state, self.flag = steps, state, flag
        # the kernels read spikes by their address: they are not freed before the last tile stops
        self.sources = [outputs[link.source].flat for link in (*item.convolved, *item.wired)]
        worth = item.integers and item.integers.margin(steps) <= WORTH
        self.whole = item.integers if whole and worth else None
        self.constants = None if self.whole else item.constants
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
        self.trace = Trace(np.zeros(0, np.int64), nothing, nothing, nothing)
        self.room = MORE_ROOM
        if self.whole:
            self.fixed = self.whole.for_steps(steps)
            self.levels = self.whole.inputs._replace(table=self._table(self.whole.inputs, outputs))
        no_words = np.zeros((-(-steps // GROUP), 0), np.uint64)
        self.words = no_words if output.flat is None else output.flat
        self.values = nothing if output.values is None else output.values

    def _table(self, inputs, outputs) -> np.ndarray:
        table = rooms(self.item, inputs)
        for row, link in zip(table, self.item.convolved, strict=True):
            row[at.ADDRESS] = outputs[link.source].address(link.plane)
        return table

    def run(self, pool: ThreadPoolExecutor, cancel, first: int, last: int) -> None:
        """Run the tiles of rows ``first <= y < last``."""
        tiles = np.array(self.item.tiles(first, last), np.int64)
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
        more = np.concatenate([_NO_MORE, *found])
        more = more[more[:, 2] > 0]
        self.output.more = more[np.lexsort((more[:, 1], more[:, 0]))]

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
                self.constants,
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
        columns = link.operator.matrix().transposed()
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
            operator = link.operator
            if isinstance(operator, Convolve) and operator.is_matrix:
                part += values @ operator.kernel[0, 0]
                continue
            for step in range(self.steps):
                part[step] += link.operator.apply(values[step])
        return (total * spread(item.weight, item.stage)).astype(item.dtype)

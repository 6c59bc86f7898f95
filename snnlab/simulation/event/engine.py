"""Runs a plan: stage by stage over all steps, tile by tile on a few threads."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from snnlab.errors import Cancelled
from snnlab.simulation.event import kernels as k
from snnlab.simulation.event.plan import Plan, Stage
from snnlab.simulation.event.tables import Tables, gather, lay_out

TILE_BYTES = 192 * 1024  # of currents, so that they stay in a core's second-level cache
POLL_SECONDS = 0.02


@dataclass
class Output:
    """What a stage put out: spikes, or values step by step."""

    words: np.ndarray | None = None
    more: np.ndarray = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    values: np.ndarray | None = None


@dataclass
class Prepared:
    """A stage with its arrays as the kernels take them."""

    stage: Stage
    tables: Tables
    folded: bool
    decay: np.ndarray
    base: np.ndarray
    base_start: np.ndarray
    base_whole: np.ndarray
    gains: np.ndarray
    gains_whole: bool
    columns: int
    rows: int


def default_threads() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Scratch(threading.local):
    """Memory that each thread keeps between tiles."""

    def __init__(self):
        self.held = {}

    def take(self, name: str, size: int, dtype) -> np.ndarray:
        """A zeroed array of at least that size, the same one as last time if it is enough."""
        old = self.held.get((name, dtype))
        if old is None or old.size < size:
            raw = np.zeros(size * dtype.itemsize + 64, np.uint8)
            start = -raw.ctypes.data % 64
            old = self.held[name, dtype] = raw[start : start + size * dtype.itemsize].view(dtype)
        return old


class Engine:
    """A plan, ready to run.

    Parameters
    ----------
    plan : Plan
    dt : float
    dtype : {"float32", "float64"}
    threads : int or None
    """

    def __init__(self, plan: Plan, dt: float, dtype="float32", threads=None):
        self.plan, self.dt = plan, dt
        self.dtype = np.dtype(dtype)
        self.threads = threads or default_threads()
        self.prepared = [self._prepare(stage) for stage in plan.stages]
        self.scratch = Scratch()

    def _prepare(self, stage: Stage) -> Prepared:
        whole_gain = stage.gain.size > max(1, stage.shape[2])
        folded = self.dtype == np.float32 and not whole_gain and stage.kind < k.RECTIFIED
        filters = sorted(
            {item.filter for item in (*stage.links, *stage.steady) if item.filter},
            key=lambda item: (item.decay, item.gain),
        )
        plain = any(link.filter is None for link in stage.links) or not filters
        groups = ([None] if plain else []) + filters
        layouts, operators, places = [], [], []
        for link in stage.links:
            amplitude = self.plan.stages[link.source].amplitude
            weights = link.operator.kernel * (amplitude / self.dt)
            if folded:
                weights = weights * (stage.gain * self.dt)
            layouts.append(lay_out(link.operator, weights, self.dtype))
            operators.append(link.operator)
            places.append(groups.index(link.filter))
        columns, rows = _tile(stage.shape, self.dtype.itemsize, self.threads)
        channels = stage.shape[2]
        constants = [stage.bias * self.dt if folded else stage.bias]
        for group in groups:
            total = np.zeros(1)
            for item in stage.steady:
                if item.filter == group:
                    total = total + item.values
            constants.append(total * (stage.gain * self.dt) if folded else total)
        parts = [self._row(values, columns, channels) for values in constants]
        gains, gains_whole = self._row(stage.gain, columns, channels)
        return Prepared(
            stage=stage,
            tables=gather(layouts, operators, places, self.dtype),
            folded=folded,
            decay=np.array(
                [[-1, 0] if item is None else [item.decay, item.gain] for item in groups],
                self.dtype,
            ),
            base=np.concatenate([part for part, _ in parts]),
            base_start=np.cumsum([0] + [part.size for part, _ in parts[:-1]]),
            base_whole=np.array([whole for _, whole in parts]),
            gains=gains,
            gains_whole=gains_whole,
            columns=columns,
            rows=rows,
        )

    def _row(self, values: np.ndarray, columns: int, channels: int) -> tuple[np.ndarray, bool]:
        """Constants of a tile's row, or of all neurons, with room for a vector beyond."""
        whole = values.size > channels
        if not whole:
            values = np.tile(np.broadcast_to(values, channels), columns)
        padded = np.zeros(values.size + k.LANES, self.dtype)
        padded[: values.size] = values
        return padded, whole

    def run(self, steps: int, progress=None, cancel=None) -> list[Output]:
        """Run all stages from the start.

        Raises
        ------
        Cancelled
        """
        outputs = []
        flag = np.zeros(1, np.uint8)
        total = sum(item.stage.neurons for item in self.prepared) or 1
        done = 0
        with ThreadPoolExecutor(self.threads) as pool:
            for item in self.prepared:
                outputs.append(self._stage(pool, item, outputs, steps, flag, cancel))
                done += item.stage.neurons
                if progress is not None:
                    progress(done / total, str(item.stage.target.label or "neurons"))
        return outputs

    def _stage(self, pool, item, outputs, steps, flag, cancel) -> Output:
        stage = item.stage
        words = np.empty((-(-steps // 64), stage.neurons), np.uint64)
        height, width, _ = stage.shape
        jobs = [
            pool.submit(self._tile, item, outputs, steps, words, flag, (top, begin))
            for top in range(0, height, item.rows)
            for begin in range(0, width, item.columns)
        ]
        waiting = set(jobs)
        try:
            self._wait(jobs, flag, cancel)
        except BaseException:
            flag[0] = 1
            for job in waiting:
                job.cancel()
            raise
        more = [part for part in (job.result() for job in jobs) if len(part)]
        if not more:
            return Output(words)
        more = np.concatenate(more)
        return Output(words, more[np.lexsort((more[:, 1], more[:, 0]))])

    def _wait(self, jobs, flag, cancel):
        for job in jobs:
            while not job.done():
                if cancel is None:
                    job.exception()
                    break
                if cancel():
                    raise Cancelled
                try:
                    job.exception(POLL_SECONDS)
                except TimeoutError:
                    continue
            job.result()

    def _tile(self, item: Prepared, outputs, steps, words, flag, corner) -> np.ndarray:
        stage, tables, real = item.stage, item.tables, self.dtype
        height, width, pixel = stage.shape
        top, begin = corner
        bottom, end = min(top + item.rows, height), min(begin + item.columns, width)
        groups = len(item.decay)
        span = -(-(end - begin) * pixel // 16) * 16
        pitch = pitch_of(end - begin, tables.halo, pixel)
        table = tables.table.copy()
        filled = 0
        for row, link in zip(table, stage.links, strict=True):
            row[k.ADDRESS] = outputs[link.source].words.ctypes.data
            reached = end - begin + 2 * tables.halo
            row[k.EVENTS] = filled
            row[k.CAPACITY] = (
                64
                * row[k.DEPTH]
                * min(row[k.WIDTH], reached * link.operator.strides[1] + link.operator.strides[1])
                + 8
            )
            filled += row[k.RING] * row[k.CAPACITY]
        more, more_start = _more(table, stage, outputs)
        take = self.scratch.take
        integer = np.dtype(np.int64)
        wanted = 1024
        voltage = stage.voltage
        while True:
            more_out = np.zeros((wanted, 3), np.int64)
            count = k.run_tile(
                (top, bottom, begin, end),
                stage.shape,
                steps,
                tables.halo,
                pitch,
                table,
                tables.weights,
                tables.reach,
                tables.klass,
                tables.classes,
                tables.row_start,
                tables.row_of,
                tables.level_of,
                more,
                more_start,
                stage.kind,
                item.folded,
                item.decay,
                item.base,
                item.base_start,
                item.base_whole,
                item.gains,
                item.gains_whole,
                real.type(self.dt),
                real.type(stage.lower),
                real.type(voltage if np.ndim(voltage) == 0 else 0),
                np.zeros(0, real) if np.ndim(voltage) == 0 else voltage.astype(real),
                np.zeros(0, real),
                np.zeros(0, real),
                np.zeros(0, real),
                words,
                more_out,
                take("currents", groups * 64 * pitch + 64, real),
                take("events", filled, integer),
                take("held", (bottom - top) * span, real),
                take("filtered", groups * (bottom - top) * span, real),
                take("packed", 16, np.dtype(np.uint64)),
                take("scratch", 16, real),
                take("lists", len(table) * 32 * 32, integer),
                flag,
            )
            if count <= wanted:
                return more_out[: max(count, 0)]
            wanted = count


def pitch_of(columns: int, halo: int, channels: int) -> int:
    """Elements from one step's currents to the next: an odd number of cache lines.

    An even number would put the steps of a pixel into few sets of the cache.
    """
    lines = -(-((columns + 2 * halo) * channels + 16) // 16)
    return 16 * (lines + 1 - lines % 2)


def _tile(shape, itemsize: int, threads: int) -> tuple[int, int]:
    """Columns and rows of a tile."""
    height, width, channels = shape
    columns = max(1, min(width, TILE_BYTES // (64 * channels * itemsize)))
    columns = -(-width // -(-width // columns))
    across = -(-width // columns)
    rows = max(1, min(32, height * across // (4 * threads)))
    return columns, -(-height // -(-height // rows))


def _more(table, stage, outputs) -> tuple[np.ndarray, np.ndarray]:
    """Spikes beyond the first of all sources, and where each source row's begin."""
    parts, starts = [], []
    filled = 0
    rows = 0
    for row, link in zip(table, stage.links, strict=True):
        more = outputs[link.source].more
        if not len(more):
            continue
        height, width, depth = link.operator.shape_in
        row[k.MORE] = rows
        edges = np.arange(height + 1) * (width * depth)
        starts.append(np.searchsorted(more[:, 0], edges) + filled)
        parts.append(more)
        rows += height + 1
        filled += len(more)
    if not parts:
        return np.zeros((0, 3), np.int64), np.zeros(0, np.int64)
    return np.concatenate(parts), np.concatenate(starts)


def seconds(function, *arguments):
    """Result and wall-clock seconds of a call."""
    start = time.perf_counter()
    return function(*arguments), time.perf_counter() - start

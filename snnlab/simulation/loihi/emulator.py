"""The emulator: images in, the spikes of every population out, one tile after the other."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.simulation.event.simd import LANES
from snnlab.simulation.loihi import kernels
from snnlab.simulation.loihi.network import ChipLayer
from snnlab.simulation.loihi.program import STRIPS, compile_program
from snnlab.simulation.loihi.reading import BuiltLayer

DT = 0.001
POLL_SECONDS = 0.02

# takes a tile's number and its spikes: by population, uint64 (chunks, neurons)
Store = Callable[[int, dict[str, np.ndarray]], None]


class Emulator:
    """A built chip, ready to run.

    Parameters
    ----------
    built : tuple of BuiltLayer
    layers : tuple of ChipLayer
        What it was built from; the host's layers are taken from here.
    threads : int, optional
        At most; all cores that this process may use, if not given.
    """

    def __init__(
        self,
        built: tuple[BuiltLayer, ...],
        layers: tuple[ChipLayer, ...],
        threads: int | None = None,
    ):
        self.built = built
        self.hosts = tuple(layer for layer in layers if not layer.on_chip)
        self.threads = threads or _cores()
        self._program = compile_program(built)
        self._kept: list[tuple[np.ndarray, ...]] = []
        self._lock = threading.Lock()

    def run(
        self,
        images: list[np.ndarray],
        steps: int,
        store: Store,
        progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        """Run tiles; each is the whole image to its chip.

        Parameters
        ----------
        images : list of numpy.ndarray
            ``(height, width)``, as the host's node puts them out.
        steps : int
            At least 1.
        store : callable
            Called once a tile, from any thread; the arrays are reused afterwards.
        progress : callable, optional
            Called with the fraction done.
        cancel : callable, optional
            Asked every 20 ms; True stops.

        Raises
        ------
        LabError
            If ``steps`` is below 1.
        Cancelled
        """
        if steps < 1:
            raise LabError("the number of timesteps must be 1 or more.")
        stop = np.zeros(1, np.uint8)
        with ThreadPoolExecutor(max(self.threads, 1)) as pool:
            if len(images) == 1 and self.threads > 1:
                # one thread leads and shares each layer with the others
                lead = ThreadPoolExecutor(1)
                jobs = [lead.submit(self._tile, 0, images[0], steps, store, stop, pool)]
            else:
                lead = None
                jobs = [
                    pool.submit(self._tile, number, image, steps, store, stop)
                    for number, image in enumerate(images)
                ]
            try:
                pending = set(jobs)
                while pending:
                    done, pending = wait(pending, POLL_SECONDS if cancel else None,
                                         "FIRST_COMPLETED")
                    for job in done:
                        job.result()
                    if cancel and cancel():
                        raise Cancelled
                    if progress and done:
                        progress(1 - len(pending) / len(jobs))
            finally:
                stop[0] = 1
                for job in jobs:
                    job.cancel()
                if lead:
                    lead.shutdown()

    def _tile(self, number, image, steps, store, stop, pool=None):
        if stop[0]:
            return
        program = self._program
        stages, inputs, places = program.for_steps(steps)
        scratch = [self._take() for _ in range(STRIPS if pool else 1)]
        words = np.empty(program.words(steps) + LANES, np.uint64)
        chunks = -(-steps // kernels.GROUP)
        try:
            for layer in self.hosts:
                self._encode(layer, image, steps, words, places[layer.name], scratch[0])

            def part(begin, end, which, parts):
                kernels.run_stages(
                    begin, end, which, parts, steps, stages, inputs, program.strips,
                    program.tables, program.bias, program.threshold, words, scratch[which], stop,
                )

            if pool is None:
                part(0, len(stages), 0, 1)
            else:
                for stage in range(len(stages)):
                    rest = [
                        pool.submit(part, stage, stage + 1, which, STRIPS)
                        for which in range(1, STRIPS)
                    ]
                    part(stage, stage + 1, 0, STRIPS)
                    for job in rest:
                        job.result()
            if not stop[0]:
                store(number, {
                    layer.name: words[
                        places[layer.name] : places[layer.name] + chunks * layer.neurons
                    ].reshape(chunks, -1)
                    for layer in self.built
                })
        finally:
            with self._lock:
                self._kept += scratch

    def _take(self):
        with self._lock:
            if self._kept:
                return self._kept.pop()
        return self._program.scratch()

    def _encode(self, layer: ChipLayer, image, steps, words, first, scratch) -> None:
        """The host's spikes, in double precision and in Nengo's order of operations."""
        current = layer.bias.copy()
        for link in layer.links:
            current += link.operator.apply(np.ravel(image).astype(float))
        charge = np.zeros(len(current) + LANES)
        np.multiply(current, DT, out=charge[: len(current)])
        reset, lower, start = layer.host
        kernels.encode(
            charge, steps, start, lower, reset == "loihi", reset != "subtraction", words, first,
            len(current), scratch[-1],
        )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

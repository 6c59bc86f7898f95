"""The emulator: images in, the spikes of every population out, one tile after the other."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.simulation.event.simd import LANES
from snnlab.simulation.loihi import kernels
from snnlab.simulation.loihi import layout as at
from snnlab.simulation.loihi.host import encode
from snnlab.simulation.loihi.needed import Box, needed, of_layer
from snnlab.simulation.loihi.network import ChipLayer
from snnlab.simulation.loihi.program import compile_program
from snnlab.simulation.loihi.reading import BuiltLayer

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
        self._kept: list[tuple] = []
        self._strips: dict[tuple, tuple] = {}
        self._lock = threading.Lock()

    def run(
        self,
        images: list[np.ndarray],
        steps: int,
        store: Store,
        progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        wanted: list[Box] | None = None,
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
        wanted : list of Box, optional
            By tile, in pixels: where spikes are wanted, of all populations. Of other
            neurons they are undefined.

        Raises
        ------
        LabError
            If ``steps`` is below 1.
        Cancelled
        """
        if steps < 1:
            raise LabError("the number of timesteps must be 1 or more.")
        stop = np.zeros(1, np.uint8)
        # a tile is a few milliseconds of one thread: threads take tiles, not parts of one
        with ThreadPoolExecutor(max(min(self.threads, len(images)), 1)) as pool:
            jobs = [
                pool.submit(
                    self._tile, number, image, steps, store, stop, wanted and wanted[number]
                )
                for number, image in enumerate(images)
            ]
            try:
                # in the order in which they are begun, so that one is waited for and not all
                for number, job in enumerate(jobs):
                    while not wait([job], POLL_SECONDS).done:
                        _ask(cancel)
                    job.result()
                    _ask(cancel)
                    if progress:
                        progress((number + 1) / len(jobs))
            finally:
                stop[0] = 1
                for job in jobs:
                    job.cancel()

    def _tile(self, number, image, steps, store, stop, box):
        if stop[0]:
            return
        program = self._program
        stages, inputs, places = program.for_steps(steps)
        strips = program.strips
        if box not in (None, (0, image.shape[0], 0, image.shape[1])):
            strips, stages[:, [at.STRIPS, at.STRIPS_END]] = self._cut(box, image.shape)
        words, scratch = self._take(program.words(steps) + LANES)
        try:
            for layer in self.hosts:
                encode(layer, image, steps, words, places[layer.name])
            finished = kernels.run_stages(
                steps,
                stages,
                inputs,
                strips,
                program.tables,
                program.bias,
                program.threshold,
                words,
                scratch,
                stop,
            )
            if finished:
                chunks = -(-steps // at.GROUP)
                store(
                    number,
                    {
                        layer.name: words[
                            places[layer.name] : places[layer.name] + chunks * layer.neurons
                        ].reshape(chunks, -1)
                        for layer in self.built
                    },
                )
        finally:
            with self._lock:
                self._kept.append((words, scratch))

    def _cut(self, box: Box, tile: tuple[int, int]):
        """Strips of the neurons that a part of a tile depends on; tiles are of a few kinds."""
        found = self._strips.get((box, tile))
        if found is None:
            kept = {layer.name: of_layer(box, tile, layer.shape) for layer in self.built}
            found = self._program.within(needed(self.built, kept))
            self._strips[box, tile] = found
        return found

    def _take(self, size: int):
        """Memory for words and scratch: a thread's that has finished, if it is enough."""
        with self._lock:
            kept = self._kept.pop() if self._kept else None
        if kept is None:
            kept = np.empty(0, np.uint64), self._program.scratch()
        words, scratch = kept
        return (words if words.size >= size else np.empty(size, np.uint64)), scratch


def _ask(cancel) -> None:
    if cancel and cancel():
        raise Cancelled


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Augmented batches, made by a thread while the net trains."""

import queue
import threading

import numpy as np

from snnlab.training.augmentation import crop
from snnlab.training.recipe import Recipe

TRIES = 8  # to draw a crop
COUNTS = 0.05  # of its pixels must have a label, or another is drawn


class Batches:
    """Batches of crops, a few ahead of the training.

    Parameters
    ----------
    draw : callable
        ``draw(random) -> (image, labels)``: a section to crop from.
    recipe : Recipe
    first : int
        The training step that the first batch is for. A batch depends on the
        recipe's seed and on its step alone, so that a run that goes on
        where it was stopped sees what it would have seen.
    """

    def __init__(self, draw, recipe: Recipe, first: int = 0):
        self._draw, self._recipe, self._next = draw, recipe, first
        self._queue: queue.Queue = queue.Queue(maxsize=4)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        try:
            while not self._stop.is_set():
                self._put(self._batch())
        except Exception as error:  # handed to the training thread, which raises it
            self._put(error)

    def _batch(self):
        recipe = self._recipe
        # the last number keeps the stream apart from the trainer's own of that step
        random = np.random.default_rng((recipe.seed, self._next, 1))
        self._next += 1
        crops = [self._crop(random) for _ in range(recipe.batch)]
        return tuple(np.stack(part)[..., None] for part in zip(*crops, strict=True))

    def _crop(self, random):
        """A crop of which something counts, if a few tries find one."""
        for _ in range(TRIES):
            made = crop(*self._draw(random), self._recipe.side, random, self._recipe.jitter)
            if np.mean(made[1] >= 0) >= COUNTS:
                break
        return made

    def _put(self, item):
        # a plain put would wait for ever for a trainer that has stopped
        while not self._stop.is_set():
            try:
                return self._queue.put(item, timeout=0.2)
            except queue.Full:
                continue

    def get(self):
        """Image and labels, float32 ``(batch, side, side, 1)`` each.

        Raises
        ------
        Exception
            What the drawing of a section raised.
        """
        item = self._queue.get()
        if isinstance(item, Exception):
            raise item
        return item

    def close(self):
        """End the thread; what it has drawn and nobody took is lost."""
        self._stop.set()
        self._thread.join()

"""Sections as a training takes them: some to draw crops from, some to validate on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CROP = 192  # side of the crops that the shipped models were trained on, pixels


@dataclass(frozen=True)
class Data:
    """Sections to train on and to validate on, normalised, 1 = cell, 0 = membrane.

    Labels are bool; or numbers, of which those below 0 do not count.

    Attributes
    ----------
    draw : callable
        ``draw(random) -> (image, labels)``: a section to crop from.
    images, labels : numpy.ndarray
        For validation, ``(n, height, width)``; sides multiples of 16.
    name : str
        For the card.
    groups : tuple of int
        How many of the sections for validation belong together, one after the other, where they
        are of several tissues: each counts the same then. Empty: all of them do.
    sized : callable, optional
        ``sized(side, near)`` gives a `draw` of sections that are just large enough for crops of so
        many pixels a side, where drawing them takes time; of this share of them pixels are about
        as wide as the models' own.
    """

    draw: Callable
    images: np.ndarray
    labels: np.ndarray
    name: str
    groups: tuple[int, ...] = ()
    sized: Callable | None = None

    def drawing(self, side: int, near: float = 0.0) -> Callable:
        """What to draw sections with, for crops of this many pixels a side."""
        return self.sized(side, near) if self.sized else self.draw

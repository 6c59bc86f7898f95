"""What is kept of a stack's sections: small, so that many can be held at once.

A `Segmentation` has all spikes of its section, tens of megabytes; a `Section` has some seven bytes
a pixel: grey, the probabilities of both networks as bytes, and the numbers of their cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.results import metrics
from snnlab.results.cells import extent
from snnlab.results.cells.extent import Extent
from snnlab.results.cells.linking import Linked
from snnlab.results.metrics import Marks, Scores

NETWORKS = ("ann", "snn")


@dataclass(frozen=True, eq=False)
class Section:
    """A section that was segmented by both networks.

    Attributes
    ----------
    place : int
        Its number in the file.
    grey : numpy.ndarray
        uint8 ``(height, width)``: as it came, 255 = 1.
    probability : dict of str to numpy.ndarray
        By network, uint8, same shape: probability of cell = (value - 1) / 254; 0 = not tissue.
    cells : dict of str to numpy.ndarray
        By network, uint16 or int32, same shape: numbers of the cells; 0 is none.
    marks : dict of str to Marks
        By network; empty without labels.
    agreement : float
        Share of pixels on which both networks agree; NaN of a blank section.
    spikes : int
    mean_rate_hz : float
    """

    place: int
    grey: np.ndarray
    probability: dict[str, np.ndarray]
    cells: dict[str, np.ndarray]
    marks: dict[str, Marks]
    agreement: float
    spikes: int
    mean_rate_hz: float

    @property
    def tissue(self) -> np.ndarray | None:
        """Where it is tissue, bool ``(height, width)``; None: all of it is."""
        there = self.probability["ann"] > 0
        return None if there.all() else there

    def row(self) -> dict[str, float | int]:
        """Its line of the table; no scores without labels."""
        found: dict[str, float | int] = {"section": self.place}
        if self.marks:
            for name in NETWORKS:
                marks = self.marks[name]
                found |= {
                    f"{name}_pixel_accuracy": marks.pixel_accuracy,
                    f"{name}_v_rand": marks.here[0],
                    f"{name}_v_rand_best": max(marks.v_rand),
                }
        else:
            found["agreement_with_ann"] = self.agreement
        found |= {f"{name}_cells": count(self.cells[name]) for name in NETWORKS}
        return found | {"spikes": self.spikes, "mean_rate_hz": self.mean_rate_hz}


def count(cells: np.ndarray) -> int:
    """How many cells numbers without gaps stand for."""
    return int(cells.max(initial=0))


def together(sections: Sequence[Section]) -> dict[str, Scores]:
    """Scores of all sections that have labels, one threshold for all; by network."""
    judged = [one.marks for one in sections if one.marks]
    if not judged:
        return {}
    return {name: metrics.together([marks[name] for marks in judged]) for name in NETWORKS}


@dataclass(frozen=True, eq=False)
class Through:
    """One network's cells through the sections.

    Attributes
    ----------
    tables : dict of int to numpy.ndarray
        By number of a section in the file and number of a cell there: its number in the stack.
    table : Extent
        What is measured of them.
    """

    tables: dict[int, np.ndarray]
    table: Extent

    def numbers(self, section: Section, network: str) -> np.ndarray:
        """A section with the numbers of the stack: int32 ``(height, width)``."""
        return self.tables[section.place][section.cells[network]].astype(np.int32)


def through(
    sections: Sequence[Section],
    network: str,
    nm: float | None = None,
    thickness: float | None = None,
) -> Through:
    """Link the cells of a network from section to section, and measure them.

    Parameters
    ----------
    sections : sequence of Section
        In their order; where numbers are left out, all cells end.
    network : {"ann", "snn"}
    nm, thickness : float or None
        Of a pixel, and from section to section.
    """
    linked, before = Linked(), None
    for section in sections:
        if before is not None and section.place != before + 1:
            linked.part()
        linked.add(section.cells[network])
        before = section.place
    places = [section.place for section in sections]
    table = extent.measure(
        [section.cells[network] for section in sections],
        linked.tables,
        places,
        [section.tissue for section in sections],
        nm,
        thickness,
    )
    return Through(dict(zip(places, linked.tables, strict=True)), table)

"""What is kept of a stack's sections: small, so that many can be held at once.

A `Segmentation` has all spikes of its section, tens of megabytes; a `Section` has some seven bytes
a pixel: grey, the probabilities of both networks as bytes, and the numbers of their cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass
class Chain:
    """A network's cells linked as far as sections are there, and on when there are more.

    Attributes
    ----------
    network : {"ann", "snn"}
    version : int
        Another one when numbers that were given before are others now.
    """

    network: str
    version: int = 0
    _linked: Linked = field(default_factory=Linked)
    _known: list[Section] = field(default_factory=list)

    def upto(self, sections: Sequence[Section]) -> dict[int, np.ndarray]:
        """Tables of these sections; see `Through`.

        Parameters
        ----------
        sections : sequence of Section
            In their order; where numbers are left out, all cells end.
        """
        same = len(self._known) <= len(sections) and all(
            one is other for one, other in zip(self._known, sections, strict=False)
        )
        if not same:
            self._linked, self._known, self.version = Linked(), [], self.version + 1
        for section in sections[len(self._known) :]:
            if self._known and section.place != self._known[-1].place + 1:
                self._linked.part()
            self._linked.add(section.cells[self.network])
            self._known.append(section)
        return {
            one.place: table for one, table in zip(self._known, self._linked.tables, strict=True)
        }


def through(
    sections: Sequence[Section],
    network: str,
    nm: float | None = None,
    thickness: float | None = None,
    chain: Chain | None = None,
) -> Through:
    """Link the cells of a network from section to section, and measure them.

    Parameters
    ----------
    sections : sequence of Section
        In their order; where numbers are left out, all cells end.
    network : {"ann", "snn"}
    nm, thickness : float or None
        Of a pixel, and from section to section.
    chain : Chain, optional
        Of that network, which knows some of them.
    """
    tables = (chain or Chain(network)).upto(sections)
    table = extent.measure(
        [section.cells[network] for section in sections],
        [*tables.values()],
        [*tables],
        [section.tissue for section in sections],
        nm,
        thickness,
    )
    return Through(tables, table)

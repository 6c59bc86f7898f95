"""What a search gave: boxes of ANN and SNN, and what else can be read from that run."""

from dataclasses import dataclass, field, replace

import numpy as np

from snnlab.lab.detecting_cost import Counted
from snnlab.nets.detector.boxes import OVERLAP, Detections
from snnlab.nets.detector.inference import Part, settled
from snnlab.results.anchored import Layer, Neurons
from snnlab.settings import Settings

Looked = list[tuple[Part, Detections]]


@dataclass(frozen=True)
class Candidates:
    """Boxes before suppression, part by part, in pixels of what the net was shown.

    Attributes
    ----------
    ann, snn : list of (Part, Detections)
    steps : list of numpy.ndarray
        By part, the step at which each of the SNN's settled.
    frames : tuple of (int, list)
        The SNN's, after the steps that were asked for.
    scale : numpy.ndarray
        ``(4,)``: pixels of the picture for one of what was shown.
    """

    ann: Looked
    snn: Looked
    steps: list[np.ndarray]
    frames: tuple[tuple[int, Looked], ...]
    scale: np.ndarray

    def scaled(self, found: Detections) -> Detections:
        """Boxes in pixels of the picture."""
        return replace(found, boxes=found.boxes * self.scale)


@dataclass(frozen=True)
class Found:
    """Boxes of an image.

    Attributes
    ----------
    ann, snn : Detections
        In pixels of the image.
    settled : numpy.ndarray
        The step, from 1, from which on each box of the SNN is what it is at last.
    settings : Settings
    spikes, neurons : int
    events : float
        Synapses that the spikes reached.
    ann_seconds, snn_seconds : float
        Of the SNN the run alone; the conversion takes `conversion_seconds`.
    conversion_seconds : float
    notes : tuple of str
    frames : tuple of (int, Detections)
        What the SNN said after the steps that were asked for.
    candidates : Candidates, optional
    parts : dict of str to numpy.ndarray
        By network, the part of the image that each box was found in.
    kept : tuple of Neurons
        By part, the neurons of the boxes; empty if they were not asked for.
    counts : tuple of Counted
        By part, what the spiking network did.
    """

    ann: Detections
    snn: Detections
    settled: np.ndarray
    settings: Settings
    spikes: int
    neurons: int
    events: float
    ann_seconds: float
    snn_seconds: float
    conversion_seconds: float
    notes: tuple[str, ...] = ()
    frames: tuple[tuple[int, Detections], ...] = ()
    candidates: Candidates | None = field(default=None, repr=False)
    parts: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    kept: tuple[Neurons, ...] = field(default=(), repr=False)
    counts: tuple[Counted, ...] = field(default=(), repr=False)

    def of(self, network: str) -> Detections:
        """The boxes of ``"ann"`` or ``"snn"``."""
        return self.ann if network == "ann" else self.snn

    def suppressed(self, overlap: float = OVERLAP) -> "Found":
        """The same run with another suppression.

        Parameters
        ----------
        overlap : float
            Of two boxes (intersection over union), above which the one of the lower score goes.
        """
        every = self.candidates
        ann, ann_parts, _ = settled(every.ann, overlap)
        snn, snn_parts, places = settled(every.snn, overlap)
        when = [every.steps[n][p] for n, p in zip(snn_parts, places, strict=True)]
        return replace(
            self,
            ann=every.scaled(ann),
            snn=every.scaled(snn),
            settled=np.array(when, int),
            parts={"ann": ann_parts, "snn": snn_parts},
            frames=tuple(
                (step, every.scaled(settled(one, overlap)[0])) for step, one in every.frames
            ),
        )

    def alone(self) -> "Found":
        """The boxes without what else is kept of the run."""
        return replace(self, candidates=None, kept=(), frames=())

    def layers(self, network: str, number: int) -> tuple[Layer, ...]:
        """The neurons of a box; nothing if they were not kept."""
        if not self.kept:
            return ()
        part = int(self.parts[network][number])
        return self.kept[part].of(int(self.of(network).places[number]))

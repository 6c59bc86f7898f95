"""What one run of the lab gives: both segmentations, spikes, rates, scores.

Everything that a page shows, the command line prints or a file keeps is read
from a `Segmentation`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from snnlab.images.pictures import Picture
from snnlab.nets.familiarity import Familiarity
from snnlab.results import counted
from snnlab.results.firing import Firing
from snnlab.results.metrics import Scores, looks_inverted
from snnlab.settings import Settings
from snnlab.simulation.network import Readout, read_classes, read_out
from snnlab.simulation.recording import Recording

# pixels up to which reading out step by step is quicker than loading compiled code for it: the
# first picture is on screen before anything heavy is imported
SMALL = 256 * 256


@dataclass(frozen=True)
class LayerStats(Firing):
    """Activity of one population over a run.

    Attributes
    ----------
    name : str
    shape : tuple of int
        ``(height, width, channels)`` over the whole image.
    on_chip : bool
    histogram : numpy.ndarray
        int64: ``histogram[k]`` neurons sent ``k`` spikes.
    synaptic_events : int
        Spikes times the synapses that each reaches, borders exact.
    timesteps : int
    rate_hz : float
        Rate that stands for an activation of 1.
    dt : float
    """

    name: str
    shape: tuple[int, int, int]
    on_chip: bool
    histogram: np.ndarray
    synaptic_events: int
    timesteps: int
    rate_hz: float
    dt: float = 0.001


@dataclass(frozen=True)
class Sampled:
    """ANN activation and SNN rate of the same few neurons of a layer.

    Attributes
    ----------
    neurons : numpy.ndarray
        int64 ``(n,)``: indices into the recorded population.
    activation : numpy.ndarray
        float32 ``(n,)``: of the ANN, at 8 bits.
    """

    neurons: np.ndarray
    activation: np.ndarray


@dataclass(frozen=True)
class Segmentation:
    """One image, segmented by the U-Net and by the spiking network made from it.

    Attributes
    ----------
    settings : Settings
    picture : Picture
    image : numpy.ndarray
        float32 ``(height, width)``, normalised: what both networks saw.
    ann : numpy.ndarray
        Probability of cell by the ANN (8-bit weights), float32.
    ann_seconds, snn_seconds : float
    layers : tuple of LayerStats
    recording : Recording
        Spikes of the whole image, or of the part ``region`` if it was large.
    region : tuple of int
        ``(top, left, height, width)`` of the recorded part, in pixels; its
        sides are padded to a multiple of 16 in the recording.
    readout : Readout
    sampled : dict of str to Sampled
    moments : dict of int to numpy.ndarray
        Probability after so many timesteps, of a large image of which nothing else is kept;
        after all of them, of a run whose spikes have no times; else empty.
    last : Recording or None
        Spikes of the last population alone, over the whole of a large image.
    anywhere : bool
        Of a large image, whether the spikes of ``region`` are those of the run of the whole,
        so that any other part can be looked into as well; see `snnlab.lab.parts`. If not, the
        region was run by itself.
    familiarity : Familiarity or None
        How familiar the image is to the model; None where that is not known.
    ann_classes : numpy.ndarray or None
        Probabilities of each class by the ANN, float32 ``(height, width, classes)``, membrane
        first; None of a model that tells cell from membrane alone.
    """

    settings: Settings
    picture: Picture
    image: np.ndarray
    ann: np.ndarray
    ann_seconds: float
    snn_seconds: float
    layers: tuple[LayerStats, ...]
    recording: Recording
    region: tuple[int, int, int, int]
    readout: Readout
    sampled: dict[str, Sampled]
    moments: dict[int, np.ndarray] = field(default_factory=dict)
    last: Recording | None = None
    ann_scores: Scores | None = None
    snn_scores: Scores | None = None
    anywhere: bool = False
    familiarity: Familiarity | None = None
    ann_classes: np.ndarray | None = None

    @property
    def by_class(self) -> bool:
        """Whether both networks say a class of each pixel; of a very large image the SNN does not.

        There, and of a run whose spikes have no times, probabilities of cell alone are kept.
        """
        return self.ann_classes is not None and not self.moments

    @property
    def whole(self) -> bool:
        """Whether the recording holds the whole image."""
        # a run without times has its one moment, large or not
        apart = self.recording.timed and bool(self.moments)
        return self.region[2:] == self.image.shape and not apart

    @property
    def nbytes(self) -> int:
        """Memory that it takes, but for the picture's own."""
        moments = sum(part.nbytes for part in list(self.moments.values()))
        last = self.last.nbytes if self.last else 0
        classes = 0 if self.ann_classes is None else self.ann_classes.nbytes
        return self.recording.nbytes + self.ann.nbytes + classes + moments + last

    def let_go(self) -> None:
        """Give up most of the memory; see `snnlab.simulation.recording.Recording.let_go`."""
        self.recording.let_go()
        self.moments.clear()
        if self.last:
            self.last.let_go()

    @property
    def timesteps(self) -> int:
        """Steps simulated."""
        return self.recording.timesteps

    def snn(self, step: int | None = None) -> np.ndarray:
        """Probability of cell by the SNN, from the spikes of its readout window.

        Parameters
        ----------
        step : int, optional
            After this many steps; after the last if not given. Where only moments were
            kept, after the nearest.

        Returns
        -------
        numpy.ndarray
            float32 ``(height, width)``.
        """
        step = self.timesteps if step is None else step
        if self.moments:
            nearest = min(self.moments, key=lambda moment: abs(moment - step))
            return self.moments[nearest].astype(np.float32)
        return self._read(read_out, step)

    def snn_classes(self, step: int | None = None) -> np.ndarray:
        """As `snn`, probabilities of the classes: float32 ``(height, width, classes)``.

        Of a run that has them; see `by_class`.
        """
        return self._read(read_classes, self.timesteps if step is None else step)

    def _read(self, read, step: int) -> np.ndarray:
        last, (height, width) = self.layers[-1], self.image.shape
        start = window_start(step, self.settings)
        trains = (self.last or self.recording)[last.name]
        return read(trains, last.rate_hz, self.readout, start, step)[:height, :width]

    def classes_over_time(self, steps: Sequence[int]) -> Iterator[np.ndarray]:
        """The SNN's most likely classes after each of many steps, uint8 ``(height, width)``."""
        if self.image.size <= SMALL or self.readout.shares:
            yield from (self.snn_classes(step).argmax(-1).astype(np.uint8) for step in steps)
            return
        from snnlab.results.over_time import classes_over_time

        yield from self._over_time(classes_over_time, steps)

    def _over_time(self, read, steps) -> Iterator[np.ndarray]:
        last, (height, width) = self.layers[-1], self.image.shape
        windows = [(window_start(step, self.settings), step) for step in steps]
        trains = (self.last or self.recording)[last.name]
        for found in read(trains, last.rate_hz, self.readout, windows):
            yield found[:height, :width]

    def snn_over_time(self, steps: Sequence[int]) -> Iterator[np.ndarray]:
        """`snn` after each of many numbers of steps, but all from one pass over the spikes.

        Parameters
        ----------
        steps : sequence of int

        Yields
        ------
        numpy.ndarray
            float32 ``(height, width)``, a step each.
        """
        if self.moments or self.image.size <= SMALL or self.readout.shares:
            yield from map(self.snn, steps)
            return
        from snnlab.results.over_time import read_out_over_time

        yield from self._over_time(read_out_over_time, steps)

    @property
    def labels_look_inverted(self) -> bool:
        """Whether the ANN fits the opposite of the labels far better.

        Of an image that itself looks inverted nothing is said: the ANN's answer is inverted then.
        """
        picture, cells = self.picture, self.ann > self.settings.ann_at
        return (
            picture.labels is not None
            and looks_inverted(cells, picture.labels, picture.uncounted)
            and not picture.light_membranes
        )

    def agreement(self, step: int | None = None) -> float:
        """Share of the tissue's pixels on the same side of the threshold as the ANN's, 0..1.

        NaN of a blank section.
        """
        # both at the SNN's threshold: of two, it would tell how they were chosen
        at = self.settings.threshold
        return counted.mean((self.snn(step) >= at) == (self.ann >= at), self.picture.beside)

    @cached_property
    def steps_shown(self) -> tuple[int, ...]:
        """Steps at which the scrubber and the error curve stop."""
        if self.moments:
            return tuple(sorted(self.moments))
        return tuple(range(1, self.timesteps + 1))

    @property
    def spikes(self) -> int:
        """All spikes of all layers over the whole image."""
        return sum(layer.spikes for layer in self.layers)

    @property
    def synaptic_events(self) -> int:
        """All synaptic events over the whole image."""
        return sum(layer.synaptic_events for layer in self.layers)

    @property
    def mean_rate_hz(self) -> float:
        """Mean firing rate over all neurons."""
        neurons = sum(layer.neurons for layer in self.layers)
        return self.spikes / neurons / (self.timesteps * self.recording.dt)


def window_start(step: int, settings: Settings) -> int:
    """First step of the readout window that ends before ``step``.

    Until the first spikes have come through all layers, what the last one sends
    is wrong, and counting it costs more accuracy than a longer count gains: the
    last half is read out. With a synapse the network takes longer to settle, and
    it is the last 30 %, as in Patel et al. (2021).
    """
    return step * 7 // 10 if settings.synapse_ms else step // 2

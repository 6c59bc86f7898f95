"""What one run of the lab gives: both segmentations, spikes, rates, scores.

Everything that a page shows, the command line prints or a file keeps is read
from a `Segmentation`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from snnlab.images.pictures import Picture
from snnlab.results import counted
from snnlab.results.firing import Firing
from snnlab.results.metrics import Scores
from snnlab.settings import Settings
from snnlab.simulation.network import Readout, read_out
from snnlab.simulation.recording import WORD, Recording, SpikeTrains
from snnlab.work import stored

# pixels up to which reading out step by step is quicker than loading compiled code for it: the
# first picture is on screen before anything heavy is imported
SMALL = 256 * 256
MASKS = ("tissue", "file_tissue", "ignored")  # of a picture: kept as arrays


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
        Probability after so many timesteps, for a large image; else empty.
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
    ann_scores: Scores | None = None
    snn_scores: Scores | None = None

    @property
    def whole(self) -> bool:
        """Whether the recording holds the whole image."""
        return not self.moments

    @property
    def nbytes(self) -> int:
        """Memory that it takes, but for the picture's own."""
        trains = sum(
            part.words.nbytes + part.planes.nbytes + part.extra.nbytes
            for part in self.recording.populations
        )
        return trains + self.ann.nbytes + sum(part.nbytes for part in self.moments.values())

    @property
    def timesteps(self) -> int:
        """Steps simulated."""
        return self.recording.timesteps

    def snn(self, step: int | None = None) -> np.ndarray:
        """Probability of cell by the SNN, from the spikes of its readout window.

        Parameters
        ----------
        step : int, optional
            After this many steps; after the last if not given. For a large
            image, after the nearest moment kept.

        Returns
        -------
        numpy.ndarray
            float32 ``(height, width)``.
        """
        step = self.timesteps if step is None else step
        if self.moments:
            nearest = min(self.moments, key=lambda moment: abs(moment - step))
            return self.moments[nearest].astype(np.float32)
        last = self.layers[-1]
        start = window_start(step, self.settings)
        full = read_out(self.recording[last.name], last.rate_hz, self.readout, start, step)
        height, width = self.image.shape
        return full[:height, :width]

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
        if self.moments or self.image.size <= SMALL:
            yield from map(self.snn, steps)
            return
        from snnlab.results.over_time import read_out_over_time

        last, (height, width) = self.layers[-1], self.image.shape
        windows = [(window_start(step, self.settings), step) for step in steps]
        trains = self.recording[last.name]
        for read in read_out_over_time(trains, last.rate_hz, self.readout, windows):
            yield read[:height, :width]

    def agreement(self, step: int | None = None) -> float:
        """Share of the tissue's pixels on the same side of the threshold as the ANN's, 0..1.

        NaN of a blank section.
        """
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


def save(result: Segmentation, path: Path) -> None:
    """Keep a result of a whole image in one ``.npz`` without pickles.

    The picture's grey values are kept to 8 bits; what the networks saw exactly.

    Raises
    ------
    ValueError
        If the image was so large that spikes of a part of it were kept.
    """
    if not result.whole:
        raise ValueError("only a result that holds all spikes of its image can be kept")
    about = {
        "settings": asdict(result.settings),
        "picture": {
            key: value
            for key, value in asdict(result.picture).items()
            if key not in ("pixels", "labels", *MASKS)
        },
        "seconds": [result.ann_seconds, result.snn_seconds, result.recording.seconds],
        "simulator": result.recording.simulator,
        "timesteps": result.timesteps,
        "region": result.region,
        "bias": result.readout.bias,
        "scores": [asdict(s) if s else None for s in (result.ann_scores, result.snn_scores)],
        "layers": [
            {
                "name": layer.name,
                "shape": layer.shape,
                "on_chip": layer.on_chip,
                "synaptic_events": layer.synaptic_events,
                "rate_hz": layer.rate_hz,
                "sizes": trains.sizes,
                "first": trains.first,
                "cycle": trains.cycle,
            }
            for layer, trains in zip(result.layers, result.recording.populations, strict=True)
        ],
    }
    arrays = {
        "about": np.array(json.dumps(about)),
        "pixels": np.rint(result.picture.pixels * 255).astype(np.uint8),
        "image": result.image.astype(np.float32),
        "ann": result.ann,
        "readout": result.readout.weights,
    }
    if result.picture.labels is not None:
        arrays["labels"] = result.picture.labels
    arrays |= {name: mask for name in MASKS if (mask := getattr(result.picture, name)) is not None}
    for trains, layer in zip(result.recording.populations, result.layers, strict=True):
        arrays[f"words/{trains.name}"] = _split(trains.words)
        if trains.sizes:
            arrays[f"planes/{trains.name}"] = _split(trains.planes)
        arrays[f"extra/{trains.name}"] = trains.extra
        arrays[f"histogram/{trains.name}"] = layer.histogram
        if trains.name in result.sampled:  # gates, relays and pixels are not the ANN's
            arrays[f"neurons/{trains.name}"] = result.sampled[trains.name].neurons
            arrays[f"activation/{trains.name}"] = result.sampled[trains.name].activation
    np.savez_compressed(path, **arrays)


def _split(words: np.ndarray) -> np.ndarray:
    """Words as bytes; those of the same steps side by side compress twice as well."""
    split = np.ascontiguousarray(words).view(np.uint8)
    return np.moveaxis(split.reshape(*words.shape, 8), -1, -2)


def _whole(split: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(split, -2, -1)).view(np.uint64)[..., 0]


def load(path: Path) -> Segmentation:
    """Read what `save` wrote.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with stored.as_one_sentence(f"{path.name} is missing or damaged; get it again."):
        found = _assembled(stored.arrays(stored.content(path)))
        _check(found)
        return found


def _check(result: Segmentation) -> None:
    """Refuse what does not fit each other: each of its parts alone may be as it should.

    Raises
    ------
    stored.Damaged
    """
    picture, words = result.picture, -(-result.timesteps // WORD)
    pictures = [picture.pixels, result.image, result.ann]
    pictures += [] if picture.labels is None else [picture.labels]
    fits = len({part.shape for part in pictures}) == 1 and result.image.ndim == 2
    for layer, trains in zip(result.layers, result.recording.populations, strict=True):
        sampled = result.sampled.get(layer.name)
        fits &= trains.words.shape == (words, layer.neurons) and layer.rate_hz > 0
        fits &= layer.neurons == np.prod(layer.shape) and trains.extra.shape[1:] == (3,)
        fits &= layer.histogram.dtype.kind in "iu" and int(layer.synaptic_events) >= 0
        if sampled is not None:
            fits &= sampled.neurons.shape == sampled.activation.shape
            fits &= bool(((sampled.neurons >= 0) & (sampled.neurons < layer.neurons)).all())
    if not fits or not np.isfinite(result.snn()).all():
        raise stored.Damaged("holds parts that do not fit each other")


def _assembled(arrays: dict[str, np.ndarray]) -> Segmentation:
    about = stored.parsed(str(arrays["about"]))
    timesteps = about["timesteps"]
    layers, trains, sampled = [], [], {}
    for item in about["layers"]:
        name, shape = item["name"], tuple(item["shape"])
        words = _whole(arrays[f"words/{name}"])
        more = {key: item[key] for key in ("first", "cycle") if key in item}
        if item.get("sizes"):
            more["sizes"] = tuple(item["sizes"])
            more["planes"] = _whole(arrays[f"planes/{name}"])
        extra = arrays.get(f"extra/{name}", np.zeros((0, 3), np.int64))
        trains.append(SpikeTrains(name, shape, words, timesteps, extra=extra, **more))
        activity = arrays[f"histogram/{name}"], item["synaptic_events"], timesteps, item["rate_hz"]
        layers.append(LayerStats(name, shape, item["on_chip"], *activity))
        if f"neurons/{name}" in arrays:
            sampled[name] = Sampled(arrays[f"neurons/{name}"], arrays[f"activation/{name}"])
    ann_seconds, snn_seconds, simulation_seconds = about["seconds"]
    scores = [Scores(**item) if item else None for item in about["scores"]]
    pixels = arrays["pixels"].astype(np.float32) / 255
    return Segmentation(
        Settings(**about["settings"]),
        Picture(
            pixels,
            arrays.get("labels"),
            **about["picture"]
            | {key: tuple(about["picture"].get(key, ())) for key in ("notes", "ignore", "options")},
            **{name: arrays.get(name) for name in MASKS},
        ),
        arrays["image"],
        arrays["ann"],
        ann_seconds,
        snn_seconds,
        tuple(layers),
        Recording(tuple(trains), about["simulator"], timesteps, simulation_seconds),
        tuple(about["region"]),
        Readout(arrays["readout"], about["bias"]),
        sampled,
        {},
        *scores,
    )

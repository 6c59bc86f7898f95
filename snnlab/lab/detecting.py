"""The front door to detectors: boxes of an image by ANN and SNN, scored against own boxes."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from snnlab.conversion.graphs.scaling import METHODS
from snnlab.data import boxes as own_boxes
from snnlab.data import mitochondria as drawn
from snnlab.data.boxes import Boxes, Wanted
from snnlab.errors import Cancelled, LabError
from snnlab.export.boxes import Listed
from snnlab.images.contrast import normalise
from snnlab.images.pictures import Picture
from snnlab.images.pixel_size import Size, pair, told
from snnlab.images.resampling import alike, resampled, shape_for
from snnlab.nets.detector import model as detectors
from snnlab.nets.detector.boxes import Detections
from snnlab.nets.detector.graph import all_anchors, read
from snnlab.nets.detector.inference import detect as ann_boxes
from snnlab.nets.detector.inference import joined, padded, parts
from snnlab.nets.detector.model import Detector
from snnlab.results.detection import Scores, scores
from snnlab.settings import Settings

__all__ = [
    "METHODS", "Found", "defaults", "detect", "detector", "drawn", "names", "opened", "own",
    "scored",
]  # fmt: skip

DEFAULT = "mitochondria"
SAY_HOW_WIDE = " --nm says how wide they are."  # on a page there is a field for it


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

    def of(self, network: str) -> Detections:
        """The boxes of ``"ann"`` or ``"snn"``."""
        return self.ann if network == "ann" else self.snn


def names() -> tuple[str, ...]:
    """Names of the detectors that there are."""
    return detectors.available()


@lru_cache(maxsize=4)
def _shipped(name: str) -> Detector:
    return detectors.load(name)


_opened: dict[str, Detector] = {}  # of files that somebody named, by name


def opened(model: str) -> str:
    """The name of a detector, or of one whose file is named instead.

    Raises
    ------
    LabError
    """
    if not model.endswith(detectors.ENDING):
        return model
    path = Path(model)
    found = detectors.load(path.name.removesuffix(detectors.ENDING), path.parent)
    _opened[found.name] = found
    return found.name


def detector(name: str) -> Detector:
    """A detector by name.

    Raises
    ------
    LabError
    """
    return _opened.get(name) or _shipped(name)


def listed() -> tuple[tuple[str, str, str], ...]:
    """Name, summary and limits of each; of one whose file is damaged, what to do."""
    found = []
    for name in names():
        try:
            card = detector(name).card
        except LabError as error:
            card = {"summary": str(error)}
        found.append((name, card.get("summary", ""), card.get("not", "")))
    return tuple(found)


def defaults(name: str) -> Settings:
    """Settings that suit a detector, from its card; its threshold is the score of a box."""
    known = {"method": "data-normalisation", "timesteps": 64}
    return Settings(**known | detector(name).card.get("settings", {}) | {"model": name})


def own(source: bytes | str | os.PathLike, name: str, picture: Picture) -> Boxes:
    """Somebody's own boxes of a picture's section, in pixels of its file.

    Raises
    ------
    LabError
    """
    shape = picture.file_shape or picture.pixels.shape
    return own_boxes.read(
        source, name, Wanted(picture.file, picture.section, picture.sections, shape)
    )


def scored(found: Detections, truth: np.ndarray, score: float) -> Scores:
    """How good the boxes of an image are."""
    return scores([found], [truth], score)


def seen(picture: Picture, nm: Size | None, learned: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """What the net is shown: normalised, with pixels as wide as those that it learned from.

    Parameters
    ----------
    picture : Picture
        With its file's pixels.
    nm : float, (float, float) or None
        What the person says of them; else the file may.
    learned : float
    """
    said = picture.nm if nm is None else nm
    if said is None:
        note = (
            f"The size of the pixels is not known; boxes are looked for as if they were {learned:g}"
            f" nm wide.{SAY_HOW_WIDE}"
        )
        return picture.normalised, (note,)
    if all(alike(one, learned) for one in pair(said)):
        return picture.normalised, ()
    shape = shape_for(picture.pixels.shape, said, learned)
    image = resampled(picture.pixels, shape)
    tissue = picture.tissue
    if tissue is not None:
        tissue = resampled(tissue.astype(np.float32), shape) > 0.5  # noqa: PLR2004
    note = (
        f"Pixels of {told(said)} nm were resampled to {learned:g} nm, which the net learned from."
    )
    return normalise(image, tissue), (note,)


def moments(timesteps: int) -> tuple[int, ...]:
    """Steps at which it is worth looking how boxes form: 1, 2, 3, 4, 6, 8, 12 .. and the last."""
    doubled = [2**power for power in range(timesteps.bit_length())]
    found = {*doubled, *(one * 3 // 2 for one in doubled if one > 1), timesteps}
    return tuple(sorted(step for step in found if step <= timesteps))


def listed_boxes(picture: Picture, found: Found, network: str, score: float) -> Listed:
    """Boxes of a network with at least a score, as files hold them."""
    all_boxes = found.of(network)
    many, known = len(all_boxes.above(score)), picture.nm_in_file
    return Listed(
        picture.file,
        picture.section,
        picture.file_shape or picture.pixels.shape,
        all_boxes.boxes[:many],
        all_boxes.scores[:many],
        found.settled[:many] if network == "snn" else None,
        None if known is None else pair(known),
    )


def detect(
    picture: Picture,
    settings: Settings,
    nm: Size | None = None,
    as_is: bool = False,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    at: Sequence[int] = (),
) -> Found:
    """Look for things by ANN and SNN.

    Parameters
    ----------
    picture : Picture
    settings : Settings
        Of the detector that its ``model`` names.
    nm : float, (float, float) or None
        Width of the picture's pixels.
    as_is : bool
        Leave them as they are, whatever is known of them.
    at : sequence of int
        Steps, from 1, after which the SNN's boxes are read too.

    Raises
    ------
    LabError, Cancelled
    """
    progress = progress or (lambda share, stage: None)
    net = detector(settings.model)
    progress(0.0, "ANN")
    image, notes = picture.normalised, ()
    if not as_is:
        image, notes = seen(picture, nm, float(net.card.get("nm", 5.0)))
    begun = time.perf_counter()
    ann = ann_boxes(net, image, cancel=cancel)
    took = time.perf_counter() - begun
    found = _spiking(net, image, settings, progress, cancel, at)
    height, width = picture.file_shape or picture.pixels.shape
    scale = np.array([width / image.shape[1], height / image.shape[0]] * 2)
    ann, snn, *forming = (
        replace(one, boxes=one.boxes * scale)
        for one in (ann, found.snn, *(one for _, one in found.frames))
    )
    progress(1.0, "done")
    frames = tuple(zip(at, forming, strict=True))
    return replace(found, ann=ann, snn=snn, ann_seconds=took, notes=notes, frames=frames)


def _spiking(net: Detector, image, settings: Settings, progress, cancel, at) -> Found:
    from snnlab import simulation
    from snnlab.conversion.detector import convert
    from snnlab.results.forming import answered, first, forming

    simulator = simulation.simulator(settings.simulator)
    cut, boxes, steps, sums = parts(*image.shape), [], [], np.zeros(3)
    seconds, then = np.zeros(2), [[] for _ in at]
    for number, part in enumerate(cut):
        if cancel and cancel():
            raise Cancelled
        window = image[part.rows, part.columns]
        shown = padded(window)
        progress((0.1 + number) / (len(cut) + 1), "conversion")
        times = [time.perf_counter()]
        network = convert(net, shown, settings)
        times.append(time.perf_counter())

        def inner(share, stage, number=number):
            progress((0.2 + number + 0.8 * share) / (len(cut) + 1), stage)

        recording = simulator.run(network, settings.timesteps, settings.seed, inner, cancel)
        times.append(time.perf_counter())
        seconds += np.diff(times)
        answer = network.answer(recording, first(network, settings.timesteps))
        anchors = all_anchors(*shown.shape)
        there = read(answer, anchors, *window.shape)
        for frame, step in zip(then, at, strict=True):
            now = answered(network, recording, step)
            frame.append((part, read(now, anchors, *window.shape)))
        boxes.append((part, there))
        steps.append(forming(network, recording, there.places).settled)
        events = recording.synaptic_events().values() if recording.synapses else ()
        neurons = sum(int(np.prod(one.shape)) for one in network.populations)
        sums += np.array([recording.spikes(), neurons, sum(events)], float)
    snn, number, place = joined(boxes)
    settled = np.array([steps[n][p] for n, p in zip(number, place, strict=True)], int)
    return Found(
        snn, snn, settled, settings, int(sums[0]), int(sums[1]), float(sums[2]),
        0.0, float(seconds[1]), float(seconds[0]),
        frames=tuple((step, joined(one)[0]) for step, one in zip(at, then, strict=True)),
    )  # fmt: skip

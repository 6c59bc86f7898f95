"""The front door to detectors: boxes of an image by ANN and SNN, scored against own boxes."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from snnlab.lab.detected import Candidates, Found
from snnlab.lab.detecting_cost import counted
from snnlab.nets.detector import model as detectors
from snnlab.nets.detector.boxes import Detections
from snnlab.nets.detector.graph import all_anchors, read_all
from snnlab.nets.detector.inference import Seen, looked, padded
from snnlab.nets.detector.model import Detector
from snnlab.results.anchored import populations
from snnlab.results.detection import OVERLAPS, Curve, Scores, curve, scores
from snnlab.results.pyramid import gathered
from snnlab.settings import Settings

__all__ = [
    "METHODS", "Found", "curves", "defaults", "detect", "detector", "drawn", "names", "opened",
    "own", "scored",
]  # fmt: skip

DEFAULT = "mitochondria"
SAY_HOW_WIDE = " --nm says how wide they are."  # on a page there is a field for it


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


def scored(
    found: Detections, truth: np.ndarray, score: float, overlap: float = OVERLAPS[0]
) -> Scores:
    """How good the boxes of an image are; see `snnlab.results.detection.scores`."""
    return scores([found], [truth], score, overlap)


def curves(found: Found, truth: np.ndarray, overlap: float) -> dict[str, Curve]:
    """Precision and recall over the scores, by network."""
    return {name: curve([found.of(name)], [truth], overlap) for name in ("ann", "snn")}


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
        Steps, from 1, after which the SNN's boxes are read too; the boxes' neurons are kept then.

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
    ann = looked(net, image, cancel=cancel, keep=populations(net.plan) if at else ())
    took = time.perf_counter() - begun
    height, width = picture.file_shape or picture.pixels.shape
    scale = np.array([width / image.shape[1], height / image.shape[0]] * 2)
    found = _spiking(net, image, ann, scale, settings, progress, cancel, at)
    progress(1.0, "done")
    return replace(found, ann_seconds=took, notes=notes)


def _spiking(net: Detector, image, ann: list[Seen], scale, settings, progress, cancel, at) -> Found:
    from snnlab import simulation
    from snnlab.conversion.detector import convert
    from snnlab.results.forming import answered, first, forming

    simulator = simulation.simulator(settings.simulator)
    boxes, steps, kept, counts = [], [], [], []
    seconds, then = np.zeros(2), [[] for _ in at]
    for number, seen_by_ann in enumerate(ann):
        if cancel and cancel():
            raise Cancelled
        part = seen_by_ann.part
        window = image[part.rows, part.columns]
        shown = padded(window)
        progress((0.1 + number) / (len(ann) + 1), "conversion")
        times = [time.perf_counter()]
        network = convert(net, shown, settings)
        times.append(time.perf_counter())

        def inner(share, stage, number=number):
            progress((0.2 + number + 0.8 * share) / (len(ann) + 1), stage)

        recording = simulator.run(network, settings.timesteps, settings.seed, inner, cancel)
        times.append(time.perf_counter())
        seconds += np.diff(times)
        answer = network.answer(recording, first(network, settings.timesteps))
        anchors = all_anchors(*shown.shape)
        there = read_all(answer, anchors, *window.shape)
        for frame, step in zip(then, at, strict=True):
            now = answered(network, recording, step)
            frame.append((part, read_all(now, anchors, *window.shape)))
        boxes.append((part, there))
        steps.append(forming(network, recording, there.places).settled)
        counts.append(counted(network, recording))
        if at:
            places = np.concatenate([there.places, seen_by_ann.found.places])
            kept.append(gathered(net.plan, network, recording, seen_by_ann.kept, places))
    every = Candidates(
        [(one.part, one.found) for one in ann], boxes, steps, tuple(zip(at, then, strict=True)),
        scale,
    )  # fmt: skip
    none = Detections(np.empty((0, 4)), np.empty(0), np.empty(0, int))
    spikes, neurons, events = (
        sum(sum(getattr(one, name).values()) for one in counts)
        for name in ("spikes", "neurons", "events")
    )
    made = Found(
        none, none, np.empty(0, int), settings, spikes, neurons, float(events),
        0.0, float(seconds[1]), float(seconds[0]), candidates=every, kept=tuple(kept),
        counts=tuple(counts),
    )  # fmt: skip
    return made.suppressed()

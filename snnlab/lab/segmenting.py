"""The lab's front door: what pages and command line call.

Results are cached by content: the same pixels, weights and settings are never
computed twice while they are remembered. Nothing heavy is imported until a
function needs it.
"""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab import conversion, simulation

# isbi_*, sample, upload: the pages' way to images
from snnlab.data.isbi import labelled_sections as isbi_sections  # noqa: F401
from snnlab.data.isbi import picture as isbi_picture  # noqa: F401
from snnlab.errors import Cancelled, LabError
from snnlab.images.pictures import Picture, sample, samples, upload, upload_sections  # noqa: F401
from snnlab.lab import parts
from snnlab.nets import model as models
from snnlab.nets import shelf as model_store
from snnlab.nets.library import LIBRARY, About, about_of
from snnlab.results.activity import activity
from snnlab.results.metrics import Scores
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings

log = logging.getLogger(__name__)

SOON = 200_000_000  # bytes of spikes that the event engine makes within some four seconds
PATIENCE = 20.0  # seconds that such a run took at most, on a machine that may have been busy
ASSETS = Path(__file__).parents[2] / "assets"
REMEMBERED = 8
MEMORY = 500_000_000  # bytes that remembered results may take, the newest aside; pages hold theirs


def model(name: str) -> models.Model:
    """A model by name: shipped, from the user's folder, or a visitor's own.

    Raises
    ------
    LabError
    """
    return model_store.SHELF.get(name) or LIBRARY.model(name)


def about(name: str) -> About:
    """What there is to know of a model but its weights, which need not be read for it.

    Raises
    ------
    LabError
    """
    visitors = model_store.SHELF.get(name)
    return about_of(visitors) if visitors else LIBRARY.about(name)


def defaults(name: str) -> Settings:
    """Settings that suit a model, from its card."""
    return Settings(**(about(name).card.get("settings", {}) | {"model": name}))


def default_result() -> Segmentation:
    """The run that the lab opens with: the first sample, as suits the default model.

    It takes less than a second, so that it is run, not kept in a file. Where the model's file is
    damaged, another model takes its place.

    Raises
    ------
    LabError
        If no shipped model can be read.
    """
    first = Settings().model
    try:
        return segment(sample(0), defaults(first))
    except LabError as error:
        for name in models.available():
            log.warning("%s The lab opens with %s.", error, name)
            with suppress(LabError):
                return segment(sample(0), defaults(name))
        raise


_results: OrderedDict[tuple, Segmentation] = OrderedDict()
_ann: OrderedDict[tuple, tuple] = OrderedDict()
_scores: OrderedDict[tuple, Scores] = OrderedDict()
_guard = threading.Lock()


def _remember(cache: OrderedDict, key: tuple, value):
    with _guard:
        cache[key] = value
        cache.move_to_end(key)
        while len(cache) > REMEMBERED or (len(cache) > 1 and _bytes(cache) > MEMORY):
            cache.popitem(last=False)
    return value


def _bytes(cache: OrderedDict) -> int:
    # a long run of a large image takes gigabytes of spikes; an ANN's output does not
    return sum(value.nbytes for value in cache.values() if isinstance(value, Segmentation))


def remembered(picture: Picture, settings: Settings) -> Segmentation | None:
    """A result that is already there, or None; its threshold and labels may be others."""
    key = _key(picture, settings)
    with _guard:
        if key in _results:
            _results.move_to_end(key)
        return _results.get(key)


def forget(result: Segmentation) -> None:
    """Remember a run no more, whatever its threshold and labels are."""
    with _guard:
        for key in [k for k, known in _results.items() if known.recording is result.recording]:
            del _results[key]


def forget_all() -> None:
    """Remember nothing any more: all is computed again when it is asked for."""
    with _guard:
        for cache in (_results, _ann, _scores):
            cache.clear()


def _key(picture: Picture, settings: Settings) -> tuple:
    # the threshold and the place in a stack change what is shown, not what is computed
    return (
        picture.content,
        picture.section,
        model(settings.model).digest,
        conversion.heeded(settings).replace(threshold=0.5, source="sample", section=0).key(),
    )


def segment(picture: Picture, settings: Settings, progress=None, cancel=None) -> Segmentation:
    """Segment one image by ANN and SNN.

    Parameters
    ----------
    picture : Picture
    settings : Settings
    progress : callable, optional
        ``progress(fraction, stage)``.
    cancel : callable, optional
        Returns True to stop.

    Returns
    -------
    Segmentation

    Raises
    ------
    LabError
        If a name in the settings is unknown, or a simulator can't run the net.
    Cancelled
    """
    progress = progress or (lambda fraction, stage: None)
    found = remembered(picture, settings)
    if found is None:
        unet = model(settings.model)
        image = picture.normalised
        progress(0.0, "ANN")
        ann = _run_ann(unet, picture, image, cancel)
        progress(0.15, "conversion")
        found = _run_snn(
            unet,
            picture,
            image,
            ann,
            settings,
            lambda share, stage: progress(0.15 + 0.8 * share, stage),
            cancel,
        )
        _remember(_results, _key(picture, settings), found)
    progress(0.95, "scores")
    scored = _scored(replace(found, settings=settings, picture=picture), cancel)
    progress(1.0, "done")
    return scored


def _scored(result: Segmentation, cancel=None) -> Segmentation:
    if result.picture.labels is None:
        return result
    from snnlab.results import approach, judging, metrics

    picture, at = result.picture, result.settings.ann_at
    # the ANN stays what it is while the SNN's settings change
    key = (picture.content, picture.section, model(result.settings.model).digest, at)
    key += (hashlib.sha256(picture.truth).digest(),)
    ann = _scores.get(key) or metrics.together([judging.marks(picture, result.ann, at, cancel)])
    return replace(
        result,
        ann_scores=_remember(_scores, key, ann),
        snn_scores=approach.score_at(result, result.timesteps, cancel),
    )


# ---- the two networks -------------------------------------------------------


def _run_ann(unet, picture, image, cancel):
    key = (picture.content, picture.section, unet.digest)
    if key in _ann:
        return _ann[key]
    from snnlab.nets import inference

    if cancel and cancel():
        raise Cancelled
    found = inference.looked_at(unet, image, picture.tissue, cancel=cancel)
    return _remember(_ann, key, found)


def _sampled(unet, picture, region, alone: bool):
    key = (picture.content, picture.section, unet.digest, region, alone)
    found = _ann.get(key) or parts.sampled(unet, picture.normalised, region, alone)
    return _remember(_ann, key, found)


def _run_snn(unet, picture, image, ann, settings, progress, cancel):
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(settings.simulator)
    region = parts.region_at(image.shape, unet, settings)
    small = parts.alone(unet, image, region)
    begun = time.perf_counter()
    large = region[2:] != image.shape

    def first(share, stage):
        progress(share * (0.1 if large else 1), stage)

    network = convert(unet, small, settings)
    anywhere = large and simulator.exact and parts.repeatable(network)
    if anywhere:
        more = convert, simulator, region, first, cancel
        recording = parts.around(unet, image, settings, *more).part(unet, region)
    else:
        recording = simulator.run(network, settings.timesteps, settings.seed, first, cancel)
    last, moments = None, {}
    if large:
        from snnlab.lab import large as whole_image

        def later(share, stage):
            progress(0.1 + 0.9 * share, stage)

        more = convert, simulator, network, recording.nbytes, later, cancel
        whole = whole_image.run(unet, image, settings, *more)
        layers, last, moments = whole.layers, whole.last, whole.moments
    else:
        layers = activity(unet, network, recording)
        if not recording.timed:
            height, width = image.shape
            moments = {settings.timesteps: network.probability(recording)[:height, :width]}
    return Segmentation(
        settings,
        picture,
        image,
        ann.probability,
        ann.seconds,
        time.perf_counter() - begun,
        layers,
        recording,
        region,
        network.readout,
        _sampled(unet, picture, region, large and not anywhere),
        moments,
        last,
        anywhere=anywhere,
        familiarity=ann.familiarity,
        ann_classes=ann.classes,
    )


def soon_again(result: Segmentation) -> bool:
    """Whether a run's spikes can be computed again, the same ones, while somebody waits."""
    # by size: how long it took says as much of how busy the machine was
    soon = result.recording.nbytes <= SOON and result.snn_seconds <= PATIENCE
    plain = result.whole and result.recording.timed and not result.moments
    return soon and plain and result.settings.simulator == "event"


def put_away(result: Segmentation) -> None:
    """Give up a run's spikes until somebody asks for them; for what is `soon_again`.

    Raises
    ------
    LabError
        If its model is gone.
    """
    unet, settings = model(result.settings.model), result.settings

    def again():
        small = parts.alone(unet, result.image, result.region)
        network = conversion.method(settings.method).convert(unet, small, settings)
        run = simulation.simulator(settings.simulator).run
        return run(network, settings.timesteps, settings.seed).populations

    result.recording.put_away(again)


# ---- looking into a result ----------------------------------------------------


def cards() -> dict[str, dict]:
    """Each model's card, by name: the shipped ones, then the user's folder."""
    return {name: known.card for name, known in LIBRARY.all().items()}


def refused() -> dict[str, str]:
    """A sentence on each model that is not among `cards`, as its file cannot be used, by name."""
    return LIBRARY.refused()


def models_listed() -> tuple[tuple[str, str, str], ...]:
    """Name, summary and limits of each model."""
    return tuple((n, c.get("summary", ""), c.get("not", "")) for n, c in cards().items())


def traces(result: Segmentation, layer: str, neurons: np.ndarray):
    """Current, potential and spikes of a few neurons; see `snnlab.simulation.traces`."""
    return parts.traces(model(result.settings.model), result, layer, neurons)


def check(settings: Settings) -> None:
    """Refuse names that nothing answers to.

    Raises
    ------
    LabError
    """
    model(settings.model)
    conversion.method(settings.method)
    simulation.simulator(settings.simulator)
    if settings.timesteps < 1:
        raise LabError("the number of timesteps must be 1 or more.")

"""Quality against energy: models run several ways, read out after several numbers of steps."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial

from snnlab import conversion
from snnlab.energy.work import Work
from snnlab.errors import Cancelled
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab.energy import profile_of
from snnlab.results import approach, judging, metrics
from snnlab.settings import Settings

KEPT = 8  # images whose trials are remembered


@dataclass(frozen=True)
class Way:
    """How a model is run: rate bounds, synapse, reset and the most timesteps."""

    name: str
    timesteps: int
    lower_hz: float
    upper_hz: float
    synapse_ms: float


WAYS = (
    Way("900–1000 Hz", 64, 900.0, 1000.0, 0.0),
    Way("400–450 Hz", 64, 400.0, 450.0, 0.0),
    Way("75–150 Hz, 3 ms synapse", 200, 75.0, 150.0, 3.0),
)
# of models whose method sets its own thresholds: bounds that nobody reads
OWN = Way("its own thresholds", 64, 900.0, 1000.0, 0.0)
RESETS = ("subtraction", "zero")
MOMENTS = (4, 8, 12, 16, 24, 32, 48, 64, 80, 100, 140, 170, 200)


@dataclass(frozen=True)
class Trial:
    """One model run one way on one image, read out after several numbers of steps.

    Attributes
    ----------
    model : str
    way : str
    reset : str
    ann : dict of str to float
        Quality of the ANN: ``pixel_accuracy`` at 0.5, where both networks can be compared,
        and ``v_rand``, with labels only.
    steps : tuple of int
    quality : tuple of dict
        Of the SNN after each; ``agreement`` with the ANN always.
    works : tuple of Work
    """

    model: str
    way: str
    reset: str
    ann: dict[str, float]
    steps: tuple[int, ...]
    quality: tuple[dict[str, float], ...]
    works: tuple[Work, ...]


def ways(model: str) -> tuple[tuple[str, Way], ...]:
    """Resets and ways that make a difference to how a model is run: its method may read neither."""
    suited = lab.defaults(model)
    if conversion.method(suited.method).bounds:
        return tuple((reset, way) for reset in RESETS for way in WAYS)
    return ((suited.reset, OWN),)


def settings_of(model: str, way: Way, base: Settings, reset: str | None = None) -> Settings:
    """Settings of a trial: the model's own, run that way.

    Its thresholds too, unless ``base`` is of the same model: then they are as shown.
    """
    suited = lab.defaults(model)
    reset = reset or suited.reset
    # half a threshold rounds spike counts to the nearest; Loihi's neurons start at 0
    usual = 0.0 if reset == "zero" else 0.5
    shown = base if base.model == model else suited
    return suited.replace(
        threshold=shown.threshold,
        ann_threshold=shown.ann_threshold,
        timesteps=way.timesteps,
        lower_hz=way.lower_hz,
        upper_hz=way.upper_hz,
        synapse_ms=way.synapse_ms,
        reset=reset,
        initial=suited.initial if reset == suited.reset else usual,
        simulator="event",
    )


def trial(
    picture: Picture, settings: Settings, way: str, progress=None, cancel=None, whole: bool = True
) -> Trial:
    """Run once, and read the beginnings of the run out too.

    Parameters
    ----------
    whole : bool
        Score V_Rand as well, which takes most of the time.
    """
    result = lab.segment(picture, settings, progress, cancel)
    if result.whole:
        steps = tuple(step for step in MOMENTS if step < settings.timesteps)
    else:
        steps = tuple(step for step in result.steps_shown if step < settings.timesteps)
    steps += (settings.timesteps,)
    sums = profile_of(result, steps)
    at, ann = metrics.HALF, {}
    if picture.labels is not None:
        ann = {"pixel_accuracy": judging.accuracy(picture, result.ann, at)}
        if whole:
            ann["v_rand"] = result.ann_scores.v_rand
    quality = []
    for step in steps:
        if cancel and cancel():
            raise Cancelled
        seen = {"agreement": result.agreement(step)}
        if picture.labels is not None:
            seen["pixel_accuracy"] = judging.accuracy(picture, result.snn(step), at)
            if whole:
                seen["v_rand"] = approach.score_at(result, step, cancel).v_rand
        quality.append(seen)
    works = tuple(sums.at(step) for step in steps)
    return Trial(settings.model, way, settings.reset, ann, steps, tuple(quality), works)


_trials: OrderedDict[tuple, tuple[Trial, ...]] = OrderedDict()


def _trials_key(picture: Picture, base: Settings) -> tuple:
    digests = tuple(lab.about(name).digest for name, _, _ in lab.models_listed())
    return (
        picture.content,
        picture.section,
        picture.truth,
        base.model,
        base.threshold,
        base.ann_at,
        digests,
    )


def trials_known(picture: Picture, base: Settings) -> tuple[Trial, ...] | None:
    """What `trials` gave for this image, if it was asked before."""
    return _trials.get(_trials_key(picture, base))


def trials(picture: Picture, base: Settings, progress=None, cancel=None) -> tuple[Trial, ...]:
    """Every model run every way on one image: for quality against energy.

    Parameters
    ----------
    base : Settings
        Its model's thresholds are as in it; each model brings the rest.
    progress, cancel : callable, optional

    Raises
    ------
    LabError, Cancelled
    """
    key = _trials_key(picture, base)
    if key in _trials:
        return _trials[key]
    # ways differ in bounds of rates, which not every method reads
    plan = [
        (name, way)
        for name, _, _ in lab.models_listed()
        if conversion.method(lab.defaults(name).method).bounds
        for way in WAYS
    ]
    made = []
    for index, (name, way) in enumerate(plan):
        report = partial(_report, progress, index, len(plan), f"{name}, {way.name}")
        made.append(trial(picture, settings_of(name, way, base), way.name, report, cancel))
    _trials[key] = tuple(made)
    while len(_trials) > KEPT:
        _trials.popitem(last=False)
    return _trials[key]


def _report(progress, index: int, total: int, what: str, share: float, _stage: str) -> None:
    if progress:
        progress((index + share) / total, what)

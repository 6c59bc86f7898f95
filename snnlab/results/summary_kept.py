"""A summary of a run as JSON and arrays, and back: whoever reads one may have it from anybody."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, fields

import numpy as np

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.images.limits import LIMITS
from snnlab.results.scores import Scores
from snnlab.results.summary import LayerSummary, Summary
from snnlab.settings import Settings
from snnlab.work.stored import Damaged

LAYERS = 256
MOMENTS = 4096
TEXT = 400  # characters
COUNT = 10**15
NEEDED = ("image", "ann", "snn")
PICTURES = (*NEEDED, "labels")
_COUNTS = ("neurons", "spikes", "synaptic_events")
_TEXTS = ("image", "file", "name", "silence")


def written(run: Summary) -> dict:
    """All of a run but its pictures, ready for JSON.

    Parameters
    ----------
    run : Summary
    """
    made = {name: getattr(run, name) for name in (*_COUNTS, *_TEXTS, "beside")}
    made["settings"] = asdict(run.settings)
    for name in ("mean_rate_hz", "agreement", "difference"):
        made[name] = _or_none(getattr(run, name))
    for name in ("ann_scores", "snn_scores"):
        scores = getattr(run, name)
        made[name] = None if scores is None else scores.as_dict()
    made["layers"] = [
        {name: _or_none(value) for name, value in asdict(layer).items()} for layer in run.layers
    ]
    made["course"] = {
        "step": [int(step) for step in run.course["step"]],
        **{
            name: [_or_none(value) for value in values]
            for name, values in run.course.items()
            if name != "step"
        },
    }
    return made


def read(made, pictures: Mapping[str, np.ndarray] | None = None) -> Summary:
    """A run from what `written` gave.

    Parameters
    ----------
    made : object
        From JSON.
    pictures : mapping of str to numpy.ndarray, optional
        None: kept without.

    Raises
    ------
    Damaged
        If anything is not as this lab writes it.
    """
    if not isinstance(made, dict):
        raise Damaged("holds a run that is none")
    try:
        settings = settings_of(made["settings"])
        values = {name: _whole(made[name]) for name in _COUNTS}
        values |= {name: text(made[name]) for name in _TEXTS}
        values |= {
            "mean_rate_hz": _number(made["mean_rate_hz"], 0, 1e6),
            "agreement": _number(made["agreement"], 0, 1),
            "difference": _number(made["difference"], 0, 1),
        }
        scores = {name: _scores(made[name]) for name in ("ann_scores", "snn_scores")}
        layers = tuple(_layer(one) for one in _listed(made["layers"], LAYERS))
        course = _course(made["course"])
        if type(made["beside"]) is not bool or not layers:
            raise Damaged("holds a run that is none")
    except (KeyError, TypeError, ValueError, AttributeError, LabError) as error:
        if isinstance(error, Damaged):
            raise
        raise Damaged("holds a run that is none") from error
    shown = {} if pictures is None else _pictures(pictures)
    return Summary(
        settings=settings, layers=layers, course=course, pictures=shown, beside=made["beside"],
        **values, **scores,
    )  # fmt: skip


def settings_of(made) -> Settings:
    """Settings whose method and simulator there are; what is not said is as ever.

    Raises
    ------
    Damaged
    """
    known = {item.name for item in fields(Settings)}
    if not isinstance(made, dict) or not set(made) <= known:
        raise Damaged("holds settings that are none")
    try:
        settings = Settings(**made)
    except LabError as error:
        raise Damaged("holds settings that are out of range") from error
    if settings.method not in {one.name for one in conversion.METHODS}:
        raise Damaged("names a conversion method that there is not")
    if settings.simulator not in {one.name for one in simulation.SIMULATORS}:
        raise Damaged("names a simulator that there is not")
    return settings


def text(value, most: int = TEXT) -> str:
    """A text of one line.

    Raises
    ------
    Damaged
    """
    if not isinstance(value, str) or len(value) > most or not (value.isprintable() or not value):
        raise Damaged("holds a text that is none")
    return value


def _or_none(value):
    """JSON has no NaN, which stands for what there is not."""
    if isinstance(value, str | bool):
        return value
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _whole(value) -> int:
    if type(value) is not int or not 0 <= value <= COUNT:
        raise Damaged("holds a count that is none")
    return value


def _number(value, low: float, high: float) -> float:
    if value is None:
        return float("nan")
    if type(value) not in (int, float) or not low <= value <= high:
        raise Damaged("holds a number out of range")
    return float(value)


def _listed(value, most: int) -> list:
    if not isinstance(value, list) or len(value) > most:
        raise Damaged("holds a list that is none, or too long")
    return value


def _scores(made) -> Scores | None:
    if made is None:
        return None
    names = {item.name for item in fields(Scores)}
    if not isinstance(made, dict) or set(made) != names or None in made.values():
        raise Damaged("holds scores that are none")
    return Scores(**{name: _number(value, -1, 1) for name, value in made.items()})


def _layer(made) -> LayerSummary:
    name = text(made["name"], 64)
    if not re.fullmatch(r"[A-Za-z][\w./-]*", name):
        raise Damaged("holds a layer without a name")
    numbers = {n: _number(made[n], -COUNT, COUNT) for n in ("error", "busy", "quiet")}
    rate = _number(made["mean_rate_hz"], 0, 1e6)
    return LayerSummary(name=name, spikes=_whole(made["spikes"]), mean_rate_hz=rate, **numbers)


def _course(made) -> dict[str, np.ndarray]:
    if not isinstance(made, dict) or not {"step"} <= set(made) <= {"step", "agreement"}:
        raise Damaged("holds a course that is none")
    steps = [_whole(step) for step in _listed(made["step"], MOMENTS)]
    found = {"step": np.array(steps, int)}
    if (np.diff(found["step"]) <= 0).any():
        raise Damaged("holds a course that runs backwards")
    if "agreement" in made:
        shares = [_number(share, 0, 1) for share in _listed(made["agreement"], MOMENTS)]
        found["agreement"] = np.array(shares, float)
        if len(shares) != len(steps):
            raise Damaged("holds a course with moments that are missing")
    return found


def _pictures(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    if not set(NEEDED) <= set(given) <= set(PICTURES):
        raise Damaged("holds pictures of a run that are missing, or too many")
    shape = given["image"].shape
    for values in given.values():
        if values.dtype != np.uint8 or values.ndim != 2 or values.shape != shape:
            raise Damaged("holds a picture of another type or shape")
    if not all(1 <= side <= LIMITS.side_max for side in shape):
        raise Damaged("holds a picture that is too large")
    return dict(given)

"""A run in a few numbers and small pictures, to compare with another once its spikes are gone.

A `Segmentation` holds every spike, a hundred megabytes of a section; a visitor
who pins runs or works through a lesson keeps summaries, of a megabyte at most.
"""

import hashlib
from dataclasses import dataclass, fields

import numpy as np

from snnlab import conversion
from snnlab.images.hatching import hatched
from snnlab.images.pictures import Picture
from snnlab.results import agreement, approach, counted
from snnlab.results.metrics import Scores
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings

# what people call the settings; in the order in which changes are listed
NAMES = {
    "source": "source",
    "section": "section",
    "model": "model",
    "timesteps": "timesteps",
    "percentile": "percentile",
    "lower_hz": "lower bound (Hz)",
    "upper_hz": "upper bound (Hz)",
    "reset": "reset",
    "method": "method",
    "simulator": "simulator",
    "synapse_ms": "synapse (ms)",
    "initial": "initial potential",
    "input": "image comes in as",
    "threshold": "threshold",
    "ann_threshold": "threshold of the ANN",
    "seed": "seed",
}
# and the scores
SCORES = {
    "pixel_accuracy": "Pixel accuracy",
    "pixel_accuracy_at_half": "Pixel accuracy at 0.5",
    "dice": "Dice (cell)",
    "iou": "IoU (cell)",
    "v_rand": "V_Rand, best threshold",
    "v_rand_at_threshold": "V_Rand at the threshold",
    "v_rand_at_half": "V_Rand at 0.5",
    "v_info": "V_Info, best threshold",
    "v_info_at_threshold": "V_Info at the threshold",
}
ENOUGH = 0.95  # agreement with the ANN from which a run is said to have settled on it
NEVER = 0  # the step from which it has, if it never does
_ORDER = {name: place for place, name in enumerate(NAMES)}


@dataclass(frozen=True)
class LayerSummary:
    """One layer of a run.

    Attributes
    ----------
    name : str
    spikes : int
    mean_rate_hz : float
    error, busy, quiet : float
        As in `snnlab.results.agreement.LayerAgreement`; NaN of neurons that the ANN has not.
    """

    name: str
    spikes: int
    mean_rate_hz: float
    error: float
    busy: float
    quiet: float


@dataclass(frozen=True)
class Summary:
    """A run without its spikes.

    Attributes
    ----------
    settings : Settings
    image, file : str
        Names the picture by content: file, section and labels; and the section of the file
        alone, whatever pixels it was resampled to.
    name : str
        The picture's, for people.
    neurons, spikes, synaptic_events : int
    mean_rate_hz : float
    agreement : float
        Share of pixels on which SNN and ANN agree, 0..1.
    difference : float
        Mean absolute difference of their probabilities.
    ann_scores, snn_scores : Scores or None
    layers : tuple of LayerSummary
    course : dict of str to numpy.ndarray
        Some steps, ``step``, and ``agreement`` if it is read out there; ``(n,)`` each.
        All those where it settles (see `settled`) are among them.
    pictures : dict of str to numpy.ndarray
        ``image``, ``ann`` and ``snn``, and ``labels`` if there are any: uint8
        ``(height, width)``, of the file's pixels; what is not tissue, or does not count, is
        hatched.
    beside : bool
        Whether something is not tissue.
    silence : str
        What is to be said of a run whose readout heard no spike; else nothing.
    """

    settings: Settings
    image: str
    file: str
    name: str
    neurons: int
    spikes: int
    synaptic_events: int
    mean_rate_hz: float
    agreement: float
    difference: float
    ann_scores: Scores | None
    snn_scores: Scores | None
    layers: tuple[LayerSummary, ...]
    course: dict[str, np.ndarray]
    pictures: dict[str, np.ndarray]
    beside: bool = False
    silence: str = ""


def of(result: Segmentation) -> Summary:
    """Sum a run up."""
    snn, picture = result.snn(), result.picture
    found = {item.name: item for item in agreement.layers(result)}
    shown = {"image": result.image, "ann": result.ann, "snn": snn}
    shown = {
        name: hatched(picture.in_file(values), picture.tissue_in_file)
        for name, values in shown.items()
    }
    if picture.labels is not None:
        cells, left_out = picture.judged_by
        shown["labels"] = hatched(cells.astype(np.float32), None if left_out is None else ~left_out)
    return Summary(
        result.settings,
        image_key(result.picture),
        result.picture.in_the_file,
        result.picture.called,
        sum(layer.neurons for layer in result.layers),
        result.spikes,
        result.synaptic_events,
        result.mean_rate_hz,
        result.agreement(),
        counted.mean(np.abs(snn - result.ann), result.picture.beside),
        result.ann_scores,
        result.snn_scores,
        tuple(
            LayerSummary(
                layer.name,
                layer.spikes,
                layer.mean_rate_hz,
                *_agreement(found.get(layer.name)),
            )
            for layer in result.layers
        ),
        _course(result),
        {
            name: np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
            for name, values in shown.items()
        },
        picture.tissue is not None,
    )


def _course(result: Segmentation) -> dict[str, np.ndarray]:
    curve = approach.error_curve(result)
    after, by = settled(curve["step"], curve["agreement"])
    between = [step for step in result.steps_shown if after < step < by]
    parts = [curve, approach.error_curve(result, 1, between)] if between else [curve]
    step, first = np.unique(np.concatenate([part["step"] for part in parts]), return_index=True)
    return {"step": step, "agreement": np.concatenate([p["agreement"] for p in parts])[first]}


def settled(step: np.ndarray, agreement: np.ndarray) -> tuple[int, int]:
    """Between which steps the agreement becomes high enough for good.

    Not every step need be known: it is not yet at the first of the two, and it is at
    the second. `NEVER` twice if it never is.
    """
    low = np.flatnonzero(np.asarray(agreement) < ENOUGH)
    first = 0 if not len(low) else int(low[-1]) + 1
    if first == len(step):
        return NEVER, NEVER
    return int(step[first - 1]) if first else 0, int(step[first])


def _agreement(found) -> tuple[float, float, float]:
    if found is None:
        return (float("nan"),) * 3
    return found.error, found.busy, found.quiet


def image_key(picture: Picture) -> str:
    """SHA-256 of a picture and its labels."""
    parts = [picture.content, str(picture.section)]
    if picture.labels is not None:
        parts.append(hashlib.sha256(picture.truth).hexdigest())
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def differing(one: Settings, other: Settings, without: tuple[str, ...] = ()) -> dict[str, tuple]:
    """Settings that are not the same: field to both values, in the usual order."""
    named = [field.name for field in fields(Settings) if field.name not in without]
    return {
        name: (getattr(one, name), getattr(other, name))
        for name in sorted(named, key=lambda name: _ORDER.get(name, len(_ORDER)))
        if getattr(one, name) != getattr(other, name)
    }


def shown(value) -> str:
    """A setting as people write it."""
    if value is None:
        return "as the SNN"
    return f"{value:g}" if isinstance(value, float) else str(value)


def held(settings: Settings) -> tuple[str, ...]:
    """How a run's rates are held, and how its neurons reset: what its method reads of that."""
    method = conversion.method(settings.method)
    rank = f"the {settings.percentile:g}th percentile"
    bounds = f"{settings.lower_hz:g}–{settings.upper_hz:g} Hz at {rank}"
    return (
        *((bounds if method.bounds else f"scaled to {rank}",) if method.percentile else ()),
        "reset to zero" if settings.reset == "zero" else "reset by subtraction",
    )

"""What ``evaluate`` computes of one model."""

from collections.abc import Callable, Sequence

import numpy as np

from snnlab import conversion
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab import together
from snnlab.lab import trials as lab_trials
from snnlab.nets.model import SCORES
from snnlab.results import metrics

TIMESTEPS = (16, 32, 64, 100, 200)
FEW = (4, 8, 16, 32, 64)

Report = Callable[[float, str], None]


def rows(
    name: str, pictures: Sequence[Picture], timesteps: int | None, ways: bool, report: Report
) -> list[dict]:
    """Scores of a model's ANN and of its SNN, all sections together.

    Parameters
    ----------
    timesteps : int or None
        Of the SNN; None: the model's own.
    ways : bool
        Run the SNN in all ways of `snnlab.lab.trials`, not by the model's own settings.
    """
    own = lab.defaults(name)
    report(0.0, "ANN")
    found = [
        _row(name, "ann", None, own.ann_at, together.ann(lab.model(name), pictures, own.ann_at))
    ]
    if ways:
        runs, read = _ways(name)
    else:
        steps = timesteps or own.timesteps
        runs, read = [("its own settings", own.replace(timesteps=steps))], (steps,)
    for index, (way, settings) in enumerate(runs):

        def told(share: float, index: int = index, way: str = f"reset {settings.reset}, {way}"):
            report((index + share) / len(runs), way)

        spiking = together.snn(pictures, settings, read, told)
        found += [
            _row(name, "snn", steps, settings.threshold, spiking.marks[steps])
            | {"reset": settings.reset, "way": way, "mean_rate_hz": spiking.mean_rate_hz}
            for steps in read
        ]
    return found


def unrounded(name: str, pictures: Sequence[Picture]) -> list[dict]:
    """The same of the ANN before its kernels were rounded; nothing if it is not known."""
    model, at = lab.model(name), lab.defaults(name).ann_at
    if not model.floats:
        return []
    return [_row(name, "ann", None, at, together.ann(model, pictures, at, model.floats))]


def ranges(name: str, pictures: Sequence[Picture], report: Report) -> list[dict]:
    """The share of a model's neurons within the rate bounds that it was trained with, if any.

    Counted in spikes, and by what the ANN's activations stand for.
    """
    from snnlab.training import ranging, spike_ranging
    from snnlab.training.regulariser import RateRange

    model = lab.model(name)
    asked = model.card.get("range")
    if asked is None:
        return []
    images = np.stack([picture.normalised for picture in pictures])
    bounds = RateRange(**asked)
    counted = spike_ranging.kept(
        model, images, bounds, lambda share: report(1.0, f"spikes, {100 * share:.0f} %")
    )
    return [
        {
            "model": name,
            **asked,
            "share": counted.share,
            "neurons": counted.neurons,
            "windows": counted.windows,
            "window_ms": spike_ranging.WINDOW,
            "by_activation": ranging.kept(model, images, bounds),
        }
    ]


def _ways(name: str) -> tuple[list, tuple[int, ...]]:
    """Names and settings of a model's runs, and the timesteps at which they are read."""
    suited = lab.defaults(name)
    bounded = conversion.method(suited.method).bounds
    timesteps = TIMESTEPS if bounded else FEW
    runs = [
        (
            _called(way) if bounded else suited.method,
            lab_trials.settings_of(name, way, suited, reset).replace(timesteps=max(timesteps)),
        )
        for reset, way in lab_trials.ways(name)
    ]
    return runs, timesteps


def _called(way: lab_trials.Way) -> str:
    return f"{way.lower_hz:g}..{way.upper_hz:g} Hz, {way.synapse_ms:g} ms"


def _row(name: str, network: str, timesteps: int | None, at: float, marks: list) -> dict:
    scores = metrics.together(marks)
    return {
        "model": name,
        "network": network,
        "timesteps": timesteps,
        "sections": len(marks),
        **{key: getattr(scores, key) for key in SCORES},
        "best_threshold": scores.best_threshold,
        "threshold": at,
        "v_rand_shown": scores.v_rand_at_threshold,
        "v_info_shown": scores.v_info_at_threshold,
        "pixel_accuracy_at_half": scores.pixel_accuracy_at_half,
        "v_rand_at_half": scores.v_rand_at_half,
    }

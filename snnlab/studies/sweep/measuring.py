"""One run of a sweep: simulate once, read at several numbers of timesteps.

A large image goes through in tiles, as large as memory allows; tiles overlap
by as much as an output sees, so their size changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from snnlab import conversion, simulation
from snnlab.errors import Cancelled
from snnlab.images import pictures, tiles
from snnlab.images.resampling import resampled
from snnlab.nets.architecture import halo, multiple, resolution
from snnlab.nets.model import SCORES, Model
from snnlab.results import counted, metrics
from snnlab.results.activity import activity, merged
from snnlab.results.mute import heard
from snnlab.results.segmentation import LayerStats, window_start
from snnlab.settings import Settings
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import WORD, Recording, SpikeTrains
from snnlab.work.code_version import code_version

MOST_HZ, MOST_COUNTED = 1e6, 1e18  # graded spikes count their size
SPIKE_BYTES = 2_000_000_000  # that the spikes of one run may take


def version(settings: Settings) -> str:
    """Hash of the code that a result with these settings depends on."""
    return code_version(
        __name__,
        pictures.__name__,  # what the nets see of an image
        conversion.method(settings.method).module,
        simulation.simulator(settings.simulator).module,
    )


def versions(chosen: Sequence[Settings]) -> str:
    """The same of several settings; see `snnlab.work.parallel.run`, ``alike``."""
    return "".join(version(settings) for settings in chosen)


def prefix(recording: Recording, steps: int) -> Recording:
    """What a run of fewer steps would have recorded.

    Parameters
    ----------
    recording : Recording
        Of a network without loops.
    steps : int
        At most the recording's own.
    """
    if steps >= recording.timesteps:
        return recording
    parts = tuple(_prefix(trains, steps) for trains in recording.populations)
    return replace(recording, populations=parts, timesteps=steps)


def _prefix(trains: SpikeTrains, steps: int) -> SpikeTrains:
    extra = trains.extra[trains.extra[:, 1] < steps] if len(trains.extra) else trains.extra
    return replace(
        trains,
        words=_first(trains.words, steps),
        planes=_first(trains.planes, steps) if len(trains.planes) else trains.planes,
        timesteps=steps,
        extra=extra,
    )


def _first(words: np.ndarray, steps: int) -> np.ndarray:
    """The first so many bits along the last axis but one."""
    words = words[..., : -(-steps // WORD), :]
    if steps % WORD:
        words = words.copy()
        words[..., -1, :] &= np.uint64((1 << (steps % WORD)) - 1)
    return words


class _Watched(Settings):
    """Settings that know whether somebody has looked at the number of timesteps."""

    def __getattribute__(self, name: str):
        if name == "timesteps":
            object.__setattr__(self, "asked", True)
        return super().__getattribute__(name)


def plans_ahead(model: Model, image: np.ndarray, settings: Settings) -> bool:
    """Whether a conversion depends on how long the network will be run.

    Bistable neurons do: they divide the time into cycles. What such a network
    does at first is not what one made for fewer steps does.

    Parameters
    ----------
    image : numpy.ndarray
        Any that the network takes.
    """
    watched = _Watched(**asdict(settings))
    object.__setattr__(watched, "asked", False)  # making it checked every field
    conversion.method(settings.method).convert(model, image, watched)
    return watched.asked


def spike_bytes(model: Model, timesteps: int, pixels: int) -> int:
    """Memory that the spikes of a run take."""
    factor = resolution(model.layers)
    neurons = sum(layer.channels / factor[layer.name] ** 2 for layer in model.populations())
    return int(neurons * pixels * -(-timesteps // WORD) * 8)


def tile_side(model: Model, timesteps: int, shape: tuple[int, int], most: int = SPIKE_BYTES) -> int:
    """Side of the tiles in which a run's spikes fit into memory; at least 128 pixels."""
    side = max(shape)
    margin = 2 * halo(model.layers)
    while (
        side > 128
        and spike_bytes(
            model,
            timesteps,
            min(side + margin, shape[0]) * min(side + margin, shape[1]),
        )
        > most
    ):
        side //= 2
    return max(side, 128)


def measure(
    model: Model,
    image: np.ndarray,
    labels: np.ndarray | None,
    ann: np.ndarray,
    settings: Settings,
    timesteps: Sequence[int],
    uncounted: np.ndarray | None = None,
    beside: np.ndarray | None = None,
    progress=None,
    cancel=None,
) -> list[dict]:
    """Simulate for the largest number of timesteps, and read at each.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised.
    labels : numpy.ndarray or None
        bool, True = cell; of the image's pixels, or of those that it was resampled from
        (`Picture.judged_by`): the segmentation is scored in these.
    ann : numpy.ndarray
        bool ``(height, width)``: what the ANN calls cell.
    settings : Settings
        Its timesteps are not used.
    timesteps : sequence of int
        Ascending.
    uncounted, beside : numpy.ndarray or None
        bool, True where no score counts, of the labels' shape, and where it is not tissue, of
        the image's; None: nowhere.

    Returns
    -------
    list of dict
        One for each number of timesteps: scores (with labels), agreement with
        the ANN, whether no spike reached the readout (``mute``), spikes and synaptic
        events in all and by layer, seconds of the simulation up to there (a share,
        since all came of one run).

    Raises
    ------
    Cancelled
    """
    progress = progress or (lambda fraction, stage: None)
    side = multiple(model.layers)
    corner = tiles.pad(image[: 4 * side, : 4 * side], side)
    timed = simulation.simulator(settings.simulator).timed
    if len(timesteps) > 1 and not (timed and not plans_ahead(model, corner, settings)):
        several = len(timesteps)
        return [
            row
            for index, steps in enumerate(timesteps)
            for row in measure(
                model,
                image,
                labels,
                ann,
                settings,
                (steps,),
                uncounted,
                beside,
                lambda share, stage, index=index: progress((index + share) / several, stage),
                cancel,
            )
        ]
    last = timesteps[-1]
    convert = conversion.method(settings.method).convert
    run = simulation.simulator(settings.simulator).run
    longest = settings.replace(timesteps=last)
    padded = tiles.pad(image, side)
    plan = tiles.plan(padded.shape, tile_side(model, last, padded.shape), halo(model.layers), side)
    read = {steps: np.empty(padded.shape, np.float32) for steps in timesteps}
    layers: dict[int, list] = {steps: [] for steps in timesteps}
    spoke = dict.fromkeys(timesteps, False)
    seconds = 0.0
    for index, tile in enumerate(plan):
        if cancel and cancel():
            raise Cancelled
        network: SpikingNetwork = convert(model, padded[tile.outer], longest)
        recording = run(
            network,
            last,
            settings.seed,
            lambda share, stage, index=index: progress(0.8 * (index + share) / len(plan), stage),
            cancel,
        )
        seconds += recording.seconds
        inside = tile.inner if len(plan) > 1 else None
        for steps in timesteps:
            until = prefix(recording, steps)
            start = window_start(steps, settings)
            layers[steps].append(activity(model, network, until, inside))
            spoke[steps] = spoke[steps] or heard(network, until, start, steps)
            read[steps][tile.target] = network.probability(until, start, steps)[tile.inner]
    rows = []
    height, width = image.shape
    for index, steps in enumerate(timesteps):
        if cancel and cancel():
            raise Cancelled
        progress(0.8 + 0.2 * index / len(timesteps), "scores")
        stats = layers[steps][0]
        if len(plan) > 1:
            together = zip(*layers[steps], strict=True)
            stats = tuple(merged(parts, padded.shape) for parts in together)
        probability = read[steps][:height, :width]
        agree = counted.mean((probability >= settings.threshold) == ann, beside)
        row = _row(stats) | {"agreement_with_ann": agree, "mute": not spoke[steps]}
        if labels is not None:
            if labels.shape != probability.shape:
                probability = resampled(probability, labels.shape)
            marks = metrics.marks(
                probability, labels, settings.threshold, ignore=uncounted, cancel=cancel
            )
            scores = metrics.together([marks])
            row |= {name: getattr(scores, name) for name in SCORES}
            # of several sections the best is taken at one threshold, which takes all of them
            row["curves"] = {name: list(getattr(marks, name)) for name in metrics.CURVES}
        rows.append(row | {"seconds": seconds * steps / last})
    return rows


def fits(row: dict) -> bool:
    """Whether a row is as `measure` gives it; one that was damaged on disk need not be.

    Raises
    ------
    KeyError, TypeError, AttributeError
        As another way of saying no.
    """
    counts = ("neurons", "spikes", "synaptic_events")
    shares = [row[name] for name in SCORES if name in row] + [row["agreement_with_ann"]]
    curves = row.get("curves", {})
    shares += [share for curve in curves.values() for share in curve]
    whole = [part[name] for part in (row, *row["layers"]) for name in counts]
    return (
        set(row)
        <= {
            *counts,
            *SCORES,
            "curves",
            "agreement_with_ann",
            "mean_rate_hz",
            "seconds",
            "layers",
            "mute",
        }
        and set(curves) == (set(metrics.CURVES) if "v_rand" in row else set())
        and all(len(curve) == len(metrics.OFFICIAL) for curve in curves.values())
        and all(-1 <= float(share) <= 1 for share in shares)
        and all(0 <= float(count) < MOST_COUNTED for count in whole)
        and 0 <= float(row["mean_rate_hz"]) < MOST_HZ
        and float(row["seconds"]) >= 0
        and type(row["mute"]) is bool
        and all(part["name"].isprintable() for part in row["layers"])
        and all(type(part["on_chip"]) is bool for part in row["layers"])
    )


def _row(stats: tuple[LayerStats, ...]) -> dict:
    neurons = sum(layer.neurons for layer in stats)
    spikes = sum(layer.spikes for layer in stats)
    steps, dt = stats[0].timesteps, stats[0].dt
    return {
        "neurons": neurons,
        "spikes": spikes,
        "synaptic_events": sum(layer.synaptic_events for layer in stats),
        "mean_rate_hz": spikes / neurons / (steps * dt),
        "layers": [
            {
                "name": layer.name,
                "on_chip": layer.on_chip,
                "neurons": layer.neurons,
                "spikes": layer.spikes,
                "synaptic_events": layer.synaptic_events,
            }
            for layer in stats
        ],
    }

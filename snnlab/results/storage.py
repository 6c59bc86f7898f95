"""A result in one ``.npz`` without pickles, as the one that the lab opens with."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from snnlab.images.pictures import Picture
from snnlab.nets.familiarity import Familiarity
from snnlab.results.metrics import Scores
from snnlab.results.segmentation import LayerStats, Sampled, Segmentation
from snnlab.settings import Settings
from snnlab.simulation.network import Readout
from snnlab.simulation.recording import WORD, Recording, SpikeTrains
from snnlab.work import stored

# of a picture: kept as arrays
MASKS = ("tissue", "file_tissue", "ignored", "file_labels", "file_ignored")


def save(result: Segmentation, path: Path) -> None:
    """Keep a result of a whole image in one ``.npz`` without pickles.

    The picture's grey values are kept to 8 bits; what the networks saw exactly.

    Raises
    ------
    ValueError
        If the image was so large that spikes of a part of it were kept, or if
        spikes were counted only.
    """
    if not result.whole or not result.recording.timed:
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
        "shares": result.readout.shares,
        "scores": [asdict(s) if s else None for s in (result.ann_scores, result.snn_scores)],
        "familiarity": result.familiarity and asdict(result.familiarity),
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
                "together": trains.together,
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
        more = {key: item[key] for key in ("first", "cycle", "together") if key in item}
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
        Readout(arrays["readout"], about["bias"], about.get("shares", False)),
        sampled,
        ann_scores=scores[0],
        snn_scores=scores[1],
        familiarity=Familiarity(**known) if (known := about.get("familiarity")) else None,
    )

"""What the browser is sent: numbers in one compact piece, and how a result becomes one.

The container, read by ``js/decode.js``::

    uint32 little-endian   length of the header
    header                 JSON; its "parts" lists name, type and shape of each array, and
                           its "deltas" those whose planes are sent as differences
    zlib stream            the arrays one after another, row-major, little-endian; of a
                           delta, plane ``i`` minus plane ``i - 1``, modulo its type's range

The probabilities of an SNN change less and less from step to step, so their
differences compress to about a quarter of the frames.
"""

import hashlib
import json
import struct
import zlib

import numpy as np

from snnlab.figures import palette
from snnlab.lab import viewing as lab_viewer
from snnlab.results import counted, judging
from snnlab.results.segmentation import Segmentation, window_start
from snnlab.ui.shared import bench, messages, moments

MAPS = 16  # moments of a map of all layers, whose numbers are larger
_TYPES = {"u1": "|u1", "u2": "<u2", "i2": "<i2", "f4": "<f4"}
_LEVEL = 3


def container(
    header: dict, arrays: dict[str, np.ndarray], deltas: tuple[str, ...] = (), level: int = _LEVEL
) -> bytes:
    """Put a header and arrays into one piece.

    Parameters
    ----------
    header : dict
        Goes as JSON, by `messages.headed`.
    arrays : dict of str to numpy.ndarray
        uint8, uint16, int16 or float32.
    deltas : tuple of str
        Unsigned arrays whose planes, along the first axis, are alike.
    level : int
        Of zlib.
    """
    parts, pieces = [], []
    for name, values in arrays.items():
        kind = next(k for k, dtype in _TYPES.items() if np.dtype(dtype) == values.dtype)
        parts.append({"name": name, "type": kind, "shape": list(values.shape)})
        if name in deltas:
            changes = values.copy()
            changes[1:] -= values[:-1]
            values = changes
        pieces.append(np.ascontiguousarray(values, _TYPES[kind]).tobytes())
    told = messages.headed(header | {"parts": parts, "deltas": list(deltas)})
    return told + zlib.compress(b"".join(pieces), level)


def pack(result: Segmentation, name: str) -> bytes:
    """Pack a result's pictures.

    Parameters
    ----------
    result : Segmentation
    name : str
        What the picture is called in the browser.

    Returns
    -------
    bytes
        Image, ANN, labels if there are any, and the SNN at up to `moments.FRAMES`
        moments, each rounded to 1/255; agreement and accuracy of the exact values, null where no
        pixel counts.
    """
    height, width = result.image.shape
    steps = moments.sent(result)
    at, labels = result.settings.threshold, result.picture.labels
    decided = result.ann >= at  # compared at one threshold
    beside, uncounted = result.picture.beside, result.picture.uncounted
    frames, agreement, accuracy = [], [], []
    for probability in result.snn_over_time(steps):
        cells = probability >= at
        agreement.append(round(counted.mean(cells == decided, beside), 6))
        if labels is not None:
            accuracy.append(round(judging.accuracy(result.picture, probability, at), 6))
        frames.append(grey(probability))
    arrays = {"image": grey(_stretched(result.picture.pixels)), "ann": grey(result.ann)}
    if labels is not None:
        arrays["truth"] = labels.astype(np.uint8) * 255
    arrays["frames"] = np.stack(frames)
    if result.by_class:
        arrays["annClasses"] = result.ann_classes.argmax(-1).astype(np.uint8)
        arrays["classFrames"] = np.stack(list(result.classes_over_time(steps)))
    # 255 where it is not tissue, 128 where the labels say that nothing counts
    if uncounted is not None or beside is not None:
        left_out = np.zeros((height, width), np.uint8)
        if uncounted is not None:
            left_out[uncounted] = 128
        if beside is not None:
            left_out[beside] = 255
        arrays["beside"] = left_out
    digest = hashlib.sha256(result.settings.key().encode())
    for values in arrays.values():
        digest.update(values.tobytes())
    header = {
        "id": digest.hexdigest()[:16],
        "height": height,
        "width": width,
        "steps": list(steps),
        "timesteps": result.timesteps,
        "agreement": agreement,
        "accuracy": accuracy,
        "annAccuracy": None
        if labels is None
        else round(judging.accuracy(result.picture, result.ann, result.settings.ann_at), 6),
        "readout": {
            # a row a class where there are several
            "weights": np.asarray(result.readout.weights, float).T.tolist(),
            "bias": np.asarray(result.readout.bias, float).tolist(),
            "shares": result.readout.shares,
            "after": window_start(result.timesteps, result.settings),
        },
        "maps": True,
        "rand": len(lab_viewer.scored_steps(result, steps)),
        "annRand": None
        if result.ann_scores is None
        else round(result.ann_scores.v_rand_at_threshold, 6),
        "threshold": at,
        "annThreshold": result.settings.ann_at,
        "dt": result.recording.dt,
        "name": name,
        "nm": result.picture.nm,
        "whole": result.whole,
        "layers": [
            {"name": part.name, "shape": list(part.shape), "colour": palette.layer(part.name)}
            for part in result.recording.populations
        ],
        "picture": bench.named(result.picture),
    }
    moving = tuple(name for name in ("frames", "classFrames") if name in arrays)
    return container(header, arrays, moving, level=1)


def header(blob: bytes) -> dict:
    """The header of a container."""
    (length,) = struct.unpack_from("<I", blob)
    return json.loads(blob[4 : 4 + length])


def identity(blob: bytes) -> str:
    """Name of a packed result, so that an answer is not taken for another's."""
    return header(blob)["id"]


def opened(blob: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of a container, as they were given to `container`."""
    told = header(blob)
    (length,) = struct.unpack_from("<I", blob)
    flat, at, arrays = zlib.decompress(blob[4 + length :]), 0, {}
    deltas = told.pop("deltas")
    for part in told.pop("parts"):
        dtype = np.dtype(_TYPES[part["type"]])
        count = int(np.prod(part["shape"]))
        values = np.frombuffer(flat, dtype, count, at).reshape(part["shape"])
        at += values.nbytes
        if part["name"] in deltas:
            values = np.cumsum(values, axis=0, dtype=dtype)
        arrays[part["name"]] = values
    return told, arrays


def pack_columns(header: dict, columns: list[tuple[lab_viewer.ColumnLayer, ...]]) -> bytes:
    """Pack columns of neurons; channels of all layers side by side.

    Potentials are rounded to 1/32767 of the largest of their column. If spikes are graded,
    their heights come too: in 255ths of the largest of their layer.
    """
    arrays, about = {}, []
    for index, layers in enumerate(columns):
        potential = np.concatenate(
            [
                np.zeros(layer.spikes.shape, np.float32)
                if layer.potential is None
                else layer.potential
                for layer in layers
            ],
            axis=1,
        )
        scale = max(float(np.abs(potential).max(initial=0)), 1e-6) / 32767
        arrays[f"spikes{index}"] = np.concatenate([layer.spikes for layer in layers], axis=1)
        arrays[f"potential{index}"] = np.rint(potential / scale).astype(np.int16)
        for field in ("rate_hz", "reached"):
            arrays[f"{field}{index}"] = np.concatenate([getattr(layer, field) for layer in layers])
        if any(layer.sizes for layer in layers):
            heights = [_heights(layer) for layer in layers]
            arrays[f"heights{index}"] = np.concatenate(heights, axis=1)
        about.append(
            {
                "scale": scale,
                "layers": [
                    {
                        "name": layer.name,
                        "row": int(layer.row),
                        "column": int(layer.column),
                        "field": [int(value) for value in layer.field],
                        "channels": int(layer.spikes.shape[1]),
                        "followed": layer.potential is not None,
                        "sizes": [float(size) for size in layer.sizes],
                    }
                    for layer in layers
                ],
            }
        )
    return container(header | {"columns": about}, arrays)


def _heights(layer: lab_viewer.ColumnLayer) -> np.ndarray:
    """How tall each spike is drawn: uint8 ``(timesteps, channels)``, 0 where there is none.

    Spikes of several sizes in one step are one as tall as all together.
    """
    if layer.sent is None:
        return np.where(layer.spikes > 0, 255, 0).astype(np.uint8)
    tallest = max(*layer.sizes, float(layer.sent.max(initial=0)))
    return np.ceil(255 * layer.sent / tallest).astype(np.uint8)


def pack_map(header: dict, result: Segmentation, layer: str | None, channel: int | None) -> bytes:
    """Pack how many spikes each place of a population had sent by each moment."""
    first = 1 if result.recording.timed else result.timesteps
    every = tuple(range(first, result.timesteps + 1))
    steps = moments.spread(every, MAPS if layer is None else moments.FRAMES)
    maps = lab_viewer.spike_maps(result, layer, channel, steps)
    total = np.cumsum(maps, axis=0, dtype=np.int64)
    # sent as the sums, whose differences are the maps again
    kind = np.uint8 if total.max(initial=0) < 256 else np.uint16
    about = {"steps": list(steps), "largest": int(total.max(initial=0))}
    counts = np.minimum(total, np.iinfo(kind).max).astype(kind)
    return container(header | about, {"counts": counts}, ("counts",))


def grey(values: np.ndarray) -> np.ndarray:
    """Values 0..1 in 255ths."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _stretched(pixels: np.ndarray) -> np.ndarray:
    """For the eye only: a dim exposure fills the range of the screen."""
    low, high = np.percentile(pixels, (0.5, 99.5))
    return (pixels - low) / max(float(high - low), 1e-6)

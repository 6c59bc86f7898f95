"""Built chips, kept on disk: building takes seconds, reading one back milliseconds.

A file's name is the hash of all that the chip depends on; a second file, named
by its wiring alone, serves networks of the same shapes. Files hold numbers
and JSON, never code. One that cannot be read is as good as none; the oldest
go when there are more than `MOST`.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path

import numpy as np

from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.reading import BuiltLayer, BuiltLink
from snnlab.work import stored

FORM = 2  # of the files; a new number makes the old ones invisible
MOST = 64
_BY_NEURON = ("bias", "threshold")
_ARRAYS = (*_BY_NEURON, "variants", "cores")
_NUMBERS = ("name", "shape", "block", "decay", "lowest", "highest")
_GEOMETRY = ("shape_in", "shape_out", "strides", "padding", "transposed")


def folder() -> Path:
    """``SNNLAB_CACHE``, or the user's cache folder; not created."""
    named = os.environ.get("SNNLAB_CACHE")
    if named:
        return Path(named) / "loihi"
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "snnlab" / "loihi"


def load(key: str) -> tuple[BuiltLayer, ...] | None:
    """A built chip by its hash, or None."""
    path = folder() / f"{key}.npz"
    try:
        layers = _from_arrays(stored.arrays(stored.content(path)))
    except Exception:  # whatever a damaged file makes of its readers
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # the oldest is the one not used for longest
    return layers


def save(key: str, layers: tuple[BuiltLayer, ...]) -> None:
    """Keep a built chip; a disk that is full or read-only costs time only."""
    place = folder()
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", dir=place)
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez_compressed(stream, **_to_arrays(layers))
            os.replace(name, place / f"{key}.npz")
        except BaseException:
            os.unlink(name)
            raise
        others = [path for path in place.glob("*.npz") if path.stem != key]
        others.sort(key=lambda path: path.stat().st_mtime)
        # the new one stays, whatever a clock that was set back makes of its age
        for path in others[: max(0, len(others) + 1 - MOST)]:
            path.unlink()


def _to_arrays(layers) -> dict[str, np.ndarray]:
    described, arrays = [], {}
    for layer in layers:
        links = []
        for number, link in enumerate(layer.links):
            own = {name: getattr(link.geometry, name) for name in _GEOMETRY}
            links.append({"source": link.source} | own)
            arrays[f"{layer.name}/{number}"] = link.kernels
        described.append({name: getattr(layer, name) for name in _NUMBERS} | {"links": links})
        for name in _ARRAYS:
            values = getattr(layer, name)
            if values is None:
                continue
            if name in _BY_NEURON:
                pixels = values.reshape(-1, layer.shape[2])
                # mostly all pixels have the same, and a channel's is enough
                values = pixels[:1] if (pixels == pixels[0]).all() else pixels
            arrays[f"{layer.name}/{name}"] = values
    text = json.dumps(described, default=int)
    return arrays | {"layers": np.array(text)}


def _from_arrays(arrays) -> tuple[BuiltLayer, ...]:
    layers = []
    for item in stored.parsed(str(arrays["layers"])):
        name = item["name"]
        links = []
        for number, link in enumerate(item.pop("links")):
            kernels = arrays[f"{name}/{number}"]
            geometry = Convolve(
                np.zeros(kernels.shape[1:]),
                tuple(link["shape_in"]),
                tuple(link["shape_out"]),
                tuple(link["strides"]),
                link["padding"],
                link["transposed"],
            )
            links.append(BuiltLink(link["source"], geometry, kernels))
        item |= {"shape": tuple(item["shape"]), "block": tuple(item["block"])}
        found = {key: arrays[f"{name}/{key}"] for key in _ARRAYS if f"{name}/{key}" in arrays}
        for key in found.keys() & set(_BY_NEURON):
            full = (item["shape"][0] * item["shape"][1], item["shape"][2])
            found[key] = np.broadcast_to(found[key], full).ravel()
        layers.append(BuiltLayer(links=tuple(links), **item, **found))
    return tuple(layers)

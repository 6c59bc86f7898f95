"""A tested classifier in one file, without its graph: numbers as JSON, the rest as arrays."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab.data.examples import Examples
from snnlab.nets.graph.net import Graph
from snnlab.studies.classifying.measuring import Run, Tested
from snnlab.work import stored

_DICTS = ("neurons", "rates_hz", "sampled")  # by population
_ARRAYS = ("answers", "spikes", "events", "high", "correlation", "error", "activation")


def save(tested: Tested, about: dict, path: Path) -> None:
    """Write it; see `load`.

    Parameters
    ----------
    tested : Tested
        Its images are kept in 256 grey values.
    about : dict
        Whatever else is to be kept, as JSON can.
    """
    grey = np.rint(tested.examples.images * 255).astype(np.uint8)
    arrays = {"images": grey, "labels": tested.examples.labels, "expected": tested.expected}
    runs = []
    for number, run in enumerate(tested.runs):
        for name in _ARRAYS:
            values = getattr(run, name)
            kind = {"answers": np.float16, "spikes": np.uint16, "events": np.float64}
            # what is not known is no number, and those are not read
            known = np.nan_to_num(values, nan=-1) if values.dtype.kind == "f" else values
            arrays[f"{number}/{name}"] = known.astype(kind.get(name, np.float16))
        arrays[f"{number}/raster"] = np.packbits(run.raster)
        told = {name: getattr(run, name) for name in _DICTS[:2]}
        sampled = {name: values.tolist() for name, values in run.sampled.items()}
        runs.append({"method": run.method, **told, "sampled": sampled})
    text = {
        "about": about,
        "classes": tested.examples.classes,
        "reached": tested.reached,
        "percentile": tested.percentile,
        "runs": runs,
    }
    arrays["text"] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    stored.write(path, lambda stream: np.savez_compressed(stream, **arrays))


def load(path: Path, graph: Graph) -> tuple[Tested, dict]:
    """What `save` was given.

    Parameters
    ----------
    graph : Graph
        That was tested.

    Returns
    -------
    Tested
    dict

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with stored.as_one_sentence(f"{path.name} is missing or damaged; get it again."):
        arrays = stored.arrays(stored.content(path))
        told = stored.parsed(arrays["text"].tobytes())
        runs = tuple(_run(one, number, arrays) for number, one in enumerate(told["runs"]))
        images = arrays["images"].astype(np.float32) / np.float32(255)
        examples = Examples(images, arrays["labels"], tuple(told["classes"]))
        reached = {name: tuple(both) for name, both in told["reached"].items()}
        found = Tested(
            graph, examples, arrays["expected"], reached, told["percentile"], runs
        )  # fmt: skip
        return found, told["about"]


def _run(told: dict, number: int, arrays: dict) -> Run:
    sampled = {name: np.array(values) for name, values in told["sampled"].items()}
    given = {name: arrays[f"{number}/{name}"] for name in _ARRAYS}
    images, timesteps, _ = given["answers"].shape
    shape = images, timesteps, sum(map(len, sampled.values()))
    bits = np.unpackbits(arrays[f"{number}/raster"], count=int(np.prod(shape)))
    run = Run(
        told["method"], told["neurons"], told["rates_hz"],
        sampled=sampled, raster=bits.reshape(shape).astype(bool), **given,
    )  # fmt: skip
    unknown = {
        name: np.where(given[name] == -1, np.nan, given[name].astype(np.float32))
        for name in ("error", "activation")
    }
    correlation = given["correlation"].astype(np.float32)
    correlation = np.where(np.isnan(unknown["error"]), np.nan, correlation)
    return replace(
        run, spikes=run.spikes.astype(np.int64), correlation=correlation, **unknown
    )  # fmt: skip

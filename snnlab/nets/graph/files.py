"""A graph as one file, an ``.npz`` without pickles, and the reader that trusts nothing in it.

The file holds a description of the nodes and the weights, each array once however many nodes share
it. What is read is made of the same typed layers, which check each other.
"""

import io
import json
import re
from dataclasses import MISSING, fields
from pathlib import Path

import numpy as np

from snnlab.images.limits import fit
from snnlab.nets.graph.net import Graph, Layer, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution
from snnlab.work import stored
from snnlab.work.stored import Damaged

ENDING = ".net.npz"
LARGEST = 512 << 20  # bytes of a file
NODES = 4000
_KINDS = {
    kind.__name__: kind
    for kind in (
        Convolution, TransposedConvolution, Dense, Affine, Pooling, Upsampling, Borders, Add,
        Concatenate, Reshape, Neurons, OffChip,
    )
}  # fmt: skip
_ARRAYS = ("kernel", "bias", "scale", "shift")
_DEEP = 8  # numbers within lists of a setting


def pack(graph: Graph) -> bytes:
    """The graph as a file."""
    arrays: dict[str, np.ndarray] = {}
    named: dict[int, str] = {}
    layers: list[dict] = []
    numbers: dict[int, int] = {}
    nodes = []
    for node in graph.nodes:
        if id(node.layer) not in numbers:
            numbers[id(node.layer)] = len(layers)
            layers.append(_described(node.layer, arrays, named))
        nodes.append([node.name, numbers[id(node.layer)], list(node.inputs)])
    about = {
        "name": graph.name, "image_shape": graph.image_shape, "layers": layers, "nodes": nodes,
    }  # fmt: skip
    out = io.BytesIO()
    np.savez_compressed(out, about=np.array(json.dumps(about)), **arrays)
    return out.getvalue()


def _described(layer: Layer, arrays: dict, named: dict) -> dict:
    found = {"is": type(layer).__name__}
    for one in fields(layer):
        value = getattr(layer, one.name)
        if one.name in _ARRAYS:
            if id(value) not in named:
                named[id(value)] = f"w{len(arrays)}"
                arrays[named[id(value)]] = np.asarray(value, np.float32)
            value = named[id(value)]
        found[one.name] = value
    return found


def unpack(data: bytes) -> Graph:
    """Read a graph that somebody hands in.

    Raises
    ------
    LabError
        If anything in the file is not as this lab writes it.
    """
    with stored.as_one_sentence(
        "this net's file is damaged, or was not made by this lab; import it again."
    ):
        if len(data) > LARGEST:
            raise Damaged("is too large")
        arrays = stored.arrays(data, LARGEST * 2, NODES * 2)
        about = stored.parsed(str(arrays.pop("about")))
        layers = [_layer(item, arrays) for item in about["layers"][:NODES]]
        nodes = tuple(
            Node(_name(name), layers[number], tuple(map(_name, inputs)))
            for name, number, inputs in about["nodes"][:NODES]
        )
        height, width, channels = (_whole(side) for side in about["image_shape"])
        return Graph(_name(about["name"]), (height, width, channels), nodes)


def _layer(item: dict, arrays: dict) -> Layer:
    kind = _KINDS[item["is"]]
    given = {}
    for one in fields(kind):
        if one.name not in item:
            if one.default is MISSING:
                raise Damaged(f"lacks {one.name}")
            continue
        value = item[one.name]
        if one.name in _ARRAYS:
            value = arrays[value]
            if value.dtype != np.float32:
                raise Damaged("holds weights of another type")
        given[one.name] = _setting(value) if one.name not in _ARRAYS else value
    return kind(**given)


def _setting(value, deep: int = 0):
    """A word, a number, or tuples of whole numbers."""
    if isinstance(value, list) and deep < _DEEP:
        return tuple(_setting(one, deep + 1) for one in value)
    if value is None or isinstance(value, bool | str):
        return value
    if deep == 0 and isinstance(value, float):
        return value
    return _whole(value)


def _whole(value) -> int:
    if type(value) is not int or abs(value) > 1 << 28:
        raise Damaged("has a number that is none")
    return value


def _name(value) -> str:
    if not isinstance(value, str) or fit(value) != value:
        raise Damaged("has a name that is none")
    return value


def save(graph: Graph, folder: Path) -> Path:
    """Write ``<name>.net.npz``; returns its path. The folder is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{graph.name}{ENDING}"
    data = pack(graph)
    stored.write(path, lambda stream: stream.write(data))
    return path


def load(path: Path) -> Graph:
    """Read a file; see `unpack`."""
    with stored.as_one_sentence(f"{fit(path.name)} cannot be read; import the net again."):
        data = stored.content(path, LARGEST)
    return unpack(data)


def named(folder: Path) -> tuple[str, ...]:
    """Names of the nets in a folder."""
    found = sorted(path.name.removesuffix(ENDING) for path in folder.glob(f"*{ENDING}"))
    return tuple(name for name in found if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name))

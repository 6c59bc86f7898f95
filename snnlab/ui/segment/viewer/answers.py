"""What the server answers the viewer: places chosen there, and what it asks of the result.

A question comes from the browser, which may send anything, so every part of it
is checked. It is answered in a fragment: the page around it is not drawn again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from snnlab.errors import LabError
from snnlab.lab import viewing as lab_viewer
from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment.viewer import packing
from snnlab.ui.shared import moments
from snnlab.ui.shared.chosen import Place, choose


@dataclass(frozen=True)
class Question:
    """What the browser asks.

    Attributes
    ----------
    serial : int
        Comes back with the answer.
    want : str
        ``places`` (only take note), ``column``, ``activation``, ``region``, ``map`` or ``rand``.
    places : tuple of tuple of int
        Pixels chosen, none to two.
    box : tuple of int or None
        Of a region: ``(top, left, height, width)``.
    layer : str or None
    channel : int or None
    """

    serial: int
    want: str
    places: tuple[Place, ...] = ()
    box: tuple[int, int, int, int] | None = None
    layer: str | None = None
    channel: int | None = None


def read(asked: Any, shape: tuple[int, int]) -> Question | None:
    """Check what came from the browser; None for nonsense."""
    try:
        places = tuple((_whole(r), _whole(c)) for r, c in asked.get("places") or ())[:2]
        if any(not (0 <= r < shape[0] and 0 <= c < shape[1]) for r, c in places):
            return None
        box, layer, channel = asked.get("box"), asked.get("layer"), asked.get("channel")
        return Question(
            _whole(asked["serial"]),
            str(asked["want"]),
            places,
            None if box is None else tuple(_whole(value) for value in _four(box)),
            None if layer is None else str(layer),
            None if channel is None else _whole(channel),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def answer(result: Segmentation, question: Question, name: str) -> bytes:
    """Answer a question; a mistake becomes a sentence in the header.

    Parameters
    ----------
    result : Segmentation
    question : Question
    name : str
        Of the packed result, from `snnlab.ui.segment.viewer.packing.identity`.
    """
    about = {
        "result": name,
        "serial": question.serial,
        "want": question.want,
        "places": [list(place) for place in question.places],
    }
    try:
        match question.want:
            case "column":
                found = [lab_viewer.column(result, *place) for place in question.places]
                return packing.pack_columns(about, found)
            case "activation":
                found = [lab_viewer.column_activations(result, *p) for p in question.places]
                arrays = {
                    f"activation{i}": _beside(result, values) for i, values in enumerate(found)
                }
                return packing.container(about, arrays)
            case "region" if question.box is not None:
                rows = [vars(row) for row in lab_viewer.region(result, question.box)]
                return packing.container(about | {"box": question.box, "rows": rows}, {})
            case "map":
                more = {"layer": question.layer, "channel": question.channel}
                return packing.pack_map(about | more, result, question.layer, question.channel)
            case "rand":
                return packing.container(about | {"rand": moments.rands(result)}, {})
    except LabError as error:
        return packing.container(about | {"error": str(error)}, {})
    return packing.container(about, {})


def _beside(result: Segmentation, values: dict[str, np.ndarray]) -> np.ndarray:
    """The ANN's activations in the order of a column; NaN of neurons that the ANN has not."""
    parts = [values.get(part.name, np.full(part.shape[-1], np.nan)) for part in result.layers]
    return np.concatenate(parts).astype(np.float32)


def take(result: Segmentation, asked: Any, name: str) -> bytes | None:
    """Take note of what a question chooses, and answer it."""
    if not isinstance(asked, dict) or asked.get("result") != name:
        return None
    question = read(asked, result.image.shape)
    if question is None:
        return None
    if question.want in ("places", "column"):
        choose(result, *question.places)
    return answer(result, question, name)


def _four(values) -> tuple:
    if len(values) != 4:
        raise ValueError("a box is four numbers")
    return tuple(values)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise TypeError("a whole number is needed")
    return value

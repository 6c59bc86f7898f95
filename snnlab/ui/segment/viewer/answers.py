"""What the server answers the viewer: places chosen there, and what it asks of the result.

A question comes from the browser, which may send anything, so every part of it
is checked. It is answered in a fragment: the page around it is not drawn again.
"""

from typing import Any

import numpy as np

from snnlab.errors import LabError
from snnlab.lab import viewing as lab_viewer
from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment.viewer import packing
from snnlab.ui.segment.viewer.questions import Question, read
from snnlab.ui.shared import moments
from snnlab.ui.shared.chosen import choose, put_box

Layer = tuple[str, np.ndarray]  # name and probability of cell


def answer(
    result: Segmentation, question: Question, name: str, layer: Layer | None = None
) -> bytes:
    """Answer a question; a mistake becomes a sentence in the header.

    Parameters
    ----------
    result : Segmentation
    question : Question
    name : str
        Of the packed result, from `snnlab.ui.segment.viewer.packing.identity`.
    layer : (str, numpy.ndarray), optional
        What another network says of the same image.
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
            case "learned" if layer is not None:
                return packing.container(
                    about | {"name": layer[0]}, {"learned": packing.grey(layer[1])}
                )
            case "rand":
                return packing.container(about | {"rand": moments.rands(result)}, {})
    except LabError as error:
        return packing.container(about | {"error": str(error)}, {})
    return packing.container(about, {})


def _beside(result: Segmentation, values: dict[str, np.ndarray]) -> np.ndarray:
    """The ANN's activations in the order of a column; NaN of neurons that the ANN has not."""
    parts = [values.get(part.name, np.full(part.shape[-1], np.nan)) for part in result.layers]
    return np.concatenate(parts).astype(np.float32)


def take(result: Segmentation, asked: Any, name: str, layer: Layer | None = None) -> bytes | None:
    """Take note of what a question chooses, and answer it."""
    if not isinstance(asked, dict) or asked.get("result") != name:
        return None
    question = read(asked, result.image.shape)
    if question is None:
        return None
    if question.want in ("places", "column"):
        choose(result, *question.places)
    if question.want == "region" and question.box is not None:
        put_box(result, question.box)
    return answer(result, question, name, layer)

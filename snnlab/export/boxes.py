"""Boxes to take away: COCO's JSON, or a CSV table. The lab reads both again as own boxes.

Boxes come in as ``(x0, y0, x1, y1)`` in pixels of the file, origin at the top left corner.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.export import tables
from snnlab.results.detection import Curve


@dataclass(frozen=True)
class Listed:
    """Boxes of one section.

    Attributes
    ----------
    file : str
        Name of the image's file.
    section : int
    shape : tuple of int
        ``(height, width)`` of the image.
    boxes : numpy.ndarray
        ``(n, 4)``.
    scores : numpy.ndarray
        ``(n,)``.
    steps : numpy.ndarray or None
        At which each settled, of an SNN's.
    nm : tuple of float or None
        Height and width of a pixel, where it is known.
    """

    file: str
    section: int
    shape: tuple[int, int]
    boxes: np.ndarray
    scores: np.ndarray
    steps: np.ndarray | None = None
    nm: tuple[float, float] | None = None


def rows(listed: Sequence[Listed]) -> list[dict]:
    """A row a box, as plain values; nanometres where they are known."""
    found = []
    for one in listed:
        for at, (x0, y0, x1, y1) in enumerate(one.boxes.tolist()):
            row = {
                "section": one.section, "x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0,
                "score": float(one.scores[at]),
            }  # fmt: skip
            if one.steps is not None:
                row["step"] = int(one.steps[at])
            if one.nm is not None:
                row |= {"width_nm": (x1 - x0) * one.nm[1], "height_nm": (y1 - y0) * one.nm[0]}
            found.append(row)
    return found


def csv(listed: Sequence[Listed]) -> str:
    """Boxes as a table with a header."""
    return tables.of_rows(rows(listed)) if any(len(one.boxes) for one in listed) else EMPTY


def table(one: Listed, network: str, of: Mapping[str, str | int | float]) -> str:
    """Boxes of a network as a table; each line ends with the image and the settings.

    Parameters
    ----------
    one : Listed
    network : str
        ``"ann"`` or ``"snn"``.
    of : mapping
        From `snnlab.export.tables.run`.
    """
    found = rows([one])
    heads = list(found[0]) if found else EMPTY.strip().split(",")
    rest = {name: value for name, value in of.items() if name not in heads}
    lines = ((network, *row.values()) for row in found)
    return tables.write(("network", *heads), lines, rest)


def curves(found: Mapping[str, Curve], overlap: float, of: Mapping[str, str | int | float]) -> str:
    """Precision and recall over the scores as a table, a line a box.

    Parameters
    ----------
    found : mapping of str to Curve
        By network.
    overlap : float
        With the truth, from which on a box is right.
    of : mapping
        From `snnlab.export.tables.run`.
    """
    lines = (
        (network, overlap, *map(float, row))
        for network, one in found.items()
        for row in zip(one.scores, one.precision, one.recall, strict=True)
    )
    return tables.write(("network", "overlap", "score", "precision", "recall"), lines, of)


EMPTY = "section,x,y,width,height,score\n"


def coco(listed: Sequence[Listed], thing: str = "mitochondrion") -> str:
    """Boxes as COCO's JSON: an image a section, an annotation a box, with its score."""
    images, annotations = [], []
    for ident, one in enumerate(listed, start=1):
        height, width = one.shape
        images.append(
            {"id": ident, "file_name": one.file, "section": one.section, "width": width,
             "height": height}
        )  # fmt: skip
        for row in rows([one]):
            box = [row[key] for key in ("x", "y", "width", "height")]
            annotations.append(
                {"id": len(annotations) + 1, "image_id": ident, "category_id": 1, "bbox": box,
                 "area": box[2] * box[3], "iscrowd": 0, "score": row["score"]}
            )  # fmt: skip
    told = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": thing}],
    }
    return json.dumps(told, indent=1) + "\n"

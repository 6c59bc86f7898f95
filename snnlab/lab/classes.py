"""The front door to three classes a pixel: both networks' maps, and the mitochondria in them.

A pixel is of its most likely class. The threshold of the other pages, from which on a pixel is
cell, plays no part here.
"""

import os
from dataclasses import dataclass, field

import numpy as np

from snnlab.data import classes, instances
from snnlab.data.classes import CLASSES, MEMBRANE, MITOCHONDRIA
from snnlab.images.choice import Choice
from snnlab.images.pictures import Picture
from snnlab.lab.cells import in_file
from snnlab.results import classes as results
from snnlab.results import detection
from snnlab.results.cells import measuring
from snnlab.results.cells.measuring import Measured
from snnlab.results.classes import Overlap
from snnlab.results.segmentation import Segmentation

__all__ = [
    "CLASSES",
    "MITOCHONDRIA",
    "NETWORKS",
    "NOT_TISSUE",
    "Classes",
    "found",
    "labelled",
    "written",
]

NETWORKS = ("ann", "snn")
NOT_TISSUE = 255  # in a map that is taken away


@dataclass(frozen=True, eq=False)
class Classes:
    """What both networks say; dicts are by network, ``"ann"`` and ``"snn"``.

    Attributes
    ----------
    maps : dict of str to numpy.ndarray
        uint8 ``(height, width)``, a place in `CLASSES`, of the pixels that the networks saw.
    shares : dict of str to tuple of float
        Of the tissue, by class.
    alike : tuple of Overlap
        The SNN against the ANN, by class.
    tables : dict of str to Measured
        Each network's mitochondria: connected parts of that class.
    against : dict of str to dict of str to Overlap
        Against labels, by the classes that they tell apart; in the file's pixels.
    boxes : dict of str to snnlab.results.detection.Scores
        Of boxes around mitochondria, where those are labelled.
    """

    maps: dict[str, np.ndarray]
    shares: dict[str, tuple[float, ...]]
    alike: tuple[Overlap, ...]
    tables: dict[str, Measured]
    against: dict[str, dict[str, Overlap]] = field(default_factory=dict)
    boxes: dict[str, detection.Scores] = field(default_factory=dict)


def labelled(
    source: bytes | str | os.PathLike, name: str, picture: Picture, choice: Choice | None = None
) -> np.ndarray:
    """Mitochondria that somebody labelled, in the file's pixels; see `snnlab.data.classes.read`."""
    shape = picture.file_shape or picture.pixels.shape
    return classes.read(source, name, shape, picture.section, picture.sections, choice)


def found(result: Segmentation, mitochondria: np.ndarray | None = None) -> Classes | None:
    """The classes of a result; None of a model or a run that tells no classes apart.

    Parameters
    ----------
    result : Segmentation
    mitochondria : numpy.ndarray, optional
        Labels; see `labelled`. Those of the picture's cells count anyway.
    """
    if not result.by_class:
        return None
    picture = result.picture
    sure = {"ann": result.ann_classes, "snn": result.snn_classes()}
    maps = {name: values.argmax(-1).astype(np.uint8) for name, values in sure.items()}
    tissue = picture.tissue
    counted = maps if tissue is None else {name: one[tissue] for name, one in maps.items()}
    shares = {
        name: tuple(np.bincount(one.ravel(), minlength=len(CLASSES)) / max(one.size, 1))
        for name, one in counted.items()
    }
    tables = {
        name: measuring.measure(_things(one, tissue), picture.nm, tissue)
        for name, one in maps.items()
    }
    alike = results.by_class(maps["ann"], maps["snn"], len(CLASSES), picture.beside)
    in_files = {name: in_file(picture, one) for name, one in maps.items()}
    against = {
        name: _against(picture, one, mitochondria) for name, one in in_files.items()
    }  # fmt: skip
    boxes = {}
    if mitochondria is not None:
        truth = instances.boxes_of(instances.components(mitochondria))[0]
        for name, one in in_files.items():
            things = _things(one, picture.tissue_in_file)
            probability = picture.in_file(np.ascontiguousarray(sure[name][..., MITOCHONDRIA]))
            boxes[name] = detection.scores([results.boxed(things, probability)], [truth])
    return Classes(maps, shares, alike, tables, against if against["ann"] else {}, boxes)


def _things(kinds: np.ndarray, tissue: np.ndarray | None) -> np.ndarray:
    there = kinds == MITOCHONDRIA
    return instances.components(there if tissue is None else there & tissue)


def _against(picture: Picture, kinds: np.ndarray, mitochondria) -> dict[str, Overlap]:
    """Of the classes that the labels tell apart."""
    cells, left_out = (None, None) if picture.labels is None else picture.judged_by
    if cells is None:
        if mitochondria is None:
            return {}
        there = kinds == MITOCHONDRIA
        return {CLASSES[MITOCHONDRIA]: results.overlap(there, mitochondria, left_out)}
    if mitochondria is None:
        there = kinds == MEMBRANE
        return {CLASSES[MEMBRANE]: results.overlap(there, ~cells, left_out)}
    truth = classes.labelled(cells, mitochondria)
    scored = results.by_class(kinds, truth, len(CLASSES), left_out)
    return dict(zip(CLASSES, scored, strict=True))


def written(picture: Picture, kinds: np.ndarray) -> np.ndarray:
    """A map as it is taken away: uint8 in the file's pixels, `NOT_TISSUE` where there is none."""
    made = in_file(picture, kinds)
    if picture.tissue_in_file is None:
        return made
    return np.where(picture.tissue_in_file, made, np.uint8(NOT_TISSUE))

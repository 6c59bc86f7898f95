"""A stack's section as JSON and arrays, and back: whoever reads one may have it from anybody."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields

import numpy as np

from snnlab.images.limits import LIMITS
from snnlab.results.scores import Marks
from snnlab.results.stacked import NETWORKS, Section
from snnlab.results.summary_kept import COUNT
from snnlab.work.stored import Damaged

THRESHOLDS = 64  # at most, at which a section is scored
PLACES = 1 << 20  # a section's number is below
BYTES = 11  # a voxel's, at most: grey, two probabilities, two numbers of cells
ARRAYS = ("grey", *(f"{what}_{name}" for what in ("probability", "cells") for name in NETWORKS))
_PAIRS, _CURVES = ("here", "half"), ("thresholds", "v_rand", "v_info")


def written(section: Section) -> dict:
    """All of a section but its pictures, ready for JSON."""
    agreement = float(section.agreement)
    return {
        "place": int(section.place),
        "agreement": agreement if agreement == agreement else None,  # NaN of a blank one
        "spikes": int(section.spikes),
        "mean_rate_hz": float(section.mean_rate_hz),
        "marks": {name: _plain(asdict(one)) for name, one in section.marks.items()},
    }


def _plain(marks: dict) -> dict:
    return {
        name: [float(v) for v in value] if isinstance(value, tuple) else float(value)
        for name, value in marks.items()
    }


def packed(section: Section) -> bytes:
    """Its pictures, as an ``.npz``."""
    arrays = {"grey": section.grey}
    for name in NETWORKS:
        arrays[f"probability_{name}"] = section.probability[name]
        arrays[f"cells_{name}"] = section.cells[name]
    file = io.BytesIO()
    # in the quickest way: a stack has a hundred megabytes
    with zipfile.ZipFile(file, "w") as archive:
        for name, values in arrays.items():
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(values), (1, 0), False)
            # without the time of day, so that the same section is the same bytes
            about = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(about, one.getvalue(), zipfile.ZIP_DEFLATED, 1)
    return file.getvalue()


def read(made, arrays: Mapping[str, np.ndarray]) -> Section:
    """A section from what `written` and `packed` gave.

    Parameters
    ----------
    made : object
        From JSON.
    arrays : mapping of str to numpy.ndarray

    Raises
    ------
    Damaged
        If anything is not as this lab writes it.
    """
    if not isinstance(made, dict) or set(arrays) != set(ARRAYS):
        raise Damaged("holds a section that is none")
    shape = arrays["grey"].shape
    if len(shape) != 2 or not all(LIMITS.side_min <= side <= LIMITS.side_max for side in shape):
        raise Damaged("holds a section of a size that there is not")
    for name, values in arrays.items():
        kinds = (np.uint16, np.int32) if name.startswith("cells") else (np.uint8,)
        if values.shape != shape or values.dtype not in kinds:
            raise Damaged("holds a section with a picture of another type or shape")
        # numbers are places in tables
        if values.min(initial=0) < 0 or values.max(initial=0) > values.size:
            raise Damaged("numbers cells that there cannot be")
    marks = made.get("marks")
    if not isinstance(marks, dict) or set(marks) not in (set(), set(NETWORKS)):
        raise Damaged("holds scores of a section that are none")
    agreement = made.get("agreement")
    return Section(
        _whole(made.get("place"), PLACES),
        arrays["grey"],
        {name: arrays[f"probability_{name}"] for name in NETWORKS},
        {name: arrays[f"cells_{name}"] for name in NETWORKS},
        {name: _marks(marks[name]) for name in NETWORKS if marks},
        float("nan") if agreement is None else _number(agreement, 0, 1),
        _whole(made.get("spikes"), COUNT),
        _number(made.get("mean_rate_hz"), 0, 1e6),
    )


def _marks(made) -> Marks:
    if not isinstance(made, dict) or set(made) != {item.name for item in fields(Marks)}:
        raise Damaged("holds scores of a section that are none")
    found = {}
    for name, value in made.items():
        several = name in _PAIRS + _CURVES
        if several and not (isinstance(value, list) and 1 <= len(value) <= THRESHOLDS):
            raise Damaged("holds scores of a section that are none")
        found[name] = tuple(_score(v) for v in value) if several else _score(value)
    if any(len(found[name]) != 2 for name in _PAIRS):
        raise Damaged("holds scores of a section that are none")
    if len({len(found[name]) for name in _CURVES}) > 1:
        raise Damaged("holds scores of a section at thresholds that are missing")
    return Marks(**found)


def _score(value) -> float:
    return _number(value, -1, 1)


def _number(value, low: float, high: float) -> float:
    if type(value) not in (int, float) or not low <= value <= high:
        raise Damaged("holds a number of a section that is out of range")
    return float(value)


def _whole(value, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise Damaged("holds a count of a section that is none")
    return value

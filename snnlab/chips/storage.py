"""A mapping in a file: one ``.npz``, its structure as JSON and its arrays beside it, no pickles."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from snnlab.chips.board import Block, Edges, Layout, Mapping, Partition, Traffic
from snnlab.work import stored

_KINDS = {kind.__name__: kind for kind in (Block, Edges, Layout, Mapping, Partition, Traffic)}
_STRUCTURE = "structure"
_CODES = tuple(f"{kind}{size}" for size in (1, 2, 4) for kind in "ui")


def save(mapping: Mapping, path: Path, made_of: str) -> None:
    """Keep a mapping.

    Parameters
    ----------
    mapping : Mapping
    path : Path
    made_of : str
        Names what it was made of, such as the hash of the weights.
    """
    arrays: dict[str, np.ndarray] = {}
    structure = {"made_of": made_of, "mapping": _written(mapping, arrays)}
    arrays[_STRUCTURE] = np.array(json.dumps(structure))
    np.savez_compressed(path, **arrays)


def load(path: Path) -> tuple[Mapping, str]:
    """Read what `save` wrote.

    Returns
    -------
    mapping : Mapping
    made_of : str

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with stored.as_one_sentence(f"{path.name} is missing or damaged; get it again."):
        arrays = stored.arrays(stored.content(path))
        structure = stored.parsed(str(arrays[_STRUCTURE]))
        mapping = _read(structure["mapping"], arrays)
        if not isinstance(mapping, Mapping):
            raise stored.Damaged("holds no mapping")
        return mapping, structure["made_of"]


def _written(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if is_dataclass(value):
        parts = {one.name: _written(getattr(value, one.name), arrays) for one in fields(value)}
        return {"kind": type(value).__name__, "fields": parts}
    if sparse.issparse(value):
        rows = value.tocsr()
        parts = [_written(part, arrays) for part in (rows.data, rows.indices, rows.indptr)]
        return {"rows": parts, "shape": [int(side) for side in rows.shape]}
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        arrays[name] = _small(value)
        return {"array": name, "dtype": value.dtype.str}
    if isinstance(value, dict):
        return {"dict": [[key, _written(item, arrays)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_written(item, arrays) for item in value]}
    return value.item() if isinstance(value, np.generic) else value


def _read(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(value, dict):
        return value
    if "kind" in value:
        parts = {name: _read(part, arrays) for name, part in value["fields"].items()}
        return _KINDS[value["kind"]](**parts)
    if "rows" in value:
        parts = tuple(_read(part, arrays) for part in value["rows"])
        return sparse.csr_array(parts, shape=tuple(value["shape"]))
    if "array" in value:
        return arrays[value["array"]].astype(value["dtype"])
    if "dict" in value:
        return {key: _read(item, arrays) for key, item in value["dict"]}
    return tuple(_read(item, arrays) for item in value["tuple"])


def _small(values: np.ndarray) -> np.ndarray:
    """Whole numbers in the fewest bytes that hold them: they compress better."""
    if values.dtype.kind not in "iu" or not values.size:
        return values
    low, high = int(values.min()), int(values.max())
    for code in _CODES:
        limits = np.iinfo(code)
        if limits.min <= low and high <= limits.max:
            return values.astype(code)
    return values

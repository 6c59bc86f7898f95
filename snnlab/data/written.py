"""Own labelled sections as plain arrays, to be written to disk and read again as they were."""

import numpy as np

from snnlab.data.own import OwnData

_PARTS = ("train", "validation")


def to_arrays(own: OwnData) -> tuple[dict, dict[str, np.ndarray]]:
    """Take sections apart.

    Returns
    -------
    about : dict
        Everything but pixels; fit for JSON.
    arrays : dict of str to numpy.ndarray
        float32 images and packed labels, in their order.
    """
    arrays = {}
    for part in _PARTS:
        for index, (image, labels) in enumerate(getattr(own, part)):
            arrays[f"{part}-{index}-image"] = image
            arrays[f"{part}-{index}-labels"] = np.packbits(labels)
    about = {
        "sections": {part: len(getattr(own, part)) for part in _PARTS},
        "split": own.split,
        "notes": list(own.notes),
        "held": own.held,
        "nm": own.nm,
    }
    return about, arrays


def from_arrays(about: dict, arrays: dict[str, np.ndarray]) -> OwnData:
    """Put together what `to_arrays` took apart; the digest is the same.

    Raises
    ------
    KeyError, ValueError
        If something is missing.
    """
    parts = {}
    for part in _PARTS:
        found = []
        for index in range(about["sections"][part]):
            image = arrays[f"{part}-{index}-image"]
            packed = arrays[f"{part}-{index}-labels"]
            labels = np.unpackbits(packed, count=image.size).reshape(image.shape).astype(bool)
            found.append((image, labels))
        parts[part] = tuple(found)
    rest = {name: about[name] for name in ("split", "held", "nm")}
    return OwnData(**parts, **rest, notes=tuple(about["notes"]))

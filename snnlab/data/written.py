"""Own labelled sections as plain arrays, to be written to disk and read again as they were."""

from dataclasses import asdict

import numpy as np

from snnlab.data.own import OwnData
from snnlab.data.seen import Section

_PARTS = ("train", "validation")


def to_arrays(own: OwnData) -> tuple[dict, dict[str, np.ndarray]]:
    """Take sections apart.

    Returns
    -------
    about : dict
        Everything but pixels; fit for JSON.
    arrays : dict of str to numpy.ndarray
        float32 images and labels, packed if all of them count, in their order.
    """
    arrays = {}
    for part in _PARTS:
        for index, (image, labels) in enumerate(getattr(own, part)):
            arrays[f"{part}-{index}-image"] = image
            # what does not count is a third value, which a bit has no room for
            packed = np.packbits(labels) if labels.dtype == bool else labels
            arrays[f"{part}-{index}-labels"] = packed
    about = {
        "sections": {part: len(getattr(own, part)) for part in _PARTS},
        "split": own.split,
        "notes": list(own.notes),
        "held": own.held,
        "nm": own.nm,
        "seen": [asdict(one) for one in own.seen],
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
            if packed.dtype == np.uint8:
                packed = np.unpackbits(packed, count=image.size).reshape(image.shape).astype(bool)
            found.append((image, packed))
        parts[part] = tuple(found)
    rest = {name: about[name] for name in ("split", "held", "nm")}
    # of a training that was kept before this was, it is not known
    seen = tuple(Section(**one) for one in about.get("seen", []))
    return OwnData(**parts, **rest, notes=tuple(about["notes"]), seen=seen)

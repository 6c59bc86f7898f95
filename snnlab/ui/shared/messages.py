"""Headers of what a component in the browser is sent: JSON as browsers read it, length first."""

import json
import math
import struct
from typing import Any


def headed(header: dict) -> bytes:
    """A header as JSON, its length before it as a uint32, little-endian.

    Parameters
    ----------
    header : dict
        What `json` writes. NaN and infinity become null: browsers refuse the names that
        Python gives them, and with them the whole message.
    """
    text = json.dumps(_plain(header), allow_nan=False).encode()
    return struct.pack("<I", len(text)) + text


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value

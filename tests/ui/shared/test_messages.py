"""Headers for the browser are JSON that a browser reads, whatever numbers are in them."""

import json
import struct

import pytest

from snnlab.ui.shared import messages

NAN, INFINITE = float("nan"), float("inf")


def strict(blob: bytes) -> dict:
    """The header, read as a browser reads it: NaN and Infinity are no JSON."""

    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    (length,) = struct.unpack_from("<I", blob)
    return json.loads(blob[4 : 4 + length], parse_constant=refuse)


@pytest.mark.parametrize("odd", [NAN, INFINITE, -INFINITE])
def test_a_number_that_is_none_becomes_null_wherever_it_is(odd):
    header = {"a": odd, "b": [1.5, (odd, 2)], "c": {"d": [{"e": odd}]}, "f": "NaN", "g": True}
    assert strict(messages.headed(header)) == {
        "a": None,
        "b": [1.5, [None, 2]],
        "c": {"d": [{"e": None}]},
        "f": "NaN",
        "g": True,
    }

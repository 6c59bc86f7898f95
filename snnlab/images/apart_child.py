"""The process that reads strangers' files; see `snnlab.images.apart`.

    python -m snnlab.images.apart_child

It ends when nobody listens any more.
"""

import contextlib
import json
import sys
from dataclasses import asdict

import numpy as np

from snnlab.errors import LabError
from snnlab.images import formats
from snnlab.images.choice import Choice, Undecided
from snnlab.images.limits import Limits
from snnlab.images.origin import Origin

MEMORY = 3 << 30  # bytes: a file of 512 MiB, a section of 256 MiB and its copies


def _bound() -> None:
    """Limits of the system, where it has them."""
    with contextlib.suppress(ImportError):
        import resource

        for what, most in (("RLIMIT_DATA", MEMORY), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
            with contextlib.suppress(AttributeError, OSError, ValueError):
                resource.setrlimit(getattr(resource, what), (most, most))


def _answer(message: dict, data: bytes, kept: dict) -> tuple[dict, bytes]:
    if message["bytes"]:
        kept.clear()
        kept["origin"] = Origin(data)
    about = json.dumps([message[key] for key in ("reader", "limits", "choice")])
    if kept.get("about") != about:
        kept["about"] = ""
        kept["reader"] = formats.load(message["reader"])(
            kept["origin"],
            message["name"],
            Limits(**message["limits"]),
            Choice(**message["choice"]),
        )
        kept["about"] = about
    reader = kept["reader"]
    if message["what"] == "header":
        return {"header": asdict(reader.header)}, b""
    section, top, bottom, left, right = message["places"]
    stored = reader.window(section, slice(top, bottom), slice(left, right))
    values = np.ascontiguousarray(stored.values)
    values = values.astype(values.dtype.newbyteorder("<"), copy=False)
    found = {"dtype": values.dtype.str, "bits": stored.bits, "bytes": values.nbytes}
    return found, values.tobytes()


def main() -> None:
    """Answer requests until there are no more."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    _bound()
    kept: dict = {}
    while line := source.readline():
        message = json.loads(line)
        data = source.read(message["bytes"])
        try:
            found, numbers = _answer(message, data, kept)
        except Undecided as asked:
            found, numbers = {"undecided": [asked.option, asked.values]}, b""
        except LabError as error:
            found, numbers = {"error": str(error)}, b""
        sink.write(json.dumps(found).encode() + b"\n" + numbers)
        sink.flush()


if __name__ == "__main__":
    main()

"""The process that reads a stranger's Keras file; see `snnlab.nets.keras_files.apart`.

python -m snnlab.nets.keras_files.apart_child FILE [HEIGHT WIDTH]
"""

import contextlib
import sys
from pathlib import Path

from snnlab.errors import LabError
from snnlab.nets.graph import files
from snnlab.nets.keras_files.apart import REFUSED
from snnlab.nets.keras_files.reading import read_bounded


def main() -> int:
    """Read, and write the net, or why there is none."""
    path, *size = sys.argv[1:]
    sink = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # which Windows has not

        for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
            resource.setrlimit(what, (0, 0))
    try:
        made = read_bounded(Path(path), tuple(map(int, size)) or None)
    except LabError as error:
        sink.write(str(error).encode())
        return REFUSED
    sink.write(files.pack(made.graph))
    return 0


if __name__ == "__main__":
    sys.exit(main())

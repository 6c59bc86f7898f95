#!/usr/bin/env bash
# One would guess: an MRC file is the same picture in every reader. It has one header of 1024 bytes, and says in it
# which sign its bytes have (IMOD's stamp and flag), along which axis its columns lie (MAPC, MAPR, MAPS), and how large a
# voxel is.
#
# What happens: none of mrcfile, RosettaSciIO and ncempy looks at IMOD's flag. A byte of 200 is -56 to mrcfile and ncempy and
# 200 to RosettaSciIO, whatever the flag says, so that each of them is wrong for one of two valid files: light
# pixels come out as the darkest ones. None turns an array whose columns are along Z: sections are then cut along
# another axis than the header says, without a word. Where no pixel size is set (a cell of 0), two say 0 and one
# says one over the number of columns.
#
# Why it matters: IMOD's tomograms of bytes are unsigned, other programs' signed, and the EMDB has maps with other orders of
# axes. Polarity, section and scale of what a net is shown depend on the library, and nothing fails.
#
# Source: https://bio3d.colorado.edu/imod/doc/mrc_format.txt (imodStamp and imodFlags, bytes 152 and 156);
# https://www.ccpem.ac.uk/mrc_format/mrc2014.php (words 4, 11-13, 17-19); each library's reader of mode 0.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    mrcfile==1.5.4 rosettasciio==0.15.0 ncempy==1.16 numpy==2.4.6

"$folder/venv/bin/python" -W ignore - "$folder" 2>/dev/null <<'PYTHON'
import struct
import sys
from importlib.metadata import version
from pathlib import Path

import mrcfile
import numpy as np
from ncempy.io import mrc as ncempy_mrc
from rsciio.mrc import file_reader

SHAPE = (5, 6, 8)  # sections, rows, columns as they lie in the file


def write(name, values, mode, cell, axes=(1, 2, 3), flags=None):
    """A little-endian MRC2014 file, by hand."""
    nz, ny, nx = values.shape
    head = bytearray(1024)
    struct.pack_into("<10i", head, 0, nx, ny, nz, mode, 0, 0, 0, nx, ny, nz)
    struct.pack_into("<6f", head, 40, *cell, 90, 90, 90)
    struct.pack_into("<3i", head, 64, *axes)
    struct.pack_into("<3f2i", head, 76, float(values.min()), float(values.max()), 0, 1, 0)
    struct.pack_into("<i", head, 108, 20140)
    if flags is not None:
        struct.pack_into("<2i", head, 152, 1146047817, flags)  # "IMOD", then bit 0: bytes are signed
    head[208:216] = b"MAP \x44\x44\0\0"
    path = Path(sys.argv[1]) / name
    path.write_bytes(bytes(head) + values.tobytes())
    return str(path)


def read(path):
    """Array and size of a pixel along its columns, by each library."""
    with mrcfile.open(path, permissive=True) as file:
        yield "mrcfile", np.array(file.data), float(file.voxel_size.x)
    (found,) = file_reader(path)
    yield "RosettaSciIO", found["data"], float(found["axes"][-1]["scale"])
    found = ncempy_mrc.mrcReader(path)
    yield "ncempy", found["data"], float(found["pixelSize"][-1])


names = ("mrcfile", "rosettasciio", "ncempy", "numpy")
print(", ".join(f"{name} {version(name)}" for name in names))
there = True
light = np.full(SHAPE, 200, np.uint8)
for flags, expected in ((0, 200), (1, -56)):
    path = write(f"bytes-{flags}.mrc", light, 0, (32, 24, 20), flags=flags)
    seen = {name: int(array.flat[0]) for name, array, _ in read(path)}
    print(f"bytes 0xC8, IMOD's flag {'signed' if flags else 'unsigned'}: expected {expected}, seen {seen}")
    there &= seen == {"mrcfile": -56, "RosettaSciIO": 200, "ncempy": -56}
numbers = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
path = write("turned.mrc", numbers, 1, (32, 24, 20), axes=(3, 1, 2))  # columns along Z
seen = {name: array.shape for name, array, _ in read(path)}
print(f"columns along Z: expected {SHAPE[2]} sections, seen {({n: s[0] for n, s in seen.items()})}")
there &= set(seen.values()) == {SHAPE}
path = write("unset.mrc", numbers, 1, (0, 0, 0))
seen = {name: round(size, 3) for name, _, size in read(path)}
print(f"a cell of 0, so that no size is known: seen {seen}")
there &= seen == {"mrcfile": 0.0, "RosettaSciIO": 0.0, "ncempy": 0.125}
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON

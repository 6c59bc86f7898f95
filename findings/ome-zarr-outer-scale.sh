#!/usr/bin/env bash
# One would guess: readers of OME-Zarr agree on how large a pixel is. The scale is in the metadata, the specification
# is short, and the reference implementation is one of the readers.
#
# What happens: the specification has scales in two places. Each data set has its own, and the multiscales may have
# another, which is applied after that of the data set. bioio-ome-zarr multiplies the two. ome-zarr-py, the reference
# implementation, passes on that of the data set alone, without a word; so does ngff-zarr. For one valid image they say
# 4 nm and 8 nm a pixel, in version 0.4 as in 0.5.
#
# Why it matters: lengths come out wrong by that factor, areas by its square, and a net that knows a membrane by its width
# is shown another magnification. Who writes OME-Zarr had better fold the outer scale into those of the data sets; who
# reads it must look in both places.
#
# Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md and /0.5/ (coordinateTransformations of multiscales: for all
# resolutions alike, after those of the data sets); ome_zarr/reader.py, class Multiscales.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    zarr==3.1.6 ome-zarr==0.18.0 bioio==3.6.0 bioio-ome-zarr==3.8.1 ngff-zarr==0.50.0

"$folder/venv/bin/python" - "$folder" 2>/dev/null <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import zarr

INNER, OUTER = [50.0, 4.0, 4.0], [1.0, 2.0, 2.0]  # z, y, x


def write(path: Path, ngff: str) -> str:
    """A stack of three sections whose scale is in both places."""
    scale = lambda values: [{"type": "scale", "scale": values}]  # noqa: E731
    about = {
        "name": "em",
        "axes": [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"],
        "datasets": [{"path": "0", "coordinateTransformations": scale(INNER)}],
        "coordinateTransformations": scale(OUTER),
    }
    group = zarr.open_group(path, mode="w", zarr_format=2 if ngff == "0.4" else 3)
    if ngff == "0.4":
        group.attrs["multiscales"] = [about | {"version": ngff}]
    else:
        group.attrs["ome"] = {"version": ngff, "multiscales": [about]}
    group.create_array("0", shape=(3, 40, 48), chunks=(1, 40, 48), dtype="u1")[:] = 1
    return str(path)


def by_bioio(path: str) -> float:
    import bioio_ome_zarr
    from bioio import BioImage

    return BioImage(path, reader=bioio_ome_zarr.Reader).physical_pixel_sizes.X


def by_ome_zarr(path: str) -> float:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    about = next(iter(Reader(parse_url(path))())).metadata
    assert str(OUTER) not in str(about)  # nor anywhere else
    return about["coordinateTransformations"][0][0]["scale"][-1]


def by_ngff_zarr(path: str) -> float:
    import ngff_zarr

    return ngff_zarr.from_ngff_zarr(path).images[0].scale["x"]


names = ("zarr", "ome-zarr", "bioio", "bioio-ome-zarr", "ngff-zarr")
print(", ".join(f"{name} {version(name)}" for name in names))
print(f"expected by the specification: {INNER[-1] * OUTER[-1]:g} nm a pixel, {INNER[-1]:g} times {OUTER[-1]:g}")
there = True
for ngff in ("0.4", "0.5"):
    path = write(Path(sys.argv[1]) / f"{ngff}.ome.zarr", ngff)
    seen = by_bioio(path), by_ome_zarr(path), by_ngff_zarr(path)
    told = ", ".join(f"{n} {s:g}" for n, s in zip(("bioio-ome-zarr", "ome-zarr-py", "ngff-zarr"), seen))
    print(f"seen in version {ngff}: {told}")
    there &= seen == (8.0, 4.0, 4.0)
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON

"""How long a large file takes to open: python -m benchmarks.opening [--gigabytes 10] [FOLDER].

Writes a volume of that size in each format that is read in pieces (sparse where the format
allows it, so that it takes little room on disk), then opens the first section of each in a new
process and prints seconds (with the imports of the format's library, and without) and the
process's peak memory, of which Python, NumPy and the lab's own modules take some before
anything is opened.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

SIDE = 1024
PROBE = """
import sys, time
import numpy, psutil, snnlab.images.reading
def peak():
    try:  # the most so far; what getrusage says includes the parent's, before exec
        lines = open("/proc/self/status").read().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except OSError:
        return psutil.Process().memory_info().rss / (1 << 20)
before = peak()
times = []
for _ in range(2):
    begun = time.perf_counter()
    pixels = snnlab.images.reading.open_stack(sys.argv[1]).section(0).pixels
    times.append(time.perf_counter() - begun)
print(times[0], times[1], before, peak(), *pixels.shape)
"""


def tiff(path: Path, sections: int) -> None:
    """One block of pages behind the only directory, as ImageJ writes large stacks."""
    text = f"ImageJ=1.54f\\nimages={sections}\\nslices={sections}\\nunit=nm\\n".encode()
    import numpy as np
    import tifffile

    tifffile.imwrite(
        path, np.zeros((SIDE, SIDE), np.uint8), bigtiff=True, description=text, metadata=None,
        photometric="minisblack",
    )  # fmt: skip
    with tifffile.TiffFile(path) as one:
        start = one.pages[0].dataoffsets[0]
    first_of(path, start)
    grow(path, start + sections * SIDE * SIDE)


def mrc(path: Path, sections: int) -> None:
    """Only the header and the first section are written, and the last byte."""
    import mrcfile

    mrcfile.new_mmap(path, (sections, SIDE, SIDE), mrc_mode=0).close()
    first_of(path, 1024)


def hdf5(path: Path, sections: int) -> None:
    """In chunks, of which the first section's are there."""
    import h5py
    import numpy as np

    with h5py.File(path, "w") as file:
        chunks = (1, 256, 256)
        made = file.create_dataset("volumes/raw", (sections, SIDE, SIDE), "u1", chunks=chunks)
        made[0] = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)


def hdf5_full(path: Path, sections: int) -> None:
    """In one piece, as it was allocated."""
    import h5py

    with h5py.File(path, "w") as file:
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        made.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((sections, SIDE, SIDE))
        h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_UINT8, space, made)
        start = file["data"].id.get_offset()
    first_of(path, start)


def ome_zarr(path: Path, sections: int) -> None:
    """Of which the first section's chunks are there."""
    import numpy as np
    import zarr

    group = zarr.open_group(path, mode="w", zarr_format=3)
    axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    scale = [{"type": "scale", "scale": [50.0, 4.0, 4.0]}]
    datasets = [{"path": "0", "coordinateTransformations": scale}]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}
    array = group.create_array("0", shape=(sections, SIDE, SIDE), chunks=(1, 256, 256), dtype="u1")
    array[0] = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)


def nrrd(path: Path, sections: int) -> None:
    """Raw, in one file."""
    head = (
        f"NRRD0004\ntype: uint8\ndimension: 3\nsizes: {SIDE} {SIDE} {sections}\nencoding: raw\n\n"
    )
    path.write_bytes(head.encode())
    first_of(path, len(head))
    grow(path, len(head) + sections * SIDE * SIDE)


def nifti(path: Path, sections: int) -> None:
    """Its header, and room."""
    import nibabel

    header = nibabel.Nifti1Header()
    header.set_data_dtype("u1")
    header.set_data_shape((SIDE, SIDE, sections))
    header["vox_offset"], header["magic"] = 352, b"n+1"
    header.set_xyzt_units("micron")
    path.write_bytes(header.binaryblock + bytes(4))
    first_of(path, 352)
    grow(path, 352 + sections * SIDE * SIDE)


def first_of(path: Path, start: int) -> None:
    """Noise as the first section: a blank one would be looked at for where it is tissue."""
    import numpy as np

    noise = np.random.default_rng(0).integers(0, 256, SIDE * SIDE, np.uint8)
    with path.open("r+b") as file:
        file.seek(start)
        file.write(noise.tobytes())


def grow(path: Path, size: int) -> None:
    """Make a file longer without writing."""
    with path.open("r+b") as file:
        file.truncate(size)


FORMATS = {
    "x.tif": tiff, "x.mrc": mrc, "chunks.h5": hdf5, "block.h5": hdf5_full,
    "x.ome.zarr": ome_zarr, "x.nrrd": nrrd, "x.nii": nifti,
}  # fmt: skip


def main() -> None:
    """Write, open, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--gigabytes", type=float, default=10)
    arguments = parser.parse_args()
    sections = math.ceil(arguments.gigabytes * 1e9 / SIDE**2)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for name, write in FORMATS.items():
            path = Path(folder) / name
            write(path, sections)
            ran = subprocess.run(
                [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True
            )
            if ran.returncode:
                print(f"{name}: {ran.stderr.strip().splitlines()[-1]}")
                continue
            first, again, before, peak, *_ = map(float, ran.stdout.split())
            answer = {"file": name, "seconds_first": round(first, 3)}
            answer |= {"seconds_again": round(again, 4)}
            answer |= {"peak_mb": round(peak), "before_mb": round(before)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

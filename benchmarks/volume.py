"""Time and memory of whole volumes by size: ``python benchmarks/volume.py``.

Each size runs through the command line in a process of its own, which reports its peak memory. The
sections are a shipped synthetic one, mirrored to the size and shifted from section to section.
The last line is a calculation: what a terabyte of 8-bit voxels would take at the rate of the
largest size, on one such machine and on a hundred.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SIZES = ("512x1", "1024x1", "1024x8", "2048x2", "2048x8")
TERABYTE = 1e12  # voxels of one byte


def volume(path: Path, side: int, sections: int) -> None:
    """Write an 8-bit TIFF stack."""
    import tifffile
    from PIL import Image

    picture = np.asarray(
        Image.open(ROOT / "assets" / "samples" / "2-synthetic-512.png").convert("L")
    )
    beyond = max(side - picture.shape[0], 0)
    large = np.pad(picture, ((0, beyond), (0, beyond)), mode="symmetric")[:side, :side]
    with tifffile.TiffWriter(path) as tiff:
        for section in range(sections):
            tiff.write(np.roll(large, 37 * section, axis=(0, 1)), photometric="minisblack")


def processor() -> float:
    """Seconds of processor time of all commands so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default=",".join(SIZES), help="side x sections")
    parser.add_argument("--timesteps", default="32")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    before = os.getloadavg()[0]
    print(
        "| volume | megapixels | seconds | processor time (s) | seconds per megapixel "
        "| processor seconds per megapixel | peak memory (MiB) |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    pace = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes.split(","):
            side, sections = map(int, size.split("x"))
            source, out = Path(folder) / f"{size}.tif", Path(folder) / f"{size}.ome.zarr"
            volume(source, side, sections)
            used = processor()
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "snnlab", "volume", str(source), str(out)),
                    *("--timesteps", arguments.timesteps, "--json", "--quiet"),
                ],
                cwd=ROOT, stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            answer = json.loads(done.stdout)
            used = processor() - used
            pace = answer["seconds"] / answer["megapixels"]
            print(
                f"| {side} x {side} x {sections} | {answer['megapixels']:.2f} "
                f"| {answer['seconds']:.1f} | {used:.1f} | {pace:.2f} "
                f"| {used / answer['megapixels']:.2f} | {answer['peak_memory_mb']:.0f} |",
                flush=True,
            )
    days = TERABYTE / 1e6 * pace / 86400
    print(
        f"\n{arguments.timesteps} steps, {arguments.cores} cores; load of the machine before:"
        f" {before:.1f}. A terabyte of 8-bit voxels at the last rate: {days:.0f} days on this,"
        f" {days / 100:.1f} days on a hundred of it."
    )


if __name__ == "__main__":
    main()

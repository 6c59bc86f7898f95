"""How soon a network that was trained on scribbles is better than the one on screen.

    PYTHONPATH=. .venv/bin/python benchmarks/scribbling.py --data FOLDER [--epfl FOLDER]

Somebody who knows the labels paints strokes on 512 x 512 pixels of a section: half of them
membrane, half cell. One in four of each is held back, as the page *Segment* does, and the error is
that on those (`snnlab/lab/scribbling.py`), the median over three hands. ISBI 2012 is tissue that
the model knows; EPFL's mouse hippocampus is not. Seconds are of processor time, of all that *Train
on these scribbles* computes; the longest time by the clock is told last. ``--out FOLDER`` also
writes an image of each and scribbles on it, for ``snnlab finetune --images ... --labels ...``.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import tifffile
from scipy import ndimage

from snnlab.data import epfl, isbi
from snnlab.export import pictures
from snnlab.images import scribbles
from snnlab.images.pictures import Picture
from snnlab.images.scribbles import Stroke, Strokes
from snnlab.lab import scribbling
from snnlab.lab import segmenting as lab

SIDE, SEEDS = 512, 3
POINTS, STEP = 25, 3  # of a stroke, and how far it goes from one to the next at most, pixels
WIDTHS = (2.0, 5.0)  # pixels, of strokes of membrane and of cell
ROOM = (1, 6)  # pixels to the other class, at least
HANDS = (8, 24, 96)  # strokes
MANY = 260  # strokes of what is written for a fine-tuning, which needs more than 20,000 pixels


def painted(truth: np.ndarray, count: int = 24, seed: int = 0) -> Strokes:
    """Strokes along what the labels say, as somebody paints who knows.

    Parameters
    ----------
    truth : numpy.ndarray
        bool ``(height, width)``: True is cell.
    count : int
        Half of them membrane.
    """
    random, made = np.random.default_rng(seed), []
    inside = [ndimage.distance_transform_edt(truth == ink) > ROOM[ink] for ink in (0, 1)]
    for index in range(count):
        ink = index % 2
        room = inside[ink]
        points = [random.choice(np.argwhere(room))]
        while len(points) < POINTS:
            step = random.integers(1 - STEP, STEP, 2)
            following = np.clip(points[-1] + step, 0, np.array(truth.shape) - 1)
            if room[tuple(following)]:
                points.append(following)
        places = tuple((float(row) + 0.5, float(column) + 0.5) for row, column in points)
        made.append(Stroke(ink, WIDTHS[ink], places))
    return tuple(made)


def sections(data: str, mouse: str | None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Grey values and labels of the upper left part of a section of each tissue."""
    section = isbi.REPORT[2]
    known = isbi.picture(data, section)
    found = {f"ISBI 2012, section {section}": (known.pixels, known.labels)}
    if mouse is not None:
        volume = epfl.volume(epfl.find(mouse, data))
        number = volume.of(epfl.REPORT)[0]
        found[f"EPFL, slice {number}"] = (volume.image(number).pixels, volume.labels(number))
    return {name: (a[:SIDE, :SIDE], b[:SIDE, :SIDE]) for name, (a, b) in found.items()}


def measured(picture: Picture, truth: np.ndarray, model: str) -> float:
    """Print a tissue's lines of the table; the longest time by the clock, seconds."""
    longest = 0.0
    result = lab.segment(picture, lab.defaults(model))
    for count in HANDS:
        rows = []
        for seed in range(SEEDS):
            strokes = painted(truth, count, seed)
            begun, processor = time.perf_counter(), time.process_time()
            found = scribbling.learn(result, strokes)
            clock, processor = time.perf_counter() - begun, time.process_time() - processor
            longest = max(longest, clock)
            pixels = sum(scribbles.counts(scribbles.labels(strokes, truth.shape)))
            errors = [100 * found.errors[name] for name in ("ann", "snn", "unet", "rbf")]
            rows.append((pixels, *errors, processor))
        pixels, *others = np.median(rows, axis=0)
        told = " | ".join(f"{value:.1f}" for value in others)
        print(f"| {picture.name} | {count} | {pixels:.0f} | {told} |", flush=True)
    return longest


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument("--model", default="regularised", help="that is on screen")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="for images and scribbles")
    options = parser.parse_args()
    print(
        "| tissue | strokes | painted pixels | ANN wrong (%) | SNN | U-Net, new readout | RBF"
        " | processor s |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    longest = 0.0
    for name, (image, truth) in sections(options.data, options.epfl).items():
        picture = lab.upload(pictures.grey_png(image), name)
        longest = max(longest, measured(picture, truth, options.model))
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            stem = options.out / name.split(",")[0].split()[0].lower()
            tifffile.imwrite(f"{stem}.tif", np.rint(255 * image).astype(np.uint8))
            made = scribbles.tiff({0: painted(truth, MANY)}, 1, truth.shape)
            Path(f"{stem}-scribbles.tif").write_bytes(made)
    print(f"\nFrom the press to the picture: at most {longest:.1f} s by the clock.")


if __name__ == "__main__":
    main()

"""What a border, an info bar or a hot pixel cost, and what is left of that.

    PYTHONPATH=. .venv/bin/python benchmarks/canvas.py --data FOLDER [--sections N ...]

ISBI 2012's sections (18..23) are put into a canvas, given a bar of text, a hole, or one pixel far
beyond all others, as float TIFF. Each is segmented by the ANN at 8 bits with contrast of
everything, with contrast of tissue only, found as in any file, and with that of `volume`, which
finds it strip by strip. Means of pixel accuracy and V_Rand over the section's own pixels.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageDraw
from scipy import ndimage

from snnlab.data import isbi
from snnlab.images import contrast
from snnlab.images.pixels import Stored, section
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.studies.volume import exposure
from snnlab.studies.volume.source import open_source
from snnlab.training import recipes

WIDE = 96  # pixels of canvas on each side


def canvas(value: float):
    """A constant border."""
    return lambda image: np.pad(image, WIDE, constant_values=value), lambda x: np.pad(x, WIDE)


def turned(degrees: float):
    """A section that was registered to another, in a canvas of 0."""

    def image(values):
        return ndimage.rotate(values, degrees, reshape=True, order=1, cval=0)

    def mask(values):
        return ndimage.rotate(values.astype(np.uint8), degrees, order=0, cval=0) > 0

    return image, mask


def bar(values):
    """A bar of text below."""
    width = values.shape[1]
    picture = Image.new("L", (width, 40), 0)
    draw = ImageDraw.Draw(picture)
    for row in (4, 22):
        draw.text((6, row), "HV 10.00 kV   mag 20 000 x   WD 4.1 mm   HFW 12.8 um", fill=255)
    return np.concatenate([values, np.asarray(picture, np.float32)])


def hole(value: float):
    """A tile that a mosaic lacks."""

    def image(values):
        values[180:300, 200:350] = value
        return values

    def mask(values):
        values = values.copy()
        values[180:300, 200:350] = False
        return values

    return image, mask


def stretched(values):
    """Contrast so strong that 8 % are black and 8 % white, in a canvas that is white too."""
    low, high = np.percentile(values, (8, 92))
    return np.pad(np.rint(np.clip((values - low) / (high - low), 0, 1) * 255), WIDE,
                  constant_values=255)  # fmt: skip


def hot(values):
    """One pixel of a million."""
    made = values.copy()
    made[made.shape[0] // 3, made.shape[1] // 3] = 1e6
    return made


KINDS = {
    "plain": (lambda x: x, lambda x: x),
    "96 pixels of 0": canvas(0),
    "96 pixels of 255": canvas(255),
    "96 pixels of -9999": canvas(-9999),
    "96 pixels of NaN": canvas(np.nan),
    "turned by 7 degrees in 0": turned(7),
    "a hole of 0": hole(0),
    "a hole of -9999": hole(-9999),
    "16 % cut off, 96 pixels of 255": (stretched, lambda x: np.pad(x, WIDE)),
    "info bar": (bar, lambda x: np.pad(x, ((0, 40), (0, 0)))),
    "one hot pixel": (hot, lambda x: x),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--model", default="regularised")
    parser.add_argument("--sections", type=int, nargs="+", default=list(isbi.REPORT))
    options = parser.parse_args()
    model, volume = lab.model(options.model), isbi.Isbi(isbi.find(options.data))
    _, truths = recipes.real(options.data, options.sections)
    print(f"`{options.model}`, 8 bits, sections {options.sections}; accuracy / V_Rand\n")
    print("| | contrast of everything | of tissue only | in `volume` |")
    print("|---|---|---|---|")
    for name, (change, mask) in KINDS.items():
        scored = []
        for index, truth in zip(options.sections, truths, strict=True):
            values = change(volume.image(index).pixels * np.float32(255))
            own, cells = mask(np.ones(truth.shape, bool)), mask(truth)
            pixels, tissue = section(Stored(values, 32))
            row = []
            ways = _of_everything(values), contrast.normalise(pixels, tissue), _of_volume(values)
            for seen in ways:
                probability = inference.segment(model, seen).probability
                left_out = None if own.all() else ~own
                row.append(metrics.marks(probability, cells & own, ignore=left_out))
            scored.append(row)
        found = [metrics.together(ones) for ones in zip(*scored, strict=True)]
        told = [f"{one.pixel_accuracy:.4f} / {one.v_rand:.4f}" for one in found]
        print(f"| {name} | {told[0]} | {told[1]} | {told[2]} |", flush=True)


def _of_everything(values: np.ndarray) -> np.ndarray:
    far, contrast.FAR = contrast.FAR, np.inf  # no pixel is too far
    try:
        return contrast.normalise(np.nan_to_num(values))
    finally:
        contrast.FAR = far


def _of_volume(values: np.ndarray) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "section.tif"
        tifffile.imwrite(path, values.astype(np.float32))
        source = open_source(path)
        known = exposure.measure(source, 0)
        return known.window(source, 0, *(slice(0, side) for side in source.shape[1:]))


if __name__ == "__main__":
    main()

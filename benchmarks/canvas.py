"""What a border, an info bar or a hot pixel cost, and what is left of that.

    PYTHONPATH=. .venv/bin/python benchmarks/canvas.py --data FOLDER [--model NAME]

ISBI 2012's sections 18..23 are put into a canvas, given a bar of text, or one pixel far beyond
all others, as float TIFF. Each is segmented by the ANN at 8 bits with contrast of everything
and with contrast of tissue only, found as in any file. Means of pixel accuracy and V_Rand over
the section's own pixels.
"""

import argparse

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from snnlab.data import isbi
from snnlab.images import contrast
from snnlab.images.pixels import Stored, section
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.results import metrics
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
    "info bar": (bar, lambda x: np.pad(x, ((0, 40), (0, 0)))),
    "one hot pixel": (hot, lambda x: x),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--model", default="regularised")
    options = parser.parse_args()
    model, volume = lab.model(options.model), isbi.Isbi(isbi.find(options.data))
    _, truths = recipes.real(options.data, isbi.REPORT)
    print(f"`{options.model}`, 8 bits, sections 18..23; pixel accuracy / V_Rand\n")
    print("| | contrast of everything | of tissue only |")
    print("|---|---|---|")
    for name, (change, mask) in KINDS.items():
        scored = []
        for index, truth in zip(isbi.REPORT, truths, strict=True):
            values = change(volume.image(index).pixels * np.float32(255))
            own, cells = mask(np.ones(truth.shape, bool)), mask(truth)
            pixels, tissue = section(Stored(values, 32))
            row = []
            for seen in (_of_everything(values), contrast.normalise(pixels, tissue)):
                probability = inference.segment(model, seen).probability
                left_out = None if own.all() else ~own
                row.append(metrics.marks(probability, cells & own, ignore=left_out))
            scored.append(row)
        found = [metrics.together(ones) for ones in zip(*scored, strict=True)]
        told = [f"{one.pixel_accuracy:.4f} / {one.v_rand:.4f}" for one in found]
        print(f"| {name} | {told[0]} | {told[1]} |")


def _of_everything(values: np.ndarray) -> np.ndarray:
    far, contrast.FAR = contrast.FAR, np.inf  # no pixel is too far
    try:
        return contrast.normalise(np.nan_to_num(values))
    finally:
        contrast.FAR = far


if __name__ == "__main__":
    main()

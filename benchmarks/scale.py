"""What pixels of another size cost, and what resampling them gives back.

    PYTHONPATH=. .venv/bin/python benchmarks/scale.py --data FOLDER [--model NAME] [--nm 2,4,8]

ISBI 2012's sections 18..23 (4 nm per pixel) are shrunk or blown up to stand for images of other
pixel sizes. Each is segmented by the ANN at 8 bits as it is, and resampled to 4 nm as
`segment --nm` does. Pixel accuracy at 0.5 and V_Rand at the best threshold for all sections, both
in the pixels of the shrunk image, against labels that were shrunk with it. What tissue that was
imaged at another size does is another question: `benchmarks/pixel_size.py`.
"""

import argparse

import numpy as np

from snnlab.data import isbi
from snnlab.images.contrast import normalise
from snnlab.images.resampling import MODEL_NM, resampled, shape_for
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.training import recipes

SIZES = "2,2.8,3.2,4,5,6,8,10,12"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--model", default="regularised")
    parser.add_argument("--nm", default=SIZES, help="pixel sizes, with commas between")
    options = parser.parse_args()
    model, volume = lab.model(options.model), isbi.Isbi(isbi.find(options.data))
    _, truths = recipes.real(options.data, isbi.REPORT)
    print(f"`{options.model}`, 8 bits, sections 18..23; pixel accuracy / V_Rand\n")
    print("| nm per pixel | pixels per side | as it is | resampled to 4 nm |")
    print("|---:|---:|---|---|")
    for nm in (float(text) for text in options.nm.split(",")):
        scored = []
        for section, truth in zip(isbi.REPORT, truths, strict=True):
            pixels = volume.image(section).pixels
            side = round(pixels.shape[0] * MODEL_NM / nm)
            other = resampled(pixels, (side, side))
            back = shape_for(other.shape, nm)
            cells = _as(truth, other.shape) > 0.5
            seen = [
                inference.segment(model, normalise(image)).probability
                for image in (other, _as(other, back))
            ]
            scored.append([metrics.marks(_as(found, cells.shape), cells) for found in seen])
        plain, back_ = (metrics.together(ones) for ones in zip(*scored, strict=True))
        cells = [f"{one.pixel_accuracy:.4f} / {one.v_rand:.4f}" for one in (plain, back_)]
        print(f"| {nm:g} | {side} | {cells[0]} | {cells[1]} |")


def _as(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return values if values.shape == shape else resampled(values, shape)


if __name__ == "__main__":
    main()

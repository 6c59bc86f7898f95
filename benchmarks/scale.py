"""What pixels of another size cost, and what resampling them gives back.

    PYTHONPATH=. .venv/bin/python benchmarks/scale.py --data FOLDER --epfl FOLDER
        [--models NAME,NAME] [--nm 2,4,8]

ISBI 2012's sections 18..23 (4 nm per pixel) and EPFL's slices 161..164 (5 nm) are shrunk or blown
up to stand for images of other pixel sizes. Each is segmented by the ANN at 8 bits as it is, and
resampled to 4 nm as `segment --nm` does. Pixel accuracy at 0.5 and V_Rand at the best threshold for
all sections, both in the pixels of the shrunk image, against labels that were shrunk with it. Why
some tissue is better left as it is: `benchmarks/pixel_size.py`.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from snnlab.data import epfl, isbi
from snnlab.images.contrast import normalise
from snnlab.images.resampling import MODEL_NM, resampled, shape_for
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.nets.model import Model
from snnlab.results import metrics
from snnlab.training import recipes

SIZES = "2,2.8,3.2,4,5,6,8,10,12"
Section = tuple[np.ndarray, np.ndarray]  # image and cells, (height, width), 0..1


def sections(data: str, mouse: str) -> dict[tuple[str, float], list[Section]]:
    """The reported sections of both tissues, by name and nm per pixel."""
    fly, volume = isbi.Isbi(isbi.find(data)), epfl.Epfl(epfl.find(mouse))
    _, truths = recipes.real(data, isbi.REPORT)
    return {
        ("ISBI 18..23", MODEL_NM): [
            (fly.image(section).pixels, truth)
            for section, truth in zip(isbi.REPORT, truths, strict=True)
        ],
        ("EPFL 161..164", epfl.NM): [
            (volume.image(number).pixels, volume.labels(number).astype(np.float32))
            for number in volume.of(epfl.REPORT)
        ],
    }


def row(model: Model, found: Sequence[Section], own: float, nm: float) -> list[str]:
    """Accuracy and V_Rand of images of `own` nm that stand for `nm`: as they are, and resampled."""
    scored = []
    for pixels, truth in found:
        other = resampled(pixels, tuple(round(side * own / nm) for side in pixels.shape))
        back = shape_for(other.shape, nm)
        cells = _as(truth, other.shape) > 0.5
        seen = [
            inference.segment(model, normalise(image)).probability
            for image in (other, _as(other, back))
        ]
        scored.append([metrics.marks(_as(one, cells.shape), cells) for one in seen])
    both = (metrics.together(ones) for ones in zip(*scored, strict=True))
    return [f"{one.pixel_accuracy:.4f} / {one.v_rand:.4f}" for one in both]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", required=True, metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument("--models", default="generalist,regularised", help="commas between")
    parser.add_argument("--nm", default=SIZES, help="pixel sizes, with commas between")
    options = parser.parse_args()
    tissues = sections(options.data, options.epfl)
    print("8 bits; pixel accuracy / V_Rand\n")
    print("| tissue | model | nm per pixel | as it is | resampled to 4 nm |")
    print("|---|---|---:|---|---|")
    for (tissue, own), found in tissues.items():
        for name in options.models.split(","):
            for nm in (float(text) for text in options.nm.split(",")):
                cells = " | ".join(row(lab.model(name), found, own, nm))
                print(f"| {tissue} | {name} | {nm:g} | {cells} |", flush=True)


def _as(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return values if values.shape == shape else resampled(values, shape)


if __name__ == "__main__":
    main()

"""What a model finds familiar: sections that it was not trained on, against what it does not know.

    PYTHONPATH=. .venv/bin/python benchmarks/familiarity.py --data FOLDER --epfl FOLDER
        [--models generalist,relu,regularised]

Known are ISBI 2012's sections 18..23, which no weight was trained on. A row is other images, or the
same ones changed; of each the familiarity that page and command line tell
(`snnlab/nets/familiarity.py`), in the median, how many are called what, and the AUROC against the
known ones: 1 if every one of them is less familiar than every known one, 0.5 if chance could tell
them apart as well. Beside it the AUROC over their windows of 256 x 256 pixels, of which there are
more.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage import data as photographs

from snnlab.data import epfl, isbi
from snnlab.images.contrast import normalise
from snnlab.images.resampling import resampled
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.nets.familiarity import WINDOW

NOISE = 0.15  # standard deviation, of grey values 0..1
OTHERS = ("camera", "brick", "gravel", "grass", "moon", "coins", "page", "text")
SEED = 0


def sets(data: str | None, slices: str | None) -> dict[str, list[np.ndarray]]:
    """Images float32 ``(height, width)``, 0..1, by what they are; the known ones first."""
    volume = isbi.Isbi(isbi.find(data))
    known = [volume.image(section).pixels for section in isbi.REPORT]
    random = np.random.default_rng(SEED)
    made = {
        "ISBI 18..23": known,
        "the same, turned by a quarter": [np.rot90(image).copy() for image in known],
        "corners of 256 x 256": [image[:256, :256] for image in known],
        "corners of 128 x 128": [image[:128, :128] for image in known],
    }
    if (found := epfl.find(slices, data)) is not None:
        mouse = epfl.volume(found)
        numbers = [*mouse.of(epfl.CHOICE), *mouse.of(epfl.REPORT)]
        made["EPFL 134..136 and 161..164"] = [mouse.image(number).pixels for number in numbers]
    return made | {
        "inverted": [1 - image for image in known],
        "blurred by 1 pixel": [ndimage.gaussian_filter(image, 1) for image in known],
        "blurred by 2 pixels": [ndimage.gaussian_filter(image, 2) for image in known],
        "noise of 0.15": [
            np.clip(image + random.normal(0, NOISE, image.shape), 0, 1).astype(np.float32)
            for image in known
        ],
        "half size (8 nm)": [scaled(image, 0.5) for image in known],
        "three quarters (5.3 nm)": [scaled(image, 0.75) for image in known],
        "one and a half (2.7 nm)": [scaled(image, 1.5) for image in known],
        "double size (2 nm)": [scaled(image, 2) for image in known],
        "no microscopy": [photograph(name) for name in OTHERS],
    }


def scaled(image: np.ndarray, factor: float) -> np.ndarray:
    """In so many times the pixels per side."""
    return resampled(image, tuple(round(side * factor) for side in image.shape))


def photograph(name: str) -> np.ndarray:
    """A picture of scikit-image's, of at least 256 pixels per side."""
    pixels = np.asarray(getattr(photographs, name)(), np.float32) / 255
    larger = max(1.0, WINDOW / min(pixels.shape))
    return pixels if larger == 1 else scaled(pixels, larger)


def values(model, image: np.ndarray) -> tuple[float, str, list[float]]:
    """What is told of an image, and of each of its windows as if it were one."""
    whole = inference.looked_at(model, normalise(image)).familiarity
    windows = [
        inference.looked_at(model, normalise(image)[top : top + WINDOW, left : left + WINDOW])
        for top in range(0, max(image.shape[0] - WINDOW, 0) + 1, WINDOW)
        for left in range(0, max(image.shape[1] - WINDOW, 0) + 1, WINDOW)
    ]
    return whole.value, whole.word, [one.familiarity.value for one in windows]


def auroc(known: Sequence[float], others: Sequence[float]) -> float:
    """Share of pairs in which the other is the less familiar one; equals count half."""
    a, b = np.asarray(known)[None], np.asarray(others)[:, None]
    return float(np.mean(b > a) + 0.5 * np.mean(b == a))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument(
        "--models", default="generalist,relu,regularised", help="with commas between"
    )
    options = parser.parse_args()
    shown = sets(options.data, options.epfl)
    print(
        "| model | images | how many | median | familiar / unusual / foreign | AUROC | of windows |"
    )
    print("|---|---|---:|---:|---|---:|---:|")
    for name in options.models.split(","):
        model, known = lab.model(name), None
        for called, images in shown.items():
            found, words, windows = zip(*(values(model, image) for image in images), strict=True)
            flat = [value for one in windows for value in one]
            known = known or (found, flat)
            counts = " / ".join(str(words.count(w)) for w in ("familiar", "unusual", "foreign"))
            against = (auroc(known[0], found), auroc(known[1], flat))
            told = [f"{share:.3f}" if known[0] is not found else "" for share in against]
            print("|", " | ".join((name, called, str(len(images)), f"{np.median(found):.2f}",
                                   counts, *told)), "|", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()

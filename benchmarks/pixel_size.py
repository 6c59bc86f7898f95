"""Why resampling to 4 nm helps some images and hurts others: a study of the ways there and back.

    PYTHONPATH=. .venv/bin/python benchmarks/pixel_size.py --data FOLDER --epfl FOLDER
        [--models regularised,relu] [--ways] [--widths] [--places] [--report]

Sections: mouse hippocampus by FIB-SEM, really imaged at 5 nm (EPFL; training slices far apart, or
with `--report` slices 161..164, which are for that alone), and ISBI 2012's 18..23 (fly larva,
4 nm), as they are and shrunk to stand for 6 and 8 nm. Everything is scored in the file's own
pixels against its own labels, but for the row that says otherwise; all sections at one threshold.

`--ways`: each way to 4 nm and back. `--widths`: other pixels than 4 nm, and how wide membranes
are in the labels. `--places` (EPFL): where the false and the missed pixels of membrane lie.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from snnlab.data import isbi
from snnlab.images.contrast import normalise
from snnlab.images.pictures import Picture
from snnlab.images.resampling import MODEL_NM, resampled, shape_for
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.results import metrics

LOOKED_AT = ("0000", "0018", "0046", "0061", "0075", "0090", "0105", "0119")  # far apart
REPORTED = ("0161", "0162", "0163", "0164")
SHRUNK = (6.0, 8.0)  # nm
WIDTHS = (3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0)  # nm
COARSE = 7.0  # nm, where EPFL's sections are done best
NEAR = 3  # pixels of a labelled membrane: an edge that is drawn elsewhere
FILTERS = {"nearest pixel": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR,
           "Lanczos": Image.Resampling.LANCZOS}  # fmt: skip


@dataclass(frozen=True)
class Sections:
    """Images ``(height, width)``, 0..1, their labels, True = cell, and what they are."""

    name: str
    nm: float
    images: Sequence[np.ndarray]
    labels: Sequence[np.ndarray]
    organelles: dict[str, Sequence[np.ndarray]]

    @property
    def membrane_px(self) -> float:
        """Mean width of a labelled membrane: its pixels by those of its middle line."""
        shares = [np.sum(~one) / np.sum(skeletonize(~one)) for one in self.labels]
        return float(np.mean(shares))


def epfl(folder: Path, numbers: Sequence[str], name: str) -> Sections:
    """Slices of the EPFL volume by their numbers."""
    named = (folder / "epfl-slices.txt").read_text().split()
    at = [named.index(f"training{number}.png") for number in numbers]

    def read(part: str) -> np.ndarray:
        return tifffile.imread(folder / f"epfl-{part}.tif")[at]

    return Sections(
        name, 5.0, read("images").astype(np.float32) / 255, read("membranes") > 0,
        {part: read(part) > 0 for part in ("mitochondria", "vesicles")},
    )  # fmt: skip


def fly(folder: str, nm: float) -> Sections:
    """ISBI 2012's sections 18..23, shrunk to stand for other pixels."""
    volume = isbi.Isbi(isbi.find(folder))
    images = [volume.image(section).pixels for section in isbi.REPORT]
    labels = [volume.labels(section) > 0 for section in isbi.REPORT]
    if nm == MODEL_NM:
        return Sections("ISBI", nm, images, labels, {})
    side = round(images[0].shape[0] * MODEL_NM / nm)
    small = [resampled(image, (side, side)) for image in images]
    labels = [resampled(one, (side, side)) > 0.5 for one in labels]
    return Sections(f"ISBI, shrunk to {nm:g} nm", nm, small, labels, {})


# ---- networks --------------------------------------------------------------------

Network = Callable[[np.ndarray], np.ndarray]


def networks(name: str) -> dict[str, tuple[Network, float]]:
    """The ANN alone and the SNN of a model, and the threshold that each is shown with."""
    model, settings = lab.model(name), lab.defaults(name)

    def ann(pixels: np.ndarray) -> np.ndarray:
        return inference.segment(model, normalise(pixels)).probability

    def snn(pixels: np.ndarray) -> np.ndarray:
        digest = hashlib.sha256(np.ascontiguousarray(pixels)).hexdigest()
        found = lab.segment(Picture(pixels, None, "", 0, 1, digest), settings).snn()
        lab.forget_all()
        return found

    return {"ANN": (ann, settings.ann_at), "SNN": (snn, settings.threshold)}


def by(pixels: np.ndarray, shape: tuple[int, int], how) -> np.ndarray:
    """Resampled by another filter."""
    made = Image.fromarray(np.ascontiguousarray(pixels, np.float32)).resize(shape[::-1], how)
    return np.clip(np.asarray(made), 0, 1)


# ---- scores ----------------------------------------------------------------------


def told(marks: Sequence[metrics.Marks]) -> list[str]:
    """Cells of a row: accuracy at 0.5 and as shown; V_Rand at its best and as shown."""
    found = metrics.together(marks)
    return [
        f"{found.pixel_accuracy_at_half:.4f}", f"{found.pixel_accuracy:.4f}",
        f"{found.v_rand:.4f} (at {found.best_threshold:g})", f"{found.v_rand_at_half:.4f}",
        f"{found.v_rand_at_threshold:.4f}",
    ]  # fmt: skip


HEAD = ("accuracy at 0.5", "accuracy shown", "V_Rand", "at 0.5", "shown")


def table(first: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Print a table as its rows come."""
    print("|", " | ".join((*first, *HEAD)), "|")
    print("|" + "---|" * len(first) + "---:|" * len(HEAD))
    for row in rows:
        print("|", " | ".join(row), "|", flush=True)
    print()


def masks(probability: np.ndarray, labels: np.ndarray, at: float) -> metrics.Marks:
    """As `metrics.marks`, but thresholded first, and the mask brought back."""

    def cells(threshold: float) -> np.ndarray:
        return resampled(probability > threshold, labels.shape) > 0.5

    usual = metrics.marks(cells(at).astype(np.float32), labels, 0.5)
    rand, info = zip(*(metrics.segments_score(cells(t), labels) for t in metrics.OFFICIAL),
                     strict=True)  # fmt: skip
    half = cells(0.5)
    accuracy = float(np.mean(half == labels))
    return replace(usual, half=(accuracy, metrics.segments_score(half, labels)[0]),
                   thresholds=metrics.OFFICIAL, v_rand=rand, v_info=info)  # fmt: skip


def ways(name: str, every: Sequence[Sections]) -> Iterator[list[str]]:
    """Rows of each way to the models' pixels and back."""
    for sections in every:
        for called, (network, at) in networks(name).items():
            found: dict[str, list] = {}
            for image, labels in zip(sections.images, sections.labels, strict=True):
                shape, own = shape_for(image.shape, sections.nm), image.shape

                def add(way: str, marks: metrics.Marks, found=found) -> None:
                    found.setdefault(way, []).append(marks)

                add("as it is", metrics.marks(network(image), labels, at))
                if shape == own:
                    continue
                there = network(resampled(image, shape))
                back = resampled(there, own)
                add("to 4 nm, probability back", metrics.marks(back, labels, at))
                add("to 4 nm, mask back", masks(there, labels, at))
                truth = resampled(labels, shape) > 0.5
                add("to 4 nm, labels resampled too", metrics.marks(there, truth, at))
                if called == "SNN":
                    continue
                # what the filter does to the image, at the same scale; and smoothing alone
                for nm in (MODEL_NM, COARSE):
                    both = resampled(resampled(image, shape_for(own, sections.nm, nm)), own)
                    marks = metrics.marks(network(both), labels, at)
                    add(f"image to {nm:g} nm and back", marks)
                for kind, how in FILTERS.items():
                    back = resampled(network(by(image, shape, how)), own)
                    add(f"to 4 nm, {kind}", metrics.marks(back, labels, at))
            for way, marks in found.items():
                yield [sections.name, name, called, way, *told(marks)]


def widths(name: str, every: Sequence[Sections]) -> Iterator[list[str]]:
    """Rows of each width of pixels that the ANN may be shown."""
    for sections in every:
        network, at = networks(name)["ANN"]
        for nm in WIDTHS:
            marks = []
            for image, labels in zip(sections.images, sections.labels, strict=True):
                shape = shape_for(image.shape, sections.nm, nm)
                seen = network(image if shape == image.shape else resampled(image, shape))
                marks.append(metrics.marks(_back(seen, labels.shape), labels, at))
            wide = f"{sections.membrane_px * sections.nm / nm:.1f}"
            yield [sections.name, name, f"{nm:g}", wide, *told(marks)]


def _back(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return values if values.shape == shape else resampled(values, shape)


def places(name: str, sections: Sections) -> Iterator[list[str]]:
    """Rows of where the ANN's errors lie at 0.5, in percent of all pixels."""
    network, _ = networks(name)["ANN"]
    inner = tuple(sections.organelles)
    for nm in (sections.nm, MODEL_NM, COARSE):
        shares = []
        for index, (image, labels) in enumerate(zip(sections.images, sections.labels, strict=True)):
            shape = shape_for(image.shape, sections.nm, nm)
            seen = network(image if shape == image.shape else resampled(image, shape))
            said = _back(seen, labels.shape) <= 0.5
            false, near = said & labels, ndimage.distance_transform_edt(labels) <= NEAR
            parts, left = [false & near], false & ~near
            for part in inner:
                inside = left & sections.organelles[part][index]
                parts.append(inside)
                left &= ~inside
            shares.append([part.mean() for part in (~said & ~labels, *parts, left)])
        yield [name, f"{nm:g}", *(f"{100 * share:.2f}" for share in np.mean(shares, 0))]


def main() -> None:
    """Measure and print; without a choice, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", type=Path, metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument("--models", default="regularised,relu", help="with commas between")
    parser.add_argument("--report", action="store_true", help="EPFL's 161..164, and only those")
    parts = ("ways", "widths", "places")
    for part in parts:
        parser.add_argument(f"--{part}", action="store_true")
    options = parser.parse_args()
    chosen = [part for part in parts if getattr(options, part)] or parts
    mouse = []
    if options.epfl:
        numbers = REPORTED if options.report else LOOKED_AT
        name = "EPFL, 161..164" if options.report else "EPFL"
        mouse = [epfl(options.epfl, numbers, name)]
    shrunk = [] if options.report else [fly(options.data, nm) for nm in SHRUNK]
    whole = [] if options.report else [fly(options.data, MODEL_NM)]
    for sections in (*mouse, *whole):
        print(f"{sections.name}: {len(sections.images)} sections, {sections.nm:g} nm; membranes in"
              f" the labels {sections.membrane_px:.1f} pixels wide,"
              f" {sections.membrane_px * sections.nm:.0f} nm")  # fmt: skip
    print()
    for name in options.models.split(","):
        if "widths" in chosen:
            first = ("sections", "model", "computed at, nm", "labelled membrane, pixels")
            table(first, widths(name, [*mouse, *whole]))
        if "places" in chosen and mouse:
            heads = ["model", "computed at, nm", "membrane missed", f"false, within {NEAR} pixels"]
            heads += [f"in {part}" for part in mouse[0].organelles] + ["elsewhere in cells"]
            print("|", " | ".join(heads), "|\n|" + "---|" * len(heads))
            for row in places(name, mouse[0]):
                print("|", " | ".join(row), "|", flush=True)
            print()
        if "ways" in chosen:
            table(("sections", "model", "network", "way"), ways(name, [*mouse, *shrunk]))


if __name__ == "__main__":
    main()

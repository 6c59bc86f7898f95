"""How often what is wrong with a section or its labels is noticed, and how often what is right.

    PYTHONPATH=. .venv/bin/python benchmarks/noticed.py --data FOLDER [--epfl FOLDER]

Over all sections of ISBI 2012 (training and test volume), all slices of EPFL and synthetic
sections: fill or an info bar that is not there; light membranes, of each image and of its
negative. Over the labelled stacks: labels in another order, section by section (as
``segment --labels`` asks) and by stacks (as ``train`` does).
"""

import argparse
from pathlib import Path

import numpy as np
import tifffile

from snnlab.data import doubts
from snnlab.data.synthetic import synthetic
from snnlab.images import matching, polarity, tissue
from snnlab.images.contrast import normalise

LONG = 8  # sections of a stack that is trained on


def images(folder: Path, epfl: Path | None) -> dict[str, list[np.ndarray]]:
    """Sections by where they are from."""
    found = {
        "ISBI 2012": [
            *tifffile.imread(folder / "train-volume.tif"),
            *tifffile.imread(folder / "test-volume.tif"),
        ],
        "synthetic": [
            np.rint(255 * synthetic((256, 320), seed).image).astype(np.uint8) for seed in range(60)
        ],
    }
    if epfl is not None:
        found["EPFL"] = [*tifffile.imread(epfl / "epfl-images.tif")]
    return found


def of_images(found: dict[str, list[np.ndarray]]) -> None:
    """False alarms and hits of what is told from an image alone."""
    print("| sections | number | said to have fill or a bar | light membranes | of negatives |")
    print("|---|---:|---:|---:|---:|")
    for name, sections in found.items():
        normal = [normalise(x) for x in sections]
        print(
            f"| {name} | {len(sections)} | {sum(tissue.find(x) is not None for x in sections)} |"
            f" {sum(map(polarity.light_membranes, normal))} |"
            f" {sum(polarity.light_membranes(1 - x) for x in normal)} |"
        )


def of_orders(name: str, sections: list[np.ndarray], cells: list[np.ndarray]) -> None:
    """Hits and false alarms where labels come in another order."""
    normal, count = [normalise(x) for x in sections], len(sections)
    orders = {
        "as they are": lambda i: i,
        "in reverse": lambda i: count - 1 - i,
        "one later": lambda i: i - 1,
        "one earlier": lambda i: i + 1,
        "the same for all": lambda i: 0,
        "upside down": None,
    }
    for order, which in orders.items():
        if which is None:
            truths = [x[::-1] for x in cells]
            pairs = [(i, i) for i in range(count)]
        else:
            pairs = [(i, which(i)) for i in range(count) if 0 <= which(i) < count]
            truths = list(cells)
        pairs = [
            (i, j) for i, j in pairs if order == "as they are" or order == "upside down" or i != j
        ]
        # the label file, of which page i is what is given to section i
        file = {i: truths[j] for i, j in pairs}

        def page(index: int, file=file):
            return file.get(index, np.zeros_like(cells[0])), None

        one = [
            bool(matching.of_another(normal[i], file[i], None, i, count, page)) for i, _ in pairs
        ]
        stacks = [
            _stack(normal[at : at + LONG], truths[at : at + LONG], order)
            for at in range(0, count - LONG + 1, LONG // 2)
        ]
        whole = [bool(doubts.about_order(list(zip(*part, strict=True)))) for part in stacks]
        print(f"| {name} | {order} | {sum(one)} of {len(one)} | {sum(whole)} of {len(whole)} |")


def _stack(some: list, truths: list, order: str) -> tuple[list, list]:
    """A stack whose labels come in another order among themselves."""
    if order == "in reverse":
        return some, truths[::-1]
    if order == "one later":
        return some[1:], truths[:-1]
    if order == "one earlier":
        return some[:-1], truths[1:]
    if order == "the same for all":
        return some[1:], [truths[0]] * (len(truths) - 1)
    return some, truths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", type=Path, metavar="FOLDER", help="of the EPFL slices")
    parser.add_argument("--orders", action="store_true", help="nothing but these")
    options = parser.parse_args()
    if not options.orders:
        of_images(images(options.data, options.epfl))
    print("\n| labels | in which order | noticed in one section | in stacks of 8 |")
    print("|---|---|---:|---:|")
    sections = [*tifffile.imread(options.data / "train-volume.tif")]
    cells = [*(tifffile.imread(options.data / "train-labels.tif") > 0)]
    of_orders("ISBI 2012", sections, cells)
    if options.epfl is not None:
        sections = [*tifffile.imread(options.epfl / "epfl-images.tif")]
        cells = [*(tifffile.imread(options.epfl / "epfl-membranes.tif") > 0)]
        of_orders("EPFL", sections, cells)


if __name__ == "__main__":
    main()

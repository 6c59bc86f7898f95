"""Cells against labels: how many, how good, beside the regions of a mask at its best threshold.

    PYTHONPATH=. .venv/bin/python benchmarks/cells.py --data FOLDER [--models A,B] [--choose]
    PYTHONPATH=. .venv/bin/python benchmarks/cells.py --images em.tif --labels labels.tif [--nm 5]

Of ISBI 2012 it takes sections 18 to 23, which no weight and no number of `Rule` was chosen on;
with ``--choose`` sections 15 to 17, and tries other numbers on them, with their mean V_Rand and
share of cells over all models and networks: what `snnlab.results.cells.finding` has was chosen so.
"""

import argparse
import itertools
from dataclasses import replace

import numpy as np

from snnlab.data import isbi
from snnlab.images.pictures import upload, upload_sections
from snnlab.lab import cells as lab_cells
from snnlab.lab import segmenting as lab
from snnlab.lab.cells import Rule
from snnlab.results import judging, metrics

TRIED = {
    "core": (0.8, 0.86, 0.88, 0.89, 0.9, 0.92, 0.95),
    "edge": (0.5, 0.7),
    "basin": (10, 15, 20, 30),
}
HEAD = "| model | network | cells / labelled | worst section | V_Rand of cells | of the mask |"


def pictures(asked) -> list:
    """The labelled sections."""
    if asked.images:
        count = upload_sections(asked.images, asked.images)
        made = (
            upload(asked.images, asked.images, i, asked.labels, asked.labels, nm=asked.nm)
            for i in range(count)
        )
        return [picture for picture in made if picture.scorable]
    sections = isbi.CHOICE if asked.choose else isbi.REPORT
    return [lab.isbi_picture(asked.data, section) for section in sections]


def maps(models: list[str], sections: list):
    """Model, network, and the probability of each section."""
    for model in models:
        settings = lab.defaults(model)
        results = [lab.segment(picture, settings) for picture in sections]
        for network in lab_cells.NETWORKS:
            yield model, network, [r.ann if network == "ann" else r.snn() for r in results]
        lab.forget_all()


def row(sections: list, found: list[np.ndarray], rule: Rule) -> tuple[list[float], float]:
    """Cells over labelled cells, of each section, and the mean V_Rand of the cells."""
    judged = [
        lab_cells.of(picture, values, rule).errors
        for picture, values in zip(sections, found, strict=True)
    ]
    return [one.cells / one.true for one in judged], float(np.mean([one.v_rand for one in judged]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="folder of the ISBI 2012 volumes")
    parser.add_argument("--images")
    parser.add_argument("--labels")
    parser.add_argument("--nm", type=float)
    parser.add_argument("--models", help="separated by commas; all, if not given")
    parser.add_argument("--choose", action="store_true", help="try other numbers, on 15 to 17")
    asked = parser.parse_args()
    sections = pictures(asked)
    models = asked.models.split(",") if asked.models else list(lab.cards())
    tried: dict[Rule, list[tuple[float, float]]] = {}
    print(HEAD + "\n|---|---|---:|---:|---:|---:|")
    for model, network, found in maps(models, sections):
        ratios, v_rand = row(sections, found, Rule())
        marks = [judging.marks(p, v, 0.5) for p, v in zip(sections, found, strict=True)]
        best = metrics.together(marks).v_rand
        worst = max(ratios, key=lambda ratio: abs(ratio - 1))
        print(
            f"| {model} | {network.upper()} | {100 * np.mean(ratios):.1f} % | {100 * worst:.0f} %"
            f" | {v_rand:.4f} | {best:.4f} |",
            flush=True,
        )
        if asked.choose:
            for values in itertools.product(*TRIED.values()):
                rule = replace(Rule(), **dict(zip(TRIED, values, strict=True)))
                shares, score = row(sections, found, rule)
                tried.setdefault(rule, []).append((score, float(np.mean(shares))))
    means = {rule: np.mean(values, axis=0) for rule, values in tried.items()}
    for rule, (score, share) in sorted(means.items(), key=lambda item: -item[1][0]):
        print(f"V_Rand {score:.4f}, cells {100 * share:.1f} %: {rule}")


if __name__ == "__main__":
    main()

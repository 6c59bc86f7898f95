"""Cells linked through sections: rules and limits, on stacks whose cells are known.

    PYTHONPATH=. .venv/bin/python -m benchmarks.linking --data FOLDER [--limits]

Synthetic: a section of `snnlab.data.synthetic` is drawn out into eight, each a smooth warp of the
one before it with fresh noise, so that every cell is known in all of them; *drift* is by how many
pixels a membrane moves from one section to the next, root mean square (12 at 50 nm and 45
degrees). The net `regularised` (its ANN) segments them, and its cells are linked. V_Rand is that
of the whole stack against the true cells, membranes thinned section by section: what the net gets
wrong in a section lowers it too, so the last column has the same cells linked by what they truly
are. None of these cells branches.

ISBI 2012 has no labels in three dimensions: there the cells of labels and of both networks are
linked by the same rule and held against each other, on sections 18 to 23.

With ``--limits`` other limits of each rule are tried on the synthetic stacks.
"""

import argparse

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from snnlab.data import isbi
from snnlab.data.synthetic import fields
from snnlab.data.synthetic.section import synthetic
from snnlab.images.contrast import normalise
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.results.cells import errors, finding, linking

SIDE, SECTIONS, SEEDS, DRIFTS = 320, 8, (1, 2), (2.0, 5.0, 10.0)
SMOOTH, NOISE = 40.0, 0.03  # pixels; of the grey
LIMITS = {"one to one": (0.0, 0.3, 0.5, 0.6, 0.7, 0.8), "union": (0.5, 0.7, 0.8, 0.9, 0.95)}
MODEL = "regularised"


def stack(seed: int, drift: float) -> tuple[np.ndarray, np.ndarray]:
    """Grey and true cells, ``(sections, side, side)``."""
    margin = int(drift * SECTIONS) + 40
    made = synthetic(SIDE + 2 * margin, seed)
    chance, shape = np.random.default_rng(seed + 1), made.cells.shape
    flow = [fields.smooth(chance, shape, SMOOTH) for _ in "yx"]
    flow = [one / one.std() * drift / np.sqrt(2) for one in flow]
    at = list(np.mgrid[: shape[0], : shape[1]].astype(float))
    inside = (slice(margin, margin + SIDE),) * 2
    grey, cells = [], []
    for _ in range(SECTIONS):
        here = [one[inside] for one in at]
        one = ndimage.map_coordinates(made.image, here, order=1, mode="reflect")
        grey.append(np.clip(one + chance.normal(0, NOISE, one.shape), 0, 1).astype(np.float32))
        cells.append(ndimage.map_coordinates(made.cells, here, order=0, mode="reflect"))
        moved = [ndimage.map_coordinates(one, at, order=1, mode="nearest") for one in flow]
        at = [one + by for one, by in zip(at, moved, strict=True)]
    return np.array(grey), np.array(cells)


def linked(sections, rule: str, least: float) -> np.ndarray:
    """The stack's numbers, by a rule."""
    if rule == "one to one":
        return np.array(list(linking.link(sections, least)))
    start = np.cumsum([0, *(int(one.max()) + 1 for one in sections)])
    edges = []
    for z, (one, other) in enumerate(zip(sections[:-1], sections[1:], strict=True)):
        first, second, shared = linking.overlaps(one, other)
        sizes, others = np.bincount(one.ravel()), np.bincount(other.ravel())
        kept = shared >= least * np.minimum(sizes[first], others[second])
        edges.append(np.stack([first[kept] + start[z], second[kept] + start[z + 1]]))
    one, other = np.concatenate(edges, axis=1)
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(start[-1],) * 2)
    numbers = connected_components(graph, directed=False)[1].astype(np.int32) + 1
    return np.array(
        [np.where(one > 0, numbers[one + start[z]], 0) for z, one in enumerate(sections)]
    )


def by_truth(sections, truth) -> np.ndarray:
    """Linked by the true cell in which most of each lies; the others stay alone."""
    made, alone = [], int(truth.max()) + 1
    for cells, true in zip(sections, truth, strict=True):
        owners = errors.owners(cells, true)
        none = np.flatnonzero(owners == 0)
        owners[none] = alone + np.arange(len(none))
        owners[0], alone = 0, alone + len(none)
        made.append(owners[cells])
    return np.array(made, np.int32)


def v_rand(found: np.ndarray, truth: np.ndarray) -> float:
    """Of a whole stack."""
    thin = np.concatenate([metrics.thin(np.ascontiguousarray(one)) for one in found])
    return metrics.v_rand_v_info(thin, np.ascontiguousarray(truth.reshape(thin.shape)))[0]


def segmented(seed: int, drift: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells that the net finds in a synthetic stack, section by section, and the true ones."""
    grey, truth = stack(seed, drift)
    maps = (inference.segment(lab.model(MODEL), normalise(one)).probability for one in grey)
    return np.array([finding.find(one) for one in maps]), truth


def of_synthetic(limits: bool) -> None:
    """Print the table of rules, and of limits if they are asked for."""
    print("| drift | one to one | union, 0.5 | union, 0.9 | not linked | linked by the truth |")
    print("|---:|---:|---:|---:|---:|---:|")
    for drift in DRIFTS:
        known = [segmented(seed, drift) for seed in SEEDS]

        def mean(of, known=known) -> float:
            return float(np.mean([v_rand(of(cells, true), true) for cells, true in known]))

        row = [
            mean(lambda cells, _, rule=rule, least=least: linked(cells, rule, least))
            for rule, least in (
                ("one to one", linking.LEAST), ("union", 0.5), ("union", 0.9), ("one to one", 2.0)
            )
        ]  # fmt: skip
        row.append(mean(by_truth))
        print(f"| {drift:g} |", " | ".join(f"{value:.4f}" for value in row), "|", flush=True)
        for rule, tried in LIMITS.items() if limits else ():
            for least in tried:
                score = mean(lambda cells, _, rule=rule, least=least: linked(cells, rule, least))
                print(f"  drift {drift:g}, {rule}, {least:g}: {score:.4f}", flush=True)


def of_isbi(folder: str | None) -> None:
    """Print what becomes of ISBI's sections."""
    sections = [lab.isbi_picture(folder, section) for section in isbi.REPORT]
    truth = [metrics.components(picture.labels) for picture in sections]
    settings = lab.defaults(MODEL)
    results = [lab.segment(picture, settings) for picture in sections]
    every = {
        "labels": truth,
        "ANN": [finding.find(result.ann) for result in results],
        "SNN": [finding.find(result.snn()) for result in results],
    }
    whole = linked(truth, "one to one", linking.LEAST)
    print("\n| ISBI 18..23 | cells of all sections | linked cells | through all six | V_Rand |")
    print("|---|---:|---:|---:|---:|")
    for name, cells in every.items():
        found = linked(cells, "one to one", linking.LEAST)
        there = [np.unique(one[one > 0]) for one in found]
        spans = np.bincount(np.concatenate(there))
        score = "" if name == "labels" else f"{v_rand(found, whole):.4f}"
        print(
            f"| {name} | {sum(map(len, there))} | {np.count_nonzero(spans)}"
            f" | {np.count_nonzero(spans == len(sections))} | {score} |"
        )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="folder of the ISBI 2012 volumes")
    parser.add_argument("--limits", action="store_true", help="try other limits")
    asked = parser.parse_args()
    of_synthetic(asked.limits)
    of_isbi(asked.data)


if __name__ == "__main__":
    main()

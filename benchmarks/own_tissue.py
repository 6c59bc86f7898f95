"""How much of a tissue a net learns in a minute, from one labelled section of it.

    .venv/bin/python -m benchmarks.own_tissue --data FOLDER --epfl FOLDER --shelf FOLDER \\
        --model without-epfl [--full generalist] [--minutes 0.5,1,2,4] [--seeds 3] [--steps N,N]

A net that never saw the mouse's tissue is fine-tuned as the page *Tune* and `snnlab finetune` do
it, on one slice of the part of EPFL's that nets are trained on, the lowest fifth of which is held
back to choose by. Then its spiking network (64 steps) is scored on the slices that are
reported. *Share* is how much that is of the way from the net as it was to ``--full``, which was
trained on the whole part, in V_Rand at one threshold for all four slices: the median of the seeds
and, in brackets, each of them. Minutes are of the training by the clock and want two cores that
are free; with ``--steps`` in their place a busy machine gives the same. What is lost on the tissue
that the net knew (ISBI 2012, 18..23) stands beside it.
``--pixels N,N`` leaves labels on so many pixels only, in strokes, as somebody paints them.
"""

import argparse
import io
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tifffile

from benchmarks.scribbling import painted
from benchmarks.tissues import sections
from snnlab.data import own as owndata
from snnlab.images import scribbles
from snnlab.lab import finetuning
from snnlab.lab import segmenting as lab
from snnlab.nets import shelf
from snnlab.results import metrics
from snnlab.training import finetuning as tuning
from snnlab.training import ranging, scoring, tissues, tuning_data

UNCOUNTED = 255  # in the file of labels
SLICE = 62  # of EPFL's, in the middle of the part that nets are trained on
SPIKES = {"lower_hz": 900.0, "upper_hz": 1000.0, "percentile": 99.9}
HEAD = (
    "| learned from | budget | V_Rand, EPFL | share of the way | pixel accuracy at 0.5, EPFL"
    " | V_Rand, ISBI | neurons in band | seconds |\n|---|---|---:|---:|---:|---:|---:|---:|"
)


@dataclass(frozen=True)
class Judged:
    """What a net is worth on both tissues, as spikes."""

    there: metrics.Scores
    here: metrics.Scores


def judged(model, settings, parts: dict) -> Judged:
    """Score its spiking network."""
    steps = settings.timesteps
    told = [
        metrics.together(scoring.marks(model, *part, settings, (steps,))[1][steps])
        for part in parts.values()
    ]
    here, there = told
    return Judged(there, here)


def material(volume, number: int, pixels: int | None, seed: int) -> tuning_data.Material:
    """One section with its labels, or with so many pixels of them."""
    labels = tissues.labelled(volume, number)[1].astype(np.int8)
    if pixels:
        labels = strokes(labels, pixels, seed)
    files = []
    for name, values in (("em.tif", 255 * volume.image(number).pixels), ("labels.tif", labels)):
        held = io.BytesIO()
        tifffile.imwrite(held, np.where(values < 0, UNCOUNTED, np.round(values)).astype(np.uint8))
        files.append(owndata.File(held.getvalue(), name))
    return tuning_data.from_own(owndata.read([tuple(files)], ignore=(UNCOUNTED,)))


def strokes(labels: np.ndarray, pixels: int, seed: int) -> np.ndarray:
    """Labels along strokes that cover about so many pixels; elsewhere nothing counts."""
    count = 8
    while True:
        painted_on = scribbles.labels(painted(labels > 0, count, seed), labels.shape, (1.0, 1.0))
        if (painted_on != scribbles.UNLABELLED).sum() >= pixels:
            return painted_on
        count *= 2


def tuned(wish, sections_of, start):
    """Fine-tune it, as `snnlab.lab.finetuning.run` does."""
    tuner = tuning.Finetuner(wish.recipe(sections_of.side), sections_of.data, start)
    return tuner.finished(tuner.run(), *sections_of.finishing)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", required=True, metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument("--shelf", metavar="FOLDER", help="of models that do not come with the lab")
    parser.add_argument("--model", default="without-epfl")
    parser.add_argument("--full", default="generalist")
    parser.add_argument("--minutes", default="0.5,1,2,4")
    parser.add_argument("--steps")
    parser.add_argument("--pixels")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    if options.shelf:
        os.environ[shelf.VARIABLE] = str(Path(options.shelf))
    parts = sections(options.data, options.epfl)
    settings = replace(lab.defaults(options.model), timesteps=64, **SPIKES)
    before, full = (
        judged(lab.model(name), settings, parts) for name in (options.model, options.full)
    )
    print(f"{options.model}: {before.there.v_rand:.4f}, {before.here.v_rand:.4f}")
    print(HEAD)
    volume = tissues.slices(options.epfl, options.data)
    key = "steps" if options.steps else "minutes"
    budgets = [float(one) for one in (options.steps or options.minutes).split(",")]
    for pixels in [None, *map(int, filter(None, (options.pixels or "").split(",")))]:
        for budget in budgets:
            rows = []
            for seed in range(options.seeds):
                wish = finetuning.Wish(
                    options.model, **SPIKES, seed=seed, data="own",
                    **{key: int(budget) if options.steps else budget},
                )  # fmt: skip
                begun = time.monotonic()
                part = material(volume, SLICE, pixels, seed)
                made = tuned(wish, part, lab.model(options.model))
                taken = time.monotonic() - begun
                kept = ranging.kept(made, part.finishing[0][:2], wish.rates)["all"]
                rows.append((judged(made, settings, parts), kept, taken))
            print(row(pixels, f"{budget:g} {key}", before, full, rows), flush=True)


def row(pixels, budget: str, before: Judged, full: Judged, rows: list) -> str:
    """A line of the table."""
    shares = [
        100 * (one.there.v_rand - before.there.v_rand) / (full.there.v_rand - before.there.v_rand)
        for one, _, _ in rows
    ]

    def middle(take) -> float:
        return float(np.median([take(one) for one in rows]))

    each = ", ".join(f"{share:.0f}" for share in shares)
    what = f"{pixels} pixels" if pixels else "all of a section"
    return (
        f"| {what} | {budget} | {middle(lambda one: one[0].there.v_rand):.4f}"
        f" | {np.median(shares):.0f} % ({each})"
        f" | {middle(lambda one: one[0].there.pixel_accuracy_at_half):.4f}"
        f" | {middle(lambda one: one[0].here.v_rand):.4f}"
        f" | {100 * middle(lambda one: one[1]):.1f} % | {middle(lambda one: one[2]):.0f} |"
    )


if __name__ == "__main__":
    main()

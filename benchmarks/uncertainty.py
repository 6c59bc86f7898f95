"""Does what flickers late in a run foretell the SNN's errors, and better than the probability does?

    PYTHONPATH=. .venv/bin/python benchmarks/uncertainty.py --data FOLDER [--model NAME]

On labelled sections of ISBI 2012 that no weight was trained on, by the model's own settings. Each
signal ranks the pixels of a section from sure to unsure; told is the AUROC against the pixels that
the SNN has wrong at a threshold (0.5 by chance, 1 if every wrong pixel is less sure than every
right one), the mean over sections. *Flicker* is what the viewer's layer shows: the standard
deviation of the SNN's probability of cell over the second half of the steps
(`snnlab/results/unsteady.py`). The logits need no spikes over time: how near a network's is to its
threshold. Last, flicker and the SNN's logit together, by the sum of their ranks.
"""

import argparse

import numpy as np
from scipy.stats import rankdata

from snnlab.data import isbi
from snnlab.lab import segmenting as lab
from snnlab.results import unsteady
from snnlab.results.segmentation import Segmentation

LEAST = 1e-4  # of a probability, so that its logit is finite
SIGNALS = ("flicker", "SNN's logit", "ANN's logit", "flicker and SNN's logit")


def auroc(signal: np.ndarray, wrong: np.ndarray) -> float:
    """Share of pairs of a wrong and a right pixel in which the wrong one is ranked higher."""
    ranks = rankdata(signal.ravel())
    found = wrong.ravel()
    bad, good = int(found.sum()), int((~found).sum())
    return float((ranks[found].sum() - bad * (bad + 1) / 2) / (bad * good))


def logit(probability) -> np.ndarray:
    """Log odds, cut off near 0 and 1."""
    p = np.clip(np.asarray(probability, np.float64), LEAST, 1 - LEAST)
    return np.log(p / (1 - p))


def signals(
    result: Segmentation, flicker: np.ndarray, at: float, ann_at: float
) -> dict[str, np.ndarray]:
    """What each signal says of each pixel; higher is less sure."""
    snn = np.abs(logit(result.snn()) - logit(at))
    ann = np.abs(logit(result.ann) - logit(ann_at))
    # the two together, as ranks: does flicker add anything to the probability?
    both = rankdata(flicker).reshape(flicker.shape) - rankdata(snn).reshape(snn.shape)
    return dict(zip(SIGNALS, (flicker, -snn, -ann, both), strict=True))


def measured(data: str, model: str, sections: list[int]) -> None:
    """Print a model's lines of the table."""
    settings = lab.defaults(model)
    cuts = ((settings.threshold, settings.ann_at), (0.5, 0.5))
    found: list[list] = [[] for _ in cuts]
    shares: list[list] = [[] for _ in cuts]
    for section in sections:
        picture = lab.isbi_picture(data, section)
        result = lab.segment(picture, settings)
        flicker = unsteady.spread(result)
        for place, (at, ann_at) in enumerate(cuts):
            wrong = (result.snn() >= at) != picture.labels
            told = signals(result, flicker, at, ann_at)
            found[place].append([auroc(told[name], wrong) for name in SIGNALS])
            shares[place].append(100 * wrong.mean())
        lab.forget(result)
    for (at, _), rows, share in zip(cuts, found, shares, strict=True):
        means = " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
        print(f"| `{model}` | {at:g} | {np.mean(share):.1f} | {means} |", flush=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--models", default="regularised,relu,loihi", help="commas between")
    parser.add_argument(
        "--sections",
        type=lambda text: [int(part) for part in text.split(",")],
        default=list(isbi.REPORT),
        help="commas between; those held out if not given",
    )
    options = parser.parse_args()
    print("| model | threshold | pixels wrong (%) |", " | ".join(SIGNALS), "|")
    print("|---|---:|---:|" + "---:|" * len(SIGNALS))
    for model in options.models.split(","):
        measured(options.data, model, options.sections)


if __name__ == "__main__":
    main()

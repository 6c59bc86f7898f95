"""How the shipped models do on two tissues: the fly larva's and the mouse's, each model as it is.

    .venv/bin/python -m benchmarks.tissues --data FOLDER --epfl FOLDER [--models A,B]

ISBI 2012 sections 18..23 and EPFL slices 161..164, which no weight was trained on and no checkpoint
or threshold chosen by; all sections of a tissue together. Most models have seen the larva alone, so
what they give on the mouse is what other tissue gets from them. Images are taken as they are, 4 and
5 nm per pixel. It prints a table: V_Rand at its best threshold, then at the model's own, pixel
accuracy at the model's own threshold, and both at 0.5.
"""

import argparse

import numpy as np

from snnlab.data import epfl, isbi
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.results import metrics
from snnlab.training import recipes, scoring, tissues

HEAD = (
    "| tissue | model | network | V_Rand | at | V_Rand shown, at | pixel accuracy shown"
    " | V_Rand at 0.5 | pixel accuracy at 0.5 |\n|---|---|---|---:|---:|---:|---:|---:|---:|"
)


def sections(data: str, slices: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Images and labels of each tissue."""
    volume = tissues.slices(slices, data)
    cut = [tissues.labelled(volume, number) for number in volume.of(epfl.REPORT)]
    return {
        isbi.named(isbi.REPORT): recipes.real(data, isbi.REPORT),
        epfl.named(epfl.REPORT): tuple(map(np.stack, zip(*cut, strict=True))),
    }


def row(tissue: str, model: str, network: str, own: float, marks: list) -> str:
    """A line of the table."""
    found = metrics.together(marks)
    return (
        f"| {tissue} | {model} | {network} | {found.v_rand:.4f} | {found.best_threshold:g}"
        f" | {found.v_rand_at_threshold:.4f}, {own:g} | {found.pixel_accuracy:.4f}"
        f" | {found.v_rand_at_half:.4f} | {found.pixel_accuracy_at_half:.4f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--epfl", required=True, metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument("--models", default="generalist,regularised,relu,loihi,phantom")
    options = parser.parse_args()
    print(HEAD)
    for tissue, (images, labels) in sections(options.data, options.epfl).items():
        for name in options.models.split(","):
            settings = lab.defaults(name)
            steps = settings.timesteps
            try:
                ann, snn = scoring.marks(lab.model(name), images, labels, settings, (steps,))
            except LabError as error:
                print(f"| {tissue} | {name} | {error} |")
                continue
            print(row(tissue, name, "ANN", settings.ann_at, ann), flush=True)
            print(row(tissue, name, "SNN", settings.threshold, snn[steps]), flush=True)


if __name__ == "__main__":
    main()

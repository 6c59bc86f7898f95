"""Three classes a pixel by ANN and SNN: python -m benchmarks.classes --data FOLDER --epfl FOLDER.

Two tables in Markdown, of the EPFL slices on which nothing was chosen: Dice of each class and boxes
around mitochondria (``classes``), and, as the cards have it, how well membranes are found, beside
the model that it began with (``membranes``). ``--trained DIR`` is where ``train --kind classes``
wrote: weights before they were rounded to 8 bits are there alone.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snnlab import conversion, simulation
from snnlab.data import epfl, instances
from snnlab.data.classes import CLASSES, MITOCHONDRIA, labelled
from snnlab.images import tiles
from snnlab.images.contrast import normalise
from snnlab.nets import inference, model
from snnlab.nets.architecture import multiple
from snnlab.nets.model import Model
from snnlab.results import classes, detection
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.training.recipes import CLASSES as NAME
from snnlab.training.tissues import slices

PARTS = ("classes", "membranes")
BESIDE = "generalist"
TIMESTEPS = (8, 16, 32, 64, 100, 128, 256)
ZERO = {"reset": "zero", "lower_hz": 1.0, "upper_hz": 120.0, "synapse_ms": 5.0}


@dataclass(frozen=True)
class Way:
    """A way of running it."""

    name: str
    changes: dict
    timesteps: tuple[int, ...]


WAYS = (
    Way("SNN, own settings, subtraction", {}, TIMESTEPS),
    Way("SNN, spiking softmax, subtraction", {"method": "spiking-softmax"}, (64,)),
    Way("SNN, to 120 Hz, zero, synapse 5 ms", ZERO, (200,)),
)


@dataclass(frozen=True)
class Slice:
    """A labelled slice."""

    image: np.ndarray
    cells: np.ndarray
    mitochondria: np.ndarray

    @property
    def kinds(self) -> np.ndarray:
        """Its classes."""
        return labelled(self.cells, self.mitochondria)


def reported(folder: str | None, data: str | None) -> list[Slice]:
    """Slices that nothing was chosen on."""
    volume = slices(folder, data)
    return [
        Slice(
            normalise(volume.image(number).pixels),
            volume.labels(number),
            volume.mitochondria(number),
        )
        for number in volume.of(epfl.REPORT)
    ]


def settings(net: Model, changes: dict) -> Settings:
    """As suits the model, with changes."""
    return Settings(**(net.card["settings"] | {"model": net.name} | changes))


def spiking(net: Model, image: np.ndarray, own: Settings, steps) -> Iterator[np.ndarray]:
    """What a run says after each of so many steps: probabilities of the classes."""
    network = conversion.method(own.method).convert(
        net, tiles.pad(image, multiple(net.layers)), own
    )
    recording = simulation.simulator(own.simulator).run(network, max(steps), own.seed)
    height, width = image.shape
    last = network.populations[-1]
    for stop in steps:
        rates = recording[last.name].rates_hz(window_start(stop, own), stop)
        active = rates / np.float32(last.rate_hz)
        yield network.readout.classes(active)[:height, :width]


def row(name: str, steps: str, said: list[np.ndarray], report: list[Slice]) -> str:
    """A line of the table of classes."""
    found = np.stack([one.argmax(-1) for one in said])
    scores = classes.by_class(found, np.stack([one.kinds for one in report]), len(CLASSES))
    boxes = [
        classes.boxed(instances.components(kinds == MITOCHONDRIA), one[..., MITOCHONDRIA])
        for kinds, one in zip(found, said, strict=True)
    ]
    truth = [instances.boxes_of(instances.components(one.mitochondria))[0] for one in report]
    judged = detection.scores(boxes, truth)
    dice = " | ".join(f"{one.dice:.4f}" for one in scores)
    return (
        f"| {name} | {steps} | {dice} | {scores[MITOCHONDRIA].iou:.4f}"
        f" | {judged.average_precision_50:.3f} | {judged.average_precision_75:.3f}"
        f" | {sum(map(len, boxes))} |"
    )


def of_classes(net: Model, floats: dict | None, report: list[Slice]) -> None:
    """Dice of each class, and boxes around mitochondria."""
    many = sum(int(instances.components(one.mitochondria).max()) for one in report)
    print(f"{many} mitochondria on {len(report)} slices.\n")
    heads = " | ".join(f"Dice, {name}" for name in CLASSES)
    print(f"| network | T | {heads} | IoU, mitochondria | AP50 | AP75 | boxes |")
    print("|---|---:|" + "---:|" * (len(CLASSES) + 4))
    for name, kernels in (("ANN, float32", floats), ("ANN, 8 bits", net.kernels)):
        if kernels is None:
            print("(float32 weights are in the folder of a training: --trained)")
            continue
        said = [inference.segment(net, one.image, kernels=kernels).classes for one in report]
        print(row(name, "", said, report), flush=True)
    for way in WAYS:
        own = settings(net, way.changes)
        runs = [list(spiking(net, one.image, own, way.timesteps)) for one in report]
        for steps, said in zip(way.timesteps, zip(*runs, strict=True), strict=True):
            print(row(way.name, str(steps), list(said), report), flush=True)
    print()


def of_membranes() -> None:
    """Accuracy and V_Rand of cell against membrane, as the cards have them."""
    where = epfl.named(epfl.REPORT)
    print("| model | network | accuracy at 0.5 | V_Rand |")
    print("|---|---|---:|---:|")
    for name in (NAME, BESIDE):
        card = model.load(name).card
        steps = card["settings"]["timesteps"]
        for key, called in (("ann", "ANN, 8 bits"), ("snn", f"SNN, {steps} steps")):
            told = card["scores"]["elsewhere"][where][key]
            accuracy, v_rand = told["pixel_accuracy_at_half"], told["v_rand"]
            print(f"| {name} | {called} | {accuracy:.4f} | {v_rand:.4f} |")
    print()


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add = parser.add_argument
    add("--epfl", metavar="FOLDER")
    add("--data", metavar="FOLDER", help="of ISBI, beside which EPFL's may be")
    add("--trained", metavar="DIR", help="folder of a training, for its float32 weights")
    add("--only", default=",".join(PARTS), metavar="PART,..", help=f"of {', '.join(PARTS)}")
    asked = parser.parse_args()
    report = reported(asked.epfl, asked.data)
    net, floats = model.load(NAME), None
    if asked.trained:
        floats = model.load(NAME, Path(asked.trained)).floats
    if "classes" in asked.only.split(","):
        of_classes(net, floats, report)
    if "membranes" in asked.only.split(","):
        of_membranes()


if __name__ == "__main__":
    main()

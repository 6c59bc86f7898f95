"""``segment`` with a model of three classes: figures of each, mitochondria, files."""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from snnlab import simulation
from snnlab.commands.images import choice_of
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import classes as lab
from snnlab.lab import segmenting
from snnlab.lab.classes import CLASSES, NETWORKS, Classes
from snnlab.results.segmentation import Segmentation

WRITTEN = ("ann-classes.tif", "snn-classes.tif")


def add(command) -> None:
    """Arguments of its own."""
    command.add_argument(
        "--mitochondria",
        metavar="FILE",
        help="a mask of mitochondria, 0 = none; for scores of a model of three classes",
    )


def labels(arguments, picture: Picture) -> np.ndarray | None:
    """Mitochondria that somebody labelled, if the arguments name them; read before the run.

    Raises
    ------
    LabError
        If they cannot be used, or if there will be nothing to score with them.
    """
    if arguments.mitochondria is None:
        return None
    model, simulator = segmenting.about(arguments.model), arguments.simulator
    timed = simulator is None or simulation.simulator(simulator).timed
    if model.layers[-1].channels < len(CLASSES) or not timed:
        raise LabError(
            "--mitochondria needs a run that tells three classes apart; choose --model organelles"
            " and a simulator other than closed-form."
        )
    path = Path(arguments.mitochondria)
    return lab.labelled(path, path.name, picture, choice_of(arguments, "labels_"))


def answer(one: Classes | None) -> dict | None:
    """Plain numbers; what nothing is known of is left out."""
    if one is None:
        return None
    told: dict = {"names": list(CLASSES)}
    for network in NETWORKS:
        told[network] = _network(one, network)
    told["snn"]["with_ann"] = {
        name: _plain(overlap) for name, overlap in zip(CLASSES, one.alike, strict=True)
    }
    return told


def _network(one: Classes, network: str) -> dict:
    table = one.tables[network]
    areas = table.area * (table.nm or 1.0) ** 2
    unit = "px2" if table.nm is None else "nm2"
    told = {
        "shares": dict(zip(CLASSES, map(float, one.shares[network]), strict=True)),
        "mitochondria": {
            "count": len(table),
            f"area_{unit}": float(areas.sum()),
            f"areas_{unit}": [round(float(area), 3) for area in areas],
        },
    }
    if network in one.against:
        told["with_labels"] = {
            name: _plain(overlap) for name, overlap in one.against[network].items()
        }
    if network in one.boxes:
        scores = one.boxes[network]
        told["boxes"] = {
            key: _number(getattr(scores, key))
            for key in ("average_precision_50", "average_precision_75")
        }
    return told


def _plain(overlap) -> dict[str, float | None]:
    return {key: _number(value) for key, value in asdict(overlap).items()}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def write(one: Classes, result: Segmentation, folder: Path) -> None:
    """Maps of classes as TIFF.

    Raises
    ------
    OSError
    """
    from snnlab.export import cells as export

    for name, network in zip(WRITTEN, NETWORKS, strict=True):
        made = lab.written(result.picture, one.maps[network])
        (folder / name).write_bytes(export.class_tiff(made, result.picture.nm_in_file))


def show(told: dict) -> list[str]:
    """For a person."""
    lines = []
    for network in NETWORKS:
        part = told[network]
        shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in part["shares"].items())
        lines.append(f"{network.upper()}: {shares}; {part['mitochondria']['count']} mitochondria")
        for key, head in (("with_ann", "Dice with the ANN"), ("with_labels", "Dice with labels")):
            if key in part:
                dice = {name: one["dice"] for name, one in part[key].items()}
                scores = ", ".join(f"{k} {v:.4f}" for k, v in dice.items() if v is not None)
                lines.append(f"{network.upper()}, {head}: {scores}")
    return lines

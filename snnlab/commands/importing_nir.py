"""``import`` of a ``.nir`` file: a NIR graph as a net of the lab, its spikes compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab.commands import outputs


def add_meaning(command) -> None:
    """Arguments that say what the numbers of a NIR graph mean."""
    add = command.add_argument
    add("--r", choices=("literal", "step"), help="for a .nir file: a step adds dt r I, or just I")
    add("--dt", type=float, metavar="S", help="for a .nir file: length of a step in seconds")


def run(arguments) -> dict:
    """Read, run, compare, keep, and count."""
    from snnlab.export.exchange import returning
    from snnlab.lab import importing
    from snnlab.nets.graph import files
    from snnlab.nets.graph.pointwise import Neurons
    from snnlab.nets.nir_files.reading import read

    imported = read(arguments.file, arguments.r, arguments.dt)
    name = importing.name_of(arguments.name or Path(arguments.file).name.rsplit(".", 1)[0])
    graph = replace(imported.graph, name=name)
    place = outputs.folder(arguments.out or importing.folder())
    found, with_what, off = returning.checked(imported, arguments.file)
    kept = files.save(graph, place)
    sizes = {node.name: int(np.prod(graph.shapes[node.name])) for node in graph.nodes}
    layers = []
    for one, node in imported.nodes.items():
        spiking = node.kind == "IF"
        many = sizes.get(one, 0) if spiking else 0
        weight = node.holds.get("weight")
        layers.append(
            {
                "name": one, "kind": node.kind, "shape": list(graph.shapes.get(one, ())),
                "units": many, "neurons": many, "weights": 0 if weight is None else weight.size,
                "spiking": True if spiking else None,
            }
        )  # fmt: skip
    notes = []
    if found.spikes_equal < 1:
        notes.append(
            f"The event engine's spikes differ from those of {with_what}, first in step"
            f" {found.step} in {found.layer}: weights have single precision here, and a potential"
            " that exactly reaches the threshold is a spike."
        )
    neurons = [node for node in graph.nodes if isinstance(node.layer, Neurons)]
    return {
        "name": name,
        "task": importing.task_of(graph),
        "input_shape": list(graph.image_shape),
        "output_shape": list(graph.shapes[graph.output.name]),
        "layers": layers,
        "weights": sum(layer["weights"] for layer in layers),
        "spiking_neurons": sum(sizes[node.name] for node in neurons),
        "nonlinear_units": sum(sizes[node.name] for node in neurons),
        "refused": [],
        "max_abs_difference": off,
        "reset": imported.reset,
        "initial": imported.initial,
        "dt": imported.dt,
        "spikes_equal": found.spikes_equal,
        "checked_with": with_what,
        "notes": notes,
        "file": str(kept),
    }

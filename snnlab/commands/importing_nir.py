"""``import`` of a ``.nir`` file: a NIR graph as a net of the lab, its spikes compared.

One that leaks, waits or has loops is run as it is, on an input of one's own, and becomes no net.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab.commands import outputs
from snnlab.errors import LabError


def add_meaning(command) -> None:
    """Arguments that say what the numbers of a NIR graph mean."""
    add = command.add_argument
    add("--r", choices=("literal", "step"), help="for a .nir file: a step adds dt r I, or just I")
    add("--dt", type=float, metavar="S", help="for a .nir file: length of a step in seconds")
    add(
        "--input",
        metavar="CSV",
        help="for a .nir file that does not become a net: what comes in, one step per line",
    )


def run(arguments) -> dict:
    """Read, run, compare, keep, and count."""
    from snnlab.export.exchange import returning
    from snnlab.lab import importing
    from snnlab.nets.graph import files
    from snnlab.nets.graph.pointwise import Neurons
    from snnlab.nets.nir_files.reading import read, read_nodes

    found = read_nodes(arguments.file)
    if found.stepped:
        return _stepped(arguments, found)
    if arguments.input:
        raise LabError("--input is for graphs that do not become a net; leave it out.")
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


def _stepped(arguments, found) -> dict:
    """Run a graph with leaky neurons, compare, and keep the run if its input was given."""
    from snnlab.export.exchange import stepping
    from snnlab.lab import importing

    resisting = arguments.r != "step"
    if not resisting and (lasting := found.in_seconds):
        raise LabError(
            f"{found.name} has {lasting} nodes, whose equations need the length of a step; give --r"
            " literal --dt 0.001."
        )
    if arguments.r is None and found.own is None:
        raise LabError(
            f"{found.name} has nodes whose equations need r and the length of a step; give --r"
            " literal --dt 0.001."
        )
    dt = found.step(arguments.dt) if resisting else 1.0
    name = importing.name_of(arguments.name or Path(arguments.file).name.rsplit(".", 1)[0])
    shape = stepping.input_shape(found)
    if arguments.input:
        values = _values(arguments.input, shape)
        place = outputs.folder(arguments.out or ".")
    else:
        values = np.random.default_rng(0).random((stepping.STEPS, *shape))
    ran = stepping.run(found, values, dt, resisting)
    same = stepping.checked(found, values, dt, ran, resisting)
    notes = [
        "It leaks, integrates, waits or has loops, so it is run as it is, and is not kept as a net"
        " of the lab." + ("" if arguments.input else " Give what comes in with --input.")
    ]
    if ran.closing:
        loops = ", ".join(f"{before} to {after}" for before, after in sorted(ran.closing))
        notes.append(
            f"It has loops, so Nengo's simulator ran it; these edges take a step: {loops}."
        )
    if same.spikes_equal < 1:
        notes.append(
            f"Its spikes differ from those of NIR's equations, first in step {same.step} in"
            f" {same.layer}: a potential came within rounding of its threshold."
        )
    layers = []
    for one, node in found.nodes.items():
        weight, spikes = node.holds.get("weight"), ran.spikes.get(one)
        many = 0 if spikes is None else spikes.shape[1]
        layers.append(
            {
                "name": one, "kind": node.kind, "shape": [many] if many else [], "units": many,
                "neurons": many, "weights": 0 if weight is None else weight.size,
                "spiking": True if many else None,
                "spikes": None if spikes is None else int(spikes.sum()),
            }
        )  # fmt: skip
    kept = None
    if arguments.input:
        kept = place / f"{name}.run.npz"
        place.mkdir(parents=True, exist_ok=True)
        runs = {f"{one} spikes": spikes for one, spikes in ran.spikes.items()}
        runs |= {f"{one} potentials": values for one, values in ran.potentials.items()}
        np.savez_compressed(kept, **runs)
    neurons = sum(layer["neurons"] for layer in layers)
    return {
        "name": name,
        "task": "run",
        "input_shape": list(shape),
        "layers": layers,
        "weights": sum(layer["weights"] for layer in layers),
        "spiking_neurons": neurons,
        "nonlinear_units": neurons,
        "refused": [],
        "simulator": ran.simulator,
        "timesteps": len(values),
        "dt": dt if resisting else None,
        "spikes_equal": same.spikes_equal,
        "checked_with": "NIR's equations",
        "notes": notes,
        "file": None if kept is None else str(kept),
    }


def _values(path, shape) -> np.ndarray:
    """The input step by step, ``(steps, *shape)``."""
    from snnlab.images.limits import shown

    many = int(np.prod(shape))
    name = shown(str(path))
    try:
        values = np.loadtxt(path, delimiter=",", ndmin=2, max_rows=1_000_000)
    except OSError as error:
        raise LabError(f"{name} cannot be read; check the name.") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise LabError(
            f"{name} is no table of numbers; write one step per line, {many} with commas between."
        ) from error
    if values.shape[1] != many or not len(values) or not np.isfinite(values).all():
        raise LabError(
            f"{name} has {values.shape[1]} numbers per line, or some that are not finite; write"
            f" {many}, one line per step."
        )
    return values.reshape(len(values), *shape)

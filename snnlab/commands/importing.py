"""``import``: a Keras model or a NIR graph as a net of the lab, and what of it would spike."""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from snnlab.commands import importing_nir, outputs
from snnlab.errors import LabError


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "import", parents=[shared], help="make a net from a Keras or .nir file, without running it"
    )
    add = command.add_argument
    add("file", metavar="FILE", help="a .keras, .h5 or .nir file")
    add("--name", help="its name in the lab")
    add("--data", metavar="FOLDER|FILE", help="images to compare on: class folders, or an .npz")
    add("--out", metavar="DIR", help="folder to keep it in, instead of the lab's own")
    add_reading(command)
    importing_nir.add_meaning(command)
    command.set_defaults(run=run, show=show)


def add_reading(command) -> None:
    """Arguments that say how a net is read."""
    add = command.add_argument
    add("--size", type=size, metavar="HxW", help="of the image, for a model that takes any")
    add(
        "--pool",
        choices=("max", "average"),
        default="max",
        help="max-pooling as gates, or as averages",
    )


def size(text: str) -> tuple[int, int]:
    """Height and width."""
    try:
        height, width = (int(side) for side in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it like 128x128") from None
    if min(height, width) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; sides must be 1 or more")
    return height, width


def run(arguments) -> dict:
    """Read, compare with Keras, keep, and count."""
    from snnlab.data import examples
    from snnlab.lab import importing
    from snnlab.nets.graph import files
    from snnlab.nets.keras_files.reading import read
    from snnlab.nets.nir_files.reading import is_nir

    if is_nir(arguments.file):
        if arguments.size or arguments.data:
            raise LabError("--size and --data are for Keras files; leave them out.")
        return importing_nir.run(arguments)
    if arguments.r or arguments.dt or arguments.input:
        raise LabError("--r and --dt are for .nir files, and so is --input; leave them out.")
    # before TensorFlow is there, so that a file may be tried in a copy of this process
    imported = read(arguments.file, arguments.size)
    name = importing.name_of(arguments.name or Path(arguments.file).name.rsplit(".", 1)[0])
    graph = replace(imported.graph, name=name)
    place = outputs.folder(arguments.out or importing.folder())
    images, notes = None, []
    if arguments.data:
        given = examples.read(arguments.data, graph.image_shape, 16)
        given = examples.scaled(given, importing.rescales(graph))
        images, notes = given.images, [one for one in given.notes if one != examples.WHOLE]
    rows, refused = importing.rows(imported, arguments.pool)
    if arguments.pool == "average" and any(row.kind.endswith("MaxPooling2D") for row in rows):
        notes.append(
            "Max-pooling is replaced by averages, so the spiking net gives different answers."
        )
    off = _difference(imported, images)
    if not max(off.answer, off.share) <= importing.CLOSE:
        notes.append(
            f"The lab's answer differs from Keras's by up to {off.answer:.2g}, and the layer"
            f" {off.layer} by {100 * off.share:.2g} % of its largest value."
        )
    kept = files.save(graph, place)
    answer = {
        "name": name,
        "task": importing.task_of(graph),
        "input_shape": list(graph.image_shape),
        "output_shape": list(graph.shapes[graph.output.name]),
        "layers": [asdict(row) | {"shape": list(row.shape)} for row in rows],
        "weights": sum(row.weights for row in rows),
        "spiking_neurons": sum(row.neurons for row in rows),
        "nonlinear_units": sum(row.units for row in rows),
        "refused": refused,
        "max_abs_difference": off.answer,
        "max_layer_difference": {"layer": off.layer, "share": off.share},
        "notes": notes,
        "file": str(kept),
    }
    if images is not None and not refused:
        high = importing.largest(graph, images)
        for row in answer["layers"]:
            if row["name"] in high:
                row["largest"], row["p999"] = high[row["name"]]
    return answer


def _difference(imported, images):
    from snnlab.nets.keras_files.rebuilt import difference

    try:
        return difference(imported, images)
    except LabError:
        raise
    except Exception as error:  # Keras's own, of a net that it cannot run on this machine
        said = str(error).strip().splitlines()
        raise LabError(
            f"Keras cannot run this net here ({said[0][:120] if said else 'no reason given'});"
            " simplify the layer that it names."
        ) from error


def _compared(answer: dict) -> str:
    if "checked_with" in answer:
        share = 100 * answer["spikes_equal"]
        return f"spikes that are those of {answer['checked_with']}: {share:.2f} %"
    return f"largest difference from Keras's own answer: {answer['max_abs_difference']:.2g}"


def show(answer: dict) -> str:
    """The same for people."""
    shape = "x".join(map(str, answer["input_shape"]))
    lines = [
        f"{answer['name']}: {answer['task']}, takes {shape}, "
        + (f"kept as {answer['file']}" if answer["file"] else "not kept"),
        _compared(answer),
        f"{answer['spiking_neurons']:,} of {answer['nonlinear_units']:,} nonlinear units spike,"
        f" {answer['weights']:,} weights",
        "",
        f"{'layer':<32}{'kind':<24}{'output':>14}{'units':>10}{'neurons':>10}{'weights':>11}"
        "  spikes",
    ]
    words = {True: "yes", False: "on the host", None: ""}
    for row in answer["layers"]:
        out = "x".join(map(str, row["shape"]))
        lines.append(
            f"{row['name'][:31]:<32}{row['kind']:<24}{out:>14}{row['units']:>10,}"
            f"{row['neurons']:>10,}{row['weights']:>11,}  {words[row['spiking']]}".rstrip()
        )
    said = [f"It cannot be converted yet: {one}" for one in answer["refused"]] + answer["notes"]
    return "\n".join([*lines, *([""] if said else []), *said])

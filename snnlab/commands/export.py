"""``export``: a converted network as a NIR graph, with a reference run in the file."""

import argparse
from dataclasses import asdict

from snnlab.commands import outputs
from snnlab.commands.importing import add_reading
from snnlab.errors import LabError, many

NOISE = (
    "Rates were chosen on seeded noise; with --data, give images like those the net will be used"
    " on."
)


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "export", parents=[shared], help="write a converted network as a NIR graph"
    )
    add = command.add_argument
    add(
        "model",
        metavar="MODEL",
        help="a model or detector of the lab, an imported net, or a Keras file",
    )
    add("out", metavar="OUT.nir")
    add("--height", type=int, metavar="H", help="of the reference image, in pixels")
    add("--width", type=int, metavar="W")
    add("--method")
    add("--percentile", type=float, metavar="P")
    add("--range", type=float, nargs=2, metavar=("LO", "HI"), help="rate bounds, Hz")
    add("--reset", choices=("subtraction", "zero"))
    add("--initial", type=float, metavar="V", help="potential at the start, in thresholds, 0..1")
    add("--synapse", type=float, metavar="MS", help="low-pass time constant; 0: none")
    add("--timesteps", type=int, metavar="T", help="of the reference run (default 32)")
    add("--data", metavar="FOLDER|FILE", help="images of an imported net: class folders or an .npz")
    add(
        "--for",
        dest="library",
        metavar="LIBRARY",
        help="norse, sinabs, snntorch, spikingjelly, spyx",
    )
    add(
        "--verify",
        action="store_true",
        help="run the graph in other libraries and compare every spike",
    )
    add_reading(command)
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict:
    """Convert, write, and check if asked to."""
    from snnlab.lab import exchanging
    from snnlab.work import stored

    place = outputs.file(arguments.out, "OUT.nir")
    timesteps = exchanging.STEPS if arguments.timesteps is None else arguments.timesteps
    if not 1 <= timesteps <= 4096:
        raise LabError("--timesteps must be between 1 and 4096.")
    if arguments.initial is not None and not 0 <= arguments.initial <= 1:
        raise LabError("--initial must be between 0 and 1.")
    if exchanging.is_model(arguments.model) or exchanging.is_detector(arguments.model):
        network, notes = _own(arguments), []
    else:
        network, notes = _net(arguments)
    made = exchanging.made(network, timesteps, arguments.reset, arguments.library)
    data = made.packed()
    try:
        stored.write(place, lambda stream: stream.write(data))
    except OSError as error:
        raise LabError(f"{place} cannot be written; name another OUT.nir.") from error
    rows = _verified(made, place) if arguments.verify else []
    graph = made.exported.graph
    return {
        "model": arguments.model,
        "file": str(place),
        "bytes": len(data),
        "nodes": len(graph.nodes),
        "edges": len(graph.edges),
        "neurons": sum(trains.neurons for trains in made.recording.populations),
        "spikes": sum(trains.total() for trains in made.recording.populations),
        "timesteps": timesteps,
        "reset": made.network.reset,
        "spikes_equal": min(
            (row["spikes_equal"] for row in rows if "spikes_equal" in row), default=None
        ),
        "checked_with": [row["reader"] for row in rows if "spikes_equal" in row],
        "readers": rows,
        "notes": [*made.notes, *notes],
    }


def _verified(made, place) -> list[dict]:
    """By NIR's equations, and by the libraries that there are environments of."""
    from snnlab.export.exchange import readers
    from snnlab.export.exchange.profiles import LIBRARIES, readable
    from snnlab.lab import exchanging

    rows = [{"reader": "NIR's equations", "versions": ""} | asdict(exchanging.checked(made))]
    for library in (made.library,) if made.library else LIBRARIES:
        try:
            if readers.installed(library):
                readable(made.exported.graph, library)
            read = exchanging.checked_by(library, place)
        except LabError as error:
            rows.append({"reader": library, "failed": str(error)})
            continue
        if read is not None:
            rows.append({"reader": library, "versions": read.versions} | asdict(read.compared))
    return rows


def _own(arguments):
    from snnlab.lab import detecting, exchanging, segmenting

    if arguments.data or arguments.size:
        raise LabError("--data and --size are for imported nets; leave them out.")
    lower, upper = arguments.range or (None, None)
    asked = {
        "method": arguments.method,
        "percentile": arguments.percentile,
        "lower_hz": lower,
        "upper_hz": upper,
        "reset": arguments.reset,
        "initial": arguments.initial,
        "synapse_ms": arguments.synapse,
    }
    lab, make = segmenting, exchanging.of_model
    name = arguments.model
    if exchanging.is_detector(name):
        lab, make = detecting, exchanging.of_detector
        name = detecting.opened(name)
    settings = lab.defaults(name)
    settings = settings.replace(**{k: v for k, v in asked.items() if v is not None})
    side = exchanging.SIDE
    return make(settings, arguments.height or side, arguments.width or side)


def _net(arguments):
    from snnlab.data import examples
    from snnlab.lab import exchanging, importing

    if arguments.range or arguments.synapse:
        raise LabError("--range and --synapse are for the lab's models; leave them out.")
    size, images, notes = arguments.size, None, [NOISE]
    if arguments.height or arguments.width:
        size = arguments.height or arguments.width, arguments.width or arguments.height
    if arguments.data:
        graph = importing.graph_of(arguments.model, size)
        given = examples.read(arguments.data, graph.image_shape, 32)
        images, notes = examples.scaled(given, importing.rescales(graph)).images, []
    network = exchanging.of_net(
        arguments.model,
        size,
        arguments.method or "data-normalisation",
        99.9 if arguments.percentile is None else arguments.percentile,
        arguments.pool,
        images,
        0.5 if arguments.initial is None else arguments.initial,
    )
    return network, notes


def show(answer: dict) -> str:
    """The same for people."""
    lines = [
        f"{answer['model']}: {answer['nodes']} nodes, {answer['edges']} edges,"
        f" {answer['neurons']:,} neurons, written as {answer['file']}"
        f" ({answer['bytes'] / 1e6:.1f} MB)",
        f"reference run in the file: {many(answer['timesteps'], 'step')}, {answer['spikes']:,}"
        f" spikes, reset {'to zero' if answer['reset'] == 'zero' else 'by subtraction'}",
    ]
    if answer["readers"]:
        lines += ["", f"{'reader':<22}{'equal spikes':>14}  {'first difference'}"]
    for row in answer["readers"]:
        if "failed" in row:
            lines.append(row["failed"])
            continue
        first = "none" if row["step"] is None else f"step {row['step']}, {row['layer']}"
        lines.append(f"{row['reader']:<22}{100 * row['spikes_equal']:>12.4f} %  {first}")
    return "\n".join([*lines, *([""] if answer["notes"] else []), *answer["notes"]])

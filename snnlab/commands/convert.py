"""``convert``: a net of any kind in spikes, beside the ANN, by methods and timesteps."""

from dataclasses import asdict

from snnlab.commands.importing import add_reading
from snnlab.errors import LabError, many


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "convert",
        parents=[shared],
        help="run an imported net in spikes, and compare it with the ANN",
    )
    add = command.add_argument
    add("net", metavar="NAME|FILE", help="an imported net, or a .keras or .h5 file")
    add("--data", metavar="FOLDER|FILE", required=True, help="class folders, or an .npz")
    add("--method", default="data-normalisation", metavar="M,..")
    add("--timesteps", default="16,64", metavar="T,..")
    add(
        "--percentile",
        type=float,
        default=99.9,
        metavar="P",
        help="of the activations, to set rates",
    )
    add("--images", type=int, default=100, metavar="N", help="the first of the data")
    add("--calibrate", metavar="FOLDER|FILE", help="images that rates are chosen from")
    add("--simulator", default="event")
    add_reading(command)
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Compare."""
    from snnlab.commands.cli import progress_line
    from snnlab.data import examples
    from snnlab.lab import converting, importing
    from snnlab.lab.sweeping import numbers

    if arguments.images < 1:
        raise LabError("--images must be 1 or more.")
    graph = importing.graph_of(arguments.net, arguments.size)
    rescales = importing.rescales(graph)

    def read(path, most):
        return examples.scaled(examples.read(path, graph.image_shape, most), rescales)

    given = read(arguments.data, arguments.images)
    notes = [one for one in given.notes if one != examples.WHOLE]
    calibration = None
    if arguments.calibrate:
        calibration = read(arguments.calibrate, converting.CALIBRATION).images
    else:
        many = min(converting.CALIBRATION, len(given.images))
        notes.append(f"Rates were chosen on the first {many} of these same images, without labels.")
    found = converting.compared(
        graph,
        given,
        [one.strip() for one in arguments.method.split(",")],
        numbers(arguments.timesteps, int, "timesteps"),
        arguments.percentile,
        arguments.pool,
        arguments.simulator,
        calibration,
        None if arguments.quiet else progress_line,
    )
    return {
        "name": graph.name,
        "task": importing.task_of(graph),
        "images": len(given.images),
        "simulator": arguments.simulator,
        "rows": [_row(one) for one in found],
        "notes": notes,
    }


def _row(one) -> dict:
    about = asdict(one)
    return {
        "method": one.method,
        "timesteps": one.timesteps,
        "ann": {"accuracy": one.ann_accuracy},
        "snn": {
            "accuracy": one.snn_accuracy,
            **{key: about[key] for key in ("agreement", "error", "spikes", "synaptic_events")},
        },
        "seconds": one.seconds,
        "trains_equal_to_event": one.trains_equal,
    }


def show(answer: dict) -> str:
    """The same for people."""

    def share(value):
        return "-" if value is None else f"{100 * value:.2f} %"

    lines = [
        f"{answer['name']}: {many(answer['images'], 'image')}, simulator {answer['simulator']}",
        "",
        f"{'method':<20}{'steps':>6}{'ANN right':>12}{'SNN right':>12}{'as the ANN':>12}"
        f"{'spikes':>12}{'events':>14}",
    ]
    for row in answer["rows"]:
        snn = row["snn"]
        events = "-" if snn["synaptic_events"] is None else f"{snn['synaptic_events']:,.0f}"
        lines.append(
            f"{row['method']:<20}{row['timesteps']:>6}{share(row['ann']['accuracy']):>12}"
            f"{share(snn['accuracy']):>12}{share(snn['agreement']):>12}{snn['spikes']:>12,.0f}"
            f"{events:>14}"
        )
    equal = {row["trains_equal_to_event"] for row in answer["rows"]} - {None}
    lines += [f"{share(one)} of the spike trains are those of event." for one in equal]
    return "\n".join([*lines, *([""] if answer["notes"] else []), *answer["notes"]])

"""``energy``: joules an image by device and model, with what was assumed."""

from dataclasses import asdict

from snnlab.commands.images import ACCEPTED, add_pixels, pictures_of
from snnlab.commands.segment import add_settings, settings_of
from snnlab.errors import LabError, many
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "energy", parents=[shared], help="estimate the energy per image on several devices"
    )
    add = command.add_argument
    add("image", metavar="IMAGE", nargs="?", help=f"{ACCEPTED}; a sample if not given")
    add("--section", type=int, default=0, help="of a stack, from 0")
    add_pixels(command)
    add_settings(command)
    add("--bits", type=int, default=8, help="of a weight")
    add("--batch", type=int, default=1, help="number of images that the ANN computes at once")
    add("--idle", action="store_true", help="count idle power too, where it is published")
    add(
        "--constant", action="append", default=[], metavar="DEVICE.KEY=VALUE",
        help="your own constant instead of a published one",
    )  # fmt: skip
    add(
        "--partitioner", metavar="NAME",
        help="map a tile to cores and chips and count its messages; not done by default",
    )  # fmt: skip
    add("--tile", type=int, default=64, metavar="N", help="side of that tile in pixels")
    add(
        "--measure",
        action="store_true",
        help="also measure both networks on this machine, for the row of measured seconds",
    )
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """A row for each device and model."""
    from snnlab.commands.cli import progress_line

    values = dict(_constant(text) for text in arguments.constant)
    # what is wrong should be said before anything is computed
    lab_energy.devices(arguments.bits, values)
    if arguments.batch < 1:
        raise LabError("--batch must be 1 or more.")
    settings = settings_of(arguments)
    source = "upload" if arguments.image else "sample"
    settings = settings.replace(source=source, section=max(arguments.section, 0))
    (picture,) = pictures_of(arguments, [arguments.section])
    progress = None if arguments.quiet else progress_line
    result = lab.segment(picture, settings, progress)
    work = lab_energy.work_of(result)
    if arguments.partitioner:
        work = _mapped(work, result, arguments, progress)
    measured = lab_energy.measure(result, progress) if arguments.measure else None
    found = lab_energy.estimates(
        work,
        arguments.bits,
        arguments.batch,
        arguments.idle,
        values,
        lab_energy.paces(measured),
    )
    answer = {
        "image": {
            "path": arguments.image or picture.name,
            "section": picture.section,
            "shape": list(result.image.shape),
        },
        "settings": asdict(result.settings)
        | {"bits": arguments.bits, "batch": arguments.batch, "idle": arguments.idle},
        "work": counts(work),
        "rows": lab_energy.rows(found, work, arguments.idle),
        "neurobench": lab_energy.neurobench(result).results(),
        "notes": list(lab_energy.unlike(work, result)),
    }
    if measured is not None:
        answer["measured"] = asdict(measured)
    return answer


def _mapped(work, result, arguments, progress):
    """Messages of a tile of this image, which Loihi 1 runs with reset to zero."""
    from snnlab.lab import chips as lab_chips

    name = arguments.partitioner
    known = [one for one, _, _ in lab_chips.partitioners_listed()]
    if name not in known:
        raise LabError(f"there is no partitioner {name!r}; choose one of {', '.join(known)}.")
    settings = result.settings.replace(reset="zero")
    mapping = lab_chips.mapping(result.picture, settings, arguments.tile, None, (name,), progress)
    if name not in mapping.partitions:
        raise LabError(mapping.messages.get(name, f"{name} found no partition; try another."))
    return lab_energy.with_partition(work, mapping, name)


def counts(work) -> dict:
    """What both networks do, as plain numbers."""
    return {
        "macs": work.macs,
        "neurons": work.neurons,
        "timesteps": work.timesteps,
        "spikes": round(work.spikes),
        "synaptic_events": round(work.events),
        "neuron_updates": work.updates,
        "active_updates": round(work.active),
        "inactive_updates": round(work.inactive),
        "messages_within_chips": round(work.messages),
        "messages_between_chips": round(work.interchip),
        "cores": work.cores,
        "chips": work.chips,
        "mapping": work.mapping,
    }


def _constant(text: str) -> tuple[tuple[str, str], float]:
    name, _, value = text.partition("=")
    device, _, key = name.rpartition(".")
    try:
        return (device, key), float(value)
    except ValueError:
        raise LabError(
            f"--constant must be DEVICE.KEY=VALUE with a number, not {text!r}."
        ) from None


def show(answer: dict) -> str:
    """For a person."""
    from snnlab.figures.numbers import joules

    work = answer["work"]
    lines = [
        f"{answer['image']['path']}, {answer['settings']['model']},"
        f" {many(work['timesteps'], 'step')}: {work['macs']:,} MACs; {work['spikes']:,} spikes,"
        f" {work['synaptic_events']:,} synaptic events, {work['neuron_updates']:,} neuron updates",
        f"messages: {work['mapping']}",
        *answer.get("notes", ()),
        "",
        "| device | model | joules per image | range | source |",
        "|---|---|---:|---|---|",
    ]
    lines += [
        f"| {row['device']} | {row['model']} | {joules(row['joules_per_image'])} |"
        f" {joules(row['low'])} – {joules(row['high'])} | {row['source']} |"
        for row in answer["rows"]
    ]
    waiting = [
        r["idle_joules_in_real_time"] for r in answer["rows"] if "idle_joules_in_real_time" in r
    ]
    lines.append(
        f"In real time, at 1 ms per step, the idle power of {many(work['chips'], 'chip')} adds"
        f" {joules(waiting[0])}."
    )
    counted = answer["neurobench"]
    operations = counted["SynapticOperations"]
    lines.append(
        f"NeuroBench: footprint {counted['Footprint']:,} bytes, connection sparsity"
        f" {counted['ConnectionSparsity']:.4f}, activation sparsity"
        f" {counted['ActivationSparsity']:.4f}, effective MACs {operations['Effective_MACs']:,.0f},"
        f" effective ACs {operations['Effective_ACs']:,.0f}, dense {operations['Dense']:,.0f}."
    )
    for reading in answer.get("measured", {}).get("readings", ()):
        cost = "no joules" if reading["joules"] is None else joules(reading["joules"])
        lines.append(
            f"{reading['what']}, {reading['batch']} at once: {reading['seconds']:.4g} s, {cost}"
        )
    if answer.get("measured", {}).get("missing"):
        lines.append(answer["measured"]["missing"])
    return "\n".join(lines)

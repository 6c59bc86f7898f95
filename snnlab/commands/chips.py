"""``chips``: the network on Loihi's cores and chips, and the spikes between them."""

from snnlab.commands.images import ACCEPTED, add_pixels, pictures_of
from snnlab.errors import LabError, many
from snnlab.lab import chips as lab_chips


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "chips", parents=[shared], help="map a tile onto Loihi's cores and chips"
    )
    add = command.add_argument
    add("image", metavar="IMAGE", nargs="?", help=f"{ACCEPTED}; a sample if not given")
    add("--section", type=int, default=0, help="of a stack, from 0")
    add_pixels(command)
    add("--tile", type=int, default=lab_chips.TILE, metavar="N", help="pixels per side")
    add("--model", default=lab_chips.MODEL)
    add("--chips", type=int, metavar="N", help="default: as few as hold it")
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Map the tile and count."""
    from snnlab.commands.cli import progress_line

    if arguments.chips is not None and arguments.chips < 1:
        raise LabError("--chips must be 1 or more.")
    (picture,) = pictures_of(arguments, [arguments.section])
    found = lab_chips.mapping(
        picture,
        lab_chips.chip_settings(arguments.model),
        arguments.tile,
        arguments.chips,
        progress=None if arguments.quiet else progress_line,
    )
    first = found.layouts["searched"]
    return {
        "tile": list(found.tile),
        "neurons": sum(block.compartments for block in first.blocks),
        "cores": len(first.blocks),
        "chips": next(iter(found.partitions.values())).chips,
        "block_shapes": _shapes(first),
        "partitions": [_row(found, name) for name in found.partitions],
        "generations": [
            one.row()
            for one in lab_chips.generations(
                lab_chips.chip_settings(arguments.model), *found.tile[2:]
            )
        ],
        "messages": list(found.messages.values()),
    }


def _shapes(layout) -> dict:
    return {name: list(shape) for name, shape in layout.block_shapes.items()}


def _row(found, name: str) -> dict:
    from snnlab.chips.cost import step_cost

    partition, layout = found.partitions[name], found.layout(name)
    cost = step_cost(layout, partition)
    return {
        "partitioner": partition.partitioner,
        "layout": layout.name,
        "block_shapes": _shapes(layout),
        "cores": len(layout.blocks),
        "chips": partition.chips,
        "interchip_spikes": partition.interchip,
        "interchip_spikes_per_core": partition.interchip_per_core,
        "intrachip_spikes": partition.intrachip,
        "hops": partition.hops,
        "seconds": partition.seconds,
        "seconds_of_shapes": layout.seconds,
        "step_seconds": list(cost.seconds),
        "step_joules": list(cost.joules),
    }


def show(answer: dict) -> str:
    """The same for people."""
    top, left, height, width = answer["tile"]
    lines = [
        f"tile {height} x {width} at ({top}, {left}): {answer['neurons']:,} neurons on "
        f"{many(answer['cores'], 'core')}, {many(answer['chips'], 'chip')}",
        "",
        f"{'partitioner':<17}{'blocks':<11}{'cores':>6}{'chips':>6}"
        f"{'between chips':>15}{'once a core':>13}{'within':>12}{'seconds':>9}",
    ]
    for row in answer["partitions"]:
        lines.append(
            f"{row['partitioner']:<17}{row['layout']:<11}{row['cores']:>6}{row['chips']:>6}"
            f"{row['interchip_spikes']:>15,}{row['interchip_spikes_per_core']:>13,}"
            f"{row['intrachip_spikes']:>12,}{row['seconds']:>9.2f}"
        )
    lines.append("")
    for row in answer["generations"]:
        lines.append(
            f"{row['chip']}: at least {many(row['cores'], 'core')} on"
            f" {many(row['chips'], 'chip')}; neurons fill {100 * row['neurons_used']:.0f} %,"
            f" synapses {100 * row['synaptic_memory_used']:.0f} % ({row['source']})"
        )
    return "\n".join([*lines, *(["", *answer["messages"]] if answer["messages"] else [])])

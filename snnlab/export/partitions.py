"""Tables of a mapping: partitions against each other, cores, chip to chip; also as CSV."""

from collections.abc import Mapping as Fields

import numpy as np

from snnlab.chips.board import Layout, Mapping, Partition, away
from snnlab.export import tables
from snnlab.export.report import Part
from snnlab.figures.numbers import many
from snnlab.results import summary
from snnlab.settings import Settings

REFERENCE = "greedy-interchip"  # what nengo-loihi does if not told otherwise
CORE_COLUMNS = (
    "core", "chip", "layer", "row", "column", "channel", "rows", "columns", "channels",
    "compartments", "in_axons", "out_axons", "synapse_bits",
    "spikes", "sent_to_cores", "received_from_cores", "received_from_host", "read_by_host",
    "sent_to_other_chips",
)  # fmt: skip


def partitions(mapping: Mapping) -> list[tuple[str, Partition]]:
    """Names and partitions, the fewest spikes between chips first."""
    return sorted(mapping.partitions.items(), key=lambda item: (item[1].interchip, item[0]))


def against(partition: Partition, mapping: Mapping) -> float | None:
    """Spikes between chips against GreedyInterchip's on the searched blocks: -0.2 is 20 % fewer."""
    reference = mapping.partitions.get(REFERENCE)
    if reference is None or not reference.interchip:
        return None
    return partition.interchip / reference.interchip - 1


def partitions_csv(mapping: Mapping, of: Fields) -> str:
    """Every partition, a line each; ``of`` as in `snnlab.export.tables.write`, here and below."""
    return tables.write(
        (
            "partition", "partitioner", "blocks", "cores", "chips", "interchip_spikes",
            "interchip_spikes_per_core", "intrachip_spikes", "hops", "seconds",
        ),
        (
            (
                name, one.partitioner, one.layout, len(one.chip_of), one.chips, one.interchip,
                one.interchip_per_core, one.intrachip, one.hops, round(one.seconds, 4),
            )
            for name, one in partitions(mapping)
        ),
        of,
    )  # fmt: skip


def cores_csv(mapping: Mapping, name: str, of: Fields) -> str:
    """Every core of a partition, a line each; counts are spikes over the run."""
    partition, layout = mapping.partitions[name], mapping.layout(name)
    traffic = layout.traffic
    counts = np.stack(
        (
            traffic.spiked.sum(1, dtype=np.int64),
            traffic.sent.sum(1, dtype=np.int64),
            traffic.received.sum(1, dtype=np.int64),
            traffic.from_host.sum(1, dtype=np.int64),
            traffic.to_host,
            away(traffic.edges, partition),
        ),
        axis=1,
    )
    return tables.write(
        CORE_COLUMNS,
        (
            (
                core, int(partition.chip_of[core]), block.layer, *block.start,
                *(b - a for a, b in zip(block.start, block.stop, strict=True)),
                block.compartments, block.in_axons, block.out_axons, block.synapse_bits,
                *counts[core].tolist(),
            )
            for core, block in enumerate(layout.blocks)
        ),
        of,
    )  # fmt: skip


def chips_csv(partition: Partition, of: Fields) -> str:
    """Spikes from chip (row) to chip (column)."""
    chips = range(partition.chips)
    rows = ((chip, *partition.chip_to_chip[chip].tolist()) for chip in chips)
    return tables.write(("from_chip", *(f"to_{chip}" for chip in chips)), rows, of)


def network(settings: Settings) -> str:
    """Which network spikes: its model, how it was converted, and how it runs."""
    return ", ".join(
        (
            f"model {settings.model}",
            f"method {settings.method}",
            *summary.held(settings),
            many(settings.timesteps, "step"),
        )
    )


def reported(mapping: Mapping, settings: Settings) -> Part:
    """The partitions as a table of the report.

    Parameters
    ----------
    mapping : Mapping
    settings : Settings
        Of the run whose spikes were counted.
    """
    top, left, height, width = mapping.tile
    blocks = {"searched": "searched for", "default": "NengoLoihi's splitting"}
    rows = [
        (
            one.partitioner, blocks.get(one.layout, "its own"), len(one.chip_of), one.chips,
            f"{one.interchip:,}", f"{one.intrachip:,}", f"{one.hops:,}", f"{one.seconds:.2f}",
        )
        for _, one in partitions(mapping)
    ]  # fmt: skip
    return Part(
        "On Loihi's cores and chips",
        ("partitioner", "blocks", "cores", "chips", "spikes between chips", "within chips",
         "between chips, times hops", "seconds"),
        rows,
        f"One tile: rows {top} to {top + height - 1} and columns {left} to {left + width - 1} of"
        f" the image. Network: {network(settings)}, which need not be the run above. A spike"
        " counts once for each other chip (or core of its own chip) that it reaches. Computed from"
        " the cores' limits and the run's spikes, not measured on a chip.",
    )  # fmt: skip


def used(layout: Layout, limits: dict[str, int]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """How full the cores of each layer are.

    Parameters
    ----------
    layout : Layout
    limits : dict of str to int
        The limit by attribute of a block.

    Returns
    -------
    layers : list of str
    mean, fullest : numpy.ndarray
        ``(layers, limits)``: shares of the limits, of the mean core and of the fullest.
    """
    layers = list(dict.fromkeys(block.layer for block in layout.blocks))
    shares = np.array([[getattr(b, key) / limits[key] for key in limits] for b in layout.blocks])
    of = np.array([layers.index(block.layer) for block in layout.blocks])
    parts = [shares[of == index] for index in range(len(layers))]
    mean = np.stack([part.mean(0) for part in parts])
    return layers, mean, np.stack([part.max(0) for part in parts])

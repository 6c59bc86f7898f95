"""A tile of an image on the chips: layouts, their traffic, and partitions of each."""

import time
from collections.abc import Callable

import numpy as np

from snnlab.chips import default_split, search
from snnlab.chips.board import Layout, Mapping, Partition
from snnlab.chips.counting import count
from snnlab.chips.partition import PARTITIONERS, co_design, partitioner
from snnlab.chips.partition.problem import least_chips, of_layout
from snnlab.chips.traffic import measure
from snnlab.chips.wiring import Cut
from snnlab.errors import Cancelled, LabError
from snnlab.simulation.loihi.network import ChipLayer
from snnlab.simulation.recording import Recording

NAMES = tuple(item.name for item in PARTITIONERS)
REFERENCE = "greedy-interchip"  # what is also run on NengoLoihi's own splitting
OURS = "co-design"
TRIAL = 5_000  # proposals a core for telling layouts apart

Progress = Callable[[float, str], None]


def layout(name: str, layers, shapes, recording: Recording, seconds: float = 0.0) -> Layout:
    """Cut layers into blocks and measure the traffic between them."""
    cut = Cut(layers, shapes)
    return Layout(name, shapes, cut.blocks(), measure(cut, recording), seconds)


def searched(layers: tuple[ChipLayer, ...], recording: Recording) -> Layout:
    """Fewest cores first, then the fewest spikes between cores."""
    begun = time.perf_counter()
    found = search.search(layers, search.spikes_delivered(layers, recording))
    return layout("searched", layers, found.shapes, recording, time.perf_counter() - begun)


def co_designed(
    layers: tuple[ChipLayer, ...], recording: Recording, first: Layout, chips: int
) -> Layout:
    """Of several cuts with the fewest cores, the one with the fewest spikes between chips.

    Patches of the image lie best on chips if blocks are small against them, or
    run along their borders; which, the annealing tells.
    """
    begun = time.perf_counter()
    best = first
    fewest = _trial(first, chips)
    known = {tuple(first.block_shapes.items())}
    for cost in search.FORMS:
        shapes = search.search(layers, cost).shapes
        if tuple(shapes.items()) in known:
            continue
        known.add(tuple(shapes.items()))
        made = layout(OURS, layers, shapes, recording)
        if len(made.blocks) > len(first.blocks):
            continue
        crossing = _trial(made, chips)
        if crossing < fewest:
            best, fewest = made, crossing
    return Layout(OURS, best.block_shapes, best.blocks, best.traffic, time.perf_counter() - begun)


def _trial(made: Layout, chips: int) -> int:
    """Spikes between chips after two short runs."""
    problem = of_layout(made, chips)
    start = co_design.patches(problem)
    proposals = min(TRIAL * problem.cores, co_design.MOST)
    return min(
        problem.pins.cost(co_design.annealed(problem, start, proposals, seed=seed), chips)
        for seed in range(2)
    )


def partition(made: Layout, name: str, chips: int | None) -> Partition:
    """Partition a layout by name, and count what it costs.

    Raises
    ------
    LabError
        If it does not fit, or a library is not installed.
    """
    problem = of_layout(made, chips)
    chip_of, seconds = partitioner(name).run(problem)
    return count(problem, chip_of, name, made.name, seconds)


def map_tile(
    layers: tuple[ChipLayer, ...],
    recording: Recording,
    image: np.ndarray,
    tile: tuple[int, int, int, int],
    chips: int | None = None,
    names: tuple[str, ...] = NAMES,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Mapping:
    """Put one tile on the chips in several ways.

    Parameters
    ----------
    layers : tuple of ChipLayer
        Of the tile.
    recording : Recording
        Of these layers.
    image : numpy.ndarray
        The tile, ``(height, width)``.
    tile : tuple of int
        Top, left, height and width in the image.
    chips : int, optional
        As few as hold it, if not given.
    names : tuple of str
        Partitioners.
    progress, cancel : callable, optional

    Raises
    ------
    LabError
        If it does not fit the chips; the sentence names the smallest number that does.
    Cancelled
    """
    for name in names:
        partitioner(name)
    stages = [*names, "nengo-loihi's own splitting"]
    done = 0

    def tell(stage):
        nonlocal done
        if cancel and cancel():
            raise Cancelled
        if progress:
            progress(done / (len(stages) + 1), stage)
        done += 1

    tell("search block shapes")
    first = searched(layers, recording)
    layouts, partitions, messages = {"searched": first}, {}, {}
    least = least_chips(len(first.blocks))
    if chips is not None and chips < least:
        of_layout(first, chips)  # says so
    used = least if chips is None else chips
    for name in names:
        tell(name)
        made = first
        if name == OURS:
            made = layouts[OURS] = co_designed(layers, recording, first, used)
        try:
            partitions[name] = partition(made, name, used)
            if made is not first:
                partitions[f"{name}@searched"] = partition(first, name, used)
        except LabError as error:
            messages[name] = str(error)
    tell(stages[-1])
    _add_default(layers, recording, used, names, layouts, partitions, messages)
    if progress:
        progress(1.0, "done")
    shapes = {layer.name: layer.shape for layer in layers if layer.on_chip}
    return Mapping(tile, shapes, layouts, partitions, messages, image, recording.timesteps)


def _add_default(layers, recording, chips, names, layouts, partitions, messages) -> None:
    """NengoLoihi's allocator on NengoLoihi's splitting, on more chips if it needs them."""
    if REFERENCE not in names:
        return
    try:
        shapes, refined = default_split.splitting(layers)
    except LabError as error:
        messages["default"] = str(error)
        return
    made = layouts["default"] = layout("default", layers, shapes, recording)
    needed = max(chips, least_chips(len(made.blocks)))
    partitions[f"{REFERENCE}@default"] = partition(made, REFERENCE, needed)
    if refined:
        messages["default"] = (
            f"nengo-loihi's own splitting does not fit Loihi in {', '.join(refined)}: these are"
            " cut on, as it cuts, until they fit."
        )

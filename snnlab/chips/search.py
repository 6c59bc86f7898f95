"""Block shapes by search: the fewest cores first, then the least of another cost.

Compartments, input axons and synaptic memory of a block depend on its own
layer's shape alone. Output axons couple a layer with those that it feeds: the
more blocks they are cut into, the more axons leave. So the search starts from
shapes that fit (`snnlab.simulation.loihi.shapes`), and changes one layer, or a
layer together with one that feeds it, as long as the total falls. Where every
layer has as few cores as it could have by itself, no cut has fewer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import inf

import numpy as np

from snnlab.errors import LabError
from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.core import LOIHI_1, Core
from snnlab.simulation.loihi.limits import Shape
from snnlab.simulation.loihi.network import ChipLayer
from snnlab.simulation.loihi.shapes import block_shapes, fits
from snnlab.simulation.recording import Recording

WASTE = 1.3
# of a layer and a shape: what to make small where cores are equal
Cost = Callable[[ChipLayer, Shape], float]


@dataclass(frozen=True)
class Found:
    """Shapes, and how good they are.

    Attributes
    ----------
    shapes : dict of str to tuple of int
    cores : int
    least : int
        Cores that no cut can go below, each layer by itself.
    """

    shapes: dict[str, Shape]
    cores: int
    least: int


def spikes_delivered(layers: tuple[ChipLayer, ...], recording: Recording) -> Cost:
    """The cost of the traffic: spikes times the cores that each goes to.

    It depends on the shape of the target only, since a spike goes to each
    block in which it reaches a neuron.
    """
    counts = {
        layer.name: recording[layer.name].counts().sum(axis=2, dtype=np.int64) for layer in layers
    }

    @cache
    def cost(name: str, shape: Shape) -> float:
        layer = by_name[name]
        total = 0
        for link in layer.links:
            rows, columns = (limits.overlap(link.operator, axis, shape[axis]) for axis in range(2))
            total += int(rows @ counts[link.source] @ columns) * -(-layer.shape[2] // shape[2])
        return total

    by_name = {layer.name: layer for layer in layers}
    return lambda layer, shape: cost(layer.name, shape)


def patch(layer: ChipLayer, shape: Shape) -> float:
    """The cost of covering much of the image: many channels a core and few pixels; squares."""
    height, width, _ = layer.shape
    return cores(layer, shape) * (
        shape[0] * shape[1] / height / width + 1e-3 * (shape[0] / height + shape[1] / width)
    )


def rows(layer: ChipLayer, shape: Shape) -> float:
    """The cost of covering many rows: strips along the rows."""
    return cores(layer, shape) * shape[0] / layer.shape[0]


def columns(layer: ChipLayer, shape: Shape) -> float:
    """The cost of covering many columns: strips along the columns."""
    return cores(layer, shape) * shape[1] / layer.shape[1]


FORMS: tuple[Cost, ...] = (patch, rows, columns)


def cores(layer: ChipLayer, shape: Shape) -> int:
    """Blocks that a layer is cut into."""
    return int(np.prod([-(-whole // part) for whole, part in zip(layer.shape, shape, strict=True)]))


def candidates(layer: ChipLayer, core: Core = LOIHI_1) -> list[Shape]:
    """Shapes within a core's compartments, input axons and synaptic memory.

    Fewest cores first, and none with more than `WASTE` times the fewest.
    """
    found: list[Shape] = []
    for many, shape in _ranked(layer, core):
        if found and many > WASTE * cores(layer, found[0]):
            break
        if fits(layer, shape, core):
            found.append(shape)
    return found


def _ranked(layer: ChipLayer, core: Core) -> list[tuple[int, Shape]]:
    """Cores and shape of all shapes within a core's compartments, fewest cores first."""
    height, width, channels = layer.shape
    depths = [depth for depth in range(1, channels + 1) if channels % depth == 0]
    shapes = product(_sides(height), _sides(width), depths)
    return sorted((cores(layer, s), s) for s in shapes if np.prod(s) <= core.compartments)


def alone(layers: tuple[ChipLayer, ...], core: Core) -> Found:
    """The fewest cores that each layer could have by itself: all there is where axons are no limit.

    Raises
    ------
    LabError
        If a layer fits no core however it is cut.
    """
    shapes = {}
    for layer in layers:
        if layer.on_chip:
            ranked = _ranked(layer, core)
            shape = next((shape for _, shape in ranked if fits(layer, shape, core)), None)
            if shape is None:
                raise LabError(
                    f"layer {layer.name} fits no core of {core.name}; use fewer channels."
                )
            shapes[layer.name] = shape
    total = sum(cores(layer, shapes[layer.name]) for layer in layers if layer.on_chip)
    return Found(shapes, total, total)


def _sides(size: int) -> list[int]:
    """Lengths that cut an axis into equal parts, nearly, and powers of two."""
    even = {-(-size // parts) for parts in range(1, size + 1)}
    return sorted(even | {2**power for power in range(size.bit_length()) if 2**power <= size})


def search(layers: tuple[ChipLayer, ...], cost: Cost, core: Core = LOIHI_1) -> Found:
    """Choose a block shape for each layer on the chip.

    Parameters
    ----------
    layers : tuple of ChipLayer
    cost : callable
        What to make small where the number of cores is equal.
    core : Core
        Whose limits hold.

    Raises
    ------
    LabError
        If a layer fits no core however it is cut.
    """
    return _Search(layers, cost, core).run()


class _Search:
    def __init__(self, layers: tuple[ChipLayer, ...], cost: Cost, core: Core):
        self.layers = layers
        self.cost, self.core = cost, core
        self.on_chip = {layer.name: layer for layer in layers if layer.on_chip}
        self.behind: dict[str, list] = {name: [] for name in self.on_chip}
        for layer in self.on_chip.values():
            for link in layer.links:
                if link.source in self.on_chip:
                    self.behind[link.source].append((layer.name, link.operator))
        self.choices = {name: candidates(layer, core) for name, layer in self.on_chip.items()}
        self._used: dict = {}

    def run(self) -> Found:
        least = sum(
            min(cores(layer, shape) for shape in self.choices[name])
            for name, layer in self.on_chip.items()
        )
        shapes = self._improve(block_shapes(self.layers, self.core))
        total = sum(cores(self.on_chip[name], shape) for name, shape in shapes.items())
        return Found(shapes, total, least)

    def _rank(self, name: str, shape: Shape) -> tuple[float, float]:
        layer = self.on_chip[name]
        return cores(layer, shape), self.cost(layer, shape)

    def _improve(self, shapes):
        """Change layers, alone and in pairs, until nothing is better."""
        shapes = dict(shapes)
        ranks = {
            name: {shape: self._rank(name, shape) for shape in {*choices, shapes[name]}}
            for name, choices in self.choices.items()
        }
        groups = [(name,) for name in self.on_chip]
        if self.core.out_axons < inf:  # or nothing couples a layer with those behind it
            groups += [(name, target) for name in self.on_chip for target, _ in self.behind[name]]
        helped = True
        while helped:
            helped = False
            for group in groups:
                now = _sum(ranks[name][shapes[name]] for name in group)
                for change in self._better(group, ranks, now):
                    tried = shapes | change
                    if self._leaves(tried, change):
                        shapes, helped = tried, True
                        break
        return shapes

    def _better(self, group, ranks, now):
        """Changes of some layers that would be better, the best first."""
        orders = [sorted((rank, shape) for shape, rank in ranks[name].items()) for name in group]
        found = []
        for choice in product(*(range(len(order)) for order in orders[:-1])):
            part = [order[index] for order, index in zip(orders, choice, strict=False)]
            for last in orders[-1]:
                total = _sum(rank for rank, _ in (*part, last))
                if total >= now:
                    break
                shapes = [shape for _, shape in (*part, last)]
                found.append((total, dict(zip(group, shapes, strict=True))))
        return [change for _, change in sorted(found, key=lambda item: item[0])]

    def _leaves(self, shapes, change) -> bool:
        """Whether output axons suffice in all layers that a change touches."""
        touched = set(change)
        for name in change:
            touched |= {
                link.source for link in self.on_chip[name].links if link.source in self.on_chip
            }
        for name in touched:
            used = [
                self._out(name, target, operator, shapes[name], shapes[target])
                for target, operator in self.behind[name]
            ]
            if used and sum(used).max() > self.core.out_axons:
                return False
        return True

    def _out(self, name, target, operator, source, shape) -> np.ndarray:
        key = (name, target, source, shape)
        if key not in self._used:
            self._used[key] = limits.out_axons(operator, source, shape)
        return self._used[key]


def _sum(ranks) -> tuple[float, ...]:
    # rounded, so that no order of adding up makes one of two equal sums the smaller
    return tuple(round(sum(values), 9) for values in zip(*ranks, strict=True))

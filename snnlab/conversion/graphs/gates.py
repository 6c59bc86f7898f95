"""Maxima in spikes: gates (`snnlab.simulation.gates`), which pass what the liveliest input sends.

A gate tells at most four inputs apart. So a wider window is taken along rows first and along
columns then, and a window over all in pairs, until one position is left.
"""

import nengo
import numpy as np

from snnlab.conversion.graphs.fusing import fused
from snnlab.conversion.graphs.stencils import Shape, Stencil, depthwise
from snnlab.conversion.graphs.terms import terms_of
from snnlab.conversion.graphs.transforms import transform_of
from snnlab.errors import LabError
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import Graph, Node
from snnlab.nets.graph.shaping import Pooling
from snnlab.nets.graph.windows import window
from snnlab.simulation.gates import MOST, MaxPoolGate, gate_weights

Pair = tuple[int, int]


def gates_of(builder, node: Node, needed: bool) -> None:
    """Add the gates of a pooling; of one that only a host needs none, if gates cannot form it.

    Parameters
    ----------
    builder : object
        Of `snnlab.conversion.graphs.building`.
    node : Node
    needed : bool
        Whether neurons depend on it.

    Raises
    ------
    LabError
        If neurons depend on it, and it is no maximum of what one population sends.
    """
    layer, given = node.layer, builder.graph.shapes[node.inputs[0]]
    try:
        terms = terms_of(builder.graph, node.inputs[0])
    except LabError:
        if needed:
            raise
        return
    if all(term.source in builder.constants for term in terms):
        _constant(builder, node)
        return
    # zeros around what neurons send are no maximum, and what is taken off is not looked at
    shifts = [one for one in terms[0].maps if isinstance(one, Stencil) and one.shifts]
    if len(terms) > 1 or len(shifts) < len(terms[0].maps) or len(shifts) > 1:
        if not needed:
            return
        raise LabError(
            f"the layer {node.name} takes the maximum of sums, which gates cannot; put a ReLU"
            " before it, or take means with --pool average."
        )
    stages = _stages(layer, given)
    if stages is None:
        if not needed:
            return
        raise LabError(
            f"the layer {node.name} takes the maximum of windows larger than {MOST} x {MOST},"
            " which gates cannot; take means with --pool average."
        )
    now, shape = builder.outputs[terms[0].source], terms[0].shape
    rate = builder.rate_of[terms[0].source]
    for number, (size, strides, padding) in enumerate(stages):
        name = node.name if number == len(stages) - 1 else f"{node.name}({number + 1})"
        now, shape = _gate(builder, name, now, shape, (size, strides, padding), rate, shifts)
        shifts = []
    builder.outputs[node.name] = now
    builder.spiking[node.name] = node.name


def _stages(layer: Pooling, given: Shape) -> list[tuple[Pair, Pair, str]] | None:
    """Windows, strides and paddings, one after the other; None if no gate has so many inputs."""
    if layer.size is None:
        stages = []
        for axis in range(2):
            left = given[axis]
            while left > 1:
                side = 2 if axis == 0 else 1, 2 if axis == 1 else 1
                stages.append((side, side, "same"))
                left = -(-left // 2)
        return stages or [((1, 1), (1, 1), "valid")]
    (rows, columns), strides = layer.size, layer.strides
    if rows * columns <= MOST:
        return [(layer.size, strides, layer.padding)]
    if max(rows, columns) > MOST:
        return None
    return [
        ((rows, 1), (strides[0], 1), layer.padding),
        ((1, columns), (1, strides[1]), layer.padding),
    ]


def _gate(builder, name: str, now, shape: Shape, stage, rate: float, shifts: list):
    """One population of gates; what it puts out, and of what shape."""
    size, strides, padding = stage
    shape = shifts[0].shape_out if shifts else shape
    axes = [
        window(many, taps, stride, 1, padding)
        for many, taps, stride in zip(shape[:2], size, strides, strict=True)
    ]
    out = (axes[0].out, axes[1].out, shape[2])
    inputs = size[0] * size[1]
    gates = MaxPoolGate(max(inputs, 2), 1 / rate)
    ensemble = builder.population(name, out, gates, rate, np.zeros(int(np.prod(out))))
    codes = gate_weights(inputs, 1 / rate).reshape(size)
    stencil = Stencil(
        depthwise(codes, shape[2]), shape, out, strides, (axes[0].before, axes[1].before),
        groups=shape[2],
    )  # fmt: skip
    maps = fused([*shifts, stencil])
    for one in maps:
        transform = transform_of(one)
        there = ensemble.neurons if one is maps[-1] else nengo.Node(size_in=transform.size_out)
        nengo.Connection(now, there, transform=transform, synapse=None, label=f"to {name}")
        now = there
    return ensemble.neurons, out


def _constant(builder, node: Node) -> None:
    """The maximum of the image, or of sums of it, is known before any spike."""
    part = Graph(node.name, builder.graph.image_shape, builder.graph.up_to(node.name))
    value = answer(part, builder.image[None])
    made = nengo.Node(value.ravel(), label=node.name)
    builder.outputs[node.name] = builder.constants[node.name] = made

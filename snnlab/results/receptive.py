"""What part of the image a neuron sees, read off the network's connections."""

from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.traces import source_position

Box = tuple[int, int, int, int]  # top, left, height, width


def receptive_field(network: SpikingNetwork, layer: str, row: int, column: int) -> Box:
    """Pixels that can reach a neuron through any chain of connections.

    Parameters
    ----------
    network : SpikingNetwork
    layer : str
    row, column : int
        Place of the neuron in its population; all channels there see the same.

    Returns
    -------
    tuple of int
        ``(top, left, height, width)`` in pixels, cut at the image's edges.

    Notes
    -----
    The bounding box over all paths, weights of zero included; what a trained
    net makes use of is smaller and strongest in the middle (Luo et al. 2016,
    "Understanding the effective receptive field", arXiv:1701.04128).
    """
    names = [population.name for population in network.populations]
    of = {id(population.ensemble): population.name for population in network.populations}
    spans = {layer: ((row, row), (column, column))}
    seen = None
    for name in reversed(names[: names.index(layer) + 1]):
        if name not in spans:
            continue
        for connection in _into(network, name):
            reached = tuple(_span(connection.transform, spans[name][axis], axis) for axis in (0, 1))
            if None in reached:
                continue
            source = of.get(id(getattr(connection.pre_obj, "ensemble", None)))
            if connection.pre_obj is network.image:
                seen = _both(seen, reached)
            elif source is not None:
                spans[source] = _both(spans.get(source), reached)
    if seen is None:
        return 0, 0, 0, 0
    (top, bottom), (left, right) = seen
    return top, left, bottom - top + 1, right - left + 1


def _into(network: SpikingNetwork, name: str) -> list:
    neurons = next(p.ensemble.neurons for p in network.populations if p.name == name)
    return [c for c in network.network.all_connections if c.post_obj == neurons]


def _span(transform, span: tuple[int, int], axis: int) -> tuple[int, int] | None:
    """First and last input position that the outputs of a span are connected to."""
    low, high = span
    if not hasattr(transform, "strides"):
        return span  # one to one, as a gate is fed
    size, stride = transform.input_shape.shape[axis], transform.strides[axis]
    # a transposed convolution may lack a tap at one position, not at `stride` neighbours
    ends = {*range(low, min(low + stride, high + 1)), *range(max(high - stride + 1, low), high + 1)}
    found = [
        source
        for position in ends
        for tap in range(transform.kernel_size[axis])
        if (source := source_position(transform, position, tap, axis)) is not None
    ]
    inside = [min(max(source, 0), size - 1) for source in found]
    return (min(inside), max(inside)) if inside else None


def _both(one, other):
    if one is None:
        return other
    return tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(one, other, strict=True))

"""What neurons are given: from which populations, and through which maps.

Everything between two populations is linear. It is followed back from a node, through sums and
joins, to what spikes (or to the image); what comes in by several ways are several terms.
"""

from dataclasses import dataclass

from snnlab.conversion.graphs.fusing import fused
from snnlab.conversion.graphs.linear import map_of
from snnlab.conversion.graphs.stencils import Map, Place, Shape, shape_of
from snnlab.errors import LabError
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Concatenate, Pooling

MOST = 256  # ways into one population


@dataclass(frozen=True, eq=False)
class Term:
    """One way in.

    Attributes
    ----------
    source : str
        A node whose values spikes carry, or ``"image"``.
    shape : tuple of int
        Of the source.
    maps : list of Map
        One after the other; none if the source comes as it is.
    """

    source: str
    shape: Shape
    maps: list[Map]


def spikes(node: Node) -> bool:
    """Whether a node's values are carried by spikes: neurons, and maxima, which gates form."""
    return isinstance(node.layer, Neurons) or (
        isinstance(node.layer, Pooling) and node.layer.kind == "max"
    )


def terms_of(graph: Graph, name: str) -> list[Term]:
    """All ways to a node's value.

    Raises
    ------
    LabError
        If there is something on the way that spikes cannot pass; the sentence names it.
    """
    found: list[Term] = []
    waiting: list[tuple[str, list[Map]]] = [(name, [])]
    while waiting:
        here, behind = waiting.pop(0)
        if here == IMAGE or spikes(graph.by_name[here]):
            found.append(Term(here, _shape(graph, here), fused(behind)))
            continue
        node = graph.by_name[here]
        if isinstance(node.layer, OffChip) and node.layer.kind != "linear":
            raise LabError(
                f"the layer {here} is a {node.layer.kind} with neurons behind it, which spikes"
                " cannot compute; train the net with ReLU in its place."
            )
        first = 0
        for source in node.inputs:
            try:
                maps = _maps(graph, node, source, first)
            except ValueError as error:
                raise LabError(
                    f"the layer {here} {error}; make the net smaller, or leave the layer out."
                ) from error
            first += graph.shapes[source][-1]
            waiting.append((source, [*maps, *behind]))
        if len(waiting) + len(found) > MOST:
            raise LabError(
                f"the layer {name} is reached in more than {MOST} ways; put a ReLU between the"
                " sums before it."
            )
    return found


def _maps(graph: Graph, node: Node, source: str, first: int) -> list[Map]:
    """What a node does to one of its inputs."""
    given = graph.shapes[source]
    if isinstance(node.layer, Concatenate):
        return [Place(first, shape_of(given), shape_of(graph.shapes[node.name]))]
    if isinstance(node.layer, OffChip):
        return []
    return [map_of(node.layer, given)]


def _shape(graph: Graph, name: str) -> Shape:
    try:
        return shape_of(graph.shapes[name])
    except ValueError as error:
        raise LabError(f"the layer {name} {error}; leave the reshaping before it out.") from error

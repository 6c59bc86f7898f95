"""The same net in the form that spikes can take: maxima of what neurons send, not of sums.

``relu(max(x)) = max(relu(x))``, and a factor above zero passes a maximum too. So a maximum of sums
moves behind the neurons that it feeds, and what rescales neurons moves behind the maximum. The
maximum of a join is the join of its parts' maxima.
"""

from dataclasses import replace

from snnlab.nets.graph.net import Graph, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.shaping import Borders, Concatenate, Pooling
from snnlab.nets.graph.weighted import Affine


def spiking_form(graph: Graph, average: bool = False) -> Graph:
    """A net that gives the same answer, with maxima behind neurons where that can be.

    Parameters
    ----------
    graph : Graph
    average : bool
        Takes means in place of all maxima; the answer is then another.
    """
    graph = graph.used()
    if average:
        nodes = [
            replace(node, layer=replace(node.layer, kind="average")) if _is_max(node) else node
            for node in graph.nodes
        ]
        return replace(graph, nodes=tuple(nodes))
    moved = True
    while moved:
        moved, sent = False, _sent(graph)
        for node in graph.nodes:
            behind = _behind(graph, node, sent)
            if behind is not None:
                graph, moved = _swapped(graph, node, behind), True
                break
            if _is_max(node) and _joins(graph, node.inputs[0]):
                graph, moved = _apart(graph, node), True
                break
    return graph


def _joins(graph: Graph, name: str) -> bool:
    return name in graph.by_name and isinstance(graph.by_name[name].layer, Concatenate)


def _apart(graph: Graph, pool: Node) -> Graph:
    """The maxima of each part of a join, joined."""
    nodes = []
    for node in graph.nodes:
        if node is not pool:
            nodes.append(node)
            continue
        join = graph.by_name[pool.inputs[0]]
        parts = [
            Node(f"{pool.name}({number})", pool.layer, (name,))
            for number, name in enumerate(join.inputs, start=1)
        ]
        nodes += [*parts, Node(pool.name, join.layer, tuple(part.name for part in parts))]
    return replace(graph, nodes=tuple(nodes)).used()


def _is_max(node: Node | None) -> bool:
    return node is not None and isinstance(node.layer, Pooling) and node.layer.kind == "max"


def _behind(graph: Graph, node: Node, sent: set[str]) -> Node | None:
    """The node that this one feeds alone, if the two should change places."""
    users = graph.users[node.name]
    if len(users) != 1:
        return None
    user = graph.by_name[users[0]]
    of_neurons = node.inputs[0] in sent
    if _is_max(node):
        # a factor moves in front only where there are sums in front, and towards neurons
        passes = _rises(user) and not of_neurons and _leads_to_neurons(graph, user)
        return user if isinstance(user.layer, Neurons) and not of_neurons or passes else None
    return user if _rises(node) and _is_max(user) and of_neurons else None


def _sent(graph: Graph) -> set[str]:
    """Nodes whose values are what neurons and gates send, perhaps joined, or with borders."""
    found: set[str] = set()
    for node in graph.nodes:
        passed = isinstance(node.layer, Concatenate | Borders) and found.issuperset(node.inputs)
        if passed or isinstance(node.layer, Neurons) or _is_max(node):
            found.add(node.name)
    return found


def _rises(node: Node) -> bool:
    return isinstance(node.layer, Affine) and bool((node.layer.scale > 0).all())


def _leads_to_neurons(graph: Graph, node: Node) -> bool:
    while len(graph.users[node.name]) == 1:
        node = graph.by_name[graph.users[node.name][0]]
        if isinstance(node.layer, Neurons):
            return True
        if not _rises(node):
            return False
    return False


def _swapped(graph: Graph, first: Node, second: Node) -> Graph:
    """Two nodes in each other's order; whoever was fed by the second is fed by the first."""
    nodes = []
    for node in graph.nodes:
        if node is first:
            nodes.append(Node(second.name, second.layer, first.inputs))
        elif node is second:
            nodes.append(Node(first.name, first.layer, (second.name,)))
        else:
            inputs = tuple(first.name if name == second.name else name for name in node.inputs)
            nodes.append(replace(node, inputs=inputs))
    return replace(graph, nodes=tuple(nodes))

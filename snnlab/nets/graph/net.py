"""The graph: which layer is fed by which, with the shapes that follow."""

from dataclasses import dataclass, replace
from functools import cached_property

from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution

IMAGE = "image"
Shape = tuple[int, ...]
Layer = (
    Convolution | TransposedConvolution | Dense | Affine | Pooling | Upsampling | Borders
    | Add | Concatenate | Reshape | Neurons | OffChip
)  # fmt: skip
JOINS = (Add, Concatenate)  # which take several inputs


@dataclass(frozen=True)
class Node:
    """A layer in its place.

    Attributes
    ----------
    name : str
    layer : Layer
        Two nodes with one and the same layer share its weights.
    inputs : tuple of str
        Names of earlier nodes, or ``"image"``.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """A net with one image in and one answer out, the last node's.

    Attributes
    ----------
    name : str
    image_shape : tuple of int
        ``(height, width, channels)``.
    nodes : tuple of Node
        Each after those that feed it.

    Raises
    ------
    ValueError
        If nodes do not fit each other; the message names the first that does not.
    """

    name: str
    image_shape: Shape
    nodes: tuple[Node, ...]

    def __post_init__(self):
        if len(self.image_shape) != 3 or min(self.image_shape) < 1 or not self.nodes:
            raise ValueError("a net takes an image of rows, columns and channels")
        if self.shapes is None:  # computed here, so that what does not fit is never made
            raise AssertionError

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shape of each node's output, and the image's."""
        found = {IMAGE: self.image_shape}
        for node in self.nodes:
            if node.name in found:
                raise ValueError(f"{node.name}: there are two of that name")
            if not node.inputs or (len(node.inputs) > 1 and not isinstance(node.layer, JOINS)):
                raise ValueError(f"{node.name}: {len(node.inputs)} inputs")
            missing = [name for name in node.inputs if name not in found]
            if missing:
                raise ValueError(f"{node.name}: its input {missing[0]} is not there")
            try:
                found[node.name] = node.layer.shape(*(found[name] for name in node.inputs))
            except ValueError as error:
                given = " and ".join("x".join(map(str, found[name])) for name in node.inputs)
                raise ValueError(f"{node.name} is given {given}, and wants {error}") from error
        return found

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Nodes by their names."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def users(self) -> dict[str, tuple[str, ...]]:
        """Names of the nodes that a node feeds, once for each of their inputs."""
        found: dict[str, list[str]] = {name: [] for name in self.shapes}
        for node in self.nodes:
            for name in node.inputs:
                found[name].append(node.name)
        return {name: tuple(names) for name, names in found.items()}

    @property
    def output(self) -> Node:
        """The last node."""
        return self.nodes[-1]

    def up_to(self, name: str) -> tuple[Node, ...]:
        """A node, and all that it depends on."""
        wanted, found = {name}, []
        for node in reversed(self.nodes):
            if node.name in wanted:
                wanted.update(node.inputs)
                found.append(node)
        return tuple(reversed(found))

    def used(self) -> "Graph":
        """The same without nodes that the answer does not depend on."""
        return replace(self, nodes=self.up_to(self.output.name))

"""A graph as one library reads it, where it does not read what NIR says; docs/exchange.md says why.

Versions: norse 1.1.0, sinabs 3.1.3, snntorch 1.0.0, spikingjelly 2.0.0, spyx 1.0.0.
"""

from dataclasses import replace

import numpy as np

from snnlab.errors import LabError
from snnlab.export.exchange.building import Exported

LIBRARIES = ("norse", "sinabs", "snntorch", "spikingjelly", "spyx")
SNNTORCH_DT = 1e-4  # s, which it takes for the length of a step whatever the file says
LINES = "the documentation, under 'Exchange by NIR',"
NO_LEAK = 1e12  # s; a step of 0.1 ms takes 1e-16 of the potential, which is nothing in floats

# by library: what its neurons cannot be told by a file, and so what is refused
_ONLY_ZERO = {
    "norse": "resets to zero, whatever the file says",
    "snntorch": "resets LIF neurons to zero, whatever the file says",
    "spikingjelly": "resets to v_reset, and begins there",
}
ONLY_ZERO = tuple(_ONLY_ZERO)  # whose neurons reset to zero, and begin there
_ONE_OUTPUT = ("snntorch", "spikingjelly")  # that is what comes back as a tensor
_ONE_THRESHOLD = ("snntorch", "spikingjelly")


def fitted(exported: Exported, library: str) -> Exported:
    """The graph for a library.

    Parameters
    ----------
    exported : Exported
        As `snnlab.export.exchange.building` makes it; not changed.
    library : str
        One of `LIBRARIES`.

    Raises
    ------
    LabError
        If the library cannot give these spikes.
    """
    if library not in LIBRARIES:
        raise LabError(f"there is no profile for {library!r}; choose {', '.join(LIBRARIES)}.")
    readable(exported.graph, library)
    graph, nodes = exported.graph, {}
    for name, node in graph.nodes.items():
        nodes[name] = _neuron(name, node, library) if type(node).__name__ == "IF" else node
    notes = [f"The file is for {library}: {LINES} has the lines to read it with."]
    metadata = graph.metadata
    if library == "snntorch":
        metadata = metadata | {"dt": SNNTORCH_DT}
        notes.append(
            "Neurons are LIF whose leak is nothing, stepped by 0.0001 s, which is snnTorch's own."
        )
    made = type(graph)(nodes=nodes, edges=list(graph.edges), metadata=metadata)
    return replace(exported, graph=made, notes=(*exported.notes, *notes))


def _neuron(name: str, node, library: str):
    soft = node.metadata["reset"] == "subtraction"
    if library in _ONLY_ZERO and (soft or node.v_reset.any()):
        raise LabError(
            f"{library} {_ONLY_ZERO[library]}; export with --reset zero --initial 0, or without"
            f" --for and read it with the lines that {LINES} has."
        )
    if library == "sinabs" and node.v_reset.any():
        raise LabError(
            "sinabs resets to zero or by subtraction; export with --initial 0, or --reset"
            " subtraction."
        )
    if library in _ONE_THRESHOLD and np.unique(node.v_threshold).size > 1:
        raise LabError(
            f"{library} wants one threshold per population, and {name} has places without a"
            " neuron; give sizes that the strides divide."
        )
    if library == "spikingjelly":  # where it is reached, and not passed
        return replace(node, v_threshold=np.ones_like(node.v_threshold))
    if library == "snntorch":
        import nir

        full = np.ones_like(node.r)
        return nir.LIF(
            tau=full * NO_LEAK,
            r=full * (NO_LEAK / SNNTORCH_DT),
            v_leak=full * 0,
            v_threshold=node.v_threshold,
            v_reset=node.v_reset,
            metadata=node.metadata,
        )
    return node


def readable(graph, library: str) -> None:
    """Refuse a graph that a library's reader cannot follow, whatever the numbers in it.

    Raises
    ------
    LabError
    """
    outputs = sum(type(node).__name__ == "Output" for node in graph.nodes.values())
    if library in _ONE_OUTPUT and outputs > 1:
        raise LabError(
            f"a graph for {library} has one output, and this one has {outputs}; export for norse or"
            " sinabs."
        )
    if library == "spyx":
        _chain(graph)


def _chain(graph) -> None:
    """Refuse a graph that is no chain of what Spyx has layers for."""
    for name, node in graph.nodes.items():
        kind = type(node).__name__
        for at, word in ((0, "feeds"), (1, "is fed by")):
            if sum(edge[at] == name for edge in graph.edges) > 1:
                raise LabError(
                    f"spyx follows one edge from each node and leaves out the others, and {name}"
                    f" {word} several; export for another library, or a net without branches."
                )
        if kind == "Scale":
            raise LabError(f"spyx has no layer for the {kind} {name}; export for another library.")


def without(library: str | None) -> tuple[str, ...]:
    """Names of data sets that the library's version of nir refuses: sinabs wants nir 1.0.4."""
    return ("v_reset",) if library == "sinabs" else ()

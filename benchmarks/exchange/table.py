"""What other libraries make of an exported network: the table of docs/exchange.md.

    benchmarks/exchange/table.sh [--relu]

A small U-Net of random weights, as the tests have it, for 32 x 32 pixels, 32 steps, or with --relu
that model for 64 x 64; in the file for each library, without and with its lines (`read.py`). Of
reset by subtraction, which no library takes from a file, sinabs gets its own file, and SpikingJelly
the one for everybody. Spyx, which reads chains alone, gets one of four layers (`chain`).
"""

import sys
import tempfile
from pathlib import Path

from snnlab.conversion import rate_scaling
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import rates, reached
from snnlab.errors import LabError
from snnlab.export.exchange import readers
from snnlab.lab import exchanging, segmenting
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.shaping import Reshape
from snnlab.settings import Settings
from tests import small_models
from tests.conversion.graphs import nets

STEPS = 32
CASES = (
    ("norse", "zero", "norse"),
    ("sinabs", "zero", "sinabs"),
    ("sinabs", "subtraction", "sinabs"),
    ("snntorch", "zero", "snntorch"),
    ("spikingjelly", "zero", "spikingjelly"),
    ("spikingjelly", "subtraction", None),
    ("spyx", "zero", "spyx"),
    ("spyx", "subtraction", "spyx"),
)
HEAD = "| library | reset | read | equal spikes | of the last layer | layers that are equal |"


def network(reset, start, relu):
    if relu:
        settings = segmenting.defaults("relu").replace(reset=reset, initial=start)
        return exchanging.of_model(settings)
    settings = Settings(reset=reset, initial=start, lower_hz=400.0, upper_hz=450.0)
    return rate_scaling.convert(small_models.model(), small_models.image(32), settings)


def chain(reset, start):
    """Three convolutions, of which one has strides, and two dense layers."""
    d = nets.Drawn(3)
    nodes = [Node("conv0", d.conv(3, 2, 8), (IMAGE,)), Node("relu0", Neurons(), ("conv0",))]
    for number, (side, stride) in enumerate(((3, 2), (3, 1)), start=1):
        conv = d.conv(side, 8, 8, stride)
        nodes.append(Node(f"conv{number}", conv, (nodes[-1].name,)))
        nodes.append(Node(f"relu{number}", Neurons(), (f"conv{number}",)))
    nodes += [Node("flat", Reshape(), ("relu2",)), Node("dense", d.dense(8 * 64, 30), ("flat",))]
    nodes += [Node("relu3", Neurons(), ("dense",)), Node("last", d.dense(30, 5), ("relu3",))]
    graph = Graph("chain", (16, 16, 2), tuple(nodes))
    images = nets.images(shape=graph.image_shape)
    found = rates(graph, reached(graph, images))
    return build(graph, images[0], found, start, reset)


def main():
    relu = "--relu" in sys.argv[1:]
    said = {}
    print(HEAD)
    print("|---|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for library, reset, profile in CASES:
            start = 0.0 if reset == "zero" else 0.5
            converted = chain(reset, start) if library == "spyx" else network(reset, start, relu)
            made = exchanging.made(converted, STEPS, library=profile)
            path = Path(folder) / "net.nir"
            path.write_bytes(made.packed())
            order = [trains.name for trains in made.recording.populations]
            for lines in (False, True) if library != "snntorch" else (False,):
                how = "with its lines" if lines else "as it comes"
                try:
                    read = readers.read(library, path, lines)
                except LabError as error:
                    print(f"| {library} | {reset} | {how} | refused: {error} | | |")
                    continue
                said[library] = read.versions
                found = read.compared
                equal = sum(share == 1 for share in found.layers.values())
                print(
                    f"| {library} | {reset} | {how} | {100 * found.spikes_equal:.2f} %"
                    f" | {100 * found.layers[order[-1]]:.2f} % | {equal} of {len(order)} |",
                    flush=True,
                )
    print()
    print("; ".join(said.values()))


if __name__ == "__main__":
    main()

"""Partitioners against each other: on real sections with measured spikes, and up to 30,000 cores.

    python benchmarks/partition.py --data FOLDER [--sections 18,..,23] [--tile 128] [--out FILE]
    python benchmarks/partition.py --scale [--tiles 64,128,..] [--out FILE]

The first maps the middle of ISBI sections that no model was trained on, and
gives medians over sections. "Full chips" is the same with chips of as many
cores as are needed to hold the blocks and no more. The second takes random
spikes, about one neuron in eight a step, in the real wiring of larger tiles.
Times are of this machine as it was, other work included.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "2")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402

from snnlab import conversion  # noqa: E402
from snnlab.chips import mapping  # noqa: E402
from snnlab.chips.partition import co_design  # noqa: E402
from snnlab.chips.partition.problem import of_layout  # noqa: E402
from snnlab.lab import chips as lab_chips  # noqa: E402
from snnlab.lab import segmenting as lab  # noqa: E402
from snnlab.nets.architecture import multiple  # noqa: E402
from snnlab.simulation.loihi.network import describe  # noqa: E402
from snnlab.simulation.loihi.shapes import block_shapes  # noqa: E402
from snnlab.simulation.recording import Recording, SpikeTrains  # noqa: E402

STEPS = 16  # of the synthetic spikes
BASE = "greedy-interchip"


def note(text):
    print(text, file=sys.stderr, flush=True)


def real(folder, sections, tile, model):
    """Rows of (section, partition, layout, cores, chips, crossing, seconds)."""
    rows = []
    for section in sections:
        picture = lab.isbi_picture(folder, section)
        begun = time.perf_counter()
        found = lab_chips.mapping(picture, lab_chips.chip_settings(model), tile)
        note(f"section {section}: {time.perf_counter() - begun:.0f} s")
        for name, partition in found.partitions.items():
            layout = found.layout(name)
            rows.append(
                {
                    "section": section,
                    "partition": name,
                    "layout": layout.name,
                    "cores": len(layout.blocks),
                    "chips": partition.chips,
                    "interchip": partition.interchip,
                    "interchip_per_core": partition.interchip_per_core,
                    "hops": partition.hops,
                    "seconds": partition.seconds,
                    "seconds_of_shapes": layout.seconds,
                }
            )
        rows += full_chips(found.layouts["searched"], section)
    return rows


def full_chips(layout, section):
    """The same blocks on chips that they fill."""
    chips = of_layout(layout).chips
    capacity = -(-len(layout.blocks) // chips)
    rows = []
    for name in mapping.NAMES:
        problem = of_layout(layout, chips, capacity)
        chip_of, seconds = mapping.partitioner(name).run(problem)
        rows.append(
            {
                "section": section,
                "partition": f"{name}, full chips",
                "layout": layout.name,
                "cores": len(layout.blocks),
                "chips": chips,
                "interchip": problem.pins.cost(chip_of, chips),
                "seconds": seconds,
            }
        )
    return rows


def summary(rows):
    """Medians over sections, and each against the others of the same section."""
    names = list(dict.fromkeys(row["partition"] for row in rows))
    found = []
    for name in names:
        mine = [row for row in rows if row["partition"] == name]
        entry = {"partition": name, "cores": mine[0]["cores"], "chips": mine[0]["chips"]}
        for key in ("interchip", "seconds"):
            entry[key] = statistics.median(row[key] for row in mine)
        tail = ", full chips" if name.endswith("full chips") else ""
        for other in (f"{BASE}{tail}", f"metis{tail}", f"{BASE}@default"):
            by_section = {r["section"]: r["interchip"] for r in rows if r["partition"] == other}
            ratios = [
                row["interchip"] / by_section[row["section"]]
                for row in mine
                if row["section"] in by_section
            ]
            if ratios:
                entry[f"against {other}"] = statistics.median(ratios) - 1
                entry[f"worst against {other}"] = max(ratios) - 1
        found.append(entry)
    return found


def synthetic(layers, seed=0):
    """Random spikes of every population."""
    random = np.random.default_rng(seed)
    trains = []
    for layer in layers:
        size = int(np.prod(layer.shape))
        words = random.integers(0, 2**STEPS, (1, size), np.uint64)
        for _ in range(2):
            words &= random.integers(0, 2**STEPS, (1, size), np.uint64)
        trains.append(SpikeTrains(layer.name, layer.shape, words, STEPS))
    return Recording(tuple(trains), "synthetic", STEPS, 0.0)


def scaling(tiles, model):
    """Time and quality over the number of cores."""
    unet, settings = lab.model(model), lab_chips.chip_settings(model)
    side = multiple(unet.layers)
    rows = []
    for tile in tiles:
        image = np.zeros((tile // side * side,) * 2, np.float32)
        network = conversion.method(settings.method).convert(unet, image, settings)
        layers = describe(network)
        layout = mapping.layout("searched", layers, block_shapes(layers), synthetic(layers))
        problem = of_layout(layout)
        note(f"tile {tile}: {problem.cores} cores, {problem.pins.nets} nets")
        patches = problem.pins.cost(co_design.patches(problem), problem.chips)
        for name in mapping.NAMES:
            if name == BASE and problem.cores > 8000:
                continue  # its time grows with the square of the cores
            chip_of, seconds = mapping.partitioner(name).run(problem)
            rows.append(
                {
                    "tile": tile,
                    "cores": problem.cores,
                    "chips": problem.chips,
                    "nets": problem.pins.nets,
                    "partitioner": name,
                    "interchip": problem.pins.cost(chip_of, problem.chips),
                    "spikes": int(problem.edges.spikes.sum()),
                    "patches": patches,
                    "seconds": seconds,
                }
            )
            note(f"  {name}: {rows[-1]['interchip']:,} in {seconds:.2f} s")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="folder of ISBI 2012")
    parser.add_argument("--sections", default="18,19,20,21,22,23")
    parser.add_argument("--tile", type=int, default=128)
    parser.add_argument("--model", default=lab_chips.MODEL)
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--tiles", default="64,128,256,384,512,768")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    answer = {
        "machine": {"processor": platform.machine(), "cores": os.cpu_count()},
        "model": arguments.model,
    }
    if arguments.scale:
        answer["scaling"] = scaling([int(x) for x in arguments.tiles.split(",")], arguments.model)
    else:
        sections = [int(x) for x in arguments.sections.split(",")]
        rows = real(arguments.data, sections, arguments.tile, arguments.model)
        answer |= {"tile": arguments.tile, "summary": summary(rows), "rows": rows}
    answer["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    text = json.dumps(answer, indent=1)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    print(json.dumps(answer["summary"] if "summary" in answer else answer["scaling"], indent=1))


if __name__ == "__main__":
    main()

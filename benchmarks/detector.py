"""The detector by ANN and SNN: python -m benchmarks.detector --epfl FOLDER [--only scores,...].

Tables in Markdown, of the EPFL slices on which nothing was chosen: how good boxes are (``scores``),
what each population and each part of the answer loses by spikes (``layers``), seconds for a section
of 768 x 1024 pixels (``time``), joules (``energy``), and a tile on Loihi (``chips``). ``--weights
DIR`` takes a detector that is not shipped.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from snnlab.chips.mapping import map_tile
from snnlab.conversion.detector import convert
from snnlab.data import epfl
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate
from snnlab.energy.graphs import work
from snnlab.lab import chips as lab_chips
from snnlab.nets.detector import model
from snnlab.nets.detector.anchors import decoded
from snnlab.nets.detector.boxes import OVERLAP, areas, chosen, overlaps
from snnlab.nets.detector.graph import all_anchors, parted, read
from snnlab.nets.detector.inference import detect, padded
from snnlab.nets.graph.forward import answer, forward
from snnlab.results import detection
from snnlab.results.forming import first
from snnlab.settings import Settings
from snnlab.simulation.event import running
from snnlab.training.detector.fitting import boxes
from snnlab.training.detector.making import NAME, sections

TIMESTEPS = (8, 16, 32, 64, 100, 128, 256)
SLOW = (100, 200)  # steps of what is reset to zero
USUAL = {"method": "data-normalisation"}
ZERO = {
    "method": "rate-scaling", "lower_hz": 1.0, "upper_hz": 120.0, "reset": "zero",
    "synapse_ms": 5.0,
}  # fmt: skip
PARTS = ("scores", "layers", "time", "energy", "chips")
AT = 64  # steps of the layers' table
DEVICES = ("cpu-online", "gpu-online", "ann-45nm-int", "loihi-keras", "spinnaker2", "snn-45nm-int")
TILE = 128  # side of what is laid out over chips, pixels
PARTITIONERS = ("greedy", "greedy-interchip", "co-design")


@dataclass(frozen=True)
class Way:
    """A way of running it."""

    name: str
    changes: dict
    timesteps: tuple[int, ...]


WAYS = (
    Way("data-normalisation, subtraction", USUAL, TIMESTEPS),
    Way("rate-scaling to 450 Hz, subtraction", {"upper_hz": 450.0}, (64, 100, 256)),
    Way("rate-scaling to 120 Hz, zero, synapse 5 ms", ZERO, SLOW),
)


def settings(changes: dict) -> Settings:
    """Of a run; what matters is what is changed."""
    return Settings(model=NAME, method="rate-scaling").replace(**changes)


def row(network: str, steps: str, found, truth, score: float) -> str:
    """A line of the table of scores."""
    one = detection.scores(found, truth, score)
    return (
        f"| {network} | {steps} | {one.average_precision_50:.3f} | {one.average_precision_75:.3f}"
        f" | {one.precision:.3f} | {one.recall:.3f} | {one.count_error:.2f} |"
    )


def scores(net, report) -> None:
    """Average precision and counts."""
    truth, at = [boxes(things) for things in report.things], net.card["settings"]["threshold"]
    print(f"Score from which boxes count: {at:.3f}; {sum(map(len, truth))} mitochondria.\n")
    print("| network | T | AP50 | AP75 | precision | recall | count off by |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, bits in (("ANN, float32", False), ("ANN, 8 bits", True)):
        print(row(name, "", [detect(net, one, bits) for one in report.images], truth, at))
    for way in WAYS:
        found = {steps: [] for steps in way.timesteps}
        for image in report.images:
            shown = padded(image)
            network = convert(net, shown, settings(way.changes))
            recording = running.run(network, max(way.timesteps))
            for steps in way.timesteps:
                values = network.answer(recording, first(network, steps), steps)
                found[steps].append(read(values, all_anchors(*shown.shape), *image.shape))
        for steps, one in found.items():
            print(row(f"SNN, {way.name}", str(steps), one, truth, at), flush=True)
    print()


def layers(net, report) -> None:
    """What is lost, layer by layer and by part of the answer."""
    image = padded(report.images[0])
    graph, at = net.graph(*image.shape), all_anchors(*image.shape)
    network = convert(net, image, settings(USUAL))
    recording = running.run(network, AT)
    print("| population | neurons | mean rate (Hz) | error | correlation |")
    print("|---|---:|---:|---:|---:|")
    known = {one.name: one for one in network.populations}
    for name, values in forward(graph, image[None, ..., None]):
        if name not in known:
            continue
        rates_hz = recording[name].rates_hz().ravel()
        snn, ann = rates_hz / known[name].rate_hz, values.ravel()
        off = np.abs(snn - ann).sum() / np.abs(ann).sum()
        print(
            f"| {name} | {ann.size} | {rates_hz.mean():.0f} | {100 * off:.1f} % |"
            f" {np.corrcoef(ann, snn)[0, 1]:.4f} |"
        )
    expected = parted(answer(graph, image[None, ..., None])[0].astype(float))
    spiking = parted(network.answer(recording).astype(float))
    things = expit(expected[0]) >= net.card["settings"]["threshold"]
    one, other = (decoded(part[1][things], at[things]) for part in (expected, spiking))
    mixed = {
        "both of the ANN": (expected[0], expected[1]),
        "scores of the SNN, offsets of the ANN": (spiking[0], expected[1]),
        "scores of the ANN, offsets of the SNN": (expected[0], spiking[1]),
        "both of the SNN": (spiking[0], spiking[1]),
    }
    shift = np.abs(expit(expected[0]) - expit(spiking[0]))[things].mean()
    shared = np.mean([overlaps(a[None], b[None])[0, 0] for a, b in zip(one, other, strict=True)])
    print(
        f"\nOf {things.sum()} anchors that the ANN takes for a thing, the score is off by"
        f" {shift:.3f} on average, and the boxes of ANN and SNN overlap by {shared:.3f}"
        f" (root of their area: {np.sqrt(areas(one)).mean():.0f} pixels).\n"
    )
    truth = [boxes(report.things[0])]
    print("| answer | AP50 | AP75 |")
    print("|---|---:|---:|")
    for name, (logits, offsets) in mixed.items():
        found = chosen(decoded(offsets, at), expit(logits), *report.images[0].shape)
        half, strict = (
            detection.curve([found], truth, overlap).average_precision for overlap in (0.5, 0.75)
        )
        print(f"| {name} | {half:.3f} | {strict:.3f} |")
    print()


def timing(net, report) -> None:
    """Seconds; of the second of two runs."""
    image = padded(report.images[0])
    print("| what | seconds |")
    print("|---|---:|")
    for _ in range(2):
        begun = time.perf_counter()
        detect(net, report.images[0])
        ann = time.perf_counter() - begun
        begun = time.perf_counter()
        network = convert(net, image, settings(USUAL))
        made = time.perf_counter() - begun
        begun, busy = time.perf_counter(), time.process_time()
        recording = running.run(network, AT)
        took, busy = time.perf_counter() - begun, time.process_time() - busy
        begun = time.perf_counter()
        read(network.answer(recording), all_anchors(*image.shape), *image.shape)
        said = time.perf_counter() - begun
    height, width = image.shape
    for name, seconds in (
        (f"ANN, {width} x {height}", ann),
        ("conversion", made),
        (f"event engine, {AT} steps", took),
        (f"event engine, {AT} steps, processor time", busy),
        ("answer and suppression", said),
    ):
        print(f"| {name} | {seconds:.2f} |")
    neurons = sum(int(np.prod(one.shape)) for one in network.populations)
    events = sum(recording.synaptic_events().values())
    print(
        f"\n{neurons:,} neurons, {recording.spikes():,} spikes, {events / 1e9:.1f} G synaptic"
        f" events; boxes that overlap by more than {OVERLAP:g} are one.\n"
    )


def energy(net, report) -> None:
    """Joules for a section, by published constants."""
    image = padded(report.images[0])
    network = convert(net, image, settings(USUAL))
    recording = running.run(network, AT)
    names = [one.name for one in network.populations]
    events = dict.fromkeys(names, 0)
    for (source, _), reached in recording.synaptic_events().items():
        events[source] += reached
    made = work(
        network.graph,
        {one.name: int(np.prod(one.shape)) for one in network.populations},
        [recording[name].total() for name in names],
        [events[name] for name in names],
        AT,
    )
    print("| device | joules | low | high |")
    print("|---|---:|---:|---:|")
    for name in DEVICES:
        found = estimate(device(name, devices()), made)
        low, joules, high = found.band
        print(f"| {found.device.title} | {joules:.3g} | {low:.3g} | {high:.3g} |")
    print(
        f"\nANN: {made.macs / 1e9:.2f} G multiply-accumulates; SNN in {AT} steps:"
        f" {made.events / 1e9:.1f} G synaptic events, {made.spikes / 1e6:.0f} M spikes.\n"
    )


def chips(net, report) -> None:
    """A tile from the middle of a section on Loihi's cores and chips."""
    height, width = report.images[0].shape
    rows, columns = ((size - TILE) // 2 for size in (height, width))
    image = report.images[0][rows : rows + TILE, columns : columns + TILE]
    chosen_settings = settings(ZERO).replace(timesteps=SLOW[0])
    layers, recording = lab_chips.record(convert(net, image, chosen_settings), chosen_settings)
    found = map_tile(layers, recording, image, (rows, columns, TILE, TILE), None, PARTITIONERS)
    print("| partitioner | cores | chips | spikes between chips | spikes within |")
    print("|---|---:|---:|---:|---:|")
    for name in PARTITIONERS:
        one = found.partitions[name]
        print(
            f"| {name} | {one.cores.sum()} | {one.chips} | {one.interchip:,} | {one.intrachip:,} |"
        )
    neurons = sum(int(np.prod(layer.shape)) for layer in layers if layer.on_chip)
    print(f"\n{TILE} x {TILE} pixels, {neurons:,} neurons on chip, {SLOW[0]} steps.\n")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epfl", metavar="FOLDER", help="of EPFL's slices")
    parser.add_argument("--data", metavar="FOLDER", help="of ISBI's, beside which they may be")
    parser.add_argument("--weights", type=Path, default=model.ASSETS, metavar="DIR")
    parser.add_argument("--only", default=",".join(PARTS), metavar=",".join(PARTS))
    options = parser.parse_args()
    found = epfl.find(options.epfl, options.data)
    if found is None:
        parser.error("name the EPFL folder with --epfl")
    net, report = model.load(NAME, options.weights), sections(epfl.volume(found), epfl.REPORT)
    for part in options.only.split(","):
        {
            "scores": scores,
            "layers": layers,
            "time": timing,
            "energy": energy,
            "chips": chips,
        }[part](net, report)


if __name__ == "__main__":
    main()

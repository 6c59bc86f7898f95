"""What benchmarks/energy.py has to say, as Markdown."""

import textwrap
from dataclasses import dataclass

import numpy as np

from snnlab.energy import breakeven
from snnlab.energy import work as counting
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate, real_time
from snnlab.figures.numbers import joules
from snnlab.lab import segmenting as lab

NEAR = 0.005  # half a point
CHIP = "loihi-davies"
LOIHI = ("loihi-davies", "loihi-sanafe", "loihi-keras")
RESETS = ("zero", "subtraction")
BITS = 8
HELD = ("cpu-online", "cpu-measured", "gpu-online", "gpu")  # what runs the ANN, in the first table
SHORT = {
    "loihi-davies": "Loihi 1, Davies",
    "loihi-sanafe": "Loihi 1, SANA-FE",
    "loihi-keras": "Loihi 1, KerasSpiking",
    "spinnaker": "SpiNNaker",
    "spinnaker2": "SpiNNaker 2",
    "loihi2-pilotnet": "Loihi 2, PilotNet",
    "snn-45nm-fp32": "45 nm SNN, fp32",
    "snn-45nm-int": "45 nm SNN, 8 bit",
}


@dataclass(frozen=True)
class Point:
    """One model, run one way, after one number of steps; means over the sections."""

    model: str
    way: str
    reset: str
    steps: int
    ann: float
    snn: float
    works: tuple

    def joules(self, name: str, idle: bool = False, end: int = 1) -> float:
        """Mean energy of a section on a device; end 0 is the band's low one, 2 its high one."""
        one = device(name, devices(BITS))
        return float(np.mean([estimate(one, work, 1, idle).band[end] for work in self.works]))

    def ratio(self, ann: str, chip: str, idle: bool = False) -> float:
        return self.joules(ann, idle) / self.joules(chip, idle)

    def ratio_band(self, ann: str, chip: str, idle: bool = False) -> tuple[float, float]:
        return (
            self.joules(ann, idle, 0) / self.joules(chip, idle, 2),
            self.joules(ann, idle, 2) / self.joules(chip, idle, 0),
        )

    def waiting(self, name: str) -> float | None:
        """Mean idle energy of the chips of a section in real time, if it is published."""
        one = device(name, devices(BITS))
        found = [real_time(one, work) for work in self.works]
        return None if None in found else float(np.mean(found))

    def mean(self, what: str) -> float:
        return float(np.mean([getattr(work, what) for work in self.works]))


def thriftiest(points: list[Point], resets) -> Point | None:
    """The cheapest within half a point of its ANN."""
    near = [p for p in points if p.reset in resets and p.snn >= p.ann - NEAR]
    return min(near, key=lambda p: p.joules(CHIP)) if near else None


def paragraph(*parts: str, first: str = "") -> str:
    """One paragraph, or one point of a list."""
    text = " ".join(parts)
    return textwrap.fill(
        text, 110, initial_indent=first, subsequent_indent=" " * len(first),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def side(band: tuple[float, float]) -> str:
    """On which side of a factor of two a whole band is: ``more``, ``less``, or ``open``."""
    low, high = band
    return "more" if low > 2 else "less" if high <= 2 else "open"


def firmly(point: Point | None) -> str:
    """For which devices the claim holds whatever the constants, and for which it does not."""
    if point is None:
        return "No model that resets to zero, as Loihi 1 does, comes near its ANN."
    found: dict[str, list[str]] = {"more": [], "less": [], "open": []}
    for ann in devices(BITS):
        if ann.network == "ann" and ann.device != "45 nm":
            sides = {side(point.ratio_band(ann.name, chip)) for chip in LOIHI}
            found[sides.pop() if len(sides) == 1 else "open"].append(ann.title)

    def of(kind: str) -> str:
        *most, last = (f"*{title}*" for title in found[kind])
        return f"{', '.join(most)} and {last}" if most else last

    told = []
    if found["more"]:
        told.append(
            "Whatever the constants are within their bands, Loihi 1 takes less than half the energy"
            f" that the ANN takes on: {of('more')}."
        )
    if found["less"]:
        told.append(f"It never takes less than half of the ANN's energy on: {of('less')}.")
    if found["open"]:
        told.append(f"Within the bands it could go either way on: {of('open')}.")
    return paragraph(
        *told,
        "(Of the runs that reset to zero, as Loihi 1 does, the thriftiest:"
        f" `{point.model}`, {point.way}, {point.steps} steps.)",
    )


def header(measured: bool, about: str, names, first: str) -> str:
    options = " --measure" if measured else ""
    return "\n".join(
        (
            "# Energy: when spikes win and when they lose",
            "",
            first,
            "",
            "Made, all of it, by",
            "",
            "    PYTHONPATH=. .venv/bin/python benchmarks/energy.py --data FOLDER"
            f"{options} --out docs/energy.md",
            "",
            paragraph(
                f"**Images**: {about}. One at a time, weights of 8 bits in both networks.",
                first="- ",
            ),
            paragraph(
                "**Models**: "
                + ", ".join(f"`{name}` ({lab.model(name).digest[:12]})" for name in names)
                + "; in brackets the first digits of the sha256 of all that they compute.",
                first="- ",
            ),
            paragraph(
                "**Quality**: pixel accuracy at the threshold 0.5, mean over the sections;",
                "*near* is",
                "within half a point (0.005) of the same model's ANN.",
                first="- ",
            ),
            paragraph(
                "**Counts** are measured: spikes, synaptic events with the borders exact, neuron",
                f"updates with and without input, MACs. Messages: {counting.UNMAPPED}.",
                first="- ",
            ),
            paragraph(
                "**Joules** are published constants (below) times these counts; none of these runs",
                "was measured on a neuromorphic chip. *Loihi 2, PilotNet* is an average per",
                "update of another network, which was measured there. Idle power is left out",
                "where not said otherwise, as in the",
                "keyword-spotting comparison by the paper's authors.",
                first="- ",
            ),
            paragraph(
                "**Bands**, where named, are the ends that sources leave open: for the",
                "processors, that",
                "8-bit weights might save energy in proportion (a quarter of fp32) and that",
                "starting a",
                "layer might cost nothing; for Loihi, dense synapses on silicon (35.5 pJ), every",
                "update",
                "active, messages across the chip.",
                first="- ",
            ),
            paragraph(
                "The processors whose joules per MAC are published are of 2013 and 2014 (i7-4960X,",
                "GTX Titan Black), Loihi 1 is of 2018. Newer ones take less: see at how many pJ",
                "a MAC",
                "the SNN stops winning.",
                first="- ",
            ),
            paragraph(
                "Reset to zero is what Loihi 1 has. **Reset by subtraction is an idealised neuron",
                "that it has not**: what is said of it there is of an idealised chip.",
                first="- ",
            ),
            paragraph(
                "*Thresholds of its own*: the model's conversion method sets them, knows no rate",
                "bounds and resets by subtraction: one way only, and none for Loihi 1.",
                first="- ",
            ),
            paragraph(
                "The encoder and the readout, which a host computes in the paper's system, are",
                "charged as if they were on the chip.",
                first="- ",
            ),
        )
    )


def claim(points: list[Point], chosen: dict) -> str:
    lines = [
        "## Half the energy?",
        "",
        paragraph(
            "For each model, reset and way: the fewest timesteps, of those that were read out,",
            "that are",
            "near the ANN, and the energy of the ANN over that of the SNN, with its band. Bold:",
            "the whole band is above 2, the paper's claim; italic: the whole band is not. CPU and",
            "GPU: one image at a time; *measured*: seconds measured here, times 10 to 40 W.",
        ),
        "",
        "| model | reset | rate bounds | T | ANN | SNN | spikes per neuron | events per MAC |"
        " Loihi 1, Davies | CPU : Loihi | CPU, measured : Loihi | GPU : Loihi |"
        " GPU in large batches : Loihi |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for key in dict.fromkeys((p.model, p.reset, p.way) for p in points):
        own = [p for p in points if (p.model, p.reset, p.way) == key]
        found = thriftiest(own, RESETS)
        start = "| " + " | ".join(key)
        if found is None:
            best = max(own, key=lambda p: p.snn)
            never = f"never near: {best.snn:.4f} after {best.steps}"
            lines.append(f"{start} | – | {best.ann:.4f} | {never} | | | | | | | |")
            continue
        cells = [
            str(found.steps), f"{found.ann:.4f}", f"{found.snn:.4f}",
            f"{found.mean('spikes_per_neuron'):.2f}",
            f"{found.mean('events') / found.mean('macs'):.2f}", joules(found.joules(CHIP)),
            *(strong(found, name, CHIP) for name in HELD),
        ]  # fmt: skip
        lines.append(f"{start} | " + " | ".join(cells) + " |")
    for reset, point in chosen.items():
        if point is None:
            lines += ["", f"With reset {named(reset)} no model comes near its ANN."]
    return "\n".join(lines)


def named(reset: str) -> str:
    return "to zero" if reset == "zero" else "by subtraction"


def number(value: float) -> str:
    """Three digits, and no exponent where none is needed."""
    return f"{value:,.0f}" if value >= 999.5 else f"{value:.3g}"


def strong(point: Point, ann: str, chip: str, idle: bool = False) -> str:
    """A ratio and its band; bold or italic only if the whole band is on one side of 2."""
    band = point.ratio_band(ann, chip, idle)
    text = number(point.ratio(ann, chip, idle))
    mark = {"more": "**", "less": "*", "open": ""}[side(band)]
    return f"{mark}{text}{mark} ({number(band[0])} .. {number(band[1])})"


def against(point: Point) -> str:
    """One run against every ANN, and what would have to change where it does not win."""
    found = devices(BITS)
    lines = [
        f"## The thriftiest with reset {named(point.reset)}",
        "",
        paragraph(
            f"`{point.model}`, {point.way}, {point.steps} steps: {point.snn:.4f} against"
            f" {point.ann:.4f} of its ANN; {point.mean('macs') / 1e6:,.0f} M MACs;"
            f" {point.mean('spikes') / 1e6:,.1f} M spikes, {point.mean('events') / 1e6:,.0f} M"
            " synaptic"
            f" events, {point.mean('updates') / 1e6:,.0f} M neuron updates"
            f" ({100 * point.mean('active') / point.mean('updates'):.0f} % with input), at least"
            f" {point.mean('chips'):.0f} Loihi 1 chips."
        ),
        "",
        *table(point, False),
        *table(point, True),
        "**More than 2** in the middle of the bands, idle power left out:",
        "",
    ]
    anns = [one for one in found if one.network == "ann" and one.device != "45 nm"]
    pairs = [(ann, chip) for ann in anns for chip in LOIHI]
    good = [(a, c) for a, c in pairs if point.ratio(a.name, c) > 2]
    bad = [pair for pair in pairs if pair not in good]
    lines += grouped(point, good) or ["- under none"]
    lines += ["", "**Not more than 2**, and what would have to change:", ""]
    lines += [
        paragraph(
            f"{ann.title} : {SHORT[chip]} = {number(point.ratio(ann.name, chip))}.",
            change(point, ann, chip),
            first="- ",
        )
        for ann, chip in bad
    ] or ["- nothing: there is no such pair"]
    lines += ["", "**What the comparison hangs on:**", "", *limits(point)]
    return "\n".join(lines)


def limits(point: Point) -> list[str]:
    """Where the SNN stops winning, and what is not charged."""
    per_mac = [point.joules(chip) / point.mean("macs") * 1e12 for chip in LOIHI]
    low, high = min(per_mac), max(per_mac)
    layers = {one.name: one for one in lab.model(point.model).layers}
    host = [
        sum(one.neurons for one in work.layers if not layers[one.name].on_chip) * work.timesteps
        for work in point.works
    ]
    cpu = device("cpu", devices(BITS)).get("neuron").band[1]
    lines = [
        paragraph(
            f"A processor that takes less than {2 * low:.3g} to {2 * high:.3g} pJ per MAC, all"
            " counted, is"
            f" not beaten by a factor of two, and one below {low:.3g} to {high:.3g} pJ beats the"
            " SNN"
            " (by the model of Loihi 1).",
            first="- ",
        ),
        paragraph(
            f"Were the encoder's {np.mean(host) / 1e6:,.1f} M updates computed by a host at the"
            " CPU's"
            f" {cpu * 1e9:.3g} nJ each, they alone would take {joules(np.mean(host) * cpu)}, beside"
            f" {joules(point.joules(CHIP))} for all of the SNN on the chip.",
            first="- ",
        ),
    ]
    real = point.joules(CHIP, idle=True, end=2) - point.joules(CHIP, end=2)
    slow = point.joules("gpu-online", True) / (point.joules(CHIP) + real)
    lines.append(
        paragraph(
            "Idle power above is that of a chip which computes as fast as it can. In real time,"
            " 1 ms per"
            f" step, {point.mean('chips'):.0f} chips at 104 mW add {joules(real)}, and GPU (one"
            " image at"
            f" a time, its idle power counted) : Loihi 1 is {number(slow)}.",
            first="- ",
        )
    )
    for ann, chip in (("ann-45nm-fp32", "snn-45nm-fp32"), ("ann-45nm-int", "snn-45nm-int")):
        one, other = device(ann, devices(BITS)), device(chip, devices(BITS))
        lines.append(
            paragraph(
                f"Arithmetic alone in 45 nm, {one.model} : {other.model} ="
                f" {joules(point.joules(ann))} : {joules(point.joules(chip))} ="
                f" {strong(point, ann, chip)}.",
                change(point, one, chip),
                first="- ",
            )
        )
    return lines


def grouped(point: Point, pairs) -> list[str]:
    """A line an ANN device."""
    found: dict[str, list[str]] = {}
    for ann, chip in pairs:
        low, _ = point.ratio_band(ann.name, chip)
        text = f"{SHORT[chip]} {number(point.ratio(ann.name, chip))}"
        text += f" (down to {low:.2g} within the bands)" if low < 2 else ""
        found.setdefault(ann.title, []).append(text)
    return [
        paragraph(f"{title} against " + ", ".join(texts), first="- ")
        for title, texts in found.items()
    ]


def change(point: Point, ann, chip: str) -> str:
    """By how much spikes would have to fall for a ratio of two."""
    work = point.works[0]
    plane = breakeven.plane(device(chip, devices(BITS)), work)
    target = estimate(ann, work).joules / 2
    if estimate(device(chip, devices(BITS)), work).joules <= target:
        return ""
    at = float(plane.breakeven(target, work.timesteps))
    if at > 0:
        factor = work.spikes_per_neuron / at
        return (
            f"A factor of two needs {factor:.3g} times fewer spikes in {work.timesteps} steps, or"
            " events and messages that are cheaper by as much."
        )
    most = plane.most_steps(target)
    cheaper = work.timesteps * plane.per_step * work.neurons / target
    return (
        "Neuron updates alone cost more than half of the ANN: a factor of two needs fewer than"
        f" {number(most)} steps, or updates {number(cheaper)} times cheaper, before any spike."
    )


def table(point: Point, idle: bool) -> list[str]:
    """ANN devices by SNN devices; arithmetic is held against arithmetic only."""
    found = devices(BITS)
    chips = [one for one in found if one.network == "snn"]
    anns = [one for one in found if one.network == "ann"]
    title = "idle power counted where it is published" if idle else "idle power left out"
    if idle:
        chips = [one for one in chips if one.get("static")]
        anns = [one for one in anns if one.get("idle")]
    own = [f"*{joules(point.joules(one.name, idle))}*" for one in chips]
    lines = [
        f"Energy of the ANN over that of the SNN, {title}:",
        "",
        "| ANN on | J | " + " | ".join(SHORT[one.name] for one in chips) + " |",
        "|---|---:|" + "---:|" * len(chips),
        "| *the SNN itself* | | " + " | ".join(own) + " |",
    ]
    waiting = [point.waiting(one.name) for one in chips]
    if not idle and any(waiting):
        beside = ["–" if j is None else f"*+ {joules(j)}*" for j in waiting]
        lines.append("| *in real time, idle power adds* | | " + " | ".join(beside) + " |")
    for ann in anns:
        cells = [
            strong(point, ann.name, chip.name, idle)
            if chip.device != "45 nm" or ann.device == "45 nm"
            else "–"
            for chip in chips
        ]
        whole = joules(point.joules(ann.name, idle))
        lines.append(f"| {ann.title} | {whole} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def constants() -> str:
    lines = [
        "## Constants",
        "",
        paragraph(
            "Each may be changed on the page *Energy*, or by",
            "`.venv/bin/python -m snnlab energy --constant KEY=VALUE`.",
        ),
        "",
        "| device | constant | key | value | band | source | note |",
        "|---|---|---|---:|---|---|---|",
    ]
    for one in devices(BITS):
        for c in one.constants:
            band = "" if c.low == c.high else f"{c.low:.4g} .. {c.high:.4g}"
            cells = (one.title, c.name, f"{one.name}.{c.key}", f"{c.value:.4g} {c.unit}", band)
            lines.append("| " + " | ".join((*cells, c.source, c.note)) + " |")
    lines += ["", "What else is assumed:", ""]
    said: dict[str, list[str]] = {}
    for one in devices(BITS):
        for sentence in one.assumptions:
            said.setdefault(sentence, []).append(one.title)
    lines += [
        paragraph(f"{sentence} ({'; '.join(titles)})", first="- ")
        for sentence, titles in said.items()
    ]
    return "\n".join(lines)

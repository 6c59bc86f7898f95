"""More of docs/energy.md: V_Rand, messages on chips, KerasSpiking's counts, this machine."""

from benchmarks.energy_report import (
    BITS,
    CHIP,
    HELD,
    LOIHI,
    NEAR,
    Point,
    named,
    number,
    paragraph,
    strong,
)
from snnlab.commands.bench import machine
from snnlab.energy import work as counting
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate
from snnlab.errors import LabError
from snnlab.figures.numbers import joules
from snnlab.lab import (
    chips as lab_chips,
)
from snnlab.lab import (
    energy as lab_energy,
)
from snnlab.lab import (
    segmenting as lab,
)
from snnlab.lab import (
    trials as lab_trials,
)


def settings_of(point: Point):
    """Settings that give a point's run."""
    way = next(one for one in (*lab_trials.WAYS, lab_trials.OWN) if one.name == point.way)
    base = lab.defaults(point.model)
    settings = lab_trials.settings_of(point.model, way, base, point.reset)
    return settings.replace(timesteps=point.steps)


def by_both(found: dict) -> str:
    """What was tried, the thriftiest first, until V_Rand was near too."""
    lines = [
        "### Near by V_Rand too",
        "",
        paragraph(
            "Pixel accuracy forgives merged cells, V_Rand (best over thresholds) does not. Of",
            "the runs",
            "above, the thriftiest first, until one is within half a point by both:",
        ),
        "",
        "| model | reset | rate bounds | T | V_Rand, ANN | V_Rand, SNN | Loihi 1, Davies | CPU :"
        " Loihi |"
        " CPU, measured : Loihi | GPU : Loihi | GPU in large batches : Loihi |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    last = []
    for reset, tried in found.items():
        for point, ann, snn in tried:
            ratios = (strong(point, name, CHIP) for name in HELD)
            cells = [
                point.model, reset, point.way, str(point.steps), f"{ann:.4f}",
                f"**{snn:.4f}**" if snn >= ann - NEAR else f"{snn:.4f}",
                joules(point.joules(CHIP)), *ratios,
            ]  # fmt: skip
            lines.append("| " + " | ".join(cells) + " |")
        if not tried or tried[-1][2] < tried[-1][1] - NEAR:
            last.append(f"With reset {named(reset)} none of those tried is near by both.")
    return "\n".join([*lines, "", *last]).rstrip()


def partitioned(point, picture, tile: int = 64, name: str = "greedy-interchip") -> str:
    """What messages cost once a tile lies on cores and chips."""
    if point is None:
        return ""
    settings = settings_of(point)
    try:
        mapping = lab_chips.mapping(picture, settings, tile, None, (name,))
        work = lab_energy.with_partition(point.works[0], mapping, name)
    except LabError as error:
        return f"## With messages counted\n\n{error}"
    bare = point.works[0]
    lines = [
        "## With messages counted",
        "",
        paragraph(
            f"The same run of `{point.model}`, first section, with the messages a spike of a"
            f" {tile} x"
            f" {tile} tile that was put on cores and chips (partitioner `{name}`): {work.cores:,}"
            " cores,"
            f" {work.chips:,} chips, {work.messages / 1e6:,.0f} M messages within chips and"
            f" {work.interchip / 1e6:,.0f} M between chips, instead of at least {bare.cores:,}"
            " cores and"
            f" {bare.messages / 1e6:,.0f} M messages."
        ),
        "",
        "| device | without | band | with the partition | band |",
        "|---|---:|---|---:|---|",
    ]
    for chip in LOIHI:
        one = device(chip, devices(BITS))
        cells = []
        for each in (bare, work):
            low, value, high = estimate(one, each).band
            cells += [joules(value), f"{joules(low)} .. {joules(high)}"]
        lines.append(f"| {one.title} | " + " | ".join(cells) + " |")
    lines += [
        "",
        paragraph(
            "The upper end charges what crosses between chips like a DRAM access of 64 bits, 2.6",
            "nJ,",
            "since nothing is published of it; KerasSpiking's model charges no messages.",
        ),
    ]
    return "\n".join(lines)


def keras_spiking(name: str) -> str:
    """Our counts against ModelEnergy's, layer by layer."""
    import warnings

    from snnlab import compat
    from snnlab.nets.keras import keras_model

    compat.nengo_dl()  # puts Keras 2 in place
    try:
        import keras_spiking
    except ImportError:
        return ""
    unet, side = lab.model(name), 128
    net = keras_model(unet, side, side)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says so of each layer that it does not know
        judge = keras_spiking.ModelEnergy(net)
    ours = counting.macs(unet.layers, side, side)
    lines = [
        "## Against KerasSpiking",
        "",
        paragraph(
            "`keras_spiking.ModelEnergy` 0.3 gives the same joules, within 1 %, for nets that it",
            "counts",
            "rightly (`tests/energy/test_estimate.py`). Of this U-Net it counts taps on the",
            "padding as",
            "if they were computed, and transposed convolutions as if each output had all taps",
            "of the",
            f"kernel and the inputs had the outputs' channels. `{name}`, {side} x {side} pixels:",
        ),
        "",
        "| layer | MACs | ModelEnergy's connections | off by |",
        "|---|---:|---:|---:|",
    ]
    total = 0
    for layer in unet.layers:
        theirs = sum(
            judge.layer_stats[one]["connections"]
            for one in net.layers
            if one.name == layer.name or one.name.startswith(f"{layer.name}_of_")
        )
        total += theirs
        off = 100 * (theirs / ours[layer.name] - 1)
        lines.append(f"| {layer.name} | {ours[layer.name]:,} | {theirs:,} | {off:+.1f} % |")
    whole = sum(ours.values())
    lines.append(f"| all | {whole:,} | {total:,} | {100 * (total / whole - 1):+.1f} % |")
    return "\n".join(lines)


def here(picture, name: str) -> str:
    """Seconds, and joules where they can be read."""
    found = lab_energy.measure(lab.segment(picture, lab.defaults(name)))
    lines = [
        "## This machine",
        "",
        paragraph(
            f"{found.machine}, {machine()['cores']} cores, {found.threads} thread(s) of TensorFlow;"
            f" `{name}`, {found.shape[1]} x {found.shape[0]} pixels, {found.timesteps} steps.",
            "Median",
            "(quickest .. slowest) of several runs, after one that was not counted; other",
            "programs ran",
            f"beside. {found.missing}",
        ),
        "",
        "| what | at once | ms per image | joules per image |",
        "|---|---:|---:|---:|",
    ]
    for one in found.readings:
        cost = "not known" if one.joules is None else joules(one.joules)
        times = [number(1000 * seconds) for seconds in (one.seconds, one.low, one.high)]
        text = f"{times[0]} ({times[1]} .. {times[2]})"
        lines.append(f"| {one.what} | {one.batch} | {text} | {cost} |")
    notes = dict.fromkeys(one.note for one in found.readings if one.note)
    lines += [""] + [f"- {note}" for note in (*notes, *found.notes)]
    return "\n".join(lines)

"""Two further parts of docs/energy.md: KerasSpiking's counts, and this machine."""

from benchmarks.energy_report import number, paragraph
from snnlab import lab, lab_energy
from snnlab.commands.bench import machine
from snnlab.energy import work as counting
from snnlab.figures.energy import joules


def keras_spiking(name: str) -> str:
    """Our counts against ModelEnergy's, layer by layer."""
    import warnings

    from snnlab import compat
    from snnlab.unet.keras_net import keras_model

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
        "| what | at once | ms an image | joules an image |",
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

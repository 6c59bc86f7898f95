"""``bench``: the simulators on the same weights, image and timesteps, in one run.

Each simulator has a process of its own, one after the other, so that its
memory is its own. It runs twice; the second run is timed, since the first may
compile. Spikes are compared neuron by neuron.
"""

import os
import platform
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from snnlab import simulation
from snnlab.errors import LabError, many
from snnlab.lab import segmenting as lab
from snnlab.settings import DEFAULT_MODEL

# what a simulator's spikes should be equal to
REFERENCE = {"event": "nengo", "nengo-dl": "nengo", "loihi": "nengo-loihi"}
PACKAGES = ("nengo", "nengo-dl", "nengo-loihi", "tensorflow", "numpy", "numba")


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser("bench", parents=[shared], help="time the simulators")
    add = command.add_argument
    add("--size", type=int, default=128, metavar="N", help="side of the synthetic image, pixels")
    add("--timesteps", type=int, default=64, metavar="T")
    add("--simulators", default="event,nengo-dl,nengo", metavar="A,B,...")
    add("--model", default=DEFAULT_MODEL)
    add("--range", type=float, nargs=2, metavar=("LO", "HI"), help="rate bounds, Hz")
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Time each simulator on the same network; a row each."""
    names = [name for name in arguments.simulators.split(",") if name]
    for name in names:
        simulation.simulator(name)
    if not 32 <= arguments.size <= 1024 or arguments.size % 16:
        raise LabError("--size must be a multiple of 16 from 32 to 1024.")
    settings = lab.defaults(arguments.model).replace(timesteps=arguments.timesteps)
    if arguments.range:
        settings = settings.replace(lower_hz=arguments.range[0], upper_hz=arguments.range[1])
    if any("loihi" in name for name in names):
        # a Loihi 1 neuron knows no other reset
        settings = settings.replace(reset="zero", initial=0.0)
    try:
        rows, network = _all(names, settings, arguments)
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(
            f"the spikes to compare cannot be kept ({reason}); make room for temporary files, or"
            " name another folder for them in TMPDIR."
        ) from error
    return {"machine": machine(), "network": network, "rows": rows}


def _all(names: list[str], settings, arguments) -> tuple[list[dict], dict]:
    """A row for each simulator, and what the network was.

    Raises
    ------
    OSError
        Where there is no room for temporary files.
    """
    from snnlab.commands.cli import progress_line

    rows, network = [], {}
    with TemporaryDirectory() as folder:
        for index, name in enumerate(names):
            if not arguments.quiet:
                progress_line(index / len(names), name)
            # a fresh process: its peak memory is this simulator's alone
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                row, network = pool.submit(
                    _one, name, settings, arguments.size, str(Path(folder) / f"{name}.npz")
                ).result()
            rows.append(row)
        for row in rows:
            row["identical_spikes_to"] = _compared(row["simulator"], names, Path(folder))
    return rows, network


def _one(name: str, settings, size: int, path: str) -> tuple[dict, dict]:
    """Run one simulator and keep its spikes."""
    import resource

    from snnlab import conversion
    from snnlab.data.synthetic import synthetic
    from snnlab.images.contrast import normalise

    unet = lab.model(settings.model)
    image = normalise(synthetic(size, 0).image)
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(name)
    for _ in range(2):
        network = convert(unet, image, settings)
        recording = simulator.run(network, settings.timesteps, settings.seed)
    events = sum(layer.synaptic_events for layer in lab.activity(unet, network, recording))
    np.savez(path, **{trains.name: trains.words for trains in recording.populations})
    # kilobytes on Linux, bytes on macOS
    unit = 2**20 if platform.system() == "Darwin" else 2**10
    row = {
        "simulator": name,
        "seconds": recording.seconds,
        "ms_per_step": 1000 * recording.seconds / settings.timesteps,
        "synaptic_events_per_s": events / recording.seconds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
        "spikes": recording.spikes(),
    }
    about = {
        "model": settings.model,
        "image": f"synthetic, seed 0, {size} x {size}",
        "neurons": sum(trains.neurons for trains in recording.populations),
        "weights": unet.weights,
        "timesteps": settings.timesteps,
        "reset": settings.reset,
        "synapse_ms": settings.synapse_ms,
        "range_hz": [settings.lower_hz, settings.upper_hz],
    }
    return row, about


def _compared(name: str, names: list[str], folder: Path) -> dict | None:
    """Share of neurons whose trains equal the reference's, if that ran too."""
    reference = REFERENCE.get(name)
    if reference not in names:
        return None
    with np.load(folder / f"{name}.npz") as a, np.load(folder / f"{reference}.npz") as b:
        same = [np.all(a[key] == b[key], axis=0) for key in b.files if a[key].size]
    return {"simulator": reference, "share_of_neurons": float(np.concatenate(same).mean())}


def machine() -> dict:
    """Where the figures are from."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": model,
        "cores": usable,
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
    }


def show(answer: dict) -> str:
    """As a Markdown table."""
    network = answer["network"]
    lines = [
        f"{network['model']}, {network['image']}, {network['neurons']} neurons,"
        f" {many(network['timesteps'], 'step')},"
        f" {network['range_hz'][0]:g}..{network['range_hz'][1]:g} Hz, reset {network['reset']},"
        f" {answer['machine']['processor']}, {many(answer['machine']['cores'], 'core')}",
        "",
        "| simulator | seconds | ms per step | synaptic events per second | peak memory (MB) "
        "| neurons with the same spikes |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in answer["rows"]:
        same = row["identical_spikes_to"]
        text = f"{100 * same['share_of_neurons']:.4f} % of {same['simulator']}'s" if same else ""
        lines.append(
            f"| {row['simulator']} | {row['seconds']:.3f} | {row['ms_per_step']:.2f} "
            f"| {row['synaptic_events_per_s']:.3g} | {row['peak_memory_mb']:.0f} | {text} |"
        )
    return "\n".join(lines)

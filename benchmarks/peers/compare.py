"""The event-driven simulator against NengoDL and PyTorch libraries, in one run.

    python benchmarks/peers/compare.py --peers PYTHON [--size 512] [--timesteps 64]

`PYTHON` is a Python with `requirements.txt`; `run.sh` makes one. Every
simulator has a process of its own. In each round they run one after the other,
the event-driven one first; a simulator's time is its best over the rounds.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in (
    "OMP_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ.setdefault(_name, "2")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

import numpy as np  # noqa: E402

LAB = ("event", "event+double", "nengo-dl")
DEFAULT = (
    "event,torch+last,torch+compiled+last,snntorch+compiled+last,spikingjelly+compiled+last,"
    "sinabs+compiled+last,norse+compiled+last"
)
ONCE = (
    "torch,snntorch+last,spikingjelly+last,spikingjelly+by8+last,sinabs+last,sinabs+by8+last,"
    "norse+last,nengo-dl"
)
EXACT = "torch,snntorch,spikingjelly,sinabs,norse"
DT = 0.001


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add = parser.add_argument
    add("--peers", required=True, help="the Python that has the libraries")
    add("--simulators", default=DEFAULT, help="see libraries.prepare and dense8 for the forms")
    add("--once", default=ONCE, help="forms that run in one round, at the first bounds, only")
    add("--exact", default=EXACT, help="compared in double precision first; empty for none")
    add("--exact-size", type=int, default=128, help="side of that image, pixels")
    add("--model", default="regularised")
    add("--folder", type=Path, help="where the model is, if not the shipped ones'")
    add("--size", type=int, default=512, help="side of the synthetic image, pixels")
    add("--timesteps", type=int, default=64)
    add("--bounds", default="400:450,75:150,900:900", help="of the firing rates, Hz")
    add("--rounds", type=int, default=3)
    add("--threads", type=int, default=2)
    add("--json", type=Path, help="write all figures there too")
    return parser.parse_args()


def export(options, name, size, folder):
    """Write the network for the libraries, in units of the threshold and the timestep."""
    from snnlab.conversion import rate_scaling
    from snnlab.data.synthetic import synthetic
    from snnlab.images.contrast import normalise
    from snnlab.nets import model as models
    from snnlab.nets.architecture import IMAGE, channels
    from snnlab.settings import Settings

    lower, upper = (float(part) for part in name.split(":"))
    chosen = {
        "lower_hz": lower,
        "upper_hz": upper,
        "reset": "subtraction",
        "synapse_ms": 0.0,
        "initial": 0.5,
        "timesteps": options.timesteps,
    }
    where = options.folder or models.ASSETS
    unet = models.load(options.model, where)
    image = normalise(synthetic(size, 0).image)
    rates, width = rate_scaling.rates(unet, Settings(**chosen)), channels(unet.layers)
    arrays = {}
    for layer in unet.populations():
        rate = rates[layer.name]
        # what one spike of each input adds to the potential; a pixel adds in each step
        each = np.concatenate(
            [np.full(width[key], DT if key == IMAGE else 1 / rates[key]) for key in layer.inputs]
        )
        # levels times one number, in double precision, as the conversion has it
        levels, step = unet.levels[layer.name], float(np.float32(unet.steps[layer.name]))
        arrays[f"{layer.name}/levels"], arrays[f"{layer.name}/scale"] = levels, step * rate * each
        arrays[f"{layer.name}/kernel"] = (
            levels.astype(float) * arrays[f"{layer.name}/scale"][:, None]
        )
        arrays[f"{layer.name}/bias"] = unet.biases[layer.name].astype(float) * rate * DT
    about = {"model": options.model, "folder": str(where), "settings": chosen}
    layers = [vars(layer) for layer in unet.layers]
    np.savez(
        folder / f"network-{name}.npz",
        image=image,
        layers=np.array(json.dumps(layers)),
        about=np.array(json.dumps(about)),
        **arrays,
    )
    return unet, rates


class Contestant:
    """A simulator's process."""

    def __init__(self, name, options, folder):
        self.name = name
        python = sys.executable if name in LAB else options.peers
        self.errors = folder / f"{name}.err"
        command = [python, str(HERE / "contestant.py"), name, str(folder)]
        command += ["--threads", str(options.threads), "--timesteps", str(options.timesteps)]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | {"PYTHONPATH": str(HERE.parents[1]) if name in LAB else ""},
            )
        self.version = self._hear()["version"]

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self._hear()

    def _hear(self):
        line = self.process.stdout.readline()
        if not line:
            said = self.errors.read_text().strip().splitlines() or ["no word"]
            raise RuntimeError(f"{self.name} ended: {said[-1]}")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def race(options, name, names, folder, rounds, size):
    """Best of the rounds for each simulator at one setting."""
    unet, rates = export(options, name, size, folder)
    there, rows, load = {}, {}, [os.getloadavg()[0]]
    for simulator in names:
        try:
            there[simulator] = Contestant(simulator, options, folder)
            there[simulator].ask(f"prepare {name}")
        except RuntimeError as error:
            there.pop(simulator, None)
            rows[simulator] = {"simulator": simulator, "failed": str(error)}
            say(str(error))
    for number in range(rounds):
        for simulator, contestant in list(there.items()):
            try:
                told = contestant.ask(f"run {name}")
            except RuntimeError as error:
                del there[simulator]
                rows[simulator] = {"simulator": simulator, "failed": str(error)}
                say(str(error))
                continue
            say(f"{name} Hz, round {number + 1}, {simulator}: {told['seconds']:.3f} s")
            row = rows.setdefault(
                simulator,
                {"simulator": simulator, "version": contestant.version, "all": [], "all_cpu": []},
            )
            row["all"].append(told["seconds"])
            row["all_cpu"].append(told["cpu_seconds"])
            for key, value in told.items():
                row[key] = (max if key == "peak_mb" else min)(value, row.get(key, value))
            load.append(os.getloadavg()[0])
            if simulator in options.once.split(","):
                there.pop(simulator).end()  # its memory may be needed
    for contestant in there.values():
        contestant.end()
    _agreement(unet, rates, name, options.timesteps, folder, rows, names[0])
    return {
        "bounds_hz": name,
        "load": [min(load), max(load)],
        "rows": [rows[simulator] for simulator in names],
    }


def _agreement(unet, rates, name, timesteps, folder, rows, first):
    """What each one's readout and last spike counts are against those of the first."""
    from snnlab.conversion.rate_scaling import readout_of

    last, readout = unet.populations()[-1].name, readout_of(unet)
    own = rows[first]
    counts = {
        key: np.load(folder / f"{key}-{name}.npy")
        for key, row in rows.items()
        if "failed" not in row
    }

    def probability(count):
        seconds = np.float32(timesteps * DT)
        return readout.probability(count / seconds / np.float32(rates[last]))

    mine = probability(counts[first])
    for key, count in counts.items():
        row, theirs = rows[key], probability(count)
        row["probability_differs"] = float(np.abs(theirs - mine).max())
        row["probability_differs_on_average"] = float(np.abs(theirs - mine).mean())
        row["equal_counts"] = float((count == counts[first]).mean())
        row["same_segmentation"] = float(((theirs >= 0.5) == (mine >= 0.5)).mean())
        row["spikes_of_last"] = int(count.sum())
        # who ran in fewer rounds is held against the same rounds
        rounds = len(row["all"])
        row["times_event"] = row["seconds"] / min(own["all"][:rounds])
        row["cpu_times_event"] = row["cpu_seconds"] / min(own["all_cpu"][:rounds])


def table(result, timesteps):
    """One setting as Markdown."""
    lines = [
        f"Bounds {result['bounds_hz'].replace(':', '..')} Hz, {result['size']} x "
        f"{result['size']} pixels; load average "
        f"{result['load'][0]:.1f} to {result['load'][1]:.1f} while it ran.",
        "",
        "| simulator | version | seconds | ms per step | times the event simulator's | of its "
        "processor time | mean difference of the probability | largest | last layer's spike "
        "counts equal | peak memory (MB) |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in result["rows"]:
        if "failed" in row:
            lines.append(f"| {row['simulator']} | | did not run: {row['failed']} | | | | | | | |")
            continue
        lines.append(
            f"| {row['simulator']} | {row['version']} | {row['seconds']:.3f} "
            f"| {1000 * row['seconds'] / timesteps:.1f} | {row['times_event']:.1f} "
            f"| {row['cpu_times_event']:.1f} | {row['probability_differs_on_average']:.1e} "
            f"| {row['probability_differs']:.1e} "
            f"| {100 * row['equal_counts']:.4f} % | {row['peak_mb']:.0f} |"
        )
    return "\n".join(lines)


def summary(results):
    """All settings as one Markdown table: medians of the rounds."""
    ran = [[row for row in result["rows"] if "failed" not in row] for result in results]
    settings = [f"{result['bounds_hz'].replace(':', '..')} Hz" for result in results]
    heads = [f"{one}, s (of processor) | {one}, times event's" for one in settings]
    lines = [
        "| simulator | " + " | ".join(heads) + " |",
        "|---|" + "---:|" * 2 * len(results),
    ]
    for name in dict.fromkeys(row["simulator"] for rows in ran for row in rows):
        cells = [name]
        for rows in ran:
            own = rows[0]["all"]
            row = next((row for row in rows if row["simulator"] == name), None)
            if row is None:
                cells += ["", ""]
                continue
            seconds, used = statistics.median(row["all"]), statistics.median(row["all_cpu"])
            # who ran in fewer rounds is held against the same rounds
            times = seconds / statistics.median(own[: len(row["all"])])
            cells += [f"{seconds:.3f} ({used:.2f})", f"{times:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(": ")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main():
    options = arguments()
    names = [name for name in options.simulators.split(",") if name]
    if names[0] != "event":
        names.insert(0, "event")
    once = [name for name in options.once.split(",") if name]
    exact = [f"{name}+double" for name in options.exact.split(",") if name]
    results, bounds = [], options.bounds.split(",")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in bounds if exact else ():
            size = options.exact_size
            result = race(options, name, ["event+double", *exact], folder, 1, size)
            results.append(result | {"size": size})
        for number, name in enumerate(bounds):
            everyone = names if number else names + once
            result = race(options, name, everyone, folder, options.rounds, options.size)
            results.append(result | {"size": options.size})
    machine = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "threads": options.threads,
    }
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "results": results}, indent=1))
    print(
        f"{options.model}, synthetic image, seed 0, "
        f"{options.timesteps} steps; {machine['processor']}, {machine['cores']} cores, "
        f"{options.threads} threads each, Python {machine['python']}; best of "
        f"{options.rounds} rounds."
    )
    for result in results:
        print("\n" + table(result, options.timesteps))
    print("\nMedians of the rounds:\n\n" + summary(results[-len(bounds) :]))


if __name__ == "__main__":
    main()

"""The event-driven simulator of this checkout against that of an older one.

    git worktree add /some/folder 2831f7b
    PYTHONPATH=. .venv/bin/python benchmarks/event_compared.py /some/folder

Both run the older checkout's weights and bounds on the same image, each in processes
of its own that take turns, so that a busy machine slows down both. Given are medians
over all runs of the seconds, and the least of the processor seconds; the ratios are of
those. The neurons whose spikes are not the same in both are counted: the older build
rounds its weights once more.

The last three rows are of whole commands of each checkout, in turns too: the most memory that
one large image takes (eight times ``--size`` a side), the first run that a visitor asks a fresh
server for, in Chromium, and a sweep. For memory and sweep this checkout runs with the older one's
models, from a copy; the server has each one's own, whose first picture comes with it.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = {
    "900..900 Hz": ("regularised", 900, 900, 64),
    "400..450 Hz": ("regularised", 400, 450, 64),
    "75..150 Hz": ("regularised", 75, 150, 64),
    "surrogate, 8 steps": ("surrogate", None, None, 8),
}
MEMORY, SERVER, SWEEP = "memory, large image", "first run of a fresh server", "sweep"
HERE = Path(__file__).resolve().parents[1]
PARTS = ("snnlab", "assets", "benchmarks")  # of a checkout, that commands need
GRID = ("--percentiles", "99,99.9,100", "--upper", "150,300,400,600,800,1000")


def inside(options):
    """In a process of its own, from one checkout: run one row some times and tell of it."""
    import importlib
    from dataclasses import replace

    import numpy as np

    from snnlab import conversion
    from snnlab.simulation.event import run

    name, lower, upper, steps = ROWS[options.row]
    try:
        lab = importlib.import_module("snnlab.lab.segmenting")
        load = importlib.import_module("snnlab.nets.model").load
        model = load(name, Path(options.weights))
    except ModuleNotFoundError:  # before the rooms
        lab = importlib.import_module("snnlab.lab")
        model = lab.model(name)
    settings = lab.defaults(name)
    if lower is not None:
        settings = replace(settings, lower_hz=lower, upper_hz=upper)
    net = conversion.method(settings.method).convert(model, np.load(options.image), settings)
    run(net, steps, threads=options.threads)
    seconds, used = [], []
    for _ in range(options.runs):
        begun = time.process_time()
        recording = run(net, steps, threads=options.threads)
        used.append(time.process_time() - begun)
        seconds.append(recording.seconds)
    rates = {one.name: float(one.rate_hz) for one in net.populations}
    if options.words:
        words = {one.name: one.words[0] for one in recording.populations}
        np.savez(options.words, **words)
    print(json.dumps({"seconds": seconds, "used": used, "rates": rates}))


def start(checkout, row, image, options, words=None):
    """One process; what it tells."""
    command = [sys.executable, str(Path(__file__).resolve()), str(options.old), "--row", row]
    command += ["--image", str(image), "--runs", str(options.runs)]
    command += ["--weights", str(options.old / "assets" / "models")]
    command += ["--threads", str(options.threads), *(["--words", str(words)] if words else [])]
    done = subprocess.run(
        command,
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def differing(one, other) -> float:
    """Share of neurons whose words differ."""
    import numpy as np

    with np.load(one) as left, np.load(other) as right:
        unequal = sum(int((left[name] != right[name]).sum()) for name in left)
        return unequal / sum(left[name].size for name in left)


def with_models_of(older: Path, folder: Path) -> Path:
    """A copy of this checkout's code, with an older one's models in the place of its own."""
    copy = folder / "copy"
    if not copy.exists():
        for part in PARTS:
            shutil.copytree(HERE / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file in (older / "assets" / "models").iterdir():
            shutil.copy(file, copy / "assets" / "models")
    return copy


def memory(checkout: Path, options) -> dict:
    """The most that the process of one large run takes."""
    side = str(8 * options.size)
    more = ("--upper", "150", "--size", side, "--threads", str(options.threads))
    return {"peak_mb": _told(checkout, "benchmarks/event_large.py", *more)["peak_mb"]}


def server(checkout: Path, options) -> dict:
    """Seconds from the key that asks for a fresh server's first run until it is on screen."""
    return {"first_s": _told(checkout, "-m", "benchmarks.answers", "--only", "screen")["first_s"]}


def sweep(checkout: Path, options) -> dict:
    """Seconds of the whole command, 512 x 512 pixels, with an empty folder of results."""
    begun, before = time.perf_counter(), _children()
    with tempfile.TemporaryDirectory() as folder:
        words = ("--section", "1", *GRID, "--timesteps", options.timesteps, "--json", "--quiet")
        told = _told(checkout, "-m", "snnlab", "sweep", *words, SNNLAB_CACHE=folder)
    if told["reused"]:
        raise SystemExit("sweep: a part of it was known before.")
    return {"seconds": time.perf_counter() - begun, "used": _children() - before}


def _children() -> float:
    """Processor seconds of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _told(checkout: Path, *words: str, **environment) -> dict:
    """Run a command of a checkout; the JSON object that it prints."""
    environment = os.environ | {"PYTHONPATH": str(checkout)} | environment
    done = subprocess.run(
        [sys.executable, *words], cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


WHOLE = {MEMORY: memory, SERVER: server, SWEEP: sweep}


def compare_whole(row: str, folder: Path, options) -> dict:
    """Both builds on a row of whole commands."""
    older = options.old.resolve()
    newer = HERE if row == SERVER else with_models_of(older, folder)
    told = {"old": [], "new": []}
    for _ in range(options.whole):
        for build, checkout in (("old", older), ("new", newer)):
            told[build].append(WHOLE[row](checkout, options))
    result = {"setting": row}
    for name in told["new"][0]:
        of = min if name == "used" else statistics.median
        old, new = (of([one[name] for one in told[build]]) for build in ("old", "new"))
        result |= {f"old_{name}": round(old, 2), f"new_{name}": round(new, 2)}
        result[f"times_{name}"] = round(old / new, 2)
    return result


def compare(row, image, folder, options) -> dict:
    """Both builds on one row."""
    builds = {"old": options.old.resolve(), "new": HERE}
    told = {"old": [], "new": []}
    for turn in range(options.rounds):
        for build, checkout in builds.items():
            words = folder / f"{build}.npz" if turn == 0 else None
            told[build].append(start(checkout, row, image, options, words))
    if told["old"][0]["rates"] != told["new"][0]["rates"]:
        raise SystemExit(f"{row}: the two builds do not run the same rates.")
    result = {"setting": row}
    for name, of in (("seconds", statistics.median), ("used", min)):
        for build in builds:
            values = [value for one in told[build] for value in one[name]]
            result[f"{build}_{name}"] = round(of(values), 4)
        result[f"times_{name}"] = round(result[f"old_{name}"] / result[f"new_{name}"], 2)
    share = differing(folder / "old.npz", folder / "new.npz")
    return result | {"neurons_with_other_spikes": share}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("old", type=Path, metavar="OLD_CHECKOUT")
    parser.add_argument("--rounds", type=int, default=5, help="processes of each build a row")
    parser.add_argument("--runs", type=int, default=7, help="runs a process, after one to warm up")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    every = [*ROWS, *WHOLE]
    parser.add_argument("--rows", nargs="*", default=every, choices=every)
    parser.add_argument("--whole", type=int, default=3, help="rounds of rows of whole commands")
    parser.add_argument("--timesteps", default="8,16,32,64,128", help="of the sweep")
    for name in ("--row", "--image", "--weights", "--words"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        inside(options)
        return
    import numpy as np

    from snnlab.data import synthetic
    from snnlab.images.contrast import normalise

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.npy"
        np.save(image, normalise(synthetic.synthetic(options.size, 0).image))
        for row in options.rows:
            if row in WHOLE:
                rows.append(compare_whole(row, Path(folder), options))
            else:
                rows.append(compare(row, image, Path(folder), options))
            print(json.dumps(rows[-1]), file=sys.stderr)
    load = [round(value, 1) for value in os.getloadavg()]
    json.dump({"load": load, "threads": options.threads, "rows": rows}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()

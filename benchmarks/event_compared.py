"""The event-driven simulator of this checkout against that of an older one.

    git worktree add /some/folder 2831f7b
    PYTHONPATH=. .venv/bin/python benchmarks/event_compared.py /some/folder

Both run the older checkout's weights and bounds on the same image, each in processes
of its own that take turns, so that a busy machine slows down both. Given are medians
over all runs of the seconds, and the least of the processor seconds; the ratios are of
those. The neurons whose spikes are not the same in both are counted: the older build
rounds its weights once more.
"""

import argparse
import json
import os
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


def compare(row, image, folder, options) -> dict:
    """Both builds on one row."""
    here = Path(__file__).resolve().parents[1]
    builds = {"old": options.old.resolve(), "new": here}
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
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=list(ROWS))
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
            rows.append(compare(row, image, Path(folder), options))
            print(json.dumps(rows[-1]), file=sys.stderr)
    load = [round(value, 1) for value in os.getloadavg()]
    json.dump({"load": load, "threads": options.threads, "rows": rows}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()

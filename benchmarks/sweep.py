"""How long a sweep takes, the first time and the second: ``python benchmarks/sweep.py``.

3 percentiles x 6 upper bounds x 5 numbers of timesteps on a shipped section of 512 x 512 pixels,
through the command line in a process of its own, on so many cores, with an empty folder of results.
The time is that of the whole command, from its start to its end.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SWEEP = ("--percentiles", "99,99.9,100", "--upper", "150,300,400,600,800,1000")


def command(folder: str, timesteps: str, *more: str) -> tuple[float, float, dict]:
    """Run the command; its seconds by the clock and of processor time, and its answer."""
    words = [sys.executable, "-m", "snnlab", "sweep", "--section", "1", *SWEEP]
    begun, used = time.perf_counter(), processor()
    done = subprocess.run(
        [*words, "--timesteps", timesteps, "--json", "--quiet", *more],
        cwd=ROOT, env=os.environ | {"SNNLAB_CACHE": folder}, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return time.perf_counter() - begun, processor() - used, json.loads(done.stdout)


def processor() -> float:
    """Seconds of processor time of all commands so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--timesteps", default="8,16,32,64,128")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    before = os.getloadavg()[0]
    print("| run | whole command (s) | processor time (s) | sweep (s) | points | known before |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first", "again"):
            seconds, used, answer = command(folder, arguments.timesteps)
            print(
                f"| {name} | {seconds:.2f} | {used:.2f} | {answer['seconds']:.2f} "
                f"| {len(answer['rows'])} | {answer['reused']} |",
                flush=True,
            )
    print(f"\n{arguments.cores} cores; load of the machine before: {before:.1f}")


if __name__ == "__main__":
    main()

"""The lab's NeuroBench metrics against those of the package: the tables of docs/neurobench.md.

    benchmarks/neurobench/compare.sh [--keep]

With --keep what the package says of the nets that were made up is kept in docs/neurobench.json,
against which the tests count.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.neurobench import cases

KEPT = Path(__file__).parents[2] / "docs" / "neurobench.json"
COUNT = Path(__file__).with_name("count.py")


def asked(python: str, case: cases.Case, *more: str) -> dict:
    """What the package says of a case."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        cases.written(case, path)
        done = subprocess.run(
            [python, str(COUNT), str(path), *more], stdout=subprocess.PIPE, text=True, check=True
        )
    return json.loads(done.stdout)


def row(name: str, case: cases.Case, said: dict, plain: dict) -> str:
    """A line of the table."""
    own, theirs = case.metrics().results(), said["results"]
    ops = theirs["SynapticOperations"]
    wrong = [key for key, value in own.items() if value != theirs[key]]
    return (
        f"| {name} | {theirs['Footprint']:,} | {theirs['ConnectionSparsity']:.4f}"
        f" | {theirs['ActivationSparsity']:.4f} | {ops['Effective_MACs']:,.0f}"
        f" | {ops['Effective_ACs']:,.0f} | {ops['Dense']:,.0f} | {100 * said['fired']:.0f} %"
        f" | {'–' if said['same'] is None else format(100 * said['same'], '.4f') + ' %'}"
        f" | {'differs: ' + ', '.join(wrong) if wrong else 'equal'}"
        f" | {plain['results']['SynapticOperations']['Effective_ACs']:,.0f}"
        f" | {plain['results']['SynapticOperations']['Dense']:,.0f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("python", help="of the environment with NeuroBench")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    print(
        "| run | Footprint | ConnectionSparsity | ActivationSparsity | Effective_MACs"
        " | Effective_ACs | Dense | fire in torch | same outputs | the lab's | ACs, torch's layers"
        " | Dense, torch's layers |"
    )
    print("|---|" + "---:|" * 8 + "---|---:|---:|")
    kept = {}
    known = [(name, cases.made, name) for name in cases.MADE]
    known += [(told(one), cases.ran, one) for one in cases.RUNS]
    for name, make, what in known:
        case = make(what)
        said = asked(arguments.python, case)
        print(row(name, case, said, asked(arguments.python, case, "--plain")), flush=True)
        if name in cases.MADE:
            kept[name] = said["results"]
    versions = {key: said[key] for key in ("neurobench", "torch")}
    print(f"\nneurobench {versions['neurobench']}, torch {versions['torch']}")
    if arguments.keep:
        KEPT.write_text(json.dumps(versions | {"results": kept}, indent=1) + "\n")


def told(settings) -> str:
    """A run in a few words."""
    spikes = ", Poisson" * (settings.input == "poisson")
    return f"`{settings.model}`, {settings.method}, {settings.reset}{spikes}, {settings.timesteps}"


if __name__ == "__main__":
    main()

"""Run Nengo's own tests on the event-driven simulator, as other backends do.

    PYTHONPATH=. .venv/bin/python benchmarks/event_nengo_tests.py

A test whose network has a part that the simulator does not run is counted
under the sentence with which the simulator refuses it, the object's name left
out; every other failure is listed. Prints one JSON object. Nengo's tests need
matplotlib, pytest-plt, pytest-rng and pytest-allclose, which the lab does not.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from snnlab.simulation.event import Simulator, Unsupported

INI = """\
[pytest]
nengo_simulator = event_nengo_tests.Exact
nengo_neurons =
    nengo.Direct
    nengo.LIF
    nengo.LIFRate
    nengo.RectifiedLinear
    nengo.Sigmoid
    nengo.SpikingRectifiedLinear
    nengo.Tanh
addopts = -p event_nengo_tests --import-mode=importlib -p no:cacheprovider -q
"""
OUTCOMES = "EVENT_NENGO_OUTCOMES"


class Exact(Simulator):
    """In double precision, as Nengo's own."""

    def __init__(self, network, dt=0.001, seed=None, model=None, **options):
        super().__init__(network, dt, seed, model, dtype="float64", threads=1, **options)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Write down each test's outcome, and why it was refused."""
    report = (yield).get_result()
    if report.when != "call" and report.outcome == "passed":
        return
    outcome, reason = report.outcome, ""
    error = call.excinfo.value if call.excinfo else None
    # a refusal inside of pytest.raises or pytest.warns comes as that one's context
    while error is not None and not isinstance(error, Unsupported):
        error = error.__context__
    if error is not None:
        outcome, reason = "unsupported", str(error)
    elif outcome == "failed":
        reason = str(call.excinfo.value).split("\n", 1)[0]
    with open(os.environ[OUTCOMES], "a") as file:
        print(json.dumps([item.nodeid, outcome, reason]), file=file)


def main():
    """Run the tests in a process of their own and count."""
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Path(folder) / "outcomes"
        (Path(folder) / "pytest.ini").write_text(INI)
        path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-c",
                f"{folder}/pytest.ini",
                "--pyargs",
                "nengo",
                *sys.argv[1:],
            ],
            cwd=folder,
            stdout=sys.stderr,
            check=False,
            env=os.environ | {"PYTHONPATH": path, OUTCOMES: str(outcomes)},
        )
        lines = [json.loads(line) for line in outcomes.read_text().splitlines()]
    counts = collections.Counter(outcome for _, outcome, _ in lines)
    refused = collections.Counter(
        re.sub(r"<[^>]*(<[^>]*>)?[^>]*>+", "...", reason).split(";")[0]
        for _, outcome, reason in lines
        if outcome == "unsupported"
    )
    failed = {name: reason for name, outcome, reason in lines if outcome == "failed"}
    json.dump(
        {"counts": counts, "failed": failed, "unsupported": dict(refused.most_common())},
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()

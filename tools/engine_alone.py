"""Install snnlab-event into an empty environment, and use it there.

    .venv/bin/python -m tools.engine_alone [FOLDER]

Takes a minute or two, and what pip fetches. Prints one JSON object: versions, the time that the
import takes (s, the least of seven processes; the processor's tells more on a busy machine), and
the spikes that were compared with those of Nengo's own simulator.
Fails if anything but what the package asks for is there, or if spikes differ.
"""

import json
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASKED_FOR = {"snnlab-event", "numpy", "numba", "llvmlite", "nengo", "pip"}
RUNS = 7
USE = """
import json, sys
from importlib.metadata import distributions, entry_points
import nengo, numpy as np
from nengo.dists import Choice

(entry,) = [one for one in entry_points(group="nengo.backends") if one.name == "snnlab-event"]
Simulator = entry.load()
random, shape = np.random.RandomState(0), (9, 8, 4)
with nengo.Network(seed=1) as network:
    image = nengo.Node(random.uniform(0, 3, int(np.prod(shape))))
    kernel = nengo.Convolution(6, shape, padding="same", init=random.uniform(-1, 2, (3, 3, 4, 6)))
    first = nengo.Ensemble(432, 1, neuron_type=nengo.LIF(), gain=Choice([1.]), bias=Choice([0.]))
    nengo.Connection(image, first.neurons, transform=kernel, synapse=None)
    last = nengo.Ensemble(
        50, 1, neuron_type=nengo.SpikingRectifiedLinear(), gain=Choice([1.]), bias=Choice([10.])
    )
    weights = random.uniform(-0.1, 0.2, (50, 432))
    places = np.argwhere(weights > 0.1)
    sparse = nengo.Sparse((50, 432), places, weights[tuple(places.T)])
    nengo.Connection(first.neurons[::-1], last.neurons, transform=weights, synapse=0.005)
    nengo.Connection(first.neurons, last.neurons, transform=sparse, synapse=None)
    probes = [nengo.Probe(ensemble.neurons) for ensemble in (first, last)]
with nengo.Simulator(network, progress_bar=False) as reference:
    reference.run_steps(100)
spikes = [int((reference.data[probe] > 0).sum()) for probe in probes]
for dtype in ("float64", "float32"):
    with Simulator(network, dtype=dtype) as simulator:
        simulator.run_steps(100)
    for probe in probes:
        np.testing.assert_allclose(simulator.data[probe], reference.data[probe], atol=1e-9)
print(json.dumps({
    "installed": {one.name: one.version for one in distributions()},
    "loaded": sorted({name.split(".")[0] for name in sys.modules}),
    "spikes": spikes,
    "entry_point": entry.value,
}))
"""


def main() -> None:
    """Make the environment in a folder given, or in one that goes away."""
    if len(sys.argv) > 1:
        print(json.dumps(alone(Path(sys.argv[1])), indent=2))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(alone(Path(folder)), indent=2))


def alone(folder: Path) -> dict:
    """Install, import, run."""
    begun = time.perf_counter()
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", str(ROOT / "engine")]
    subprocess.run(pip, check=True, cwd=folder, stdout=sys.stderr)
    installed = time.perf_counter() - begun

    def ran(code: str) -> str:
        done = subprocess.run(
            [python, "-c", code], check=True, cwd=folder, capture_output=True, text=True
        )
        return done.stdout

    timed = (
        "import time; began = time.perf_counter(), time.process_time(); import snnlab_event; "
        "print(time.perf_counter() - began[0], time.process_time() - began[1])"
    )
    runs = [[float(number) for number in ran(timed).split()] for _ in range(RUNS)]
    seconds, processor = (round(min(column), 3) for column in zip(*runs, strict=True))
    used = json.loads(ran(USE))
    more = set(used["installed"]) - ASKED_FOR - {"setuptools"}
    unwanted = {"scipy", "tensorflow", "streamlit"} & set(used.pop("loaded"))
    if more or unwanted:
        raise SystemExit(f"more than was asked for: {sorted(more | unwanted)}")
    return used | {
        "install_seconds": round(installed, 1),
        "import_seconds": seconds,
        "import_processor_seconds": processor,
    }


if __name__ == "__main__":
    main()

"""The engine as a package: what is in it, what it asks for, that it runs without more.

Its sdist and an editable installation, too.

``python -m tools.engine_alone`` installs it into an empty environment.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import snnlab

ROOT = Path(__file__).resolve().parent.parent
ASKED_FOR = {"nengo", "numba", "numpy"}

# nothing can be imported but what the package asks for (llvmlite comes with numba)
ALONE = """
import sys
class Only:
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        known = {"snnlab", "snnlab_event", "numpy", "numba", "llvmlite", "nengo"}
        if top not in sys.stdlib_module_names and top not in known and top[0] != "_":
            raise ModuleNotFoundError(f"no {top} here", name=name)
sys.meta_path.insert(0, Only())
"""
USE = """
import numpy as np
import nengo
from nengo.dists import Choice
from snnlab_event import LeakyIntegrateAndFire, Simulator, Unsupported
import snnlab
assert FOLDER in snnlab.__file__ and snnlab.__version__ == VERSION, snnlab.__file__
random = np.random.RandomState(0)
with nengo.Network(seed=1) as network:
    one = nengo.Ensemble(20, 1, neuron_type=nengo.LIF(), gain=Choice([1.0]),
                         bias=random.uniform(0, 4, 20))
    other = nengo.Ensemble(9, 1, neuron_type=LeakyIntegrateAndFire(tau_syn=0.004),
                           gain=Choice([1.0]), bias=Choice([0.5]))
    weights = random.uniform(-0.05, 0.1, (9, 10))
    nengo.Connection(one.neurons[::2], other.neurons, transform=weights)
    places = np.array([[0, 1], [3, 7], [3, 2]])
    sparse = nengo.Sparse((9, 20), places, [0.1, 0.2, 0.3])
    nengo.Connection(one.neurons, other.neurons, transform=sparse, synapse=None)
    probe = nengo.Probe(other.neurons)
with nengo.Simulator(network, progress_bar=False) as reference:
    reference.run_steps(90)
with Simulator(network, dtype="float64") as simulator:
    simulator.run_steps(90)
assert 0 < (reference.data[probe] > 0).mean() < 1
np.testing.assert_allclose(simulator.data[probe], reference.data[probe])
with network:
    nengo.Connection(one, other, learning_rule_type=nengo.PES())
try:
    Simulator(network)
except Unsupported as error:
    print(error)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the package's own files, beside which the sources seem to lie."""
    place = tmp_path_factory.mktemp("package")
    built = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT / "engine", place / "engine", ignore=built)
    (place / "snnlab").symlink_to(ROOT / "snnlab")
    return place


def pip_wheel(project, into) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    command += ["--no-index", "--wheel-dir", str(into), str(project)]
    subprocess.run(command, check=True, cwd=into)
    (found,) = into.glob("*.whl")
    return found


def backend(place, call: str) -> Path:
    """What the package's build backend makes."""
    code = f"from setuptools import build_meta; print(build_meta.{call})"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=place / "engine", check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return place / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(place):
    """Built from the sources."""
    # what an earlier version had does not come along
    (place / "engine" / "build" / "lib" / "snnlab").mkdir(parents=True)
    (place / "engine" / "build" / "lib" / "snnlab" / "gone.py").write_text("")
    return pip_wheel(place / "engine", place)


def test_it_holds_what_the_engine_imports_and_nothing_else(wheel):
    code = "import sys, snnlab.simulation.event; print(*[m for m in sys.modules if 'snnlab' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True
    )
    wanted = set(done.stdout.split()) - {"snnlab.compat"} | {"snnlab.simulation.event.__main__"}
    with zipfile.ZipFile(wheel) as file:
        names = [name for name in file.namelist() if name.startswith("snnlab/")]
        found = {re.sub(r"(/__init__)?\.py$", "", name).replace("/", ".") for name in names}
        assert found == wanted
        for name in set(names) - {"snnlab/__init__.py"}:
            assert file.read(name) == (ROOT / name).read_bytes(), name
        assert any(name.endswith("licenses/LICENSE") for name in file.namelist())


def test_it_asks_for_numpy_numba_and_nengo_as_the_lab_has_them(wheel):
    with zipfile.ZipFile(wheel) as file:
        (folder,) = {name.split("/")[0] for name in file.namelist() if ".dist-info/" in name}
        about = message_from_string(file.read(f"{folder}/METADATA").decode())
        entries = file.read(f"{folder}/entry_points.txt").decode()
    assert about["Name"] == "snnlab-event"
    assert about["Version"] == snnlab.__version__
    asked = {one.name: one for one in map(Requirement, about.get_all("Requires-Dist"))}
    assert set(asked) == ASKED_FOR
    pinned = dict(re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.M))
    for name, requirement in asked.items():
        assert requirement.specifier.contains(pinned[name]), name
    assert entries.split() == ["[nengo.backends]", "snnlab-event", "=", "snnlab_event:Simulator"]


def test_it_runs_with_nothing_else(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path)
    code = ALONE + f"FOLDER, VERSION = {str(tmp_path)!r}, {snnlab.__version__!r}\n" + USE
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "learns; the event-driven simulator runs fixed weights" in done.stdout


def files_in(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = [name for name in file.namelist() if not name.endswith("RECORD")]
        return {name: file.read(name) for name in names}


def test_an_sdist_needs_no_repository_and_gives_the_same_wheel(wheel, place, tmp_path):
    archive = backend(place, f"build_sdist({str(place)!r})")
    assert archive.name == f"snnlab_event-{snnlab.__version__}.tar.gz"
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    again = pip_wheel(tmp_path / archive.name.removesuffix(".tar.gz"), tmp_path)
    assert files_in(again) == files_in(wheel)


def test_an_editable_one_is_the_sources_where_they_are(place, tmp_path):
    made = backend(place, f"build_editable({str(place / 'editable')!r})")
    with zipfile.ZipFile(place / "editable" / made.name) as file:
        file.extractall(tmp_path)
    # a .pth file is read in a folder of packages only
    code = f"import site; site.addsitedir({str(tmp_path)!r})\n{ALONE}"
    code += "import snnlab, snnlab_event; print(snnlab.__file__); print(snnlab_event.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    sources = [str(ROOT / "snnlab" / "__init__.py"), str(place / "engine" / "snnlab_event.py")]
    assert done.stdout.split() == sources


def test_the_quick_start_runs(wheel, tmp_path):
    text = (ROOT / "engine" / "README.md").read_text("utf-8")
    start = text[text.index("    import nengo\n") :].split("\n\n`pip")[0]
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ALONE + textwrap.dedent(start)], cwd=tmp_path,
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "(64, 50)\n"), done.stderr


def test_outside_of_the_repository_one_sentence_says_so(tmp_path):
    shutil.copytree(ROOT / "engine", tmp_path / "engine", symlinks=True)
    done = subprocess.run(
        [sys.executable, "setup.py", "--version"], cwd=tmp_path / "engine", capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode
    assert "built inside SNN Lab's repository" in done.stderr

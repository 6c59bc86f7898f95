"""That a second start, of this copy of the lab or of another, compiles nothing."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
UNET = """
from snnlab.simulation import event
from snnlab.simulation.loihi import running as loihi
from snnlab.simulation.words import tally, window_sums
from tests.simulation.loihi.networks import converted, random_unet as chips
from tests.simulation.event.unets import random_unet
last = event.run(random_unet(16, tau=0.01), 80, threads=1).populations[-1]
tally(last), list(window_sums(last, last.shape[2] * [1.0], [(0, 80)]))
loihi.run(converted(chips((4, 4)), 8, 8), 70)
"""


def test_a_second_start_compiles_nothing(tmp_path):
    """Once warmed up, U-Nets run and are read out on what is there; nothing is added."""
    kernels, copy = tmp_path / "kernels", tmp_path / "another" / "place"
    kept = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "snnlab", copy / "snnlab", ignore=kept, copy_function=shutil.copy)
    files = []
    for place, arguments in (
        (ROOT, ["-m", "snnlab.simulation"]),
        (ROOT, ["-c", UNET]),
        (copy, ["-m", "snnlab.simulation"]),
    ):
        environment = os.environ | {
            "NUMBA_CACHE_DIR": str(kernels),
            "SNNLAB_CACHE": str(tmp_path / "chips"),
            "PYTHONPATH": str(place),
        }
        done = subprocess.run(
            [sys.executable, *arguments], check=True, env=environment, cwd=place, text=True,
            capture_output=True,
        )  # fmt: skip
        assert done.stderr == ""
        found = sorted(kernels.rglob("*.kernel"))
        # what is written anew is another file under the same name
        files.append([(path.name, path.stat().st_ino) for path in found])
        if "-m" in arguments:
            assert done.stdout.splitlines() == [str(path) for path in found]
        time.sleep(0.01)
    assert files[0] == files[1] == files[2] != []

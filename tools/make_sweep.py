"""Make assets/sweep.json, which the Sweep page shows before anything is computed.

Run it after the models changed: ``.venv/bin/python tools/make_sweep.py``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from snnlab.commands.cli import progress_line  # noqa: E402
from snnlab.lab import segmenting as lab  # noqa: E402
from snnlab.lab import sweeping as lab_sweep

PERCENTILES = (99.0, 99.9, 100.0)
UPPERS = (150.0, 300.0, 400.0, 600.0, 800.0, 1000.0)
TIMESTEPS = (8, 16, 32, 64, 128)


def main() -> None:
    """Sweep the default sample with the default model."""
    grid = lab_sweep.Grid(lab.default_result().settings, PERCENTILES, UPPERS, TIMESTEPS)
    picture = lab.sample(0)
    outcome = lab_sweep.run(grid, (picture,), progress=progress_line)
    lab_sweep.save(outcome, grid, picture, lab_sweep.READY_MADE)
    print(f"{len(outcome.rows)} points, {outcome.seconds:.1f} s")


if __name__ == "__main__":
    main()

"""Make assets/methods.npz, which the Methods page shows before anything is computed.

Run it after models or methods changed: ``.venv/bin/python tools/make_methods.py``. It takes
all methods of the registry and all models that were trained for one.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from snnlab.commands.cli import progress_line  # noqa: E402
from snnlab.lab import methods as lab_methods  # noqa: E402


def main() -> None:
    """Compare on the default sample."""
    for one in lab_methods.make_ready(progress=progress_line):
        told = one.error or " ".join(
            f"{cell.timesteps}: " + ("silent" if cell.silent else f"{100 * cell.agreement:.2f} %")
            for cell in one.cells
        )
        print(f"{one.contender.title} ({one.contender.model}): {told}")
    print(f"{lab_methods.READY_MADE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
